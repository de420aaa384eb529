"""Root mean squared error (`rmse`).

Belongs here: the value and its interval. Stays out: summing errors (regression.py).
"""

import math

from monitoring_assets.metrics.quality.interval import mean_with_interval
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.result import Estimate, Undefined


def root_mean_squared_error(profile: RegressionProfile) -> Estimate | Undefined:
    """Return the square root of the mean of `(prediction - target)**2`; range [0, inf), 0 is best.

    The interval follows from that of the mean squared error by the delta method: its half width
    divided by `2 rmse`, from 30 rows on; its lower end is not below 0.

    References
    ----------
    Equal to `sklearn.metrics.root_mean_squared_error`.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.regression import profile_regression
    >>> root_mean_squared_error(profile_regression([1.0, 2.0], [4.0, 6.0])).value
    3.5355339059327378
    """
    if not profile.rows:
        return Undefined("no row has both a label and a prediction")
    squared = mean_with_interval(profile.squared_error, profile.fourth_power_error, profile.rows)
    root = math.sqrt(squared.value)
    if squared.interval_high is None:
        return Estimate(root)
    half = (squared.interval_high - squared.value) / (2 * root) if root > 0 else 0.0
    return Estimate(root, max(root - half, 0.0), root + half)
