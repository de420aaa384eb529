"""Change of the share of missing values between two profiles.

Belongs here: the score. Stays out: bounds on missing values, which are data quality (evaluation).
"""

from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.result import Undefined


def missing_share_change(
    reference: ColumnProfile,
    window: ColumnProfile,
    bins: Bins,  # noqa: ARG001 - one signature for all methods
) -> float | Undefined:
    """Return `abs(missing share of the window - missing share of the reference)`.

    Range [0, 1], 0 is best; symmetric; exact, for it does not look at bins, nor at their version.
    Infinite values are not missing.

    Parameters
    ----------
    reference, window
        Profiles of the column.
    bins
        Not looked at.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import categorical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> bins = categorical_bins(["a"])
    >>> missing_share_change(profile(["a", None], bins), profile(["a", "a"], bins), bins)
    0.5
    """
    before, now = reference.missing_share, window.missing_share
    if before is None:
        return Undefined("the reference has no rows")
    if now is None:
        return Undefined("the window has no rows")
    return abs(now - before)
