"""What a database holds, as plain rows: to read a table, and to compare all with all.

Belongs here: rows of declared tables and of typed row tables, without what differs from run to run.
Stays out: assertions.
"""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Episode, Message, MessageKind
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import complete_windows
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets.storage.statements import arrow_transaction
from monitoring_assets.storage.tables.models import RowKind

Row = dict[str, Any]

_OF_THE_RUN = frozenset(
    {
        "computation_id",
        "computed_at",
        "counted_at",
        "created_at",
        "decided_at",
        "recorded_at",
        "superseded_at",
        "updated_at",
        # A skops file is a zip, and a zip holds the time at which it was packed.
        "artifact_sha256",
    }
)
"""Columns that say when and by whom a row was written, not what it says."""

_NOT_COMPARED = {tables.computation, tables.artifact, tables.model_quality_history}
"""The ledger and what was replaced tell of each attempt; the file is named by its fingerprint."""


def rows_of(database: Database, table: sa.FromClause, **equal: Any) -> list[Row]:
    """Return the rows of a table in which these columns have these values."""
    statement = sa.select(table).where(*(table.c[name] == value for name, value in equal.items()))
    with database.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def episodes_of(database: Database, model_id: str) -> tuple[Episode, ...]:
    """Return all episodes of a model, in the order in which they were opened."""
    rows = sorted(rows_of(database, tables.episode, model_id=model_id), key=itemgetter("id"))
    return tuple(Episode(episode_id=row.pop("id"), **row) for row in rows)


def messages_of(database: Database, model_id: str) -> tuple[Message, ...]:
    """Return every message of a model, oldest first."""
    rows = sorted(rows_of(database, tables.notification, model_id=model_id), key=itemgetter("id"))
    return tuple(_message(row) for row in rows)


def stored_rows(database: Database, model_id: str, kind: str) -> pa.Table:
    """Return all raw rows of a model and kind, under our own column names."""
    table = row_table(database, model_id, kind)
    names = [column.name for column in table.columns]
    with arrow_transaction(database) as transaction:
        rows = transaction.table(sa.select(*(table.column(name) for name in names)))
    return table.decode(rows, names)


def complete_keys(database: Database, model_id: str) -> set[str]:
    """Return the partition keys of the complete windows of a model."""
    return {state.window.partition_key for state in complete_windows(database, model_id)}


def everything(database: Database) -> dict[str, list[str]]:
    """Return all that is stored, table by table in a fixed order, but for traces of the run."""
    contents = {
        table.name: comparable(rows_of(database, table))
        for table in tables.METADATA.sorted_tables
        if table not in _NOT_COMPARED
    }
    return contents | dict(_raw_rows(database))


def _message(row: Row) -> Message:
    kind, text = MessageKind(row.pop("kind")), row.pop("message")
    others = {name: value for name, value in row.items() if name not in ("id", "channel")}
    return Message(message_id=row["id"], kind=kind, text=text, **others)


def _raw_rows(database: Database) -> Iterator[tuple[str, list[str]]]:
    for model in rows_of(database, tables.model):
        for kind in RowKind:
            try:
                rows = stored_rows(database, model["model_id"], kind)
            except StorageError:  # a kind of rows that this model does not have
                continue
            yield f"{model['model_id']}_{kind}", comparable(rows.to_pylist())


def comparable(rows: list[Row]) -> list[str]:
    """Return rows in a form and order that can be compared, without traces of the run."""
    return sorted(repr(_lasting(row)) for row in rows)


def _lasting(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted((name, value) for name, value in row.items() if name not in _OF_THE_RUN)
