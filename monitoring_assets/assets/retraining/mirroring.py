"""Mirroring trained versions to MLflow: all that are not there yet, every minute.

Belongs here: what is mirrored, and the one sensor that does it, so that a mirror that is down or
slow keeps no model from deciding. Stays out: MLflow (training/mirror.py).
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.errors import ArtifactError, MirrorError
from monitoring_assets.records import ALL, ModelVersion
from monitoring_assets.resources import settings
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import read_artifact
from monitoring_assets.storage.retraining import comparisons, decisions, versions
from monitoring_assets.training.mirror import Mirror, TrainingRecord

EVERY_SECONDS: Final = 60

_SECONDS: Final = 30.0
"""After so long no other version is begun: Dagster gives a sensor a minute."""

_SHOWN: Final = 3
"""Problems that a sentence names."""

WRITING: Final = threading.Lock()
"""Held while this process writes: a tick that Dagster has given up may still be at it."""


@dataclass(frozen=True)
class Mirrored:
    """What came of mirroring once.

    Parameters
    ----------
    written, waiting
        Versions that MLflow has been told about now, and those that it has not yet.
    problems
        Why some could not be written.
    """

    written: int
    waiting: int
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.written and not self.waiting:
            return "MLflow has every version"
        told = f"MLflow was told about {self.written} versions, {self.waiting} are waiting"
        return "; ".join([told, *self.problems[:_SHOWN]])


def mirrored_models(specs: Sequence[ModelSpec]) -> tuple[ModelSpec, ...]:
    """Return the models that are trained here; none without `MLFLOW_TRACKING_URI`."""
    if settings.mlflow_tracking_uri() is None:
        return ()
    return tuple(spec for spec in specs if spec.model)


def build_mirror_sensor(specs: Sequence[ModelSpec]) -> dg.SensorDefinition:
    """Return the sensor that tells MLflow about versions of these models."""

    @dg.sensor(
        name=names.mirror_sensor(),
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells MLflow about every version that was trained. Nothing waits for it.",
    )
    def mirror(
        context: dg.SensorEvaluationContext, store: Store, runtime: Runtime
    ) -> dg.SkipReason:
        address = settings.mlflow_tracking_uri()
        if address is None:
            return dg.SkipReason(f"{settings.MLFLOW_VARIABLE} is not set")
        if not WRITING.acquire(blocking=False):
            return dg.SkipReason("the tick before is still writing")
        try:
            done = mirror_versions(
                specs, store.database, Mirror(address, runtime.folder / "mlflow")
            )
        finally:
            WRITING.release()
        if done.problems:
            context.log.warning(str(done))
        return dg.SkipReason(str(done))

    return mirror


def mirror_versions(specs: Sequence[ModelSpec], database: Database, mirror: Mirror) -> Mirrored:
    """Mirror every version of these models that has no run in MLflow yet.

    A version that cannot be written keeps no other from being written.
    """
    waiting = [one for spec in specs for one in versions.unmirrored(database, spec.model_id)]
    down = mirror.available() if waiting else None
    if down is not None:
        return Mirrored(0, len(waiting), (down,))
    end = time.monotonic() + _SECONDS
    written = 0
    problems: list[str] = []
    for version, stored_at in waiting:
        if time.monotonic() > end:
            break
        try:
            run = mirror.log(_record(database, version, stored_at))
        except (ArtifactError, MirrorError) as error:
            problems.append(str(error))
        else:
            versions.note_mirror(database, version.model_id, version.model_version, run)
            written += 1
    return Mirrored(written, len(waiting) - written, tuple(problems))


def _record(database: Database, version: ModelVersion, stored_at: datetime) -> TrainingRecord:
    number = version.decision_id
    compared = () if number is None else comparisons.read_comparisons(database, number)
    decision = None if number is None else decisions.read_decision(database, number)
    metrics = {
        one.metric if one.segment == ALL else f"{one.metric}/{one.segment}": one.challenger
        for one in compared
        if one.challenger is not None
    }
    return TrainingRecord(
        version=replace(version, metrics={**version.metrics, **metrics}),
        artifact=read_artifact(database, version.artifact_sha256),
        trained_at=stored_at,
        result=decision.result if decision else None,
    )
