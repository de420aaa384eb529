"""One thinker at a time: everything that changes the loop of a model happens under one lock.

Belongs here: the lock's name, the transaction under it. Stays out: what is done in it.
"""

from collections.abc import Generator
from contextlib import contextmanager

import sqlalchemy as sa

from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.window_write import explained

LoopConnection = sa.Connection
"""A connection in whose transaction nobody else changes the loop of the model."""


@contextmanager
def loop_transaction(database: Database, model_id: str) -> Generator[LoopConnection]:
    """Open a transaction in which nobody else decides, trains or deploys for this model."""
    with database.begin() as connection, explained(f"retraining of model '{model_id}'"):
        lock(SqlTransaction(connection), "loop", model_id)
        yield connection
