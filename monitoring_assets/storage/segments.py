"""The segments of a model in the database, of which there are only ever more.

Belongs here: table `segment`. Stays out: which values of a column make segments and which rows
belong to them (evaluation/segments.py).
"""

from collections.abc import Sequence

import sqlalchemy as sa

from monitoring_assets.records import SegmentEntry, SegmentKind
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.tables import segment as table
from monitoring_assets.storage.window_write import explained


def save_segments(database: Database, model_id: str, entries: Sequence[SegmentEntry]) -> None:
    """Store the segments that are not there yet; those that are stay as they are.

    New ones are numbered from the last stored one on, in the order given: two runs that choose
    segments at the same time give no number twice.
    """
    if not _new(entries, read_segments(database, model_id)):
        return
    with database.begin() as connection, explained(f"storing segments of model '{model_id}'"):
        lock(SqlTransaction(connection), table.name, model_id)
        stored = _read(connection, model_id)
        last = max((entry.number for entry in stored), default=0)
        rows = [
            {
                "model_id": model_id,
                "segment": entry.segment,
                "number": number,
                "kind": entry.kind.value,
                "column_name": entry.column_name,
                "value": entry.value,
            }
            for number, entry in enumerate(_new(entries, stored), start=last + 1)
        ]
        if rows:
            connection.execute(sa.insert(table), rows)


def read_segments(database: Database, model_id: str) -> tuple[SegmentEntry, ...]:
    """Return the segments of a model by their numbers; none before its reference is measured."""
    with database.connect() as connection:
        return _read(connection, model_id)


def _new(entries: Sequence[SegmentEntry], stored: Sequence[SegmentEntry]) -> list[SegmentEntry]:
    known = {entry.segment for entry in stored}
    return [entry for entry in entries if entry.segment not in known]


def _read(connection: sa.Connection, model_id: str) -> tuple[SegmentEntry, ...]:
    statement = sa.select(table).where(table.c.model_id == model_id).order_by(table.c.number)
    return tuple(
        SegmentEntry(
            segment=row.segment,
            number=row.number,
            kind=SegmentKind(row.kind),
            column_name=row.column_name,
            value=row.value,
        )
        for row in connection.execute(statement)
    )
