"""Versions that came of a retraining, and whether MLflow mirrors them.

Belongs here: candidates and their names. Stays out: deploying one (promoting.py), the tables' other
readers (storage/models.py).
"""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.records import ModelVersion
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import read_version_where, write_version
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets.storage.tables import model_version as table
from monitoring_assets.storage.tables import retraining_decision as decision


def save_candidate(database: Database, version: ModelVersion, content: bytes) -> ModelVersion:
    """Store what a retraining has trained, under the next whole number as its name.

    A retraining gives one version: what it has stored before is returned as it is.

    Parameters
    ----------
    version
        Its `model_version` is not looked at.
    content
        The trained model's file.
    """
    if version.decision_id is None:
        raise StorageError(f"model '{version.model_id}': a candidate belongs to a retraining")
    with loop_transaction(database, version.model_id) as connection:
        found = read_version_where(connection, table.c.decision_id == version.decision_id)
        if found:
            return found[0]
        named = replace(version, model_version=_next_name(connection, version.model_id))
        write_version(connection, named, content)
    return named


def version_of_decision(database: Database, decision_id: int) -> ModelVersion | None:
    """Return what a retraining has trained; None if it has not yet."""
    with database.connect() as connection:
        found = read_version_where(connection, table.c.decision_id == decision_id)
    return found[0] if found else None


def unmirrored(database: Database, model_id: str) -> tuple[tuple[ModelVersion, datetime], ...]:
    """Return the versions of a model that no run in MLflow mirrors, oldest first, each with when.

    One whose retraining has no result yet waits for it: its numbers are not all known.
    """
    settled = sa.select(decision.c.id).where(
        decision.c.model_id == model_id, decision.c.result.is_not(None)
    )
    where = (
        table.c.model_id == model_id,
        table.c.mirrored_as.is_(None),
        sa.or_(table.c.decision_id.is_(None), table.c.decision_id.in_(settled)),
    )
    with database.connect() as connection:
        found = read_version_where(connection, *where)
        statement = sa.select(table.c.model_version, table.c.created_at).where(*where)
        stored = {row.model_version: row.created_at for row in connection.execute(statement)}
    return tuple((one, stored[one.model_version]) for one in found)


def note_mirror(database: Database, model_id: str, model_version: str, run: str) -> None:
    """Note which run in MLflow mirrors a version."""
    statement = (
        sa.update(table)
        .where(table.c.model_id == model_id, table.c.model_version == model_version)
        .values(mirrored_as=run)
    )
    with database.begin() as connection:
        connection.execute(statement)


def _next_name(connection: sa.Connection, model_id: str) -> str:
    statement = sa.select(table.c.model_version).where(table.c.model_id == model_id)
    numbers = [int(one) for one in connection.execute(statement).scalars() if one.isdecimal()]
    return str(max(numbers, default=0) + 1)
