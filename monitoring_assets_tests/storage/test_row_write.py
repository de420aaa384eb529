"""Raw rows in bulk: replaced, refused, and given back as they were."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from adbc_driver_manager.dbapi import Cursor
from sqlalchemy import event

from monitoring_assets.errors import DuplicateIdError, StorageError
from monitoring_assets.records import Layer, WindowCounts
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import windows_of
from monitoring_assets.storage.row_read import read_reference_rows, read_rows
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_reference_rows, replace_window_rows
from monitoring_assets.storage.tables import model
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import (
    START,
    a_computation,
    a_window,
    number_of,
    prediction_rows,
)
from monitoring_assets_tests.storage.test_row_shape import ODD


def write(database: Database, rows: pa.Table, day: int = 0, **found: Any) -> RowTable:
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    computation = a_computation(Layer.PREDICTIONS, a_window(day))
    replace_window_rows(database, computation, table, rows, **found)
    return table


def stored(database: Database, table: RowTable, days: int = 30) -> pa.Table:
    rows = read_rows(database, table, START, START + timedelta(days=days))
    return rows.sort_by([("event_time", "ascending")])


def test_rows_come_back_as_they_were_under_our_names(database: Database) -> None:
    rows = prediction_rows(a_window(), 4)
    odd = {name: pa.array([1.5, None, math.inf, -2.0]) for name in ODD}
    for name, values in odd.items():
        rows = rows.append_column(name, values)
    table = write(database, rows)
    assert stored(database, table).select(rows.column_names).equals(rows)
    assert number_of(database, model) == 0


def test_a_window_written_twice_has_the_same_rows_once(database: Database) -> None:
    rows = prediction_rows(a_window(), 5)
    table = write(database, rows)
    write(database, rows)
    assert stored(database, table).equals(rows)


def test_rows_that_are_gone_are_gone_and_other_windows_stay(database: Database) -> None:
    write(database, prediction_rows(a_window(1), 3), day=1)
    write(database, prediction_rows(a_window(0), 5))
    table = write(database, prediction_rows(a_window(0), 2))
    assert stored(database, table, days=1).num_rows == 2
    assert stored(database, table).num_rows == 5


def test_an_empty_window_is_a_window(database: Database) -> None:
    write(database, prediction_rows(a_window()))
    counts = WindowCounts(rows_read=0, rows_scored=0)
    table = write(database, prediction_rows(a_window(), 0), counts=counts)
    assert stored(database, table).num_rows == 0
    assert windows_of(database, "small")[0].counts == counts


def test_a_window_may_lie_in_two_months(database: Database) -> None:
    week = replace(a_window(26), end=a_window(33).start)
    rows = prediction_rows(week, 2)
    last = pa.array([week.start, week.end - timedelta(microseconds=1)], rows.schema.types[1])
    rows = rows.set_column(1, "event_time", last)
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    replace_window_rows(database, a_computation(Layer.PREDICTIONS, week), table, rows)
    assert stored(database, table, days=60).equals(rows)


@pytest.mark.parametrize("hours", [-1, 24])
def test_rows_outside_the_window_are_refused(database: Database, hours: int) -> None:
    rows = prediction_rows(a_window(), 1)
    moment = pa.array([START + timedelta(hours=hours)], pa.timestamp("us", "UTC"))
    with pytest.raises(StorageError, match=r"window 2023-02-01: rows from .* nothing was written"):
        write(database, rows.set_column(1, "event_time", moment))


def test_a_row_without_event_time_is_refused(database: Database) -> None:
    rows = prediction_rows(a_window(), 1)
    nothing = pa.nulls(1, pa.timestamp("us", "UTC"))
    with pytest.raises(StorageError, match="predictions without event_time"):
        write(database, rows.set_column(1, "event_time", nothing))


def test_text_that_postgres_cannot_hold_is_named(database: Database) -> None:
    rows = prediction_rows(a_window(), 2)
    broken = rows.set_column(2, "model_version", pa.array(["1", "a\0b"]))
    with pytest.raises(StorageError, match=r"line 2, column model_version.*must not contain NUL"):
        write(database, broken)


def test_what_users_write_never_reaches_the_text_of_a_statement(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []

    def remember(cursor: Any, text: str, *parameters: Any) -> Any:
        texts.append(text)
        return execute(cursor, text, *parameters)

    execute = Cursor.execute
    monkeypatch.setattr(Cursor, "execute", remember)
    event.listen(database.engine(), "before_cursor_execute", lambda *call: texts.append(call[2]))
    evil = "Robert'); DROP TABLE monitoring.model; --"
    rows = prediction_rows(a_window(), 1).append_column(evil, pa.array([evil]))
    table = write(database, rows)
    read_rows(database, table, START, START + timedelta(days=1), where={evil: evil})
    assert len(texts) > 10
    assert [text for text in texts if "Robert" in text or "DROP" in text] == []


def test_the_same_key_twice_is_refused_and_the_old_rows_stay(database: Database) -> None:
    rows = prediction_rows(a_window(), 2)
    table = write(database, rows)
    with pytest.raises(DuplicateIdError, match=r"window 2023-02-01: two predictions .* row_id"):
        write(database, pa.concat_tables([rows, rows]))
    assert stored(database, table).equals(rows)
    assert len(windows_of(database, "small")) == 1


def test_rows_that_do_not_fit_the_table_are_refused(database: Database) -> None:
    table = write(database, prediction_rows(a_window()))
    rows = prediction_rows(a_window()).rename_columns(
        ["row_id", "event_time", "model_version", "speed", "prediction"]
    )
    with pytest.raises(
        StorageError, match=r"missing: \['distance'\], not in the table: \['speed'\]"
    ):
        replace_window_rows(database, a_computation(Layer.PREDICTIONS), table, rows)


def test_versions_of_the_reference_stand_side_by_side(database: Database) -> None:
    rows = prediction_rows(a_window(), 3)
    table = ensure_row_table(database, small_spec(), "reference", rows.schema)
    for version, number in ((1, 3), (2, 2), (2, 1)):
        computation = a_computation(Layer.REFERENCE_DATA, reference_version=version)
        replace_reference_rows(database, computation, table, rows.slice(0, number))
    found = read_reference_rows(database, table, 1, columns=["row_id", "distance"])
    assert found.sort_by("row_id").equals(rows.select(["row_id", "distance"]))
    assert read_reference_rows(database, table, 2).num_rows == 1
