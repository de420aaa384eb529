"""The statements that create everything this code declares, in an empty database.

Belongs here: schemas, tables, indexes, comments, views and functions as DDL; running DDL; which
tables and indexes exist.
Used to write a migration, to check that all migrations together lead to what is declared, and for
row tables. Stays out: running the migrations (schema.py).
"""

from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import (
    CreateIndex,
    CreateSchema,
    CreateTable,
    ExecutableDDLElement,
    SetColumnComment,
    SetTableComment,
)

from monitoring_assets.storage.tables import METADATA
from monitoring_assets.storage.tables.base import SCHEMAS
from monitoring_assets.storage.views import IN_ORDER

# A paramstyle in which `%` means nothing: DDL runs without parameters, nobody would undo `%%`.
_DIALECT = postgresql.dialect(paramstyle="named")

_TABLES = sa.table(
    "pg_tables",
    sa.column("schemaname", sa.Text),
    sa.column("tablename", sa.Text),
    schema="pg_catalog",
)


_INDEXES = sa.table(
    "pg_indexes",
    sa.column("schemaname", sa.Text),
    sa.column("indexname", sa.Text),
    schema="pg_catalog",
)


def create_statements() -> Iterator[str]:
    """Return every statement, in an order in which they can be run."""
    for schema in SCHEMAS:
        yield _text(CreateSchema(schema, if_not_exists=True))
    for table in METADATA.sorted_tables:
        yield from create_table(table)
    for one in IN_ORDER:
        yield from one.create_statements()


def existing_tables(connection: sa.Connection, schema: str, names: Collection[str]) -> set[str]:
    """Return which of these tables exist right now."""
    # Not `to_regclass`: it answers from a cache that may be older than a lock we waited for.
    query = sa.select(_TABLES.c.tablename).where(
        _TABLES.c.schemaname == schema, _TABLES.c.tablename.in_(list(names))
    )
    return set(connection.execute(query).scalars())


def existing_indexes(connection: sa.Connection, schema: str, names: Collection[str]) -> set[str]:
    """Return which of these indexes exist right now."""
    query = sa.select(_INDEXES.c.indexname).where(
        _INDEXES.c.schemaname == schema, _INDEXES.c.indexname.in_(list(names))
    )
    return set(connection.execute(query).scalars())


def run_ddl(connection: sa.Connection, statement: str) -> None:
    """Run a statement as it stands: in DDL there are no parameters, and `%` means nothing."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def create_table(table: sa.Table) -> Iterator[str]:
    """Return the statements for a table with its indexes and comments."""
    yield _text(CreateTable(table))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield _text(CreateIndex(index))
    if table.comment is not None:
        yield _text(SetTableComment(table))
    for column in table.columns:
        if column.comment is not None:
            yield _text(SetColumnComment(column))


def _text(element: ExecutableDDLElement) -> str:
    lines = str(element.compile(dialect=_DIALECT)).strip().splitlines()
    return "\n".join(line.rstrip() for line in lines)
