"""What a column's drift score is made of: ranges or categories, and segments.

Belongs here: which profiles a score is explained by, for one score. Stays out: the arithmetic
(metrics/drift, shares.py), which scores are explained (window.py), words (the modules of text).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from monitoring_assets.evaluation.data_drift import reference_segment
from monitoring_assets.evaluation.explaining.normal import Compared
from monitoring_assets.evaluation.explaining.parts import Cut, MixAndRate, Split
from monitoring_assets.evaluation.explaining.shares import Counts, split_score
from monitoring_assets.evaluation.profiling import ColumnProfiles
from monitoring_assets.metrics.arrays import IntArray
from monitoring_assets.metrics.drift.explanation import Part, explain
from monitoring_assets.metrics.drift.slopes import counted, score_slopes
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.registry import drift_method
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import ALL, DriftScore
from monitoring_assets.spec.segments import MODEL_VERSION, VERSION_PREFIX


@dataclass(frozen=True, kw_only=True)
class ScoreParts:
    """A stored score and what it is made of.

    Parameters
    ----------
    score
        As it is stored.
    whole
        The score of the profiles at hand, which the parts sum to; None if `why_not` says why.
    parts
        What ranges or categories add, the largest first.
    splits
        What segments add, by cut; for the segment `all` only.
    """

    score: DriftScore
    whole: float | None = None
    parts: tuple[Part, ...] = ()
    splits: tuple[Split[MixAndRate], ...] = ()
    why_not: str = ""


def explain_score(score: DriftScore, sides: Compared, cuts: Sequence[Cut]) -> ScoreParts:
    """Return what a score is made of.

    Parameters
    ----------
    sides
        Profiles of the score's column and segment, and for the splits of all segments.
    cuts
        Cuts of the rows by which the score of `all` is split. One by the column itself is left
        out: all of it would be mix.
    """
    found = _pair(score, sides)
    if found is None:
        return ScoreParts(score=score, why_not="its profile is not stored")
    method, bins = drift_method(score.method), sides.bins[score.column_name]
    whole = method.compute(*found, bins)
    parts = explain(score.method, *found, bins)
    if isinstance(whole, Undefined):
        return ScoreParts(score=score, why_not=whole.reason)
    if isinstance(parts, Undefined):
        return ScoreParts(score=score, why_not=parts.reason)
    splits = tuple(_splits(score, sides, found, cuts)) if score.segment == ALL else ()
    return ScoreParts(score=score, whole=whole, parts=tuple(parts), splits=splits)


def _pair(score: DriftScore, sides: Compared) -> tuple[ColumnProfile, ColumnProfile] | None:
    before = sides.before.get((reference_segment(score.segment), score.column_name))
    now = sides.now.get((score.segment, score.column_name))
    if before is None or now is None or score.column_name not in sides.bins:
        return None
    return before, now


def _splits(
    score: DriftScore,
    sides: Compared,
    found: tuple[ColumnProfile, ColumnProfile],
    cuts: Sequence[Cut],
) -> Iterator[Split[MixAndRate]]:
    slopes = score_slopes(score.method, *found, sides.bins[score.column_name])
    if isinstance(slopes, Undefined):
        return
    slicing = _Slicing(score, sides, found)
    versions = slicing.versions()
    if versions:
        parts = split_score(slopes, slicing.whole, versions)
        yield Split(name=MODEL_VERSION, parts=parts)
    for cut in cuts:
        if {*cut.columns} != {score.column_name}:
            slices = slicing.slices(cut)
            refused = slices if isinstance(slices, str) else ""
            parts = () if isinstance(slices, str) else split_score(slopes, slicing.whole, slices)
            yield Split(name=cut.name, parts=parts, why_not=refused)


class _Slicing:
    """The counts of one column that one method looks at, by segment."""

    def __init__(
        self, score: DriftScore, sides: Compared, found: tuple[ColumnProfile, ColumnProfile]
    ) -> None:
        self._method, self._column = score.method, score.column_name
        self._sides, self._version = sides, found[0].bins_version
        self._size = max(one.counts.size for one in found)
        self.whole = Counts(*(counted(self._method, one, self._size) for one in found))

    def slices(self, cut: Cut) -> dict[str, Counts] | str:
        """Return the counts of each slice of a cut, or why there are none."""
        before, now = self._sides.slices, self._sides.now
        for side, profiles in (("reference", before), ("window", now)):
            if not any((segment, self._column) in profiles for segment in cut.segments):
                return f"the {side} was counted before its segments were declared"
        slices = {
            segment: Counts(self._of(before, segment), self._of(now, segment))
            for segment in cut.segments
        }
        rest = self.whole
        for counts in slices.values():
            rest = rest - counts
        if min(rest.before.min(), rest.now.min()) < 0:
            return "its segments were counted over other rows than the whole"
        return {**slices, cut.rest: rest} if rest.before.sum() or rest.now.sum() else slices

    def versions(self) -> dict[str, Counts]:
        """Return the counts of each model version, compared with as large a part of the reference.

        The reference has one version; so all that versions add is a change inside them.
        """
        total = self.whole.now.sum()
        found = {
            segment: self._of(self._sides.now, segment)
            for segment, column in self._sides.now
            if column == self._column and segment.startswith(VERSION_PREFIX)
        }
        if not total or sum(one.sum() for one in found.values()) != total:
            return {}
        return {
            segment: Counts(self.whole.before * (one.sum() / total), one)
            for segment, one in found.items()
        }

    def _of(self, profiles: ColumnProfiles, segment: str) -> IntArray:
        profile = profiles.get((segment, self._column))
        if profile is None or profile.bins_version != self._version:
            return np.zeros(self.whole.now.size, dtype=np.int64)
        return counted(self._method, profile, self._size)
