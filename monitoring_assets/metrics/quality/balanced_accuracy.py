"""Balanced accuracy (`balanced_accuracy`).

Belongs here: that it is the average recall. Stays out: recall (recall.py).
"""

from monitoring_assets.metrics.quality.classes import NO_ROWS, average_over_classes
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.recall import recall_of_class
from monitoring_assets.metrics.result import Estimate, Undefined


def balanced_accuracy(profile: ClassificationProfile) -> Estimate | Undefined:
    """Return the average over classes of their recall; range [0, 1], 1 is best.

    A class without a label among these rows is left out; so is a class that the YAML does not list.
    The interval is that of `recall`.

    References
    ----------
    Equal to `sklearn.metrics.balanced_accuracy_score` where every label is a listed class.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.classification import profile_classification
    >>> balanced_accuracy(profile_classification(list("aabb"), list("abbb"), {}, "ab", "b")).value
    0.75
    """
    return average_over_classes(profile, recall_of_class) if profile.rows else NO_ROWS
