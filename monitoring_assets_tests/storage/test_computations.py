"""The rule when a window is complete, and the ledger's lines."""

from datetime import UTC, datetime

import pytest

from monitoring_assets.records import (
    WINDOW_LAYERS,
    LabelCounts,
    Layer,
    WindowCounts,
    WindowStatus,
)
from monitoring_assets.storage.computations import is_complete, record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import windows_of
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.tables import computation
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import (
    NOW,
    a_computation,
    a_window,
    compute_all_layers,
    rows_of,
)

UPSTREAM = [(layer, one) for layer, upstream in WINDOW_LAYERS.items() for one in upstream]


def status_of(database: Database) -> WindowStatus:
    return windows_of(database, "small")[0].status


def test_a_window_is_complete_once_its_last_layer_is_there(database: Database) -> None:
    seen: list[WindowStatus] = []
    for layer in WINDOW_LAYERS:
        replace_window(database, a_computation(layer), [])
        seen.append(status_of(database))
    assert seen == [WindowStatus.INCOMPLETE] * 6 + [WindowStatus.COMPLETE]


def test_a_recomputed_layer_asks_for_everything_below_it(database: Database) -> None:
    compute_all_layers(database, a_window())
    seen: list[WindowStatus] = []
    for layer in (
        Layer.PREDICTIONS,
        Layer.WINDOW_PROFILES,
        Layer.QUALITY_PROFILES,
        Layer.DATA_DRIFT,
        Layer.MODEL_QUALITY,
        Layer.DATA_QUALITY,
    ):
        replace_window(database, a_computation(layer), [])
        seen.append(status_of(database))
    assert seen == [WindowStatus.INCOMPLETE] * 5 + [WindowStatus.COMPLETE]


def test_a_recomputed_leaf_leaves_the_window_complete(database: Database) -> None:
    compute_all_layers(database, a_window())
    replace_window(database, a_computation(Layer.DATA_DRIFT), [])
    assert status_of(database) is WindowStatus.COMPLETE


def test_windows_do_not_count_for_each_other(database: Database) -> None:
    compute_all_layers(database, a_window(0))
    replace_window(database, a_computation(Layer.PREDICTIONS, a_window(1)), [])
    compute_all_layers(database, a_window(0, model_id="other"))
    assert [state.status for state in windows_of(database, "small")] == ["complete", "incomplete"]


@pytest.mark.parametrize(("layer", "upstream"), UPSTREAM)
def test_no_layer_may_be_older_than_what_it_is_computed_from(layer: Layer, upstream: Layer) -> None:
    newest = {one: number for number, one in enumerate(WINDOW_LAYERS, start=1)}
    assert is_complete(newest)
    assert not is_complete(newest | {upstream: newest[layer] + 1, layer: newest[layer]})


@pytest.mark.parametrize("layer", WINDOW_LAYERS)
def test_no_layer_may_be_missing(layer: Layer) -> None:
    newest = {one: number for number, one in enumerate(WINDOW_LAYERS, start=1)}
    del newest[layer]
    assert not is_complete(newest)


def test_counts_stay_until_they_are_found_out_anew(database: Database) -> None:
    counts = WindowCounts(
        rows_read=9, rows_scored=7, rows_rejected={"short": 2}, rows_by_version={"1": 7}
    )
    labels = LabelCounts(labels=3, coverage=3 / 7, newest_knowledge_time=NOW)
    replace_window(database, a_computation(Layer.PREDICTIONS), [], counts=counts)
    replace_window(database, a_computation(Layer.QUALITY_PROFILES), [], labels=labels)
    replace_window(database, a_computation(Layer.DATA_DRIFT), [])
    state = windows_of(database, "small")[0]
    assert (state.counts, state.labels) == (counts, labels)


def test_a_line_of_the_ledger_says_who_computed_what_when(database: Database) -> None:
    finished = datetime(2023, 3, 1, 13, tzinfo=UTC)
    made = a_computation(
        reference_version=2, bins_version=3, source_fingerprint="rows", source_stamp="file"
    )
    with database.begin() as connection:
        number = record_computation(SqlTransaction(connection), made, finished)
    line = rows_of(database, computation)[0]
    assert line == {
        "id": number,
        "model_id": "small",
        "layer": "data_drift",
        "granularity": "day",
        "window_start": a_window().start,
        "window_end": a_window().end,
        "run_id": "a-run",
        "code_version": "0",
        "spec_hash": "0123456789abcdef",
        "reference_version": 2,
        "bins_version": 3,
        "source_fingerprint": "rows",
        "source_stamp": "file",
        "started_at": NOW,
        "finished_at": finished,
    }
