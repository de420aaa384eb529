"""Episodes: runs of alarming windows that are open or were closed.

Belongs here: reading and writing table `episode`. Stays out: when one opens or closes (evaluation).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.records import Episode
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import episode as table

_FIELDS = (
    "model_id",
    "cause",
    "segment",
    "first_window",
    "last_window",
    "alarming_windows",
    "opened_at",
    "closed_at",
    "closed_by",
    "reason",
)


def open_episodes(database: Database, model_id: str) -> tuple[Episode, ...]:
    """Return the open episodes of a model, in the order in which they were opened."""
    with database.connect() as connection:
        return read_open(connection, model_id)


def read_open(connection: sa.Connection, model_id: str) -> tuple[Episode, ...]:
    """Return the open episodes of a model, as a transaction sees them."""
    columns = (table.c.id.label("episode_id"), *(table.c[name] for name in _FIELDS))
    statement = (
        sa.select(*columns)
        .where(table.c.model_id == model_id, table.c.closed_at.is_(None))
        .order_by(table.c.id)
    )
    return tuple(Episode(**row) for row in connection.execute(statement).mappings())


def write_episodes(
    connection: sa.Connection,
    opened: Sequence[Episode],
    grown: Sequence[Episode],
    closed: Sequence[Episode],
) -> tuple[Episode, ...]:
    """Store what has become of episodes; return those that were opened, with their numbers.

    One that is open already, by model, cause and segment, is not opened again.
    """
    for one in (*grown, *closed):
        changes = {name: getattr(one, name) for name in _FIELDS}
        connection.execute(
            sa.update(table)
            .where(table.c.id == one.episode_id, table.c.closed_at.is_(None))
            .values(changes)
        )
    stored: list[Episode] = []
    for one in opened:
        number = connection.execute(
            insert(table)
            .values({name: getattr(one, name) for name in _FIELDS})
            .on_conflict_do_nothing()
            .returning(table.c.id)
        ).scalar_one_or_none()
        if number is not None:
            stored.append(replace(one, episode_id=number))
    return tuple(stored)


def close_all(
    connection: sa.Connection, model_id: str, closed_by: str, now: datetime
) -> tuple[Episode, ...]:
    """Close every open episode of a model; return them as they are then."""
    found = read_open(connection, model_id)
    closed = tuple(replace(one, closed_at=now, closed_by=closed_by) for one in found)
    write_episodes(connection, (), (), closed)
    return closed
