"""Mean absolute percentage error (`mape`).

Belongs here: the value and its interval. Stays out: the rule at target 0 (regression.py).
"""

from monitoring_assets.metrics.quality.interval import clipped, mean_with_interval
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.result import Estimate, Undefined


def mean_absolute_percentage_error(profile: RegressionProfile) -> Estimate | Undefined:
    """Return the mean of `abs(error / target)` as a share: 0.1 is 10 %; range [0, inf), 0 is best.

    Rows with target 0 (nearer than 2.2e-16) have no percentage error: they are left out, and
    `rows - percentage_rows` says how many. The interval is that of a mean, from 30 rows on.

    References
    ----------
    Equal to `sklearn.metrics.mean_absolute_percentage_error` where no target is 0; there
    scikit-learn divides by 2.2e-16 instead. Evidently gives percent.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.regression import profile_regression
    >>> mean_absolute_percentage_error(profile_regression([2.0, 0.0], [3.0, 1.0])).value
    0.5
    """
    if not profile.rows:
        return Undefined("no row has both a label and a prediction")
    rows = profile.percentage_rows
    if not rows:
        return Undefined("the target is 0 in all rows")
    estimate = mean_with_interval(profile.percentage_error, profile.squared_percentage_error, rows)
    return clipped(estimate, 0.0)
