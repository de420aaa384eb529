"""Wasserstein distance of two profiles of a column of numbers, in robust standard deviations.

Belongs here: the score, its parts and its error bound. Stays out: the scale (metrics/bins.py).
"""

from typing import cast

import numpy as np

from monitoring_assets.metrics.arrays import LARGEST, FloatArray, IntArray, Values
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.drift.comparison import score_profiles
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.result import Undefined

TRIMMED = 0.001
"""Share of the reference at either end whose distance is not counted."""

COARSER = 0.1
"""So many scales more than fresh bins, bins that are kept may blur the values of a reference."""


def wasserstein(reference: ColumnProfile, window: ColumnProfile, bins: Bins) -> float | Undefined:
    """Return how far values moved on average, in units of the reference's robust scale.

    `integral(abs(F - G)) / scale` over the reference's 0.1-99.9 % range: a value beyond it counts
    as lying at its end, plus one whole scale if it lies outside the reference's range altogether.
    So one wild value in either sample moves it by at most a few scales / rows. Range [0, inf),
    0 is best; 0.1 is what a shift of all values by a tenth of a standard deviation scores.
    Missing and infinite values are left out.

    Exact over one bin per value. Over fine bins, for data inside the reference's range, it differs
    from the unbinned distance (both trimmed) by at most
    `sum(width * min(reference share, window share)) / scale` over the bins, see `error_bound`.

    Parameters
    ----------
    reference, window
        Profiles over the same bins.
    bins
        Those bins.

    References
    ----------
    Equal to `scipy.stats.wasserstein_distance / bins.scale` for a discrete column inside the
    range.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import numerical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> values = np.arange(5)
    >>> bins = numerical_bins(values)
    >>> reference, window = profile(values, bins), profile(np.array([1, 1, 2, 3, 4]), bins)
    >>> round(wasserstein(reference, window, bins) * bins.scale, 9)
    0.2
    """
    return score_profiles(kernel, reference, [window], bins)[0]


def kernel(left: IntArray, right: IntArray, bins: Bins) -> FloatArray:
    """Return the distance for each row of counts; trimming follows the first row of `left`."""
    # Not a matrix product, whose last digits depend on how many rows there are.
    return (differences(left, right) * lengths(np.atleast_2d(left)[0], bins)).sum(axis=-1)


def differences(left: IntArray, right: IntArray) -> FloatArray:
    """Return `abs(F - G)` at each edge and, last, the difference of the shares outside the range.

    Shape `(..., edges + 1)`. The distance is their product with `lengths`.
    """
    rows_left, rows_right = left.sum(axis=-1, keepdims=True), right.sum(axis=-1, keepdims=True)
    gap = np.cumsum(left, axis=-1) / rows_left - np.cumsum(right, axis=-1) / rows_right
    np.abs(gap, out=gap)
    outer = np.abs(left[..., [0, -1]] / rows_left - right[..., [0, -1]] / rows_right)
    # The last gap is 1 - 1 = 0, and its place is free.
    gap[..., -1] = outer.sum(axis=-1)
    return gap


def lengths(reference: IntArray, bins: Bins) -> FloatArray:
    """Return the length that each entry of `differences` stands for, in scales.

    Parameters
    ----------
    reference
        Counts of the reference, whose trimmed range is taken.
    bins
        Bins of the column.
    """
    cumulative = np.cumsum(reference)[:-1] / reference.sum()
    return np.append(edge_weights(cast("NumericalBins", bins), cumulative), 1.0)


def edge_weights(bins: NumericalBins, cumulative: FloatArray) -> FloatArray:
    """Return the length each edge stands for, in scales; 0 beyond the trimmed range.

    Parameters
    ----------
    bins
        Bins of the column.
    cumulative
        Share of the reference at or below each edge, shape `(edges,)`.
    """
    low, high = trimmed_range(cumulative)
    widths = np.diff(bins.edges)
    widths[:low] = 0.0
    widths[high:] = 0.0
    before, after = np.append(0.0, widths), np.append(widths, 0.0)
    # With one bin per value the functions are flat from each value to the next.
    length = after if bins.is_discrete else (before + after) / 2
    with np.errstate(over="ignore"):  # a range of more than 1e140 scales counts as that many
        return np.minimum(length / bins.scale, LARGEST)


def trimmed_range(cumulative: FloatArray) -> tuple[int, int]:
    """Return the edges between which distance counts; `cumulative` as in `edge_weights`."""
    low = int(np.searchsorted(cumulative, TRIMMED, side="right")) - 1
    return max(low, 0), int(np.searchsorted(cumulative, 1 - TRIMMED, side="left"))


def error_bound(reference: ColumnProfile, window: ColumnProfile, bins: NumericalBins) -> float:
    """Return the most by which binning changes the distance of data inside the range."""
    if bins.is_discrete:
        return 0.0
    one, other = reference.counts / reference.finite, window.counts / window.finite
    low, high = trimmed_range(np.cumsum(one)[:-1])
    inner = np.minimum(one, other)[1:-1] * np.diff(bins.edges)
    return float(inner[low:high].sum() / bins.scale)


def much_coarser(bins: NumericalBins, fresh: NumericalBins, values: Values) -> bool:
    """Whether bins made from other values blur these far more than bins made from them.

    So it is where a few wild values made the outermost bins thousands of scales wide, and the
    0.1-99.9 % range of the new values ends in one of them: chance alone then moves the distance by
    whole scales, and no shift is told from it. With 12 wild values of 10,000 before and 8 now,
    quiet windows of 1,000 rows score 0.37 over the bins before and 0.05 over fresh ones. What
    counts is `error_bound` of the values with themselves, 0.03 to 0.06 over fresh bins.

    Parameters
    ----------
    bins, fresh
        Bins made from other values, and from these.
    values
        The values, at least one of them finite.
    """

    def blur(one: NumericalBins) -> float:
        counted = profile(values, one)
        return error_bound(counted, counted, one)

    return blur(bins) > blur(fresh) + COARSER
