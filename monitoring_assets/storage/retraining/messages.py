"""Messages that are to be sent, those that were, and models that are muted.

Belongs here: tables `notification` and `mute`. Stays out: what is said (evaluation), sending it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.records import Message, MessageKind
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import mute as mute_table
from monitoring_assets.storage.tables import notification as table

_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_DOUBLINGS: Final = 7
"""After so many failures the pause does not grow any more."""

_FIELDS = (
    "model_id",
    "episode_id",
    "decision_id",
    "kind",
    "created_at",
    "sent_at",
    "withheld",
    "attempt",
    "tried_at",
    "error",
)


def write_messages(connection: sa.Connection, messages: Sequence[Message], channel: str) -> int:
    """Write messages down that are to be sent; return how many were not there yet.

    Parameters
    ----------
    channel
        Where they go, such as 'webhook'; never an address.
    """
    rows = [
        {name: getattr(one, name) for name in _FIELDS} | {"message": one.text, "channel": channel}
        for one in messages
    ]
    if not rows:
        return 0
    statement = insert(table).values(rows).on_conflict_do_nothing().returning(table.c.id)
    return len(connection.execute(statement).scalars().all())


def due_messages(database: Database, model_id: str, now: datetime) -> tuple[Message, ...]:
    """Return the messages of a model whose turn it is, oldest first; none while it is muted.

    After a failure a message waits 30 seconds, twice as long each time, an hour at most.
    """
    until = muted_until(database, model_id)
    if until is not None and now < until:
        return ()
    unsent = _read(
        database,
        table.c.model_id == model_id,
        table.c.sent_at.is_(None),
        table.c.withheld.is_(None),
    )
    return tuple(one for one in unsent if one.tried_at is None or one.tried_at + _pause(one) <= now)


def claim_message(database: Database, message: Message, now: datetime) -> bool:
    """Note that a message is being sent; False if somebody else is sending it, or has sent it.

    A sender that dies in between is as good as a failure: the message is due again after its pause.
    """
    statement = (
        sa.update(table)
        .where(
            table.c.id == message.number,
            table.c.sent_at.is_(None),
            table.c.attempt == message.attempt,
        )
        .values(attempt=table.c.attempt + 1, tried_at=now)
    )
    with database.begin() as connection:
        return connection.execute(statement).rowcount == 1


def note_sent(database: Database, message_id: int, now: datetime) -> None:
    """Note that a message, claimed before, was taken."""
    _note(database, message_id, {"sent_at": now, "error": None})


def note_failure(database: Database, message_id: int, now: datetime, error: str) -> None:
    """Note that a message, claimed before, was not taken, and what the receiver answered."""
    _note(database, message_id, {"tried_at": now, "error": error})


def mute(database: Database, model_id: str, until: datetime, by: str) -> None:
    """Let no message of a model be sent until a moment; one that has passed ends it."""
    row = {"muted_until": until, "muted_by": by, "created_at": sa.func.now()}
    statement = (
        insert(mute_table)
        .values(model_id=model_id, **row)
        .on_conflict_do_update(constraint=mute_table.primary_key, set_=row)
    )
    with database.begin() as connection:
        connection.execute(statement)


def muted_until(database: Database, model_id: str) -> datetime | None:
    """Return until when no message of a model is sent; None if it was never muted."""
    statement = sa.select(mute_table.c.muted_until).where(mute_table.c.model_id == model_id)
    with database.connect() as connection:
        return connection.execute(statement).scalar_one_or_none()


def _pause(message: Message) -> timedelta:
    return min(_FIRST_PAUSE * 2 ** min(message.attempt - 1, _DOUBLINGS), _LONGEST_PAUSE)


def _note(database: Database, message_id: int, changes: dict[str, Any]) -> None:
    statement = sa.update(table).where(table.c.id == message_id, table.c.sent_at.is_(None))
    with database.begin() as connection:
        connection.execute(statement.values(changes))


def _read(database: Database, *where: sa.ColumnElement[bool]) -> tuple[Message, ...]:
    columns = (table.c.id, table.c.message, *(table.c[name] for name in _FIELDS))
    statement = sa.select(*columns).where(*where).order_by(table.c.id)
    with database.connect() as connection:
        rows = connection.execute(statement).mappings().all()
    return tuple(
        Message(
            **{name: row[name] for name in _FIELDS if name != "kind"},
            kind=MessageKind(row["kind"]),
            text=row["message"],
            message_id=row["id"],
        )
        for row in rows
    )
