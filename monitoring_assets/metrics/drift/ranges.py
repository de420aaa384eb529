"""Ranges of values as a person names them: bins put together, their ends in few digits.

Belongs here: which bins of a column of numbers make one range, and its label. Stays out: what a
range adds to a score (explanation.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from monitoring_assets.metrics.arrays import IntArray
from monitoring_assets.metrics.bins import NumericalBins

MOST_RANGES: Final = 12
"""A column of numbers with more inner bins is explained by tenths of the reference."""

FEWEST_DIGITS: Final = 3
MOST_DIGITS: Final = 12
"""Ends that are alike in so many digits are one number, as those of a heavy value's own bin."""


@dataclass(frozen=True)
class Range:
    """A label, and the ends of a range of values, the upper one belonging to it.

    An end is None where there is none; both are for what is no range of values.
    """

    label: str
    low: float | None = None
    high: float | None = None


def tenths(bins: NumericalBins) -> list[Range]:
    """Return the ranges of the coarse groups, the outer bins in the first and the last one.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import numerical_bins
    >>> [one.label for one in tenths(numerical_bins(np.repeat([1.0, 2.5, 4.0], 5)))]
    ['up to 1', '2.5', 'above 2.5']
    """
    return _ranges(bins, [*_starts(bins.coarse_groups), bins.size])


def inner_places(bins: NumericalBins) -> IntArray:
    """Return the range of each bin but the outer ones: its own, or its tenth of the reference."""
    if bins.size - 2 <= MOST_RANGES:
        return np.arange(bins.size - 2)
    return np.unique(bins.coarse_groups[1:-1], return_inverse=True)[1]


def inner_ranges(bins: NumericalBins) -> list[Range]:
    """Return the ranges that `inner_places` speaks of.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import numerical_bins
    >>> [one.label for one in inner_ranges(numerical_bins(np.repeat([1.0, 2.5, 4.0], 5)))]
    ['1', '2.5', '4']
    """
    starts = [start + 1 for start in _starts(inner_places(bins))]
    return _ranges(bins, [*starts, bins.size - 1])


def up_to(bins: NumericalBins, last: int) -> Range:
    """Return the range of the bins up to this one."""
    (found,) = _ranges(bins, [0, last + 1])
    return found


def _starts(groups: IntArray) -> list[int]:
    return np.flatnonzero(np.diff(groups, prepend=-1)).tolist()


def _ranges(bins: NumericalBins, starts: Sequence[int]) -> list[Range]:
    """Return the ranges of bins from each of these up to but not including the next one."""
    pairs = [*pairwise(starts)]
    ends = [_ends(bins, *pair) for pair in pairs]
    # One bin for each value: a range goes from one value to another, not from the one before.
    shown = [
        (float(bins.edges[first]) if bins.is_discrete and None not in (low, high) else low, high)
        for (first, _), (low, high) in zip(pairs, ends, strict=True)
    ]
    digits = _digits([end for both in shown for end in both if end is not None])
    return [
        Range(_label(low, high, ends=_in_text(both, digits)), low, high)
        for (low, high), both in zip(ends, shown, strict=True)
    ]


def _ends(bins: NumericalBins, first: int, end: int) -> tuple[float | None, float | None]:
    low = float(bins.edges[first - 1]) if first else None
    return low, float(bins.edges[end - 1]) if end <= bins.edges.size else None


def _label(low: float | None, high: float | None, *, ends: tuple[str, str]) -> str:
    begin, last = ends
    if low is None or high is None:
        return f"up to {last}" if high is not None else f"above {begin}" if begin else "any value"
    return last if begin == last else f"{begin} to {last}"


def _in_text(ends: tuple[float | None, float | None], digits: int) -> tuple[str, str]:
    low, high = ("" if end is None else _number(end, digits) for end in ends)
    return low, high


def _digits(ends: Sequence[float]) -> int:
    """Return the fewest digits by which these numbers are told apart."""
    different = len({_number(end, MOST_DIGITS) for end in ends})
    for digits in range(FEWEST_DIGITS, MOST_DIGITS):
        if len({_number(end, digits) for end in ends}) == different:
            return digits
    return MOST_DIGITS


def _number(value: float, digits: int) -> str:
    """Return a number in so many digits, but all of those before the point; no 2e-308 for 0."""
    size = abs(value)
    if size < np.finfo(np.float64).tiny * 2:
        return "0"
    before = len(f"{size:.0f}") if size < 1e6 else 0
    return f"{value:.{max(digits, before)}g}"
