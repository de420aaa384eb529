"""Replacing a window's rows: twice, wrong, beside others."""

from dataclasses import replace
from typing import Any

import pytest

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import (
    data_quality_write,
    drift_score_write,
    target_drift_write,
)
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_quality_number,
    a_score,
    a_window,
    rows_of,
)

COLUMNS = ("distance", "zone", 'it\'s "odd"; DROP TABLE monitoring.drift_score; --')


def scores(database: Database) -> list[dict[str, Any]]:
    found = rows_of(database, tables.drift_score)
    return sorted(found, key=lambda row: (row["window_start"], row["column_name"]))


def write_scores(database: Database, *columns: str, day: int = 0, **changes: Any) -> int:
    write = drift_score_write([a_score(column, **changes) for column in columns])
    return replace_window(database, a_computation(window=a_window(day)), [write])


def test_a_window_written_twice_has_the_same_rows_once(database: Database) -> None:
    first = write_scores(database, *COLUMNS)
    before = scores(database)
    second = write_scores(database, *COLUMNS)
    assert len(before) == 3
    assert second > first
    assert scores(database) == [row | {"computation_id": second} for row in before]


def test_rows_that_are_gone_are_gone(database: Database) -> None:
    write_scores(database, *COLUMNS)
    write_scores(database, "zone")
    assert [row["column_name"] for row in scores(database)] == ["zone"]


def test_other_windows_models_and_references_stay(database: Database) -> None:
    write_scores(database, "distance", day=1)
    write_scores(database, "distance", reference_version=2)
    write = drift_score_write([a_score()])
    other = a_computation(window=a_window(0, model_id="other"))
    replace_window(database, other, [write])
    write_scores(database, "zone")
    kept = {
        (row["model_id"], row["column_name"], row["reference_version"]) for row in scores(database)
    }
    assert kept == {
        ("small", "distance", 1),
        ("small", "distance", 2),
        ("small", "zone", 1),
        ("other", "distance", 1),
    }


@pytest.mark.parametrize("target_first", [True, False])
def test_two_layers_share_a_table_and_neither_touches_the_others_rows(
    database: Database,
    target_first: bool,
) -> None:
    others = drift_score_write([a_score("distance"), a_score("zone")], "minutes")
    own = target_drift_write([a_score("minutes"), a_score("minutes", segment="card")], "minutes")
    drift, quality = a_computation(), a_computation(Layer.MODEL_QUALITY)
    in_turn = (
        [(quality, own), (drift, others)] if target_first else [(drift, others), (quality, own)]
    )
    numbers = [replace_window(database, layer, [write]) for layer, write in (*in_turn, *in_turn)]
    by_layer = dict(zip([layer.layer for layer, _ in in_turn], numbers[2:], strict=True))
    found = {
        (row["column_name"], row["segment"]): row["computation_id"] for row in scores(database)
    }
    assert found == {
        ("distance", "all"): by_layer[Layer.DATA_DRIFT],
        ("zone", "all"): by_layer[Layer.DATA_DRIFT],
        ("minutes", "all"): by_layer[Layer.MODEL_QUALITY],
        ("minutes", "card"): by_layer[Layer.MODEL_QUALITY],
    }


def test_a_column_that_becomes_the_target_leaves_nothing_behind(database: Database) -> None:
    write_scores(database, "minutes", segment="unfiltered")
    write = target_drift_write([a_score("minutes")], "minutes")
    replace_window(database, a_computation(Layer.MODEL_QUALITY), [write])
    assert [row["segment"] for row in scores(database)] == ["all"]


def test_rows_of_another_layer_are_refused(database: Database) -> None:
    write = drift_score_write([a_score("minutes")], "minutes")
    with pytest.raises(StorageError, match="'minutes' belong to another layer; nothing was"):
        replace_window(database, a_computation(), [write])
    assert scores(database) == []


def test_several_tables_are_replaced_together(database: Database) -> None:
    writes = [
        drift_score_write([a_score()]),
        data_quality_write([a_quality_number(), a_quality_number("zone")]),
    ]
    number = replace_window(database, a_computation(), writes)
    written = [*scores(database), *rows_of(database, tables.data_quality)]
    assert [row["computation_id"] for row in written] == [number] * 3


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused_and_the_old_rows_stay(
    database: Database, value: float
) -> None:
    write_scores(database, "distance")
    before = scores(database), rows_of(database, tables.window)
    with pytest.raises(StorageError, match=r"drift_score of model 'small', window 2023-02-01"):
        write_scores(database, "distance", score=value)
    assert (scores(database), rows_of(database, tables.window)) == before
    assert len(rows_of(database, tables.computation)) == 1


def test_the_same_key_twice_is_refused(database: Database) -> None:
    with pytest.raises(StorageError, match="keys unique"):
        write_scores(database, "distance", "distance")
    assert scores(database) == []


def test_an_asset_without_windows_is_refused(database: Database) -> None:
    without = replace(a_computation(Layer.REFERENCE_DATA), window=None)
    with pytest.raises(StorageError, match="no window was given"):
        replace_window(database, without, [])


def test_scores_against_several_references_are_refused() -> None:
    with pytest.raises(StorageError, match=r"reference versions \[1, 2\]"):
        drift_score_write([a_score(), a_score("zone", reference_version=2)])
