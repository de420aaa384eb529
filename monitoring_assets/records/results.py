"""Numbers with verdicts.

Belongs here: one dataclass for each table of results, since when something alarms. Stays out: what
they are computed from.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitoring_assets.records.names import Layer, Verdict


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One verdict with its reason."""

    verdict: Verdict
    reason: str


class Thing(NamedTuple):
    """Something that alarms or does not, window after window; '' for what it does not have.

    The layer is `data_drift`, `data_quality` or `model_quality`. Drift has no metric here: the
    deciding method speaks, whichever it is.
    """

    layer: Layer
    segment: str
    column_name: str = ""
    metric: str = ""
    class_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Since:
    """The run of alarms that a window ends.

    Parameters
    ----------
    start, partition_key
        Its first window.
    windows
        How many of its windows alarm.
    at_least
        Whether it may have begun earlier, since no further was looked.
    """

    start: datetime
    partition_key: str
    windows: int
    at_least: bool = False


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
