"""Functions of the database: what was known at any moment equals what was saved at that moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from psycopg import sql

from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import model_quality_write
from monitoring_assets.storage.views import FUNCTIONS
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import START, a_computation, a_window, rows_of
from monitoring_assets_tests.storage.test_results import QUALITY

Row = Mapping[str, Any]

SCHEMAS = pytest.mark.parametrize("schema", ["monitoring", "grafana"])
WRITES = 60
COLUMNS = [column.name for column in tables.model_quality.c]


def called(schema: str, moment: datetime | str) -> str:
    call = sql.SQL("{}({})").format(sql.Identifier(schema, "model_quality_as_of"), str(moment))
    return sql.SQL("SELECT * FROM {}").format(call).as_string()


def known_at(database: Database, schema: str, moment: datetime | str) -> list[Row]:
    with database.connect() as connection:
        rows = connection.exec_driver_sql(called(schema, moment)).mappings()
        return in_order([dict(row) for row in rows])


def in_order(rows: list[dict[str, Any]]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(map(str, row.values())))


def write_something(database: Database, rng: np.random.Generator) -> None:
    """Replace one of four windows by a random choice of numbers out of few, so that some stay."""
    numbers = [
        replace(QUALITY, metric=metric, segment=segment, value=float(rng.integers(0, 3)))
        for metric in ("mae", "rmse")
        for segment in ("all", "north")
        if rng.random() < 0.8
    ]
    window = a_window(int(rng.integers(0, 4)), model_id=str(rng.choice(["small", "other"])))
    made = a_computation(Layer.MODEL_QUALITY, window)
    replace_window(database, made, [model_quality_write(numbers)])


def clock(database: Database) -> datetime:
    with database.connect() as connection:
        return connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()


@pytest.fixture
def saved(database: Database) -> dict[datetime, list[Row]]:
    """Moments, and the whole table as it was at each, in a fixed order."""
    rng = np.random.default_rng(5)
    found: dict[datetime, list[Row]] = {clock(database): []}
    for _ in range(WRITES):
        write_something(database, rng)
        rows = [{name: row[name] for name in COLUMNS} for row in quality(database)]
        found[clock(database)] = in_order(rows)
    return found


def quality(database: Database) -> list[dict[str, Any]]:
    return rows_of(database, tables.model_quality)


@SCHEMAS
def test_what_was_known_at_a_moment_is_what_was_saved_then(
    database: Database, saved: dict[datetime, list[Row]], schema: str
) -> None:
    assert len({str(rows) for rows in saved.values()}) > WRITES / 2
    assert len(rows_of(database, tables.model_quality_history)) > WRITES
    for moment, rows in saved.items():
        assert known_at(database, schema, moment) == rows


@SCHEMAS
def test_a_new_number_is_known_from_its_very_moment_on(
    database: Database, saved: dict[datetime, list[Row]], schema: str
) -> None:
    newest = max(row["recorded_at"] for row in quality(database))
    before = newest - timedelta(microseconds=1)
    assert known_at(database, schema, newest) == list(saved.values())[-1]
    assert known_at(database, schema, before) != known_at(database, schema, newest)
    assert known_at(database, schema, "infinity") == list(saved.values())[-1]
    assert known_at(database, schema, "-infinity") == []


@SCHEMAS
def test_a_question_about_one_window_is_asked_of_the_tables_and_not_of_all_rows(
    database: Database, schema: str
) -> None:
    call = f"EXPLAIN {called(schema, START)} WHERE model_id = 'small'"
    with database.connect() as connection:
        plan = "\n".join(connection.exec_driver_sql(call).scalars())
    assert "Function Scan" not in plan
    assert "model_id = 'small'" in plan
    assert " on model_quality_history" in plan


@SCHEMAS
def test_no_search_path_of_a_caller_means_anything_to_it(
    database: Database, saved: dict[datetime, list[Row]], schema: str
) -> None:
    with database.connect() as connection:
        for name in ("model_quality", "model_quality_history", "model_quality_recorded"):
            connection.execute(sa.text(f"CREATE TEMPORARY TABLE {name} (model_id text)"))
        connection.execute(sa.text("SET search_path = pg_temp, public"))
        rows = connection.exec_driver_sql(called(schema, "infinity")).mappings()
        assert in_order([dict(row) for row in rows]) == list(saved.values())[-1]


@SCHEMAS
def test_functions_give_the_columns_of_the_table_in_its_order(
    database: Database, schema: str
) -> None:
    with database.connect() as connection:
        assert list(connection.exec_driver_sql(called(schema, START)).keys()) == COLUMNS


def test_functions_say_what_they_are_and_change_nothing(database: Database) -> None:
    query = sa.text(
        "SELECT pronamespace::regnamespace::text, proname, provolatile, prosecdef,"
        " obj_description(oid, 'pg_proc') FROM pg_proc WHERE proname = ANY(:names)"
    )
    names = [function.name for function in FUNCTIONS]
    with database.connect() as connection:
        found = {tuple(row) for row in connection.execute(query, {"names": names})}
    assert found == {(one.schema, one.name, "s", False, one.comment) for one in FUNCTIONS}
