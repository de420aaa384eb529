"""Mean absolute error (`mae`).

Belongs here: the value and its interval. Stays out: summing errors (regression.py).
"""

from monitoring_assets.metrics.quality.interval import clipped, mean_with_interval
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.result import Estimate, Undefined


def mean_absolute_error(profile: RegressionProfile) -> Estimate | Undefined:
    """Return the mean of `abs(prediction - target)`; range [0, inf), 0 is best.

    The interval is that of a mean (normal law), from 30 rows on; its lower end is not below 0.

    References
    ----------
    Equal to `sklearn.metrics.mean_absolute_error`.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.regression import profile_regression
    >>> mean_absolute_error(profile_regression([1.0, 2.0], [2.0, 4.0])).value
    1.5
    """
    if not profile.rows:
        return Undefined("no row has both a label and a prediction")
    estimate = mean_with_interval(profile.absolute_error, profile.squared_error, profile.rows)
    return clipped(estimate, 0.0)
