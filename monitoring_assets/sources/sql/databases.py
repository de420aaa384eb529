"""Reading any database that SQLAlchemy reaches: rows in parts, made into Arrow.

Belongs here: engines, streaming, what a new database needs installed. Stays out: PostgreSQL, which
has a faster way (postgres.py), values of single cells (values.py).
"""

import atexit
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

from monitoring_assets.errors import ConfigurationError, SourceUnavailableError
from monitoring_assets.sources.sql.address import Address
from monitoring_assets.sources.sql.bounds import TimeKind
from monitoring_assets.sources.sql.failures import Failures
from monitoring_assets.sources.sql.values import to_arrow

_ROWS_AT_ONCE = 50_000
"""Rows fetched at a time: as Python objects, twelve columns of them take 28 MB."""

_PACKAGES: Final = {
    "MySQLdb": "mysqlclient",
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
    "duckdb": "duckdb-engine",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
}
"""Module or dialect -> the package that brings it, where it is called otherwise."""


class DatabaseReader:
    """Runs statements over SQLAlchemy.

    Parameters
    ----------
    address
        The database.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._failures = Failures(address)

    def found(self, everything: sa.Select[Any], what: str) -> pa.Schema:
        """Return the columns of a statement; types are those of its first row, null without one."""
        with self._connect() as connection:
            with self._failures.of_reading(what):
                result = connection.execute(everything.limit(1))
                names, rows = list(result.keys()), result.fetchall()
            with self._failures.of_values(what):
                return _table(names, rows).schema

    @property
    def first_kind(self) -> TimeKind:
        """Kind of the bounds in a query of which nothing is known yet: every database has it."""
        return TimeKind.CLOCK_FACE

    def kind_in_query(self, kind: TimeKind) -> TimeKind:
        """Return the kind of the bounds in a query whose event time is of this kind."""
        return kind

    def value(self, field: pa.Field, *, number: bool) -> sa.ColumnElement[Any]:
        """Return what to select for a column: itself."""
        del number
        return sa.column(field.name)

    def tables(self, statement: sa.Select[Any], what: str) -> Iterator[pa.Table]:
        """Yield the rows of a statement, in parts."""
        names = [column.name for column in statement.selected_columns]
        with self._connect() as connection:
            with self._failures.of_reading(what):
                streamed = connection.execution_options(yield_per=_ROWS_AT_ONCE)
                result = streamed.execute(statement)
            with closing(result):
                parts = result.partitions()
                while True:
                    with self._failures.of_reading(what):
                        rows = next(parts, None)
                    if rows is None:
                        return
                    with self._failures.of_values(what):
                        table = _table(names, rows)
                    yield table

    def has_table(self, schema: str | None, name: str) -> bool:
        """Return whether there is a table or view of this name."""
        with self._connect() as connection, self._failures.of_reading("names of tables"):
            return sa.inspect(connection).has_table(name, schema)

    def table_names(self, schema: str | None) -> list[str]:
        """Return what tables and views of a schema are called, without one the user's own."""
        with self._connect() as connection, self._failures.of_reading("names of tables"):
            inspector = sa.inspect(connection)
            names = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
        return [f"{schema}.{name}" if schema else name for name in names]

    @contextmanager
    def _connect(self) -> Generator[sa.Connection]:
        engine = self._engine()
        with self._failures.of_connecting():
            connection = engine.connect()
        with connection:
            if self._address.is_sqlite:
                connection.exec_driver_sql("PRAGMA query_only = ON")
            yield connection

    def _engine(self) -> sa.Engine:
        address = self._address
        file = address.url.database or ""
        named = address.is_sqlite and file and not file.startswith(("file:", ":memory:"))
        if named and not Path(file).is_file():  # SQLite would make an empty one
            raise SourceUnavailableError(
                f"model '{address.model_id}': there is no file {file}. Check"
                f" `{address.section}.url` in the model's defs.yaml, or wait for the file"
            )
        try:
            return _engine(address.url, os.getpid())
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            missing = error.name if isinstance(error, ModuleNotFoundError) else None
            missing = missing or address.url.get_backend_name()
        raise ConfigurationError(
            f"model '{address.model_id}': `{address.section}.url` needs the Python package"
            f" '{_PACKAGES.get(missing, missing)}', which is not installed. Install it beside"
            " monitoring_assets, or name another driver in the URL"
        )


@lru_cache(maxsize=32)
def _engine(url: sa.URL, process: int) -> sa.Engine:  # noqa: ARG001 - part of the cache's key
    if url.get_backend_name() == "sqlite":
        return sa.create_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=8,
        pool_pre_ping=True,
        pool_recycle=600,
        hide_parameters=True,
    )
    atexit.register(engine.dispose)
    return engine


def _table(names: list[str], rows: Sequence[sa.Row[Any]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table([to_arrow(column) for column in columns], names=names)
