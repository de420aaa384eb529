"""Trained versions, their files, and which version serves from when on.

Belongs here: tables `model_version`, `artifact`, `deployment`. Stays out: opening a file (package
training), the model's declaration (registry.py).
"""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.errors import ArtifactError, StorageError
from monitoring_assets.records import Computation, Deployment, ModelVersion
from monitoring_assets.storage import tables
from monitoring_assets.storage.computations import record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock_slice
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.window_write import explained

_VERSION_FIELDS = (
    "model_id",
    "model_version",
    "estimator",
    "parameters",
    "training_start",
    "training_end",
    "training_rows",
    "artifact_sha256",
    "library_versions",
    "metrics",
    "decision_id",
    "data_hash",
)
_DEPLOYMENT_FIELDS = (
    "model_id",
    "model_version",
    "valid_from",
    "decided_at",
    "decided_by",
    "reason",
    "decision_id",
)


def deploy_first_version(
    database: Database,
    computation: Computation,
    version: ModelVersion,
    content: bytes,
    deployment: Deployment,
) -> Deployment:
    """Store a model's first version and deploy it, unless somebody else has deployed meanwhile.

    Parameters
    ----------
    content
        The trained model's file.

    Returns
    -------
    Deployment
        The newest deployment: the one given, or the one that was there.
    """
    with database.begin() as connection, explained(f"deploying model '{version.model_id}'"):
        transaction = SqlTransaction(connection)
        lock_slice(transaction, computation.model_id, computation.layer, None)
        found = _newest_deployment(connection, version.model_id)
        if found is not None:
            return found
        record_computation(transaction, computation)
        write_version(connection, version, content)
        write_deployment(connection, deployment)
    return deployment


def newest_deployment(database: Database, model_id: str) -> Deployment | None:
    """Return the deployment with the latest start, or None."""
    with database.connect() as connection:
        return _newest_deployment(connection, model_id)


def deployments(database: Database, model_id: str) -> list[Deployment]:
    """Return the deployments of a model, in the order of the event times they serve."""
    with database.connect() as connection:
        return deployments_in(connection, model_id)


def deployments_in(connection: sa.Connection, model_id: str) -> list[Deployment]:
    """Return the deployments of a model as a transaction sees them, in order of event time."""
    table = tables.deployment
    statement = (
        sa.select(*(table.c[name] for name in _DEPLOYMENT_FIELDS))
        .where(table.c.model_id == model_id)
        .order_by(table.c.valid_from)
    )
    return [Deployment(**row) for row in connection.execute(statement).mappings()]


def deployment_starts(database: Database, model_id: str) -> list[datetime]:
    """Return the event times from which one version after the other serves windows."""
    return [one.valid_from for one in deployments(database, model_id)]


def version_in_force(database: Database, model_id: str, at: datetime) -> str | None:
    """Return the version that serves things which happen at this moment; None if none does."""
    with database.connect() as connection:
        found = _newest_deployment(connection, model_id, at)
    return None if found is None else found.model_version


def read_model_version(database: Database, model_id: str, model_version: str) -> ModelVersion:
    """Return what is known about a trained version.

    Raises
    ------
    StorageError
        There is none of this name.
    """
    table = tables.model_version
    statement = sa.select(*(table.c[name] for name in _VERSION_FIELDS)).where(
        table.c.model_id == model_id, table.c.model_version == model_version
    )
    with database.connect() as connection:
        row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise StorageError(f"model '{model_id}' has no version {model_version!r}")
    return ModelVersion(**row)


def read_artifact(database: Database, sha256: str) -> bytes:
    """Return the file of a trained model.

    Raises
    ------
    ArtifactError
        It is missing, or it is not what was stored.
    """
    table = tables.artifact
    with database.connect() as connection:
        content = connection.execute(
            sa.select(table.c.content).where(table.c.sha256 == sha256)
        ).scalar_one_or_none()
    if content is None:
        raise ArtifactError(
            f"no model file with SHA-256 {sha256[:12]}… is stored: restore table"
            " monitoring.artifact from a backup or train a new version"
        )
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ArtifactError(
            f"the model file stored as {sha256[:12]}… has SHA-256 {found[:12]}…: it was changed;"
            " restore table monitoring.artifact from a backup or train a new version"
        )
    return bytes(content)


def read_version_where(
    connection: sa.Connection, *where: sa.ColumnElement[bool]
) -> tuple[ModelVersion, ...]:
    """Return the versions that fulfil conditions, in the order in which they were stored."""
    table = tables.model_version
    statement = (
        sa.select(*(table.c[name] for name in _VERSION_FIELDS))
        .where(*where)
        .order_by(table.c.created_at, table.c.model_version)
    )
    return tuple(ModelVersion(**row) for row in connection.execute(statement).mappings())


def write_version(connection: sa.Connection, version: ModelVersion, content: bytes) -> None:
    """Store a version and its file in an open transaction; a version never changes."""
    found = hashlib.sha256(content).hexdigest()
    if found != version.artifact_sha256:
        raise ArtifactError(
            f"model '{version.model_id}', version {version.model_version}: the file has SHA-256"
            f" {found[:12]}…, recorded is {version.artifact_sha256[:12]}…; nothing was stored"
        )
    file = {"sha256": found, "content": content, "created_at": sa.func.now()}
    connection.execute(insert(tables.artifact).values(file).on_conflict_do_nothing())
    row = {name: getattr(version, name) for name in _VERSION_FIELDS} | {
        "parameters": dict(version.parameters),
        "library_versions": dict(version.library_versions),
        "metrics": dict(version.metrics),
        "created_at": sa.func.now(),
    }
    connection.execute(sa.insert(tables.model_version).values(row))


def write_deployment(connection: sa.Connection, deployment: Deployment) -> None:
    """Store a deployment in an open transaction, in the place of one that begins as it does."""
    table = tables.deployment
    row = {name: getattr(deployment, name) for name in _DEPLOYMENT_FIELDS}
    statement = insert(table).values(row)
    connection.execute(statement.on_conflict_do_update(constraint=table.primary_key, set_=row))


def _newest_deployment(
    connection: sa.Connection, model_id: str, at: datetime | None = None
) -> Deployment | None:
    table = tables.deployment
    statement = (
        sa.select(*(table.c[name] for name in _DEPLOYMENT_FIELDS))
        .where(table.c.model_id == model_id)
        .order_by(table.c.valid_from.desc())
        .limit(1)
    )
    if at is not None:
        statement = statement.where(table.c.valid_from <= at)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Deployment(**row)
