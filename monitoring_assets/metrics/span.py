"""Profiles of a span: those of its windows, added up. A week is the sum of its days.

Belongs here: which profiles add up, and the sum. Stays out: which windows a span has and reading
them (storage/roll_up/spans.py), comparing spans (evaluation/comparing.py).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import reduce
from typing import Any, TypeVar

from monitoring_assets.metrics.profile import ColumnProfile, merge
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import RegressionProfile

ColumnKey = tuple[str, str]
"""(segment, column name)."""

QualityKey = tuple[str, str]
"""(segment, model version)."""

_Profile = TypeVar("_Profile", ColumnProfile, QualityProfile)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Rows of a span that are not in its sum, and why.

    Parameters
    ----------
    segment
        Their segment.
    name
        The column, or of sums of quality the model version.
    rows
        How many they are.
    reason
        Why they do not add to the others, such as `counted over bins version 1`.
    """

    segment: str
    name: str
    rows: int
    reason: str

    def __str__(self) -> str:
        return f"{self.rows:,} rows of {self.name} ({self.segment}) are left out: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class SpanProfiles:
    """What was counted in all windows of a span.

    Parameters
    ----------
    columns
        (segment, column name) -> profile.
    quality
        (segment, model version) -> sums of quality.
    windows
        Windows that were added up.
    left_out
        What does not add to the rest: of several bins versions the newest is summed up, of sums
        about several centres or classes the last.
    """

    columns: Mapping[ColumnKey, ColumnProfile]
    quality: Mapping[QualityKey, QualityProfile] = field(
        default_factory=dict[QualityKey, QualityProfile]
    )
    windows: int
    left_out: tuple[LeftOut, ...] = ()

    def quality_of(self, segment: str) -> tuple[QualityProfile | None, tuple[LeftOut, ...]]:
        """Return the sums of all model versions of a segment, and of which they do not add up.

        Where they do not, those of the version that scored last count. None without any.
        """
        found = {version: one for (name, version), one in self.quality.items() if name == segment}
        if not found:
            return None, ()
        total, others = add_quality(segment, "another model version", [*found.values()])
        return total, tuple(others)

    def versions_of(self, segment: str) -> tuple[str, ...]:
        """Return the model versions whose predictions have labels, in the order of their use."""
        return tuple(version for name, version in self.quality if name == segment)

    def about(self, segment: str) -> tuple[LeftOut, ...]:
        """Return what is left out of a segment."""
        return tuple(one for one in self.left_out if one.segment == segment)


def add_up(
    columns: Iterable[tuple[ColumnKey, ColumnProfile]],
    quality: Iterable[tuple[QualityKey, QualityProfile]],
    windows: int,
    left_out: Iterable[LeftOut] = (),
) -> SpanProfiles:
    """Return the sum of profiles of many windows, in order of time.

    Parameters
    ----------
    windows
        How many windows they are from.
    left_out
        What was left out before.

    Returns
    -------
    SpanProfiles
        Counts, minimum and maximum are exact.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import numerical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> counted = profile([1.0, 3.0], numerical_bins([1.0, 2.0]))
    >>> week = add_up([(("all", "distance"), counted)] * 7, (), windows=7)
    >>> week.windows, week.columns["all", "distance"].counts
    (7, array([0, 7, 0, 7]))
    """
    lost = list(left_out)
    summed: dict[ColumnKey, ColumnProfile] = {}
    for key, profiles in _by_key(columns).items():
        summed[key], others = add_columns(*key, profiles)
        lost += others
    sums: dict[QualityKey, QualityProfile] = {}
    for key, found in _by_key(quality).items():
        sums[key], others = add_quality(*key, found)
        lost += others
    return SpanProfiles(
        columns=summed, quality=sums, windows=windows, left_out=tuple(_together(lost))
    )


def add_columns(
    segment: str, column: str, profiles: Sequence[ColumnProfile]
) -> tuple[ColumnProfile, list[LeftOut]]:
    """Return the sum of at least one profile over the newest bins, and what others there are."""
    newest = max(profiles, key=lambda one: one.bins_version)
    alike = [one for one in profiles if _bins_of(one) == _bins_of(newest)]
    others = [
        LeftOut(
            segment=segment,
            name=column,
            rows=one.rows,
            reason=f"counted over bins version {one.bins_version}, not {newest.bins_version}",
        )
        for one in profiles
        if _bins_of(one) != _bins_of(newest)
    ]
    return merge(alike), others


def add_quality(
    segment: str, version: str, profiles: Sequence[QualityProfile]
) -> tuple[QualityProfile, list[LeftOut]]:
    """Return the sum of at least one profile that add to the last, and what others there are."""
    last = profiles[-1]
    alike = [one for one in profiles if _meaning(one) == _meaning(last)]
    others = [
        LeftOut(segment=segment, name=version, rows=one.rows, reason=f"summed {_meaning(one)}")
        for one in profiles
        if _meaning(one) != _meaning(last)
    ]
    return _sum(alike), others


def _bins_of(profile: ColumnProfile) -> tuple[object, ...]:
    """Return what profiles have to share to add up; other bins of the same version are none."""
    sizes = profile.counts.size if profile.kind == "numerical" else None
    return profile.kind, profile.bins_version, sizes


def _meaning(profile: QualityProfile) -> str:
    """Say what sums are about, which they have to share to add up."""
    if isinstance(profile, RegressionProfile):
        return f"about the centre {profile.target_centre!r}"
    positive = "" if profile.positive is None else f" (positive: {profile.positive!r})"
    return f"over the classes {', '.join(map(repr, profile.classes))}{positive}"


def _sum(profiles: Sequence[QualityProfile]) -> QualityProfile:
    first = profiles[0]
    if isinstance(first, RegressionProfile):
        return _sum_of_numbers([one for one in profiles if isinstance(one, RegressionProfile)])
    classes = [one for one in profiles if isinstance(one, ClassificationProfile)]
    return reduce(ClassificationProfile.__add__, classes)


_SHARED = frozenset({"target_centre"})
_ENDS = {"minimum_absolute_error": min, "maximum_absolute_error": max}


def _sum_of_numbers(profiles: Sequence[RegressionProfile]) -> RegressionProfile:
    """Return the sum at once; the sum of 8,760 hours one by one takes thirty times as long."""
    total: dict[str, Any] = {}
    for name in (one.name for one in fields(RegressionProfile)):
        values = [getattr(one, name) for one in profiles]
        known = [value for value in values if value is not None]
        if name in _SHARED:
            total[name] = values[0]
        elif name in _ENDS:
            total[name] = _ENDS[name](known, default=None)
        else:
            # Rounded once, so that the order of the windows does not matter.
            total[name] = math.fsum(known) if len(known) == len(values) else None
    return RegressionProfile.from_sums(total)


def _by_key(
    pairs: Iterable[tuple[tuple[str, str], _Profile]],
) -> dict[tuple[str, str], list[_Profile]]:
    found: dict[tuple[str, str], list[_Profile]] = {}
    for key, profile in pairs:
        found.setdefault(key, []).append(profile)
    return found


def _together(lost: Iterable[LeftOut]) -> list[LeftOut]:
    """Return one entry for each reason."""
    rows: dict[tuple[str, str, str], int] = {}
    for one in lost:
        key = one.segment, one.name, one.reason
        rows[key] = rows.get(key, 0) + one.rows
    return [LeftOut(segment=s, name=n, rows=rows[s, n, r], reason=r) for s, n, r in rows]
