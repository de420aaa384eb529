"""Running a SQLAlchemy statement over either of our two drivers.

Belongs here: one small interface to an open transaction, over psycopg and over ADBC, so that a
statement is written once and rows in bulk share a transaction with their ledger entry. Stays out:
the statements themselves, opening and committing (database.py).
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler

from monitoring_assets.storage.database import Database

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

Row = Mapping[str, Any]

_DOLLARS: Final = asyncpg.dialect()
"""Only its way of writing statements is used, never the driver of that name."""

_PIECE_BYTES: Final = 2**16
"""Rows sent at once. ADBC encodes a whole batch, then waits until the server has taken it.

The kernel holds 200 kB of it on its way: batches that fit into that are encoded while the server
stores the ones before. 1,000,000 rows x 21 columns took 3.1 s so, 4.5 s in batches of 131,072 rows.
"""
_FIELD_BYTES: Final = 4
"""What the length of a value takes on its way."""


class Transaction(Protocol):
    """An open transaction; whoever opened it commits."""

    def run(self, statement: sa.ClauseElement) -> list[Row]:
        """Run a statement to its end and return its rows, none if it gives none."""
        ...


class SqlTransaction:
    """A transaction on a SQLAlchemy connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def run(self, statement: sa.ClauseElement) -> list[Row]:
        """Run a statement to its end and return its rows, none if it gives none."""
        if not isinstance(statement, sa.Executable):
            raise TypeError(f"{type(statement).__name__} cannot be executed")
        result = self.connection.execute(statement)
        return [dict(row) for row in result.mappings()] if result.returns_rows else []


class ArrowTransaction:
    """A transaction on an ADBC connection."""

    def __init__(self, connection: "Connection") -> None:
        # Its methods are annotated in part only.
        self.connection: Any = connection
        self._staged: list[str] = []

    def run(self, statement: sa.ClauseElement) -> list[Row]:
        """Run a statement to its end and return its rows, none if it gives none."""
        return self.table(statement).to_pylist()

    def table(self, statement: sa.ClauseElement) -> pa.Table:
        """Run a query and return its rows as an Arrow table."""
        text, parameters = _in_dollars(statement)
        with self.connection.cursor() as cursor:
            cursor.execute(text, parameters or None)
            # Reading to the end also makes sure that the statement has run to its end.
            return cursor.fetch_arrow_table() if cursor.description else pa.table({})

    def ingest(self, schema: str, table: str, rows: pa.Table) -> None:
        """Append rows to an existing table, matched by column name."""
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest(table, _in_pieces(rows), mode="append", db_schema_name=schema)

    def stage(self, rows: pa.Table, name: str) -> sa.TableClause:
        """Put rows into a new temporary table, which goes with the transaction, and return it.

        Its columns are called as those of the rows, and have the types that ADBC gives them.
        """
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest(name, _in_pieces(rows), mode="create", temporary=True)
            # Nobody else ever does: without, two rows and 100,000 are taken for a thousand.
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)).as_string())
        self._staged.append(name)
        columns: list[sa.ColumnClause[Any]] = [sa.column(column) for column in rows.column_names]
        return sa.table(name, *columns)

    def unstage(self) -> None:
        """Drop what was staged: the connection is used again."""
        for name in self._staged:
            with self.connection.cursor() as cursor:
                # ADBC puts them there and nowhere else.
                dropped = sql.Identifier("pg_temp", name)
                cursor.execute(sql.SQL("DROP TABLE {}").format(dropped).as_string())
        self._staged.clear()


@contextmanager
def arrow_transaction(database: Database) -> Generator[ArrowTransaction]:
    """Open an ADBC transaction: committed at the end, rolled back on an error."""
    with database.adbc() as connection:
        transaction = ArrowTransaction(connection)
        yield transaction
        transaction.unstage()


def _in_pieces(rows: pa.Table) -> pa.RecordBatchReader:
    bytes_of_row = rows.nbytes // max(1, rows.num_rows) + _FIELD_BYTES * rows.num_columns
    return rows.to_reader(max_chunksize=max(1, _PIECE_BYTES // max(1, bytes_of_row)))


def _in_dollars(statement: sa.ClauseElement) -> tuple[str, list[Any]]:
    """Return a statement as ADBC wants it: placeholders `$1::TEXT`, and their values in order."""
    compiled = statement.compile(dialect=_DOLLARS)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{type(statement).__name__} takes no parameters; use SQLAlchemy for it")
    values = compiled.construct_params()
    names = compiled.positiontup or ()
    return compiled.string, [_plain(compiled.binds[name].type, values[name]) for name in names]


def _plain(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    process = kind.dialect_impl(_DOLLARS).bind_processor(_DOLLARS)
    return process(value) if process else value
