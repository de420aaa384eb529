"""Jensen-Shannon distance of two profiles, over coarse groups.

Belongs here: the score and what each group adds to it. Stays out: grouping (comparison.py).
"""

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.drift.comparison import all_rare, grouped, score_profiles, shares
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.result import Undefined


def jensen_shannon(
    reference: ColumnProfile, window: ColumnProfile, bins: Bins
) -> float | Undefined:
    """Return the square root of the Jensen-Shannon divergence to base 2.

    `sqrt(sum(p log2(p / m) + q log2(q / m)) / 2)` with `m = (p + q) / 2` and shares p, q by group:
    the reference's deciles for numbers; for categories those that expect five rows or more, the
    rest pooled. Range [0, 1], 0 is best, no smoothing. Missing and infinite values are left out.
    Symmetric in the two profiles. Undefined where every category is rare.

    Over these groups it is exact, counts being integers. Grouping never makes it larger
    (data-processing inequality): it is a lower bound of the distance over finer bins.

    Parameters
    ----------
    reference, window
        Profiles over the same bins.
    bins
        Those bins.

    References
    ----------
    Equal to `scipy.spatial.distance.jensenshannon(p, q, base=2)`; Evidently takes the natural
    logarithm, which is smaller by the factor `sqrt(ln 2)` = 0.8326.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import categorical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> bins = categorical_bins(np.repeat(["a", "b"], 10))
    >>> reference = profile(np.repeat(["a", "b"], 10), bins)
    >>> round(jensen_shannon(reference, profile(np.repeat(["a"], 20), bins), bins), 6)
    0.557923
    """
    return score_profiles(kernel, reference, [window], bins)[0]


def kernel(left: IntArray, right: IntArray, bins: Bins) -> FloatArray:
    """Return the distance for each row of counts."""
    left, right = grouped(left, right, bins)
    total = np.clip(parts(left, right).sum(axis=-1), 0.0, 1.0)
    return np.where(all_rare(left, right, bins), np.nan, np.sqrt(total))


def parts(left: IntArray, right: IntArray) -> FloatArray:
    """Return what each group adds to the divergence (the square of the distance), in bits."""
    one, other = shares(left), shares(right)
    middle = (one + other) / 2
    return (_relative_entropy(one, middle) + _relative_entropy(other, middle)) / 2


def _relative_entropy(share: FloatArray, middle: FloatArray) -> FloatArray:
    """`share * log2(share / middle)`, 0 where the share is 0."""
    ratio = np.divide(share, middle, out=np.ones_like(share), where=share > 0)
    return share * np.log2(ratio)
