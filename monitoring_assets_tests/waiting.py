"""Waiting until others wait: how a test lets several begin at the same moment.

Belongs here: asking Postgres who stands before a lock. Stays out: assertions, what is locked.
"""

import time
from typing import Final

import sqlalchemy as sa

from monitoring_assets.storage.database import Database

_WAITING: Final = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def wait_for_waiters(database: Database, number: int) -> None:
    """Wait until so many stand before a lock in this database."""
    for _ in range(600):
        with database.connect() as connection:
            if connection.execute(sa.text(_WAITING)).scalar_one() >= number:
                return
        time.sleep(0.1)
    raise TimeoutError("nobody waits for the lock")
