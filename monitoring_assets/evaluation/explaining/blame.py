"""Which segment is to blame first: the size of what it does against what chance does.

Belongs here: the order of segments over all cuts, and which stand out. Stays out: what a segment
does (change.py), words (the modules of text).

A segment is ranked by `standing * sqrt(share)`. Its standing is how many standard errors of chance
its excess is, less the most that any one of its rows can have made of it; its share, the part of
the change that its excess is (change.py says what these are). The first alone would blame a tiny
segment that is certainly off and does not matter; the second alone whatever holds the culprit among
others, or a large segment that is a little off. Of 200 seeded alarms with a planted bad segment of
2 to 20 % of the rows, beside 32 other slices of which two segments overlap with it, the planted one
came first and stood out in 100 % by `mae` and 98 % by `rmse`.

A segment *stands out* when it makes at least a tenth of the change, and its standing is beyond what
chance gives the best of all the segments compared in 95 % of quiet windows: Student's law with as
many degrees of freedom as it has rows or should have, less one, by Bonferroni over the segments.

One row is left out since a few rows make most of the squares: an error that is far out lies in some
segment by chance, in a small one far beyond what the spread of the reference lets expect. With it,
some slice of 33 stood out by `rmse` in 7 % (normal errors) to 33 % (Student's with 3 degrees) of
1,000 quiet windows of 300 to 3,000 rows, and by the recall of a classifier that errs in 1 % of the
rows in 35 % of 300; without it in 0.1 % to 3.5 %, and in 1.4 % of 500. docs/explain.md has them
all.
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
        Its excess, less the most that one row can have made of it, / its standard error; from 0 on.
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
            standing=max(abs(excess) - part.one_row, 0.0) / error,
            needed=_needed(part, len(found)),
        )
        for cut, part, excess, error in found
        if change and excess * change > 0
    ]
    return tuple(sorted(suspects, key=_place))


def _place(suspect: Suspect) -> tuple[float, float]:
    return -suspect.standing * math.sqrt(suspect.share), -suspect.share


def _needed(part: SlicePart, compared: int) -> float:
    rows = max(part.rows_now, part.rows_expected)
    return student_quantile(max(rows - 1, 1), 1 - CHANCE / compared)
