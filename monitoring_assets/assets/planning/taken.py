"""What each layer takes from the reference, so that a new reference touches only what looks at it.

Belongs here: which parts of a reference a layer's numbers depend on. Stays out: measuring a
reference (evaluation), reading it from tables.

A new version of the reference is stored whenever anything about it changes, a drift method for
example. Data quality looks at missing values and at bins without any row, quality at the metrics;
where these are the same, what was concluded from an earlier version still stands.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from monitoring_assets.assets.planning.reasons import Reason
from monitoring_assets.evaluation.profiling import ColumnProfiles
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import ALL, UNFILTERED, Layer

_LOOKS_AT: Final[Mapping[Layer, Mapping[str, Reason]]] = {
    Layer.WINDOW_PROFILES: {"bins": Reason.BINS, "segments": Reason.SEGMENTS},
    Layer.QUALITY_PROFILES: {
        "centre": Reason.CENTRE,
        "segments": Reason.SEGMENTS,
        "target_bins": Reason.BINS,
    },
    Layer.DATA_DRIFT: {"version": Reason.REFERENCE},
    Layer.DATA_QUALITY: {"normal": Reason.REFERENCE},
    Layer.MODEL_QUALITY: {"quality": Reason.REFERENCE, "target_version": Reason.REFERENCE},
}
"""Layer -> fields of `Taken` that it looks at, and why it is out of date if one is another."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A version of the reference, as far as windows look at it.

    Parameters
    ----------
    version
        Its number.
    bins
        Column -> version of the bins that windows were counted by while it was the newest; those
        of the target, which another layer counts, are `target_bins`, None without any.
    segments
        Names of the segments that windows were counted by.
    centre
        About which moments of quality are taken.
    normal
        Column -> what data quality compares with: missing share, bins, and which of these are
        empty.
    quality
        Metrics, and what they were computed from.
    target_version
        Number of the version that drift of the target was judged by; None without a target.
    """

    version: int
    bins: Mapping[str, int]
    segments: frozenset[str]
    centre: float
    normal: Mapping[str, tuple[Any, ...]]
    quality: Mapping[str, Any]
    target_bins: int | None = None
    target_version: int | None = None


def taken_from(
    version: int,
    profiles: ColumnProfiles,
    quality: Mapping[str, Any],
    target: str | None = None,
) -> Taken:
    """Return what windows take from a reference.

    Parameters
    ----------
    profiles
        (segment, column) -> profile of the reference.
    quality
        As it is stored of a reference.
    target
        Name of the target, if the model has one.
    """
    bins = {
        column: one.bins_version for (segment, column), one in profiles.items() if segment == ALL
    }
    return Taken(
        version=version,
        target_bins=bins.pop(target, None) if target else None,
        target_version=version if target else None,
        bins=bins,
        segments=frozenset(segment for segment, _ in profiles) - {ALL, UNFILTERED},
        centre=quality["centre"],
        normal={
            column: _normal(one)
            for (segment, column), one in profiles.items()
            if segment == UNFILTERED
        },
        # As it comes back from where it is stored, so that the two can be compared.
        quality=json.loads(json.dumps(quality)),
    )


def difference(layer: Layer, before: Taken, now: Taken) -> Reason | None:
    """Return why what a layer computed with one reference does not stand with another."""
    return next(
        (
            reason
            for field, reason in _LOOKS_AT.get(layer, {}).items()
            if getattr(before, field) != getattr(now, field)
        ),
        None,
    )


def _normal(profile: ColumnProfile) -> tuple[Any, ...]:
    occupied = np.flatnonzero(profile.counts).tolist()
    return profile.missing_share, profile.bins_version, tuple(occupied)
