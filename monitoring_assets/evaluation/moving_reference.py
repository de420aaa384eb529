"""References that move with the window: the windows before it, as a sum of their profiles.

Belongs here: which earlier windows a window is compared with, and summing them up. Stays out:
reading profiles (assets), the fixed reference (reference.py), scoring (data_drift.py).

Profiles add up, so no row is read again. What quiet windows score is drawn for the window's own
size only, with fewer draws than for a fixed reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any

from monitoring_assets.evaluation.data_drift import (
    DriftBaseline,
    compared_segments,
    methods_in_use,
    reference_segment,
)
from monitoring_assets.evaluation.profiling import ColumnProfiles
from monitoring_assets.evaluation.quality_scope import quality_values, unfit
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.drawn import DRAWS_FOR_ONE_SIZE, null_ladders
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.null.shared import SharedDraws, Side, many_ladders
from monitoring_assets.metrics.profile import ColumnProfile, merge, needs_renewal
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.records import (
    ALL,
    UNFILTERED,
    DatasetDrift,
    DriftScore,
    Verdict,
    Window,
)
from monitoring_assets.spec.calendar import start_after
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.spans import count_windows

SINCE_DEPLOYMENT_WINDOWS = 7
"""Windows that `since_deployment` waits for if the YAML names no number."""

FEWEST_VALUES = 50
"""Values of a column over all windows before that make a reference; the drift methods' minimum."""

Span = tuple[datetime, datetime]


def moving_span(spec: ModelSpec, start: datetime, deployed_from: datetime | None) -> Span | None:
    """Return the stretch of windows that the window beginning at `start` is compared with.

    It ends where the window begins. None if the fixed reference serves: the YAML asks for nothing
    else, or there are too few windows before this one.

    Parameters
    ----------
    deployed_from
        Event time from which the model version in force at `start` has been; None without one.
    """
    windows, reference = spec.windows, spec.reference
    first = windows.midnight(windows.start)
    if reference.rolling_windows is not None:
        begin = start_after(windows, start, -reference.rolling_windows)
        return (begin, start) if begin >= first else None
    if not reference.since_deployment or deployed_from is None:
        return None
    fewest = reference.minimum_windows or SINCE_DEPLOYMENT_WINDOWS
    begin = max(first, deployed_from)
    return (begin, start) if start_after(windows, start, -fewest) >= begin else None


def require_history(spec: ModelSpec, window: Window, span: Span, found: int) -> str | None:
    """Return why nothing is judged by less than half of the windows that there should be.

    None if there are enough of them.
    """
    expected = count_windows(spec.windows, *span)
    if 2 * found >= expected:
        return None
    return (
        f"window {window.partition_key} is compared with the {expected} windows before it, of which"
        f" {found} have profiles; compute windows from {span[0]:%Y-%m-%d %H:%M} UTC on first"
    )


def without_history(
    scores: Sequence[DriftScore], datasets: Sequence[DatasetDrift], reason: str
) -> tuple[tuple[DriftScore, ...], tuple[DatasetDrift, ...]]:
    """Return the same scores and verdicts with nothing compared: insufficient data, and why.

    Parameters
    ----------
    reason
        What `require_history` returned.
    """
    withheld: dict[str, Any] = {"verdict": Verdict.INSUFFICIENT_DATA, "reason": reason}
    unscored: dict[str, Any] = {"score": None, "expected": None, "p_value": None, "n_reference": 0}
    undecided: dict[str, Any] = {"columns_decided": 0, "columns_alarming": 0}
    undecided |= {"alarming_share": None, "prediction_drift": None}
    return (
        tuple(replace(one, **unscored, **withheld) for one in scores),
        tuple(replace(one, **undecided, **withheld) for one in datasets),
    )


def moving_baseline(
    spec: ModelSpec,
    fixed: DriftBaseline,
    history: Sequence[ColumnProfiles],
    bins: Mapping[str, Bins],
    counted: ColumnProfiles,
    *,
    shared: SharedDraws | None = None,
) -> DriftBaseline:
    """Return the sum of earlier windows as what a window is compared with, segment by segment.

    A column stays compared with the fixed reference if fewer than half of the windows were counted
    over its bins, or have fewer than 50 values together. One that has left its bins is not judged:
    all that lies outside is one value to them, however far it moves on.

    Parameters
    ----------
    fixed
        The fixed reference, whose bins count.
    history
        Profiles of the earlier windows.
    bins
        Column name -> bins.
    counted
        Profiles of the window that will be judged.
    shared
        Draws for segments, to go on with from window to window; 2,000 of each size.
    """
    profiles = dict(fixed.profiles)
    for key, normal in fixed.profiles.items():
        alike = alike_profiles(history, key, normal)
        if alike:
            profiles[key] = merge(alike)
    moved = {
        key: (profile, bins[key[1]])
        for key, profile in profiles.items()
        if profile is not fixed.profiles[key] and key[0] != UNFILTERED
    }
    ladders = _ladders_of_all(spec, moved, counted) | _ladders_of_segments(
        spec, moved, counted, shared or SharedDraws(DRAWS_FOR_ONE_SIZE)
    )
    return DriftBaseline(
        version=fixed.version,
        profiles=profiles,
        ladders={**fixed.ladders, **ladders},
        unusable=_outside(moved),
    )


