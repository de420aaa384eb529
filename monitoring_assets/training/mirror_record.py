"""One training as MLflow sees it: parameters, metrics and tags under names that it allows.

Belongs here: what is told of a training. Stays out: MLflow itself (mirror.py).
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from monitoring_assets.records import ModelVersion

VERSION_TAG: Final = "monitoring.model_version"

LONGEST_PARAMETER: Final = 6000
"""Characters of a parameter's value that MLflow keeps."""


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """What is told of one training.

    Parameters
    ----------
    version
        The trained version, with its parameters and metrics.
    artifact
        Its skops bytes, of SHA-256 `version.artifact_sha256`.
    trained_at
        When it was trained: begin and end of its run, whenever it is mirrored.
    result
        What came of the decision it was trained for, such as `promoted`; None if none was taken.
    """

    version: ModelVersion
    artifact: bytes
    trained_at: datetime
    result: str | None = None


def tags_of(training: TrainingRecord) -> dict[str, str]:
    """Return what a run is found by, and what its files belong to."""
    version = training.version
    named = {
        VERSION_TAG: version.model_version,
        "monitoring.model_id": version.model_id,
        "monitoring.artifact_sha256": version.artifact_sha256,
        "monitoring.decision_id": version.decision_id,
        "monitoring.result": training.result,
        "monitoring.data_hash": version.data_hash,
    }
    libraries = {f"monitoring.{name}": found for name, found in version.library_versions.items()}
    return {key: str(value) for key, value in (named | libraries).items() if value is not None}


def parameters_of(training: TrainingRecord) -> dict[str, str]:
    """Return the estimator, its parameters and what it was trained on."""
    version = training.version
    named = {
        "estimator": version.estimator,
        "training_start": version.training_start.isoformat(),
        "training_end": version.training_end.isoformat(),
        "training_rows": version.training_rows,
        "data_hash": version.data_hash,
    }
    chosen = {f"parameters/{name}": value for name, value in version.parameters.items()}
    told = {key: str(value) for key, value in (named | chosen).items() if value is not None}
    return {key: value[:LONGEST_PARAMETER] for key, value in told.items()}


def metrics_of(training: TrainingRecord) -> dict[str, float]:
    """Return the finite metrics: MLflow keeps NaN as 0 and infinity as a large number."""
    found = training.version.metrics.items()
    return {metric_name(key): value for key, value in found if math.isfinite(value)}


def metric_name(key: str) -> str:
    """Return a metric's name, `metric` or `metric/class`, in the letters that MLflow allows.

    >>> metric_name("f1/1.5 km?")
    'f1/1_5 km_'
    """
    return "/".join(re.sub(r"[^\w\- ]", "_", part) for part in key.split("/", 1))
