"""95 % intervals that several metrics share: of a mean, of a proportion, of an average of classes.

Belongs here: the laws, from sums and counts. Stays out: the metrics.
"""

import math
from collections.abc import Sequence

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray
from monitoring_assets.metrics.result import Estimate

NORMAL_95 = 1.959963984540054
"""97.5 % point of the standard normal distribution."""

SMALLEST_SAMPLE = 30
"""With fewer rows the normal law of a mean is not relied upon and no interval is given."""


def mean_with_interval(total: float, total_of_squares: float, rows: int) -> Estimate:
    """Return `total / rows` with `+- 1.96 * s / sqrt(rows)`, s with divisor `rows - 1`.

    Parameters
    ----------
    total, total_of_squares
        Sums of the terms and of their squares.
    rows
        Number of terms, above 0.

    Examples
    --------
    >>> mean_with_interval(50.0, 50.0, 100)
    Estimate(value=0.5, interval_low=0.4015081..., interval_high=0.5984918...)
    """
    mean = total / rows
    if rows < SMALLEST_SAMPLE:
        return Estimate(mean)
    variance = max(total_of_squares - rows * mean * mean, 0.0) / (rows - 1)
    half = NORMAL_95 * math.sqrt(variance / rows)
    return Estimate(mean, mean - half, mean + half)


def clipped(estimate: Estimate, low: float, high: float = math.inf) -> Estimate:
    """Return the estimate with its interval cut to what the metric can be.

    Examples
    --------
    >>> clipped(Estimate(0.1, -0.1, 0.3), 0.0)
    Estimate(value=0.1, interval_low=0.0, interval_high=0.3)
    """
    if estimate.interval_low is None or estimate.interval_high is None:
        return estimate
    ends = max(estimate.interval_low, low), min(estimate.interval_high, high)
    return Estimate(estimate.value, *ends)


def proportion(part: int, rows: int) -> Estimate:
    """Return `part / rows` with Wilson's interval.

    It stays within 0 and 1, is never empty, and holds from one row on: there is no smallest sample.

    Parameters
    ----------
    part, rows
        Rows that count and all rows, above 0.

    References
    ----------
    Wilson, J. Am. Stat. Assoc. 22 (1927) 209; equal to
    `scipy.stats.binomtest(part, rows).proportion_ci(method="wilson")`.

    Examples
    --------
    >>> proportion(10, 10)
    Estimate(value=1.0, interval_low=0.7224672001371107, interval_high=1.0)
    """
    share, square = part / rows, NORMAL_95**2
    centre = (share + square / (2 * rows)) / (1 + square / rows)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / rows + square / (4 * rows**2))
    half /= 1 + square / rows
    low = 0.0 if part == 0 else max(centre - half, 0.0)
    high = 1.0 if part == rows else min(centre + half, 1.0)
    return Estimate(share, low, high)


def average(estimates: Sequence[Estimate], correlation: FloatArray | None = None) -> Estimate:
    """Return the mean of the classes' numbers, with the interval that follows from theirs.

    Each side of the interval is the root of the correlated sum of squares of that side's distances,
    over the number of classes. Unlike the delta method it needs no least number of rows in
    a class: a class of two rows, both right, brings Wilson's distance instead of 0.

    Parameters
    ----------
    estimates
        At least one; without an interval in any of them the average has none.
    correlation
        Shape `(len(estimates), len(estimates))`; None: the classes are independent.

    References
    ----------
    Zou and Donner, Stat. Med. 27 (2008) 1693, method MOVER.

    Examples
    --------
    >>> average([Estimate(0.5, 0.125, 0.625), Estimate(1.0, 0.5, 1.0)])
    Estimate(value=0.75, interval_low=0.4375, interval_high=0.8125)
    """
    value = sum(one.value for one in estimates) / len(estimates)
    ends = [(e.interval_low, e.interval_high) for e in estimates]
    known = np.array([(low, high) for low, high in ends if low is not None and high is not None])
    if len(known) < len(estimates):
        return Estimate(value)
    distances = np.abs(known - np.array([[one.value] for one in estimates]))
    together = np.eye(len(estimates)) if correlation is None else correlation
    low, high = np.sqrt(np.einsum("is,ij,js->s", distances, together, distances)) / len(estimates)
    return Estimate(value, value - float(low), value + float(high))
