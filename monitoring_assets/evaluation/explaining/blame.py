"""Which segment is to blame first: the size of what it does against what chance does.

Belongs here: the order of segments over all cuts, and which stand out. Stays out: what a segment
does (change.py), words (the modules of text).

A segment is ranked by `standing * sqrt(share)`: how many standard errors of chance its excess is,
times the root of the share of the change that it is (change.py says what excess and error are). The
first factor alone would blame a tiny segment that is certainly off and does not matter; the second
alone whatever holds the culprit among others, or a large segment that is a little off. Of 200
seeded alarms with a planted bad segment of 2 to 20 % of the rows, beside 32 other slices of which
two segments overlap with it, the planted one came first and stood out in 100 % by `mae` and 98 %
by `rmse`; docs/explain.md has the figures of classifiers, whose trials were not all alarms.

A segment *stands out* when it makes at least a tenth of the change, and its standing is beyond what
chance gives the best of all the segments compared in 95 % of quiet windows: Student's law with as
many degrees of freedom as it has rows, less one, by Bonferroni over the segments. In 400 quiet
windows of 300 to 3,000 rows with exponential errors some slice of 33 did so in 5 % by `mae` and,
since a few rows make most of the squares, in 16 % by `rmse`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from monitoring_assets.evaluation.explaining.change import SlicePart
from monitoring_assets.evaluation.explaining.parts import Split
from monitoring_assets.metrics.null.laws import student_quantile

CHANCE: Final = 0.05
"""Share of quiet windows in which some segment stands out."""

MATERIAL_SHARE: Final = 0.1
"""Least share of the change that a segment stands out by."""


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """One segment in the order of blame.

    Parameters
    ----------
    cut
        Name of the cut that it is a slice of.
    part
        What it adds to the change.
    share
        Its excess / the whole change.
    standing
        Its excess / its standard error, above 0 where it moves the ratio as the whole has moved.
    needed
        Standing from which on it is beyond chance.
    """

    cut: str
    part: SlicePart
    share: float
    standing: float
    needed: float

    @property
    def stands_out(self) -> bool:
        """Whether it makes a material part of the change, beyond chance."""
        return self.standing > self.needed and self.share >= MATERIAL_SHARE


def rank(change: float, splits: Iterable[Split[SlicePart]]) -> tuple[Suspect, ...]:
    """Return the segments that moved a ratio as the whole has moved, the first to blame first.

    Parameters
    ----------
    change
        Of the whole; without any nobody is to blame.
    splits
        The change split by every cut; segments that the rows of others cannot be held against, and
        those that moved it the other way, are left out.
    """
    found = [
        (split.name, part, part.excess, part.error)
        for split in splits
        for part in split.parts
        if part.excess is not None and part.error
    ]
    suspects = [
        Suspect(
            cut=cut,
            part=part,
            share=excess / change,
            standing=excess / error if change > 0 else -excess / error,
            needed=_needed(part.rows_now, len(found)),
        )
        for cut, part, excess, error in found
        if change and excess * change > 0
    ]
    return tuple(sorted(suspects, key=lambda one: -one.standing * math.sqrt(one.share)))


def _needed(rows: int, compared: int) -> float:
    return student_quantile(max(rows - 1, 1), 1 - CHANCE / compared)
