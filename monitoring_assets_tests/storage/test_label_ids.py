"""Predictions found by their ids alone, whatever month they lie in."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.labels import ensure_id_index, find_predictions
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import ensure_months, ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import START, a_computation, a_window, prediction_rows

NEXT_MONTH = 30


def write(database: Database, *days: int) -> RowTable:
    """Store three predictions `r0` to `r2` on each of these days."""
    schema = prediction_rows(a_window()).schema
    table = ensure_row_table(database, small_spec(), "predictions", schema)
    for day in days:
        made = a_computation(Layer.PREDICTIONS, a_window(day))
        replace_window_rows(database, made, table, prediction_rows(a_window(day)))
    return table


def found(database: Database, table: RowTable, ids: Sequence[str | None]) -> list[Any]:
    rows = find_predictions(database, table, pa.array(ids, pa.string()))
    assert rows.schema.types == [pa.string(), pa.timestamp("us", "UTC")]
    days = [(time - START).days for time in rows["event_time"].to_pylist()]
    return list(zip(rows["row_id"].to_pylist(), days, strict=True))


def indexes(database: Database) -> dict[str, str]:
    query = sa.text("SELECT tablename, indexdef FROM pg_indexes WHERE indexdef LIKE '%hash%'")
    with database.connect() as connection:
        return {str(row.tablename): str(row.indexdef) for row in connection.execute(query)}


def test_an_id_is_found_at_every_event_time_it_has(database: Database) -> None:
    table = write(database, 0, 1, NEXT_MONTH)
    assert found(database, table, ["r2", "r0", "r2", None, "r9"]) == [
        ("r0", 0),
        ("r0", 1),
        ("r0", NEXT_MONTH),
        ("r2", 0),
        ("r2", 1),
        ("r2", NEXT_MONTH),
    ]
    assert found(database, table, []) == found(database, table, [None]) == []


def test_further_columns_come_under_our_names(database: Database) -> None:
    rows = prediction_rows(a_window()).rename_columns(
        ["row_id", "event_time", "model_version", "Zone?", "prediction"]
    )
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    replace_window_rows(database, a_computation(Layer.PREDICTIONS), table, rows)
    wanted = pa.chunked_array([["r2"], ["r1"]])
    answer = find_predictions(database, table, wanted, ["Zone?", "row_id"])
    assert answer.to_pydict() == {"Zone?": [1.0, 2.0], "row_id": ["r1", "r2"]}
    with pytest.raises(StorageError, match="no column 'speed'"):
        find_predictions(database, table, wanted, ["speed"])


def test_ids_are_told_apart_to_the_last_character(database: Database) -> None:
    ids = ["r1", "r1 ", "R1", "r1'; DROP TABLE x; --", "r\u00e9", "re\u0301"]
    rows = prediction_rows(a_window(), len(ids)).set_column(0, "row_id", pa.array(ids))
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    ensure_id_index(database, table)
    replace_window_rows(database, a_computation(Layer.PREDICTIONS), table, rows)
    for one in ids:
        assert [row_id for row_id, _ in found(database, table, [one])] == [one]


def test_months_that_are_there_and_months_to_come_get_the_index(database: Database) -> None:
    table = write(database, 0)
    assert indexes(database) == {}
    for _ in range(2):
        ensure_id_index(database, table)
    write(database, NEXT_MONTH)
    names = [table.table_name, f"{table.table_name}_202302", f"{table.table_name}_202303"]
    assert sorted(indexes(database)) == names
    assert all("USING hash (row_id)" in text for text in indexes(database).values())


def test_a_few_ids_among_many_are_looked_up_and_all_are_found(database: Database) -> None:
    rows = prediction_rows(a_window(), 20_000)
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    ensure_id_index(database, table)
    replace_window_rows(database, a_computation(Layer.PREDICTIONS), table, rows)
    assert len(found(database, table, ["r7", "r19999"])) == 2
    assert lookups(database) == 2
    everything = [f"r{i}" for i in range(20_000)]
    assert len(found(database, table, everything)) == 20_000


def lookups(database: Database) -> int:
    """How often the index was used; the server counts it once the session has ended."""
    query = "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE indexrelname LIKE '%row_id_idx'"
    database.dispose()
    used, last_look = 0, time.monotonic() + 20
    while not used and time.monotonic() < last_look:
        time.sleep(0.05)
        with database.connect() as connection:
            used = int(connection.execute(sa.text(query)).scalar_one())
    return used


def test_many_may_ask_for_the_index_and_for_months_at_once(database: Database) -> None:
    table = write(database, 0)
    months = [
        (START + timedelta(days=31 * i), START + timedelta(days=31 * i + 1)) for i in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(ensure_id_index, database, table) for _ in range(6)]
        asked += [pool.submit(ensure_months, database, table, *month) for month in months]
        asked += [pool.submit(write, database, 0) for _ in range(3)]
        for one in asked:
            one.result()
    assert len(indexes(database)) == 1 + len(months)
    assert found(database, table, ["r1"]) == [("r1", 0)]
