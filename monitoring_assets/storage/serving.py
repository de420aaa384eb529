"""Keeping a promotion and the scoring of a window apart.

Belongs here: the lock that both take, and the question whether a version still serves a window.
Stays out: writing rows (window_write.py, row_write.py), deploying (retraining/promoting.py).
"""

import sqlalchemy as sa

from monitoring_assets.errors import DeploymentChangedError, StorageError
from monitoring_assets.records import Computation
from monitoring_assets.storage.locks import lock, lock_shared
from monitoring_assets.storage.statements import Transaction
from monitoring_assets.storage.tables import deployment as table

_LOCK = "deployment"


def lock_deployment(transaction: Transaction, model_id: str) -> None:
    """Wait until no window that rests on a deployment is being written, and let none begin."""
    lock(transaction, _LOCK, model_id)


def require_in_force(transaction: Transaction, computation: Computation) -> None:
    """Hold back promotions, and refuse rows of a version that is not deployed any more.

    Raises
    ------
    DeploymentChangedError
        Another version serves the window by now.
    """
    window, version = computation.window, computation.scored_by
    if window is None or version is None:
        raise StorageError(f"model '{computation.model_id}': which window did which version score?")
    lock_shared(transaction, _LOCK, computation.model_id)
    rows = transaction.run(
        sa.select(table.c.model_version)
        .where(table.c.model_id == computation.model_id, table.c.valid_from <= window.start)
        .order_by(table.c.valid_from.desc())
        .limit(1)
    )
    serves = rows[0]["model_version"] if rows else None
    if serves != version:
        raise DeploymentChangedError(
            f"model '{computation.model_id}', window {window.partition_key}: version {version}"
            f" scored it, and meanwhile version {serves} has been deployed for it; score it again"
        )
