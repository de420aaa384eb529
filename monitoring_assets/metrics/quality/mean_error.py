"""Mean error (`mean_error`), also called bias.

Belongs here: the value and its interval. Stays out: summing errors (regression.py).
"""

from monitoring_assets.metrics.quality.interval import mean_with_interval
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.result import Estimate, Undefined


def mean_error(profile: RegressionProfile) -> Estimate | Undefined:
    """Return the mean of `prediction - target`; range (-inf, inf), 0 is best, above 0 is too much.

    The interval is that of a mean (normal law), from 30 rows on.

    References
    ----------
    Equal to Evidently's `MeanError` (`mean`).

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.regression import profile_regression
    >>> mean_error(profile_regression([1.0, 2.0], [2.0, 0.0])).value
    -0.5
    """
    if not profile.rows:
        return Undefined("no row has both a label and a prediction")
    return mean_with_interval(profile.error, profile.squared_error, profile.rows)
