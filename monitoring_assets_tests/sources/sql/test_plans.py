"""How Postgres answers: through the index on event time, reading no other day."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from monitoring_assets.sources.sql.postgres import PostgresReader, in_dollars
from monitoring_assets.sources.sql.rows import SqlRows
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.benchmarks import bench_sql_source
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.sources.sql.tables import query_spec, raw, run, sql_spec

DAY = (utc(2023, 2, 10), utc(2023, 2, 11))
_PLAIN = {"adbc_stmt_kwargs": {"adbc.postgresql.use_copy": "false"}}  # EXPLAIN cannot be copied
BOUNDED = "SELECT * FROM trips WHERE time >= :window_start AND time < :window_end"


class Explaining(PostgresReader):
    """Reads as ever, and keeps the plan of each statement it runs."""

    def __init__(self, rows: SqlRows) -> None:
        super().__init__(rows.address)
        self.plans: list[dict[str, Any]] = []

    def tables(self, statement: sa.Select[Any], what: str) -> Iterator[pa.Table]:
        text, values = in_dollars(statement)
        with self._connect() as connection, connection.cursor(**_PLAIN) as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", values or None)
            self.plans.append(json.loads(cursor.fetchone()[0])[0]["Plan"])
        return super().tables(statement, what)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def explained(rows: SqlRows) -> Explaining:
    reader = Explaining(rows)
    rows.__dict__["reader"] = reader
    return reader


@pytest.fixture(params=["timestamptz", "timestamp", "date", "text"])
def stored(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def a_month(stored: str, empty_database: Database) -> Database:
    """28,800 rows, one each 84 seconds, in no order of time."""
    run(
        empty_database,
        f"CREATE TABLE trips (id int, time {stored}, distance float8, zone text, minutes float8)",
        "INSERT INTO trips SELECT n, timestamp '2023-02-01' + (n * 7919 % 28800) * interval '84 s',"
        " 1, 'x', 1 FROM generate_series(1, 28800) AS n",
        "CREATE INDEX ON trips (time)",
        "VACUUM ANALYZE trips",
    )
    return empty_database


@pytest.mark.parametrize("query", [None, "SELECT * FROM trips", BOUNDED])
def test_a_day_is_read_by_the_index_and_nothing_else(
    a_month: Database, query: str | None, stored: str
) -> None:
    if stored == "text":
        query = query and query.replace("time >=", "time::timestamptz >=")
        query = query and query.replace("time <", "time::timestamptz <")
    rows = raw(sql_spec(a_month.url) if query is None else query_spec(a_month.url, query))
    reader = explained(rows)
    read = sum(len(piece.table) for piece in rows.pieces(*DAY))
    (plan,) = reader.plans
    assert _conditions_on_indexes(plan)
    assert not _of_type(plan, "Seq Scan")
    assert 1028 <= read <= max(node["Actual Rows"] for node in nodes(plan)) < 5000


def test_the_newest_event_time_is_looked_up_in_the_index(a_month: Database, stored: str) -> None:
    rows = raw(sql_spec(a_month.url))
    reader = explained(rows)
    assert rows.newest_event_time() == utc(2023, 2, 28, *(() if stored == "date" else (23, 58, 36)))
    assert all(_conditions_on_indexes(plan) for plan in reader.plans)
    assert not [plan for plan in reader.plans if _of_type(plan, "Seq Scan")]


def test_rows_outside_are_counted_by_the_index(a_month: Database, stored: str) -> None:
    rows = raw(sql_spec(a_month.url))
    reader = explained(rows)
    outside = rows.rows_outside([(utc(2023, 2, 2), utc(2023, 2, 14)), (utc(2023, 2, 15), None)])
    assert 1028 <= outside["before_every_period"] <= 1029
    assert 1028 <= outside["between_periods"] <= 1029
    assert (stored == "text") == bool(_of_type(reader.plans[0], "Seq Scan"))


def _of_type(plan: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [node for node in nodes(plan) if node["Node Type"] == name]


def _conditions_on_indexes(plan: dict[str, Any]) -> list[str]:
    return [node["Index Cond"] for node in nodes(plan) if "Index Cond" in node]


def test_the_benchmark_runs_on_a_small_table_too(
    empty_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_sql_source.measure(empty_database, 20_000)
    printed = capsys.readouterr().out
    assert "Index Scan using scores_scored_at_idx" in printed
    assert "handed out by the database: 4,000 rows" in printed
    assert "prepared for a model: 4,000 rows" in printed
