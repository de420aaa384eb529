"""What a model is: its versions, deployments, reference, columns and segments.

Belongs here: what belongs to no window. Stays out: the YAML itself (package spec).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitoring_assets.records.names import ColumnKind, ColumnRole, SegmentKind


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """A trained model: what it was trained on, with what, and the fingerprint of its file.

    Parameters
    ----------
    decision_id
        The retraining it came of; None for the first version.
    data_hash
        Fingerprint of the rows it learned from; None where none was taken.
    """

    model_id: str
    model_version: str
    estimator: str
    parameters: Mapping[str, Any]
    training_start: datetime
    training_end: datetime
    training_rows: int
    artifact_sha256: str
    library_versions: Mapping[str, str]
    metrics: Mapping[str, float]
    decision_id: int | None = None
    data_hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """From `valid_from` (an event time on a window boundary) on, this version serves windows."""

    model_id: str
    model_version: str
    valid_from: datetime
    decided_at: datetime
    decided_by: str
    reason: str
    decision_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The rows that 'normal' is measured from.

    Parameters
    ----------
    for_model_version
        The version whose windows are compared with it; None: the reference that the YAML names.
    """

    model_id: str
    reference_version: int
    period_start: datetime
    period_end: datetime
    rows: int
    model_version: str
    fingerprint: str
    quality: Mapping[str, Any]
    for_model_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class ColumnEntry:
    """One line of a model's column dictionary."""

    column_name: str
    number: int
    kind: ColumnKind
    role: ColumnRole
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class SegmentEntry:
    """One segment of a model.

    Parameters
    ----------
    segment
        Its name, such as `card` or `pickup_zone=74`.
    number
        Its place, from 1.
    column_name
        The column whose values make it; '' for an expression.
    value
        The value in text; None for an expression, for all other values and for missing ones.
    """

    segment: str
    number: int
    kind: SegmentKind
    column_name: str = ""
    value: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlantedChange:
    """Ground truth of a simulated source: what was changed, where and from when to when."""

    name: str
    kind: str
    column_name: str
    start: datetime
    end: datetime | None
    magnitude: float
    description: str
