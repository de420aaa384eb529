"""Coefficient of determination (`r2`).

Belongs here: the value. Stays out: summing errors (regression.py).
"""

from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.result import Estimate, Undefined


def r2_score(profile: RegressionProfile) -> Estimate | Undefined:
    """Return 1 - squared errors / squared deviations of the target from its mean in these rows.

    Range (-inf, 1], 1 is best. Undefined for fewer than two rows and for a constant target. No
    interval: its law depends on the joint distribution of target and error.

    References
    ----------
    Equal to `sklearn.metrics.r2_score`, which gives 0.0 or 1.0 for a constant target.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.regression import profile_regression
    >>> r2_score(profile_regression([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])).value
    0.5
    """
    if profile.rows < 2:
        return Undefined("fewer than two rows have both a label and a prediction")
    # Rounding leaves this much of the squares when the target is constant.
    deviations = profile.squared_target - profile.target**2 / profile.rows
    if deviations <= 1e-14 * profile.squared_target:
        return Undefined("the target is the same in all rows")
    return Estimate(1 - profile.squared_error / deviations)
