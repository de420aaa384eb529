"""One thinker at a time: everything that changes the loop of a model happens under one lock.

Belongs here: the names of locks, the transaction under one, keeping the present out of a past that
is replayed. Stays out: what is done meanwhile.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from monitoring_assets.errors import RetrainingError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock, lock_key
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.window_write import explained

LoopConnection = sa.Connection
"""A connection in whose transaction nobody else changes the loop of the model."""


REPLAYED: Final = "the model's past is being replayed: nothing is begun until that has ended"
"""What sensors and schedules say meanwhile."""


@contextmanager
def loop_transaction(database: Database, model_id: str) -> Generator[LoopConnection]:
    """Open a transaction in which nobody else decides, trains or deploys for this model."""
    with database.begin() as connection, explained(f"retraining of model '{model_id}'"):
        lock(SqlTransaction(connection), "loop", model_id)
        yield connection


@contextmanager
def replaying(database: Database, model_id: str) -> Generator[Callable[[], None]]:
    """Keep the present out of the loop of a model while its past is replayed.

    A sensor that looked meanwhile would find retrainings that were asked for long ago and have no
    result yet: it would start them again, with what is known today. Schedules would compute windows
    with today's version, and read labels that were not known yet.

    Yields
    ------
    callable
        Makes sure that it is still so; to be called before each step.

    Raises
    ------
    RetrainingError
        Somebody else replays the model's past.
    DatabaseUnavailableError
        The session that keeps the present out was ended meanwhile.
    """
    with database.connect() as pooled:
        # In no transaction, for a replay takes hours; not pooled again, for the locks end with it.
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        alone = sa.func.pg_try_advisory_lock(lock_key("replay", model_id))
        if not connection.execute(sa.select(alone)).scalar_one():
            raise RetrainingError(
                f"model '{model_id}': its past is being replayed by another process; nothing was"
                " changed. Wait until that has ended, or end it"
            )
        # Waits for a sensor that is about to decide.
        taken = sa.func.pg_advisory_lock(lock_key("present", model_id), type_=sa.Text)
        connection.execute(sa.select(sa.cast(taken, sa.Text)))
        yield lambda: connection.execute(sa.select(1)).close()


@contextmanager
def in_the_present(database: Database, model_id: str) -> Generator[bool]:
    """Say whether it is now for the loop of a model; if it is, it stays so in the block.

    Yields
    ------
    bool
        False: its past is being replayed.
    """
    with database.begin() as connection:
        free = sa.func.pg_try_advisory_xact_lock_shared(lock_key("present", model_id))
        yield connection.execute(sa.select(free)).scalar_one()


def is_replayed(database: Database, model_id: str) -> bool:
    """Say whether the past of a model is being replayed just now."""
    with in_the_present(database, model_id) as present:
        return not present
