"""Population stability index of two profiles, over coarse groups.

Belongs here: the score and what each group adds to it. Stays out: grouping (comparison.py).
"""

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.drift.comparison import all_rare, grouped, score_profiles
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.result import Undefined

EMPTY_GROUP_ROWS = 0.5
"""An empty group of one side counts as half a row of that side; shares are not scaled again."""


def psi(reference: ColumnProfile, window: ColumnProfile, bins: Bins) -> float | Undefined:
    """Return the population stability index `sum((p - q) ln(p / q))`.

    Shares p, q by group: the reference's deciles for numbers; for categories those that expect
    five rows or more, the rest pooled. Natural logarithm; range [0, inf), 0 is best. A group that
    is empty on one side counts as half a row there. Missing and infinite values are left out.
    Symmetric in the two profiles. Undefined where every category is rare.

    Over these groups it is exact, counts being integers. Grouping never makes it larger where no
    group is empty (data-processing inequality).

    Parameters
    ----------
    reference, window
        Profiles over the same bins.
    bins
        Those bins.

    References
    ----------
    Equal to Evidently's `psi` over the same groups where none is empty (there it fills in 1e-4).

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import categorical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> bins = categorical_bins(np.repeat(["a", "b"], 50))
    >>> reference = profile(np.repeat(["a", "b"], 50), bins)
    >>> round(psi(reference, profile(np.repeat(["a", "b"], [60, 40]), bins), bins), 6)
    0.040547
    """
    return score_profiles(kernel, reference, [window], bins)[0]


def kernel(left: IntArray, right: IntArray, bins: Bins) -> FloatArray:
    """Return the index for each row of counts."""
    left, right = grouped(left, right, bins)
    return np.where(all_rare(left, right, bins), np.nan, parts(left, right).sum(axis=-1))


def parts(left: IntArray, right: IntArray) -> FloatArray:
    """Return what each group adds to the index; a group empty on both sides adds nothing."""
    one, other = _filled_shares(left), _filled_shares(right)
    used = (left + right) > 0
    return np.where(used, (one - other) * np.log(one / other), 0.0)


def _filled_shares(counts: IntArray) -> FloatArray:
    filled = np.where(counts > 0, counts, EMPTY_GROUP_ROWS)
    return filled / counts.sum(axis=-1, keepdims=True)
