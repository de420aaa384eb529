"""The rows and small values that layers hand to each other.

Belongs here: frozen dataclasses and enumerations without behaviour beyond their own fields, known
to storage, evaluation and assets alike. Stays out: arithmetic (metrics), meaning of the YAML
(spec), SQL (storage), anything outside the standard library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

ALL = "all"
"""Segment that holds every row which passes the model's filters."""

UNFILTERED = "unfiltered"
"""Segment of a *profile* that holds every row of the window, before the model's filters."""

DATASET = ""
"""`column_name` of a data-quality row that speaks of the whole window."""


class Verdict(StrEnum):
    """What a number means; always stored with a reason."""

    OK = "ok"
    ALARM = "alarm"
    INSUFFICIENT_DATA = "insufficient_data"
    LABELS_IMMATURE = "labels_immature"
    UNDEFINED = "undefined"


class ColumnKind(StrEnum):
    """How the values of a column are read and compared."""

    NUMERICAL = "numerical"
    CATEGORICAL = "categorical"


class ColumnRole(StrEnum):
    """What a column is to the model."""

    FEATURE = "feature"
    MONITORED = "monitored"
    PREDICTION = "prediction"
    PROBABILITY = "probability"
    TARGET = "target"


class SegmentKind(StrEnum):
    """How the rows of a segment are told: by an expression, or by the value of a column."""

    EXPRESSION = "expression"
    VALUE = "value"
    OTHER = "other"
    MISSING = "missing"
    MODEL_VERSION = "model_version"


class Layer(StrEnum):
    """An asset of a model; the partitioned ones are materialized once for each window."""

    DEPLOYED_MODEL = "deployed_model"
    REFERENCE_DATA = "reference_data"
    PREDICTIONS = "predictions"
    LABELS = "labels"
    WINDOW_PROFILES = "window_profiles"
    QUALITY_PROFILES = "quality_profiles"
    DATA_DRIFT = "data_drift"
    DATA_QUALITY = "data_quality"
    MODEL_QUALITY = "model_quality"


WINDOW_LAYERS: Mapping[Layer, tuple[Layer, ...]] = {
    Layer.PREDICTIONS: (),
    Layer.LABELS: (),
    Layer.WINDOW_PROFILES: (Layer.PREDICTIONS,),
    Layer.QUALITY_PROFILES: (Layer.PREDICTIONS, Layer.LABELS),
    Layer.DATA_DRIFT: (Layer.WINDOW_PROFILES,),
    Layer.DATA_QUALITY: (Layer.WINDOW_PROFILES,),
    Layer.MODEL_QUALITY: (Layer.QUALITY_PROFILES,),
}
"""The layers of a window, each with the layers it is computed from. A window is complete when every
layer has been computed after all of its upstream layers."""


class WindowStatus(StrEnum):
    """State of a window in the ledger; readers look at complete windows only."""

    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


@dataclass(frozen=True, kw_only=True)
class Window:
    """One half-open interval `[start, end)` in UTC; one window is one Dagster partition."""

    model_id: str
    granularity: str
    start: datetime
    end: datetime
    partition_key: str

    @property
    def length(self) -> timedelta:
        """Length of the window; 23 or 25 hours on the days on which clocks change."""
        return self.end - self.start


@dataclass(frozen=True, kw_only=True)
class Computation:
    """Where stored rows came from: one run of one layer, over one window or over none.

    Parameters
    ----------
    spec_hash
        Fingerprint of that part of the YAML which the layer depends on.
    source_fingerprint
        Of the rows that were read from the source; None for a layer that reads none.
    source_stamp
        What tells cheaply that the source still holds the same rows; None where nothing does.
    """

    model_id: str
    layer: Layer
    run_id: str
    code_version: str
    spec_hash: str
    started_at: datetime
    window: Window | None = None
    reference_version: int | None = None
    bins_version: int | None = None
    source_fingerprint: str | None = None
    source_stamp: str | None = None


@dataclass(frozen=True, kw_only=True)
class WindowCounts:
    """What reading a window found.

    Parameters
    ----------
    rows_read
        Rows whose event time lies in the window, duplicates removed.
    rows_scored
        Rows that pass the filters and have a prediction.
    rows_rejected
        Filter name -> rows it was the first to reject.
    rows_adjusted
        What was mended or found on reading -> rows: `missing_hour`, `repeated_hour`,
        `duplicate_id`, `invalid:<column>` (a value that could not be read as a number and became
        missing), `invalid_probability` (outside 0 to 1, or not summing to 1; left as it is),
        `unmatched:<name>` (no row of a joined source has this id).
    rows_by_version
        Model version -> rows it scored.
    """

    rows_read: int
    rows_scored: int
    rows_rejected: Mapping[str, int] = field(default_factory=dict[str, int])
    rows_adjusted: Mapping[str, int] = field(default_factory=dict[str, int])
    rows_by_version: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class LabelCounts:
    """What is known about the labels of a window.

    Parameters
    ----------
    labels
        Scored rows with a label.
    coverage
        `labels / rows_scored` in [0, 1]; None for a window without scored rows.
    newest_knowledge_time
        Latest moment from which one of these labels was known.
    """

    labels: int
    coverage: float | None
    newest_knowledge_time: datetime | None


@dataclass(frozen=True, kw_only=True)
class DriftScore:
    """One drift number of one column by one method, with its verdict."""

    segment: str
    column_name: str
    method: str
    reference_version: int
    score: float | None
    expected: float | None
    p_value: float | None
    threshold: float
    n_reference: int
    n_window: int
    deciding: bool
    verdict: Verdict
    reason: str


@dataclass(frozen=True, kw_only=True)
class DatasetDrift:
    """The verdict over all deciding columns of a window and segment."""

    segment: str
    reference_version: int
    columns_decided: int
    columns_alarming: int
    alarming_share: float | None
    threshold: float
    prediction_drift: float | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, kw_only=True)
class DataQuality:
    """One number about the state of the data; `column_name` is '' for the whole window."""

    segment: str
    column_name: str
    metric: str
    value: float | None
    expectation: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, kw_only=True)
class ModelQuality:
    """One number about predictions against labels; `class_name` is '' for all classes."""

    segment: str
    metric: str
    class_name: str = ""
    kind: str
    model_version: str
    value: float | None
    interval_low: float | None
    interval_high: float | None
    reference_value: float | None
    threshold: float | None
    labels: int
    coverage: float | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """A trained model: what it was trained on, with what, and the fingerprint of its file."""

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


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """From `valid_from` (an event time on a window boundary) on, this version serves windows."""

    model_id: str
    model_version: str
    valid_from: datetime
    decided_at: datetime
    decided_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The rows that 'normal' is measured from."""

    model_id: str
    reference_version: int
    period_start: datetime
    period_end: datetime
    rows: int
    model_version: str
    fingerprint: str
    quality: Mapping[str, Any]


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
