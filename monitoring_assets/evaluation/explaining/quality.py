"""How the change of a quality metric splits over segments: mix and rate, and who is to blame.

Belongs here: from quality profiles of segments to the parts of one metric. Stays out: the
arithmetic (change.py, metrics/quality/ratio.py), which metrics are explained (window.py), words.

A metric that is the average of several ratios, as those of a classifier over its classes, has the
average of their parts. `rmse` is a root: its parts are those of the mean squared error, divided by
`rmse now + rmse before`, and so sum to its own change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from monitoring_assets.evaluation.explaining.blame import Suspect, rank
from monitoring_assets.evaluation.explaining.change import Ratio, SlicePart, split_change
from monitoring_assets.evaluation.explaining.parts import Cut, Split
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.ratio import NO_ROWS, ROOTS, RatioSums, averaged, ratio_sums
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import ALL

Profiles = Mapping[str, QualityProfile]
"""Segment -> sums."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A metric, the class that it is about ('' for all) and the segment."""

    metric: str
    class_name: str = ""
    segment: str = ALL


@dataclass(frozen=True, kw_only=True)
class ChangeParts:
    """The change of a metric and what it is made of.

    Parameters
    ----------
    before, now
        The metric on either side; None where it is not defined, or no ratio of sums.
    splits
        What segments add, by cut; for the segment `all` only.
    suspects
        Segments of all cuts, the first to blame first.
    why_not
        Why there are no parts; '' if there are.
    """

    before: float | None = None
    now: float | None = None
    splits: tuple[Split[SlicePart], ...] = ()
    suspects: tuple[Suspect, ...] = ()
    why_not: str = ""

    @property
    def change(self) -> float:
        """What the parts of each split sum to, within 1e-9."""
        return 0.0 if self.before is None or self.now is None else self.now - self.before


def explain_change(
    asked: Asked, before: Profiles, now: Profiles, cuts: Sequence[Cut]
) -> ChangeParts:
    """Return what the change of a metric between two sides is made of.

    Parameters
    ----------
    before, now
        Segment -> sums: the segment asked for and, if that is `all`, the segments of the cuts.
    cuts
        Cuts of the rows by which the change of `all` is split.
    """
    profiles = before.get(asked.segment), now.get(asked.segment)
    ratios = _ratios(asked, *profiles)
    if isinstance(ratios, str):
        return ChangeParts(why_not=ratios)
    slicing = _Slicing(asked, (before, now), ratios)
    if slicing.refused:
        return ChangeParts(why_not=slicing.refused)
    splits = tuple(map(slicing.split, cuts)) if asked.segment == ALL else ()
    values = slicing.values
    return ChangeParts(
        before=values[0],
        now=values[1],
        splits=splits,
        suspects=rank(values[1] - values[0], splits),
    )


def _ratios(
    asked: Asked, before: QualityProfile | None, now: QualityProfile | None
) -> tuple[Ratio, ...] | str:
    """Return the ratios whose average the metric is, or why there are none."""
    if before is None or now is None:
        side = "reference" if before is None else "window"
        return f"no sums of the {side} are stored for segment {asked.segment}"
    if _classes(before) != _classes(now):
        return "the reference was measured as a model of another task or other classes"
    first = ratio_sums(asked.metric, before, asked.class_name)
    second = ratio_sums(asked.metric, now, asked.class_name)
    if isinstance(first, Undefined):
        return first.reason
    if isinstance(second, Undefined):
        return second.reason
    return tuple(map(Ratio, first, second))


def _classes(profile: QualityProfile) -> tuple[str | None, ...]:
    if isinstance(profile, ClassificationProfile):
        return (*profile.classes, profile.positive)
    return ()


