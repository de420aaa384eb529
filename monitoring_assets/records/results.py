"""Numbers with verdicts.

Belongs here: one dataclass for each table of results. Stays out: what they are computed from.
"""

from dataclasses import dataclass

from monitoring_assets.records.names import Verdict


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One verdict with its reason."""

    verdict: Verdict
    reason: str


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
