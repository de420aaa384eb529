"""What is broken in a window, as far as the policy blocks on it.

Belongs here: from a window's signals to broken columns and the sentence about each. Stays out:
which windows block a retraining (objections.py).

What blocks is not learned from either: a retraining that waits until the data are whole would
otherwise learn the broken rows as soon as enough windows are.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from monitoring_assets.evaluation.retraining.alarm_runs import verdict_of
from monitoring_assets.records import Verdict, WindowSignals
from monitoring_assets.spec.causes import drift_cause
from monitoring_assets.spec.model import ModelSpec


def blocking_faults(spec: ModelSpec, window: WindowSignals) -> Mapping[str, str]:
    """Return a sentence for each column of a window that blocks, in the order of the policy."""
    return {name: f"{name} {why}" for name, why in _faults(spec, window)}


def faulty_windows(spec: ModelSpec, windows: Sequence[WindowSignals]) -> frozenset[datetime]:
    """Return the starts of the windows that hold something broken."""
    return frozenset(one.window.start for one in windows if blocking_faults(spec, one))


def _faults(spec: ModelSpec, window: WindowSignals) -> Iterator[tuple[str, str]]:
    policy = spec.retraining
    if policy is None:
        return
    for name in policy.blocked_by_drift:
        cause = drift_cause(name)
        if verdict_of(window, cause) is Verdict.ALARM:
            yield name, f"has drifted: {window.findings[cause].reason}"
    # The state of a column says more than its drift, and comes instead of it.
    for name in _blocking_columns(spec):
        if name in window.broken:
            yield name, window.broken[name]


def _blocking_columns(spec: ModelSpec) -> tuple[str, ...]:
    blocking = spec.retraining.blocked_by if spec.retraining else "none"
    if blocking == "features":
        return spec.columns.features
    return () if blocking == "none" else blocking