class _Slicing:
    """The ratios of one metric, of all rows and of segments."""

    def __init__(
        self, asked: Asked, sides: tuple[Profiles, Profiles], ratios: tuple[Ratio, ...]
    ) -> None:
        self._asked, self._sides = asked, sides
        there = [(bool(one.before.denominator), bool(one.now.denominator)) for one in ratios]
        self._places = [place for place, both in enumerate(there) if all(both)]
        self._whole = self._kept(ratios)
        self.refused = ""
        if not self._places:
            self.refused = "it has no value on one side"
        elif any(any(both) and not all(both) for both in there):
            self.refused = "it is the average over other classes than before"

    @property
    def values(self) -> tuple[float, float]:
        """The metric before and now."""
        before, now = self._averaged(self._whole)
        return before or 0.0, now or 0.0

    def split(self, cut: Cut) -> Split[SlicePart]:
        """Return the change split over the slices of a cut, or why it is not."""
        for side, profiles in zip(("reference", "window"), self._sides, strict=True):
            if not any(segment in profiles for segment in cut.segments):
                why_not = f"the {side} was measured before its segments were declared"
                return Split(name=cut.name, why_not=why_not)
        slices = {segment: self._ratios(segment) for segment in cut.segments}
        rows = {segment: self._rows(segment) for segment in cut.segments}
        rest = tuple(
            reduce(Ratio.__sub__, [ratios[place] for ratios in slices.values()], whole)
            for place, whole in enumerate(self._whole)
        )
        all_rows = self._rows(ALL)
        others = tuple(all_rows[side] - sum(one[side] for one in rows.values()) for side in (0, 1))
        if min(others) < 0:
            why_not = "its segments were counted over other rows than the whole"
            return Split(name=cut.name, why_not=why_not)
        if any(others):
            slices[cut.rest], rows[cut.rest] = rest, (others[0], others[1])
        by_ratio = [
            split_change(whole, {name: ratios[place] for name, ratios in slices.items()})
            for place, whole in enumerate(self._whole)
        ]
        parts = (
            self._joined(parts, (rows[name], all_rows), self._averaged(ratios))
            for (name, ratios), *parts in zip(slices.items(), *by_ratio, strict=True)
        )
        return Split(name=cut.name, parts=tuple(parts))

    def _joined(
        self,
        parts: Sequence[SlicePart],
        counted: tuple[tuple[int, int], tuple[int, int]],
        values: tuple[float | None, float | None],
    ) -> SlicePart:
        """Return the part of one slice, the average of its parts of all ratios.

        Parameters
        ----------
        counted
            Rows of the slice and of the whole, before and now each.
        """
        rows, all_rows = counted
        scale = self._scale / len(parts)
        known = [(part.excess, part.error) for part in parts]
        compared = [(excess, error) for excess, error in known if excess is not None and error]
        whole = len(compared) == len(parts)
        return SlicePart(
            segment=parts[0].segment,
            weight_before=sum(part.weight_before for part in parts) / len(parts),
            weight_now=sum(part.weight_now for part in parts) / len(parts),
            mix=scale * sum(part.mix for part in parts),
            rate=scale * sum(part.rate for part in parts),
            value_before=values[0],
            value_now=values[1],
            # How the ratios of several classes go together is not in the sums: errors add up, which
            # is the most they can.
            excess=scale * sum(excess for excess, _ in compared) if whole else None,
            error=scale * sum(error for _, error in compared) if whole else None,
            one_row=scale * sum(part.one_row for part in parts),
            rows_before=rows[0],
            rows_now=rows[1],
            rows_expected=rows[0] * all_rows[1] / all_rows[0],
        )

    @property
    def _scale(self) -> float:
        if self._asked.metric not in ROOTS:
            return 1.0
        return 1 / sum(self.values) if any(self.values) else 0.0

    def _averaged(self, ratios: Sequence[Ratio]) -> tuple[float | None, float | None]:
        metric = self._asked.metric
        before = averaged(metric, [one.before for one in ratios])
        return before, averaged(metric, [one.now for one in ratios])

    def _ratios(self, segment: str) -> tuple[Ratio, ...]:
        before, now = (self._sums(side.get(segment)) for side in self._sides)
        return self._kept(tuple(map(Ratio, before, now)))

    def _sums(self, profile: QualityProfile | None) -> tuple[RatioSums, ...]:
        most = max(self._places) + 1
        if profile is None:
            return (NO_ROWS,) * most
        found = ratio_sums(self._asked.metric, profile, self._asked.class_name)
        return (NO_ROWS,) * most if isinstance(found, Undefined) else found

    def _rows(self, segment: str) -> tuple[int, int]:
        profiles = [side.get(segment) for side in self._sides]
        before, now = (0 if one is None else one.rows for one in profiles)
        return before, now

    def _kept(self, ratios: tuple[Ratio, ...]) -> tuple[Ratio, ...]:
        return tuple(ratios[place] for place in self._places)
