"""Causes: the verdicts of a model that count, those that are told, and how old they may be.

Belongs here: which causes the YAML asks for, `max_age` in force. Stays out: their names
(spec/causes.py) and words (wording.py), what windows say about them (alarm_runs.py).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from monitoring_assets.spec.causes import DATA_QUALITY, DATASET_DRIFT, drift_cause, quality_cause
from monitoring_assets.spec.model import ModelSpec

USUAL_AGE: Final = 3
"""Windows after whose length an alarm is too old, if the YAML does not say."""

_LENGTH: Final = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
}


def counting_causes(spec: ModelSpec) -> tuple[str, ...]:
    """Return the causes any one of which may start a retraining, in the order of the policy."""
    return tuple(dict.fromkeys(_counting(spec)))


def watched_causes(spec: ModelSpec) -> tuple[str, ...]:
    """Return the causes of which episodes are kept: those that count, then those that are told."""
    told = [DATASET_DRIFT, DATA_QUALITY]
    if spec.columns.target is not None:
        told.append(quality_cause(spec.main_metric))
    return tuple(dict.fromkeys((*counting_causes(spec), *told)))


def blocking_causes(spec: ModelSpec) -> tuple[str, ...]:
    """Return the causes that make a retraining wait; the state of the data comes beside them."""
    policy = spec.retraining
    return () if policy is None else tuple(map(drift_cause, policy.blocked_by_drift))


def read_causes(spec: ModelSpec) -> tuple[str, ...]:
    """Return the causes that have to be known for a decision: watched ones and blocking ones."""
    return tuple(dict.fromkeys((*watched_causes(spec), *blocking_causes(spec))))


def oldest(spec: ModelSpec) -> timedelta:
    """Return how long after its end a window may start a retraining or a message.

    A day counts 24 hours and a month 31 days.
    """
    if spec.retraining is not None and spec.retraining.max_age is not None:
        return spec.retraining.max_age
    windows = USUAL_AGE * _LENGTH[spec.windows.granularity]
    return windows + (spec.labels.expected_delay or timedelta(0)) + spec.windows.delay


def is_too_old(spec: ModelSpec, window_end: datetime, now: datetime) -> bool:
    """Say whether a window ended too long ago to start a retraining or a message."""
    return now - window_end > oldest(spec)


def _counting(spec: ModelSpec) -> Iterator[str]:
    policy = spec.retraining
    if policy is None:
        return
    for verdict in policy.verdicts:
        if verdict == "quality":
            yield from map(quality_cause, policy.metrics or (spec.main_metric,))
        else:
            yield verdict
    yield from map(drift_cause, policy.columns)
