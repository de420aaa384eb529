"""The newest line of every layer, notes about the source, and what layers took."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitoring_assets.records import Computation, Layer, Window, WindowCounts
from monitoring_assets.storage.computations import record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.staleness import (
    newest_by_window,
    newest_hash,
    newest_without_window,
    paces,
    write_stamps,
)
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import (
    NOW,
    a_computation,
    a_window,
    prediction_rows,
)


def record(database: Database, made: Computation, seconds: float | None = None) -> int:
    """Write a line of the ledger, as if it had been finished so many seconds after NOW."""
    finished = None if seconds is None else NOW + timedelta(seconds=seconds)
    with database.begin() as connection:
        return record_computation(SqlTransaction(connection), made, finished)


def without_window(layer: Layer, **changes: object) -> Computation:
    return replace(a_computation(layer), window=None, **changes)


def test_the_newest_line_of_every_layer_and_window_is_found(database: Database) -> None:
    for window, spec_hash in ((0, "old.1"), (1, "old.1"), (0, "new.1")):
        made = a_computation(window=a_window(window), spec_hash=spec_hash, reference_version=2)
        number = record(database, made)
    record(database, a_computation(Layer.LABELS, a_window(1), source_stamp="a", spec_hash="x"))
    found = newest_by_window(database, "small", "day")
    assert {start: {*lines} for start, lines in found.items()} == {
        a_window(0).start: {Layer.DATA_DRIFT},
        a_window(1).start: {Layer.DATA_DRIFT, Layer.LABELS},
    }
    drift = found[a_window(0).start][Layer.DATA_DRIFT]
    assert (drift.number, drift.spec_hash, drift.reference_version) == (number, "new.1", 2)
    assert found[a_window(1).start][Layer.LABELS].source_stamp == "a"


def test_the_line_of_rows_that_lie_in_an_older_table_names_no_yaml(database: Database) -> None:
    for layer in (Layer.PREDICTIONS, Layer.WINDOW_PROFILES):
        record(database, a_computation(layer, spec_hash="present"))
    ensure_row_table(database, small_spec(), "predictions", prediction_rows(a_window()).schema)
    record(database, a_computation(Layer.PREDICTIONS, a_window(1), spec_hash="present"))
    found = newest_by_window(database, "small", "day")
    hashes = {layer: line.spec_hash for layer, line in found[a_window().start].items()}
    assert hashes == {Layer.PREDICTIONS: "", Layer.WINDOW_PROFILES: "present"}
    assert found[a_window(1).start][Layer.PREDICTIONS].spec_hash == "present"


def test_other_models_and_granularities_have_lines_of_their_own(database: Database) -> None:
    record(database, a_computation())
    assert newest_by_window(database, "other", "day") == {}
    assert newest_by_window(database, "small", "hour") == {}


def test_layers_without_windows_have_one_newest_line(database: Database) -> None:
    record(database, a_computation())
    record(database, without_window(Layer.REFERENCE_DATA, spec_hash="a.1", source_fingerprint="f"))
    # The rows of a reference, whose line names no YAML.
    record(database, without_window(Layer.REFERENCE_DATA, spec_hash=""))
    (layer, line), *others = newest_without_window(database, "small").items()
    assert (layer, line.spec_hash, line.source_fingerprint) == (
        Layer.REFERENCE_DATA,
        "a.1",
        "f",
    )
    assert others == []


def test_the_fingerprint_of_one_window_is_that_of_its_newest_line(database: Database) -> None:
    assert newest_hash(database, a_window(), Layer.DATA_DRIFT) is None
    for spec_hash in ("old.1", "new.1"):
        record(database, a_computation(spec_hash=spec_hash))
    assert newest_hash(database, a_window(), Layer.DATA_DRIFT) == "new.1"
    assert newest_hash(database, a_window(), Layer.LABELS) is None


def test_a_stamp_is_noted_on_the_line_it_belongs_to(database: Database) -> None:
    first, second = (record(database, a_computation(window=a_window(day))) for day in (0, 1))
    write_stamps(database, {second: "seen"})
    write_stamps(database, {})
    found = newest_by_window(database, "small", "day")
    stamps = {
        one[Layer.DATA_DRIFT].number: one[Layer.DATA_DRIFT].source_stamp for one in found.values()
    }
    assert stamps == {first: None, second: "seen"}


def a_run(database: Database, layer: Layer, seconds: list[float], run_id: str = "a-run") -> None:
    """Write the lines of a run, one window after the other, at these moments after NOW."""
    for day, moment in enumerate(seconds):
        record(database, a_computation(layer, a_window(day), run_id=run_id), moment)


def read(database: Database, window: Window, rows: int) -> None:
    """Say how many rows a window has."""
    replace_window(
        database,
        a_computation(Layer.PREDICTIONS, window, run_id=f"read-{window.partition_key}"),
        [],
        WindowCounts(rows_read=rows, rows_scored=rows),
    )


def test_a_windows_time_goes_from_what_its_run_wrote_before(database: Database) -> None:
    # 2 s since the run began, then 1, 5 and 3 s: the middle of these is 2.5 s.
    a_run(database, Layer.DATA_DRIFT, [2, 3, 8, 11])
    assert paces(database, "small")[Layer.DATA_DRIFT].seconds == pytest.approx(2.5)
    assert paces(database, "small")[Layer.DATA_DRIFT].seconds_per_row is None
    assert paces(database, "other") == {}


def test_what_another_run_wrote_in_between_does_not_count(database: Database) -> None:
    a_run(database, Layer.DATA_DRIFT, [4], "one")
    a_run(database, Layer.DATA_DRIFT, [1, 2], "other")
    # 4, 1 and 1 s.
    assert paces(database, "small")[Layer.DATA_DRIFT].seconds == pytest.approx(1.0)


def test_layers_that_read_rows_have_a_time_for_each(database: Database) -> None:
    for day, rows in enumerate((100, 0, 400)):
        read(database, a_window(day), rows)
    a_run(database, Layer.WINDOW_PROFILES, [1, 2, 6])
    # 1 s for 100 rows, 1 s for none, which tells nothing, and 4 s for 400.
    assert paces(database, "small")[Layer.WINDOW_PROFILES].seconds_per_row == pytest.approx(0.01)


def test_layers_without_windows_take_from_their_beginning_to_their_end(database: Database) -> None:
    for seconds in (30, 40):
        record(database, without_window(Layer.REFERENCE_DATA), seconds)
    assert paces(database, "small")[Layer.REFERENCE_DATA].seconds == pytest.approx(35.0)


def test_a_clock_that_went_back_counts_for_nothing(database: Database) -> None:
    a_run(database, Layer.DATA_DRIFT, [5, 1])
    assert paces(database, "small")[Layer.DATA_DRIFT].seconds == pytest.approx(5.0)