def alike_profiles(
    history: Sequence[ColumnProfiles], key: tuple[str, str], normal: ColumnProfile
) -> list[ColumnProfile]:
    """Return the profiles that a column is compared with; none if they are too few for that.

    Parameters
    ----------
    key
        Segment and column.
    normal
        Profile of the fixed reference, by whose bins they have to be counted.
    """
    alike = profiles_over_bins_of(normal, history, key)
    enough = sum(one.finite for one in alike) >= FEWEST_VALUES and 2 * len(alike) >= len(history)
    return alike if enough else []


def profiles_over_bins_of(
    normal: ColumnProfile, history: Sequence[ColumnProfiles], key: tuple[str, str]
) -> list[ColumnProfile]:
    """Return the profiles of a segment's column that were counted by the bins of another one."""
    found = [window[key] for window in history if key in window]
    return [one for one in found if one.bins_version == normal.bins_version]


def moving_quality(
    spec: ModelSpec, fixed: Mapping[str, Any], history: Sequence[Mapping[str, QualityProfile]]
) -> Mapping[str, float]:
    """Return metric -> value over earlier windows; the fixed reference's if they have few labels.

    A metric that they leave undefined keeps the fixed reference's value, and so its alarm.

    Parameters
    ----------
    fixed
        Quality of the fixed reference, as it is stored.
    history
        Of each earlier window, model version -> sums. Those about another centre, task or classes
        are left out.
    """
    alike = alike_sums(spec, fixed["centre"], history)
    if sum(one.rows for one in alike) < spec.quality.minimum_labels:
        return fixed["metrics"]
    return {**fixed["metrics"], **quality_values(reduce(plus, alike))}


def alike_sums(
    spec: ModelSpec, centre: float, history: Sequence[Mapping[str, QualityProfile]]
) -> list[QualityProfile]:
    """Return the sums of all windows and versions that are about this centre, task and classes."""
    return [
        one
        for window in history
        for one in window.values()
        if unfit(spec, one) is None and getattr(one, "target_centre", centre) == centre
    ]


def _ladders_of_all(
    spec: ModelSpec, moved: Mapping[tuple[str, str], Side], counted: ColumnProfiles
) -> dict[tuple[str, str, str], NullLadder]:
    methods = methods_in_use(spec)
    sides = {name: moved[ALL, name] for name in methods if (ALL, name) in moved}
    ladders = null_ladders(
        sides,
        {name: methods[name] for name in sides},
        sizes={name: counted[ALL, name].finite for name in sides},
        draws=DRAWS_FOR_ONE_SIZE,
    )
    return {(ALL, *key): ladder for key, ladder in ladders.items()}


def _ladders_of_segments(
    spec: ModelSpec,
    moved: Mapping[tuple[str, str], Side],
    counted: ColumnProfiles,
    shared: SharedDraws,
) -> dict[tuple[str, str, str], NullLadder]:
    """Return the ladders of the segments that the window has, for their sizes there."""
    methods = methods_in_use(spec)
    sides = {
        (segment, name): moved[reference_segment(segment), name]
        for segment in compared_segments(counted)[1:]
        for name in methods
        if (reference_segment(segment), name) in moved
    }
    ladders = many_ladders(
        sides,
        {key: methods[key[1]] for key in sides},
        sizes={key: counted[key].finite for key in sides},
        shared=shared,
    )
    return {(*key, method): ladder for (key, method), ladder in ladders.items()}


def _outside(moved: Mapping[tuple[str, str], Side]) -> dict[tuple[str, str], str]:
    """Return why the bins are blind to a column, for those that have left them."""
    return {
        key: f"{profile.outside_share:.0%} of the values in the windows before lie outside the"
        " bins: measure the reference anew"
        for key, (profile, bins) in moved.items()
        if needs_renewal(bins, profile)
    }


def plus(left: QualityProfile, right: QualityProfile) -> QualityProfile:
    """Return the sums of both sets of rows."""
    if isinstance(left, RegressionProfile) and isinstance(right, RegressionProfile):
        return left + right
    if isinstance(left, ClassificationProfile) and isinstance(right, ClassificationProfile):
        return left + right
    raise TypeError(f"a {type(right).__name__} does not add to a {type(left).__name__}")
