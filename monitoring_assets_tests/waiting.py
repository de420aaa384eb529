"""Waiting for what others do: until they wait too, or until what they do is done.

Belongs here: asking until it is so, asking Postgres who stands before a lock. Stays out:
assertions, what is locked.
"""

import time
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from monitoring_assets.storage.database import Database

_WAITING: Final = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND datname = current_database()
"""
"""By the session's database: who waits for a row waits for a transaction, which is of none."""


def wait_until(it_is_so: Callable[[], bool]) -> None:
    """Ask ten times a second until it is so, for a minute."""
    for _ in range(600):
        if it_is_so():
            return
        time.sleep(0.1)
    raise TimeoutError("it did not come to pass within a minute")


def wait_for_waiters(database: Database, number: int) -> None:
    """Wait until so many stand before a lock in this database."""

    def wait() -> bool:
        with database.connect() as connection:
            return connection.execute(sa.text(_WAITING)).scalar_one() >= number

    wait_until(wait)
