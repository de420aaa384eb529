"""Rows handed from one step to the next: the same as read from the database, or not used at all."""

import pyarrow as pa
import pytest

from monitoring_assets.assets.hand_over import ROWS_AT_HAND, HandOver
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.evaluation.labelled import labelled_rows
from monitoring_assets.records import Layer, Window
from monitoring_assets.storage.ledger import newest_computation
from monitoring_assets.storage.row_read import read_labelled, read_rows
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.stored import everything

KEY = "2025-02-03"
ROWS = (Layer.PREDICTIONS, Layer.LABELS)


def window_of(quick: Runner, key: str = KEY) -> Window:
    return windows_for_keys(quick.spec, [key])[0]


def at_hand(quick: Runner, layer: Layer) -> pa.Table:
    rows = ROWS_AT_HAND.find(quick.database, window_of(quick), layer)
    assert rows is not None
    return rows


def test_rows_at_hand_are_those_that_are_stored(quick: Runner) -> None:
    quick.one(KEY, ROWS)
    window, stored = window_of(quick), row_table(quick.database, "quick", "predictions")
    rows = at_hand(quick, Layer.PREDICTIONS)
    read = read_rows(quick.database, stored, window.start, window.end, rows.column_names)
    assert read.num_rows > 100
    assert rows.combine_chunks().equals(read.combine_chunks())


def test_labels_joined_in_memory_are_those_joined_in_the_database(quick: Runner) -> None:
    quick.one(KEY, ROWS)
    window = window_of(quick)
    predictions = row_table(quick.database, "quick", "predictions")
    labels = row_table(quick.database, "quick", "labels")
    read = read_labelled(quick.database, predictions, labels, window.start, window.end)
    joined = labelled_rows(
        quick.spec, at_hand(quick, Layer.PREDICTIONS), at_hand(quick, Layer.LABELS)
    )
    assert joined is not None
    assert joined.combine_chunks().equals(read.combine_chunks())


def test_a_label_of_another_time_belongs_to_no_prediction(quick: Runner) -> None:
    quick.one(KEY, ROWS)
    labels = at_hand(quick, Layer.LABELS)
    moved = [stamp.replace(year=2024) for stamp in labels.column("event_time").to_pylist()]
    place = labels.column_names.index("event_time")
    times = pa.array(moved, labels.schema.field("event_time").type)
    labels = labels.set_column(place, "event_time", times)
    joined = labelled_rows(quick.spec, at_hand(quick, Layer.PREDICTIONS), labels)
    assert joined is not None
    assert joined.column("target").null_count == joined.num_rows


def test_several_labels_of_one_row_are_left_to_the_database(quick: Runner) -> None:
    quick.one(KEY, ROWS)
    labels = at_hand(quick, Layer.LABELS)
    doubled = pa.concat_tables([labels, labels.slice(0, 1)])
    assert labelled_rows(quick.spec, at_hand(quick, Layer.PREDICTIONS), doubled) is None


def test_rows_are_not_at_hand_once_somebody_else_has_stored_others(quick: Runner) -> None:
    quick.one(KEY, ROWS)
    window = window_of(quick)
    rows = at_hand(quick, Layer.PREDICTIONS)
    number = newest_computation(quick.database, window, Layer.PREDICTIONS)
    assert number is not None
    ROWS_AT_HAND.keep(quick.database, window, Layer.PREDICTIONS, number - 1, rows)
    assert ROWS_AT_HAND.find(quick.database, window, Layer.PREDICTIONS) is None


def test_everything_is_the_same_with_and_without_rows_at_hand(
    quick: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick.one(KEY)
    with_them = everything(quick.database)
    monkeypatch.setattr(ROWS_AT_HAND, "_most_bytes", 0)
    quick.one(KEY)
    assert ROWS_AT_HAND.find(quick.database, window_of(quick), Layer.LABELS) is None
    assert everything(quick.database) == with_them


def test_the_oldest_rows_go_when_there_are_too_many(quick: Runner) -> None:
    kept, rows = HandOver(most_bytes=2000), pa.table({"x": list(range(100))})
    windows = [window_of(quick, f"2025-02-{day:02}") for day in (1, 2, 3)]
    for window in windows:
        kept.keep(quick.database, window, Layer.LABELS, 1, rows)
    assert kept.partitions == ("2025-02-02", "2025-02-03")


def test_rows_that_are_too_many_by_themselves_push_nothing_out(quick: Runner) -> None:
    kept = HandOver(most_bytes=2000)
    window, other = (window_of(quick, f"2025-02-{day:02}") for day in (1, 2))
    kept.keep(quick.database, window, Layer.LABELS, 1, pa.table({"x": list(range(100))}))
    kept.keep(quick.database, other, Layer.LABELS, 1, pa.table({"x": list(range(1000))}))
    assert kept.partitions == ("2025-02-01",)


def test_a_window_that_was_never_computed_has_no_newest_computation(quick: Runner) -> None:
    window = window_of(quick)
    assert newest_computation(quick.database, window, Layer.PREDICTIONS) is None
