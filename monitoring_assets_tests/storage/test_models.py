"""Trained versions, their files, and which one serves when."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.errors import ArtifactError, StorageError
from monitoring_assets.records import Deployment, Layer, ModelVersion
from monitoring_assets.storage import models, tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.storage.samples import NOW, START, a_computation, number_of

CONTENT = bytes(range(256)) * 10
SHA256 = hashlib.sha256(CONTENT).hexdigest()
COMPUTATION = replace(a_computation(Layer.DEPLOYED_MODEL), window=None)


def a_version(name: str = "1", **changes: Any) -> ModelVersion:
    values: dict[str, Any] = {
        "model_id": "small",
        "model_version": name,
        "estimator": "linear",
        "parameters": {"fit_intercept": True},
        "training_start": START - timedelta(days=31),
        "training_end": START,
        "training_rows": 1234,
        "artifact_sha256": SHA256,
        "library_versions": {"scikit-learn": "1.9.1"},
        "metrics": {"mae": 2.96},
    }
    return ModelVersion(**(values | changes))


def a_deployment(name: str = "1", days: int = 0) -> Deployment:
    return Deployment(
        model_id="small",
        model_version=name,
        valid_from=START + timedelta(days=days),
        decided_at=NOW,
        decided_by="a test",
        reason="first version",
    )


def deploy(database: Database, name: str = "1", days: int = 0) -> Deployment:
    version, deployment = a_version(name), a_deployment(name, days)
    return models.deploy_first_version(database, COMPUTATION, version, CONTENT, deployment)


def store(database: Database, version: ModelVersion) -> None:
    with database.begin() as connection:
        models.write_version(connection, version, CONTENT)


def test_a_first_version_is_stored_and_deployed(database: Database) -> None:
    assert deploy(database) == a_deployment()
    assert models.newest_deployment(database, "small") == a_deployment()
    assert models.read_model_version(database, "small", "1") == a_version()
    assert models.read_artifact(database, SHA256) == CONTENT


def test_only_the_first_of_many_first_versions_is_deployed(database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        deployed = set(pool.map(lambda name: deploy(database, name), ["1", "2", "3", "4"]))
    assert len(deployed) == 1
    assert number_of(database, tables.model_version) == 1
    assert number_of(database, tables.computation) == 1


def test_a_version_serves_from_its_deployment_to_the_next(database: Database) -> None:
    deploy(database)
    store(database, a_version("2"))
    with database.begin() as connection:
        connection.execute(sa.insert(tables.deployment).values(**vars(a_deployment("2", days=5))))
    moments = [START - timedelta(microseconds=1), START, START + timedelta(days=5)]
    found = [models.version_in_force(database, "small", at) for at in moments]
    assert found == [None, "1", "2"]
    assert models.version_in_force(database, "other", NOW) is None


def test_a_version_never_changes(database: Database) -> None:
    store(database, a_version(training_rows=1))
    with pytest.raises(StorageError, match="deploying model 'small'"):
        deploy(database)
    assert models.read_model_version(database, "small", "1").training_rows == 1


def test_a_file_that_is_not_what_was_recorded_is_not_stored(database: Database) -> None:
    given = a_version(), CONTENT + b"!", a_deployment()
    with pytest.raises(ArtifactError, match="nothing was stored"):
        models.deploy_first_version(database, COMPUTATION, *given)
    assert number_of(database, tables.artifact) == 0


def test_a_file_that_was_changed_later_is_not_given_out(database: Database) -> None:
    deploy(database)
    with database.begin() as connection:
        connection.execute(sa.update(tables.artifact).values(content=CONTENT[:-1]))
    with pytest.raises(ArtifactError, match="it was changed"):
        models.read_artifact(database, SHA256)


def test_what_was_never_stored_is_named(database: Database) -> None:
    with pytest.raises(ArtifactError, match="no model file with SHA-256 0000"):
        models.read_artifact(database, "0" * 64)
    with pytest.raises(StorageError, match="model 'small' has no version '7'"):
        models.read_model_version(database, "small", "7")
