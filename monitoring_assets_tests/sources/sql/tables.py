"""Tables for the model of `specs.small_spec` in Postgres and SQLite, and reading them.

Belongs here: making tables, models that read them, readers of a stretch of time. Stays out:
assertions.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

from monitoring_assets.sources.base import Places, SourceRows
from monitoring_assets.sources.build import build_source
from monitoring_assets.sources.layouts import main_layout
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.sources.sql.rows import SqlRows
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import SqlSourceSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import FIRST
from monitoring_assets_tests.specs import small_spec

COLUMNS = "id text, time timestamptz, distance float8, zone text, minutes float8"
GOOD = (
    ("a", "2023-02-01 01:00+00", 1.0, "x", 10.0),
    ("b", "2023-02-01 02:00+00", 2.0, "y", 20.0),
    ("c", "2023-02-01 03:00+00", 3.0, "x", 30.0),
)


def run(database: Database, *statements: str) -> None:
    """Run statements on Postgres, each committed by itself."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def make_table(
    database: Database, columns: str = COLUMNS, rows: Sequence[Sequence[Any]] = GOOD
) -> None:
    """Make the table `trips` in Postgres; values are given as text."""
    with psycopg.connect(database.url) as connection:
        connection.execute(f"CREATE TABLE trips ({columns})".encode())
        with connection.cursor().copy("COPY trips FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def make_file(path: Path, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """Make the table `trips` in a file of SQLite."""
    places = ", ".join("?" * len(columns.split(",")))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE trips ({columns})")
        connection.executemany(f"INSERT INTO trips VALUES ({places})", rows)  # noqa: S608 - a test's own table


def sql_spec(url: str, *, table: str | None = "trips", **changes: Any) -> ModelSpec:
    """Return `small_spec` reading from a table; `source` among the changes adds to its section."""
    source = {"kind": "sql", "url": url, "table": table} | changes.pop("source", {})
    given = {name: value for name, value in source.items() if value is not None}
    return small_spec(source=given, **changes)


def query_spec(url: str, query: str, **changes: Any) -> ModelSpec:
    """Return `small_spec` reading from a query."""
    source = {"query": query} | changes.pop("source", {})
    return sql_spec(url, table=None, source=source, **changes)


def read(
    spec: ModelSpec, day: date = FIRST, days: int = 1, folder: Path = Path("/nowhere")
) -> SourceRows:
    """Read some days in the model's time zone."""
    ends = spec.windows.midnight(day), spec.windows.midnight(day + timedelta(days=days))
    return build_source(spec, Places(folder)).read(*ends)


def values(rows: SourceRows, name: str) -> list[Any]:
    """Return a column of what was read."""
    return rows.table[name].to_pylist()


def raw(spec: ModelSpec, folder: Path = Path("/nowhere")) -> SqlRows:
    """Return the raw source of a model that reads from a database."""
    source = spec.source
    if not isinstance(source, SqlSourceSpec):
        raise TypeError(source.kind)
    return SqlRows(main_layout(spec), source, folder)


def prepared(spec: ModelSpec, raw_rows: SqlRows) -> PreparedSource:
    """Return the source that prepares these raw rows."""
    layout = main_layout(spec)
    return PreparedSource(spec=spec, layout=layout, raw=raw_rows, on_duplicate="keep_last")
