"""Kolmogorov-Smirnov distance of two profiles of a column of numbers.

Belongs here: the score and the differences it is the largest of. Stays out: its law (metrics/null).
"""

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.drift.comparison import score_profiles
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.result import Undefined


def kolmogorov_smirnov(
    reference: ColumnProfile, window: ColumnProfile, bins: Bins
) -> float | Undefined:
    """Return the largest difference of the two empirical distribution functions at bin edges.

    Range [0, 1], 0 is best. Missing and infinite values are left out; values outside the
    reference's range count as such. Symmetric in the two profiles.

    Over fine bins it is a lower bound of the unbinned distance D: exact where the column has one
    bin per value and the window no value in between, else at most 1/256 (plus one reference row)
    below D, since no bin with more than one value holds more of the reference.

    Parameters
    ----------
    reference, window
        Profiles over the same bins.
    bins
        Those bins.

    References
    ----------
    Equal to `scipy.stats.ks_2samp(...).statistic` on values that stand for their bins.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import numerical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> bins = numerical_bins(np.array([1, 2, 3, 4]))
    >>> reference, window = profile(np.array([1, 2, 3, 4]), bins), profile(np.array([3, 4]), bins)
    >>> kolmogorov_smirnov(reference, window, bins)
    0.5
    """
    return score_profiles(kernel, reference, [window], bins)[0]


def kernel(left: IntArray, right: IntArray, bins: Bins) -> FloatArray:  # noqa: ARG001 - one signature for all methods
    """Return the distance for each row of counts."""
    return np.max(np.abs(parts(left, right)), axis=-1)


def parts(left: IntArray, right: IntArray) -> FloatArray:
    """Return the difference of the two distribution functions at the upper edge of each bin."""
    rows_left, rows_right = left.sum(axis=-1, keepdims=True), right.sum(axis=-1, keepdims=True)
    # Summed as integers: equal profiles score exactly 0, and the last difference is exactly 0.
    return np.cumsum(left, axis=-1) / rows_left - np.cumsum(right, axis=-1) / rows_right
