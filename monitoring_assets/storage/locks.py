"""Advisory locks: one writer at a time for each slice, whatever process or machine it is on.

Belongs here: how a lock's number comes about, taking it. Stays out: what is done under it. A lock
is let go by the end of its transaction, also if the process is killed.
"""

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa

from monitoring_assets.records import Layer
from monitoring_assets.storage.statements import Transaction


def lock_key(*parts: str) -> int:
    """Return the 64-bit number under which Postgres knows a lock.

    >>> lock_key("taxi", "predictions") == lock_key("taxi", "predictions")
    True
    >>> lock_key("taxi", "labels") == lock_key("taxilabels", "")
    False
    """
    text = "\x00".join(parts)
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def lock(transaction: Transaction, *parts: str) -> None:
    """Wait until no other transaction holds the lock of this name, then hold it to the end."""
    # Its result is of type void, which neither driver has a value for.
    taken = sa.func.pg_advisory_xact_lock(lock_key(*parts), type_=sa.Text)
    transaction.run(sa.select(sa.cast(taken, sa.Text)))


def lock_shared(transaction: Transaction, *parts: str) -> None:
    """Wait until no other transaction holds the lock of this name alone, then hold it with others.

    Whoever wants it alone, with `lock`, waits for all of them.
    """
    taken = sa.func.pg_advisory_xact_lock_shared(lock_key(*parts), type_=sa.Text)
    transaction.run(sa.select(sa.cast(taken, sa.Text)))


def lock_slice(
    transaction: Transaction, model_id: str, layer: Layer, window_start: datetime | None
) -> None:
    """Wait for the right to write one layer of one window, or of an asset without windows."""
    moment = window_start.astimezone(UTC).isoformat() if window_start else ""
    lock(transaction, "slice", model_id, layer.value, moment)
