"""Cramer's V of two profiles, over coarse groups; its p value is that of the chi-squared test.

Belongs here: the score and what each group adds to it. Stays out: its p value (metrics/null).
"""

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.drift.comparison import all_rare, grouped, score_profiles, shares
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.result import Undefined


def chi_squared(reference: ColumnProfile, window: ColumnProfile, bins: Bins) -> float | Undefined:
    """Return Cramer's V of the two samples, each weighing one half.

    `sqrt(sum((p - q)**2 / (p + q)) / 2)` with shares p, q by group: for categories those that
    expect five rows or more, the rest pooled; for numbers the reference's deciles. Range [0, 1],
    0 is best, 1 is disjoint. Weighing both alike keeps its meaning for any two sizes; the plain V
    of a small window against a large reference is near 0 whatever changed. Missing and infinite
    values are left out. Symmetric in the two profiles. Undefined where every category is rare.

    Over these groups it is exact, counts being integers. Grouping never makes it larger.

    Parameters
    ----------
    reference, window
        Profiles over the same bins.
    bins
        Those bins.

    References
    ----------
    Equal to `scipy.stats.contingency.association(table, method="cramer")` for samples of equal
    size.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import categorical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> bins = categorical_bins(np.repeat(["a", "b"], 50))
    >>> reference = profile(np.repeat(["a", "b"], 50), bins)
    >>> round(chi_squared(reference, profile(np.repeat(["a", "b"], [60, 40]), bins), bins), 6)
    0.100504
    """
    return score_profiles(kernel, reference, [window], bins)[0]


def kernel(left: IntArray, right: IntArray, bins: Bins) -> FloatArray:
    """Return V for each row of counts."""
    left, right = grouped(left, right, bins)
    total = np.minimum(parts(left, right).sum(axis=-1), 1.0)
    return np.where(all_rare(left, right, bins), np.nan, np.sqrt(total))


def parts(left: IntArray, right: IntArray) -> FloatArray:
    """Return what each group adds to the square of V."""
    one, other = shares(left), shares(right)
    both = one + other
    return np.divide(np.square(one - other), 2 * both, out=np.zeros_like(both), where=both > 0)
