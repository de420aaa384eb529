"""What a window was compared with, segment by segment: the fixed reference, or windows before it.

Belongs here: sums and profiles of the rows that were normal, the same rows for every segment. Stays
out: which windows those are (moving_reference.py), reading them.

Where windows before are what is normal, a segment that is rare in them is judged against the fixed
reference. To split a number of `all`, its segments are summed over the very windows that `all` was
compared with, however rare they are there: else they would not add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from monitoring_assets.evaluation.moving_reference import (
    alike_profiles,
    alike_sums,
    plus,
    profiles_over_bins_of,
)
from monitoring_assets.evaluation.profiling import ColumnProfiles, QualityProfiles
from monitoring_assets.evaluation.segment_quality import reference_sums, versions_of
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.profile import ColumnProfile, merge
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.records import ALL
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What a window's columns were compared with, and what they were.

    Parameters
    ----------
    before, now
        (segment, column name) -> profile of what is normal, and of the window.
    slices
        (segment, column name) -> profile of the same rows that `before` has of `all`.
    bins
        Column name -> bins, of categories the longest dictionary in use.
    """

    before: ColumnProfiles = field(default_factory=dict[tuple[str, str], ColumnProfile])
    now: ColumnProfiles = field(default_factory=dict[tuple[str, str], ColumnProfile])
    slices: ColumnProfiles = field(default_factory=dict[tuple[str, str], ColumnProfile])
    bins: Mapping[str, Bins] = field(default_factory=dict[str, Bins])


def compared(
    fixed: ColumnProfiles,
    now: ColumnProfiles,
    bins: Mapping[str, Bins],
    history: Sequence[ColumnProfiles] | None = None,
) -> Compared:
    """Return the profiles that scores were computed from, and those that they are split by.

    Parameters
    ----------
    fixed
        Profiles of the fixed reference.
    history
        Profiles of the windows before, if they are what the window was compared with.
    """
    if history is None:
        return Compared(before=fixed, now=now, slices=fixed, bins=bins)
    moved = {key: alike_profiles(history, key, normal) for key, normal in fixed.items()}
    before = {key: merge(moved[key]) if moved[key] else normal for key, normal in fixed.items()}
    slices = {
        key: profiles_over_bins_of(normal, history, key) if moved.get((ALL, key[1])) else [normal]
        for key, normal in fixed.items()
    }
    summed = {key: merge(found) for key, found in slices.items() if found}
    return Compared(before=before, now=now, slices=summed, bins=bins)


def normal_sums(
    spec: ModelSpec,
    quality: Mapping[str, Any],
    segment: str = ALL,
    history: Sequence[QualityProfiles] | None = None,
) -> dict[str, QualityProfile]:
    """Return segment -> sums of what the quality of a segment was compared with.

    Parameters
    ----------
    quality
        Quality of the fixed reference, as it is stored.
    segment
        The one that is explained; of the others the sums are over the same rows.
    history
        Sums of the windows before, if they are what the window was compared with.
    """
    if history is not None:
        before = [versions_of(window, segment) for window in history]
        alike = alike_sums(spec, quality["centre"], before)
        if sum(one.rows for one in alike) >= spec.quality.minimum_labels:
            names = dict.fromkeys(name for window in history for name, _ in window)
            sums = {
                name: alike_sums(
                    spec, quality["centre"], [versions_of(window, name) for window in history]
                )
                for name in names
            }
            return {name: reduce(plus, found) for name, found in sums.items() if found}
    return reference_sums(quality)
