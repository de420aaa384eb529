"""The statements that create everything this code declares, in an empty database.

Belongs here: schemas, tables, indexes, comments and views as DDL. Used to write a migration and to
check that all migrations together lead to what is declared. Stays out: running the migrations
(schema.py).
"""

from collections.abc import Iterator

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
from monitoring_assets.storage.views import VIEWS


def create_statements() -> Iterator[str]:
    """Return every statement, in an order in which they can be run."""
    for schema in SCHEMAS:
        yield _text(CreateSchema(schema, if_not_exists=True))
    for table in METADATA.sorted_tables:
        yield from create_table(table)
    for view in VIEWS:
        yield from view.create_statements()


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
    lines = str(element.compile(dialect=postgresql.dialect())).strip().splitlines()
    return "\n".join(line.rstrip() for line in lines)
