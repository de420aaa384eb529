"""Reading PostgreSQL: through ADBC, in Arrow, a piece at a time from a cursor of the server's.

Belongs here: connections, statements in PostgreSQL's own form, columns that ADBC cannot read as
they are. Stays out: which rows and columns are wanted (rows.py), other databases (databases.py).

With parameters and no cursor, ADBC would hold the whole answer in memory: 1,000,000 rows of 12
columns take 460 MB that way, and 40 MB from a cursor, in the same time.
"""

import atexit
import contextlib
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.sources.sql.address import Address
from monitoring_assets.sources.sql.bounds import TimeKind
from monitoring_assets.sources.sql.failures import Failures

_ROWS_AT_ONCE = 16_384
"""Rows fetched at a time: the server's answer to one fetch is held in memory."""

_FETCHES_JOINED = 8

_DOLLARS: Final = asyncpg.dialect()
"""Only its way of writing statements (`$1::DATE`) is used, never the driver of that name."""

_CURSOR: Final = "monitoring_assets_rows"
_WITHOUT_COPY: Final = {"adbc.postgresql.use_copy": "false"}
_DEFAULTS: Final = {
    "connect_timeout": "10",
    "application_name": "monitoring_assets",
    # A peer that has vanished without a word is noticed within a minute.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}

# By address and process: the connection whose knowledge of types the others share.
_FIRST: dict[tuple[str, int], Any] = {}


class PostgresReader:
    """Runs statements in read-only transactions.

    Parameters
    ----------
    address
        The database.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._failures = Failures(address)

    def found(self, everything: sa.Select[Any], what: str) -> pa.Schema:
        """Return the columns of a statement with their types; no row is read."""
        text, _ = in_dollars(everything)
        with (
            self._connect() as connection,
            self._failures.of_reading(what),
            connection.cursor() as cursor,
        ):
            return cursor.adbc_execute_schema(text)

    @property
    def first_kind(self) -> TimeKind:
        """Kind of the bounds in a query of which nothing is known yet: it fits any time."""
        return TimeKind.INSTANT

    def kind_in_query(self, kind: TimeKind) -> TimeKind:
        """Return the kind of the bounds in a query whose event time is of this kind."""
        return TimeKind.INSTANT if kind is TimeKind.TEXT else kind

    def value(self, field: pa.Field, *, number: bool) -> sa.ColumnElement[Any]:
        """Return what to select so that a column arrives as a number, a text or a time.

        Parameters
        ----------
        number
            Whether the column is wanted as a number. Ids are not: a float64 cannot hold each one.
        """
        column: sa.ColumnElement[Any] = sa.column(field.name)
        metadata: Mapping[bytes, bytes] = field.metadata or {}
        stored = metadata.get(b"POSTGRESQL:type", b"").decode()
        if stored == "money":  # arrives as a count of cents
            column = sa.cast(column, sa.Numeric())
        if stored in ("money", "numeric") and number:
            return sa.cast(column, sa.Double())
        if stored in ("money", "numeric"):
            return sa.cast(sa.func.trim_scale(column), sa.Text())
        if stored == "bpchar" or isinstance(field.type, pa.BaseExtensionType):
            return sa.cast(column, sa.Text())  # without padding; uuid, enum, inet and the like
        return column

    def tables(self, statement: sa.Select[Any], what: str) -> Iterator[pa.Table]:
        """Yield the rows of a statement, in parts."""
        text, values = in_dollars(statement)
        with self._connect() as connection, self._failures.of_reading(what):
            with connection.cursor() as cursor:
                # NO SCROLL: the server need not keep what has been fetched.
                cursor.execute(f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {text}", values or None)
            with connection.cursor(adbc_stmt_kwargs=_WITHOUT_COPY) as cursor:
                while True:
                    fetched = list(islice(_fetches(cursor), _FETCHES_JOINED))
                    if not fetched:
                        return
                    # A copy: the buffers that ADBC hands out are twice as large as their content.
                    yield pa.concat_tables(fetched).combine_chunks()

    def has_table(self, schema: str | None, name: str) -> bool:
        """Return whether there is a table or view of this name."""
        quoted = _DOLLARS.identifier_preparer.format_table(sa.table(name, schema=schema))
        found = sa.select(sa.func.to_regclass(quoted).is_not(None).label("found"))
        return any(part["found"][0].as_py() for part in self.tables(found, "names of tables"))

    def table_names(self, schema: str | None) -> list[str]:
        """Return what all tables and views are called that the user may see."""
        del schema
        columns: list[sa.ColumnElement[Any]] = [sa.column("table_schema"), sa.column("table_name")]
        listed = sa.table("tables", schema="information_schema")
        parts = self.tables(sa.select(*columns).select_from(listed), "names of tables")
        return [".".join(row.values()) for part in parts for row in part.to_pylist()]

    @contextmanager
    def _connect(self) -> Generator[Any]:
        with self._failures.of_connecting():
            connection = _connect(self._address.conninfo(_DEFAULTS))
        with contextlib.closing(connection):
            with self._failures.of_connecting(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                # All rows will be fetched, not the first tenth that a cursor is planned for.
                cursor.execute(
                    "SELECT set_config('TimeZone', 'UTC', true),"
                    " set_config('cursor_tuple_fraction', '1', true)"
                )
                cursor.fetchall()
            yield connection


def _fetches(cursor: Any) -> Iterator[pa.Table]:
    while True:
        cursor.execute(f"FETCH FORWARD {_ROWS_AT_ONCE} FROM {_CURSOR}")
        table = cursor.fetch_arrow_table()
        if not len(table):
            return
        yield table


def in_dollars(statement: sa.Select[Any]) -> tuple[str, list[Any]]:
    """Return a statement as ADBC wants it: placeholders `$1::DATE`, and their values in order."""
    compiled = statement.compile(dialect=_DOLLARS)
    values = compiled.construct_params()
    return compiled.string, [values[name] for name in compiled.positiontup or ()]


def _connect(conninfo: str) -> Any:
    # Opening costs 50 ms, since it reads the types of the database; a clone shares them: 3 ms. A
    # clone has its own connection to the server, and outlives the loss of the first one.
    key = (conninfo, os.getpid())
    if key not in _FIRST:
        try:
            dbapi = import_module("adbc_driver_postgresql.dbapi")
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"PostgreSQL is read with the package adbc-driver-postgresql, but {error}"
            ) from error
        # With autocommit: it is kept, and must not be in a transaction for ever.
        opened = dbapi.connect(conninfo, autocommit=True)
        # Left to the end of the process, its finaliser runs when half of Python is gone.
        atexit.register(_close, opened)
        if _FIRST.setdefault(key, opened) is not opened:
            # Another thread came first.
            _close(opened)
    return _FIRST[key].adbc_clone()


def _close(opened: Any) -> None:
    # ADBC refuses while a clone is open: one that Ctrl-C caught is closed by nobody.
    with contextlib.suppress(RuntimeError):
        opened.close()
