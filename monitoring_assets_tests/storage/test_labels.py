"""Labels in pieces: merged, corrected, repeated, by several at once; how far labels were read."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa

from monitoring_assets.errors import DuplicateIdError, StorageError
from monitoring_assets.records import Layer, WindowStatus
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.label_progress import (
    Watermark,
    advance_watermark,
    begin_watermark,
    read_watermark,
)
from monitoring_assets.storage.labels import (
    MergedLabels,
    merge_labels,
    new_labels,
)
from monitoring_assets.storage.ledger import windows_of
from monitoring_assets.storage.row_read import read_labelled, read_rows
from monitoring_assets.storage.row_tables import ensure_row_table, row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import (
    NOW,
    START,
    a_computation,
    a_window,
    compute_all_layers,
    prediction_rows,
    rows_of,
)

Label = tuple[str, datetime, float | None]
"""Id, knowledge time, target."""

LATER = NOW + timedelta(days=1)
NOTHING = MergedLabels(computation_id=None, changed=0)


def labels_of(labels: Iterable[Label], day: int = 0) -> pa.Table:
    """Return labels of rows made by `prediction_rows`; an id may occur more than once."""
    window, told = a_window(day), list(labels)
    times = [window.start + timedelta(seconds=int(row_id[1:])) for row_id, *_ in told]
    instant = pa.timestamp("us", "UTC")
    values = {
        "row_id": pa.array([row_id for row_id, *_ in told], pa.string()),
        "event_time": pa.array(times, instant),
        "knowledge_time": pa.array([known for _, known, _ in told], instant),
        "target": pa.array([target for *_, target in told], pa.float64()),
    }
    return pa.table(values)


def merge(database: Database, *labels: Label, **how: Any) -> MergedLabels:
    return merge_rows(database, labels_of(labels), **how)


def merge_rows(database: Database, rows: pa.Table, day: int = 0, **how: Any) -> MergedLabels:
    table = ensure_row_table(database, small_spec(), "labels", rows.schema)
    return merge_labels(database, a_computation(Layer.LABELS, a_window(day)), table, rows, **how)


def stored(database: Database) -> list[Label]:
    table = row_table(database, "small", "labels")
    rows = read_rows(database, table, START, START + timedelta(days=40))
    keys = [(name, "ascending") for name in ("event_time", "row_id", "knowledge_time")]
    found = rows.sort_by(keys).to_pylist()
    return [(row["row_id"], row["knowledge_time"], row["target"]) for row in found]


def traces(database: Database) -> list[Any]:
    """The ledger, and which transactions wrote or locked each label."""
    marks = [sa.literal_column(f"{name}::text") for name in ("ctid", "xmin", "xmax")]
    table = row_table(database, "small", "labels").sql
    with database.connect() as connection:
        rows = connection.execute(sa.select(*marks).select_from(table)).all()
    return [rows_of(database, tables.computation), rows_of(database, tables.window), sorted(rows)]


def test_labels_are_added_to_those_that_are_there(database: Database) -> None:
    first = merge(database, ("r0", NOW, 1.0), ("r1", NOW, 2.0))
    second = merge(database, ("r0", LATER, 9.0), ("r2", LATER, 3.0))
    assert (first.changed, second.changed) == (2, 2)
    assert stored(database) == [
        ("r0", NOW, 1.0),
        ("r0", LATER, 9.0),
        ("r1", NOW, 2.0),
        ("r2", LATER, 3.0),
    ]


def test_the_same_key_that_says_otherwise_is_replaced(database: Database) -> None:
    merge(database, ("r0", NOW, 1.0), ("r1", NOW, None), ("r2", NOW, 3.0))
    done = merge(database, ("r0", NOW, None), ("r1", NOW, 2.0), ("r2", NOW, 3.0))
    assert done.changed == 2
    assert stored(database) == [("r0", NOW, None), ("r1", NOW, 2.0), ("r2", NOW, 3.0)]


def test_without_anything_new_nothing_at_all_is_written(database: Database) -> None:
    told = [("r0", NOW, 1.0), ("r1", NOW, None), ("r2", NOW, float("nan"))]
    merge(database, *told)
    before = traces(database)
    assert merge(database, *told) == NOTHING
    assert merge(database) == NOTHING
    assert traces(database) == before


def test_what_is_new_is_told_for_several_windows_at_once(database: Database) -> None:
    for day, value in enumerate((1.0, None)):
        merge_rows(database, labels_of([("r0", NOW, value), ("r1", NOW, value)], day), day)
    asked = [("r0", NOW, 1.0), ("r1", NOW, 5.0), ("r1", LATER, 1.0)], [("r0", NOW, None)]
    rows = pa.concat_tables([labels_of(labels, day) for day, labels in enumerate(asked)])
    new = new_labels(database, row_table(database, "small", "labels"), rows)
    found = {(row["row_id"], row["knowledge_time"], row["target"]) for row in new.to_pylist()}
    assert (found, new.schema) == ({("r1", NOW, 5.0), ("r1", LATER, 1.0)}, rows.schema)


def test_without_any_label_nothing_is_new(database: Database) -> None:
    none = labels_of([])
    table = ensure_row_table(database, small_spec(), "labels", none.schema)
    assert new_labels(database, table, none).num_rows == 0


def test_a_look_at_the_labels_is_recorded_if_that_is_wanted(database: Database) -> None:
    merge(database, ("r0", NOW, 1.0))
    for labels in ([], [("r0", NOW, 1.0)]):
        done = merge(database, *labels, record_always=True)
        newest = rows_of(database, tables.computation)[-1]
        assert done == MergedLabels(computation_id=newest["id"], changed=0)
        assert (newest["layer"], newest["window_start"]) == ("labels", a_window().start)
    assert len(rows_of(database, tables.computation)) == 3


def test_what_rests_on_labels_is_out_of_date_only_after_new_ones(database: Database) -> None:
    merge(database, ("r0", NOW, 1.0))
    compute_all_layers(database, a_window())
    seen: list[WindowStatus] = []
    for label in (("r0", NOW, 1.0), ("r0", LATER, 1.0)):
        merge(database, label)
        seen.append(windows_of(database, "small")[0].status)
    assert seen == [WindowStatus.COMPLETE, WindowStatus.INCOMPLETE]


def test_a_label_that_is_repeated_counts_once(database: Database) -> None:
    assert merge(database, *[("r0", NOW, 1.0), ("r1", NOW, None)] * 3).changed == 2
    assert stored(database) == [("r0", NOW, 1.0), ("r1", NOW, None)]


def test_two_labels_of_one_moment_that_differ_are_refused(database: Database) -> None:
    merge(database, ("r0", NOW, 1.0))
    before = traces(database)
    expected = r"'small', window 2023-02-01: 1 times two labels .* differ \(one is .*row_id r1"
    with pytest.raises(DuplicateIdError, match=expected):
        merge(database, ("r0", NOW, 5.0), ("r1", NOW, 1.0), ("r1", NOW, 2.0))
    assert traces(database) == before


def test_labels_outside_the_window_or_without_name_are_refused(database: Database) -> None:
    rows = labels_of([("r0", NOW, 1.0)])
    with pytest.raises(StorageError, match=r"window 2023-02-02: rows from .* nothing was written"):
        merge_rows(database, rows, day=1)
    nameless = rows.set_column(0, "row_id", pa.nulls(1, pa.string()))
    with pytest.raises(StorageError, match="window 2023-02-01: labels without row_id"):
        merge_rows(database, nameless)


def test_text_that_postgres_cannot_hold_is_named(database: Database) -> None:
    rows = labels_of([("r0", NOW, 1.0)]).set_column(0, "row_id", pa.array(["a\0b"]))
    with pytest.raises(StorageError, match=r"row_id.*must not contain NUL"):
        merge_rows(database, rows)


def test_a_window_may_lie_in_two_months_and_others_stay(database: Database) -> None:
    week = replace(a_window(26), end=a_window(33).start)
    rows = pa.concat_tables([labels_of([("r0", NOW, 1.0)], day) for day in (26, 32)])
    table = ensure_row_table(database, small_spec(), "labels", rows.schema)
    merge_rows(database, labels_of([("r0", NOW, 7.0)], 25), day=25)
    made = a_computation(Layer.LABELS, week)
    changed = [merge_labels(database, made, table, rows).changed for _ in range(2)]
    assert changed == [2, 0]
    assert [target for *_, target in stored(database)] == [7.0, 1.0, 1.0]


def test_many_at_once_lose_no_label_and_count_each_once(database: Database) -> None:
    told = [(f"r{i}", NOW + timedelta(days=i % 3), float(i)) for i in range(60)]
    pieces = [told[i : i + 15] for i in range(0, 60, 5)] * 2
    # Whoever comes first makes the table and its month.
    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(merge, database, *piece) for piece in pieces]
        changed = [one.result().changed for one in done]
    assert sum(changed) == 60
    assert len(rows_of(database, tables.computation)) == sum(number > 0 for number in changed)
    assert sorted(stored(database)) == sorted(told)


ORDERS, ROWS, CALLS = 1000, 9, 6
"""Random orders, each with rows of its own; the last row of each never has a label."""


def test_any_order_of_arrival_ends_in_the_same_labels(database: Database) -> None:
    rows, spec, window = prediction_rows(a_window(), ORDERS * ROWS), small_spec(), a_window()
    predictions = ensure_row_table(database, spec, "predictions", rows.schema)
    replace_window_rows(database, a_computation(Layer.PREDICTIONS), predictions, rows)
    calls = zip(*(arrivals(order) for order in range(ORDERS)), strict=True)
    changed = [merge(database, *(one for piece in call for one in piece)).changed for call in calls]
    assert sum(changed) == ORDERS * 3 * (ROWS - 1)
    labels = row_table(database, "small", "labels")
    found = read_labelled(database, predictions, labels, window.start, window.end)
    kept = found.select(["target", "knowledge_time"])
    ends = {repr(kept.slice(order * ROWS, ROWS).to_pydict()) for order in range(ORDERS)}
    assert len(ends) == 1
    assert kept["target"][:ROWS].to_pylist() == [*(10.0 * i + 2 for i in range(ROWS - 1)), None]


def arrivals(order: int) -> list[list[Label]]:
    """Three targets of each row, the newest of which counts, in any order, some of them again."""
    told = [
        (f"r{order * ROWS + i}", NOW + timedelta(hours=hour), 10.0 * i + hour)
        for i in range(ROWS - 1)
        for hour in range(3)
    ]
    rng = np.random.default_rng(order)
    again = rng.integers(0, len(told), size=rng.integers(0, 12))
    arriving = rng.permutation([*range(len(told)), *again])
    pieces = np.split(arriving, np.sort(rng.integers(0, len(arriving) + 1, CALLS - 1)))
    return [[told[place] for place in piece] for piece in pieces]


def test_a_watermark_is_read_as_it_was_written(database: Database) -> None:
    assert read_watermark(database, "small") is None
    advance_watermark(database, "small", START, 3, NOW)
    advance_watermark(database, "other", LATER, 0, NOW)
    assert read_watermark(database, "small") == Watermark(
        knowledge_time=START, orphans=3, updated_at=NOW
    )


def test_where_reading_begins_is_the_earliest_moment_that_was_noted(database: Database) -> None:
    begin_watermark(database, "small", NOW, LATER)
    begin_watermark(database, "small", LATER, LATER)
    assert read_watermark(database, "small") == Watermark(
        knowledge_time=NOW, orphans=0, updated_at=LATER
    )
    begin_watermark(database, "small", None, LATER)
    assert read_watermark(database, "small") is None


def test_a_watermark_never_goes_back(database: Database) -> None:
    advance_watermark(database, "small", NOW, 3, NOW)
    advance_watermark(database, "small", START, 4, LATER)
    assert read_watermark(database, "small") == Watermark(
        knowledge_time=NOW, orphans=4, updated_at=LATER
    )
