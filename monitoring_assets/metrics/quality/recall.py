"""Recall (`recall`), of one class or averaged.

Belongs here: the value and its interval. Stays out: counting rows (classification.py).
"""

from monitoring_assets.metrics.quality.classes import of_class_or_average
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.interval import proportion
from monitoring_assets.metrics.result import Estimate, Undefined


def recall(profile: ClassificationProfile, class_name: str = "") -> Estimate | Undefined:
    """Return the share of a class's rows that are predicted as such; range [0, 1], 1 is best.

    Undefined for a class without a label among these rows; one that is never predicted has recall
    0. Rows whose label is a class that the YAML does not list have no part in it.

    The interval of a class is Wilson's. That of the average combines the classes' as independent
    ones, since each has rows of its own. Of 2,000 samples of 300 rows, either held the truth in 94
    to 96 %.

    Parameters
    ----------
    class_name
        `""`: of a binary model the positive class, of others the average over the classes for which
        it is defined, which is `balanced_accuracy`.

    References
    ----------
    Equal to `sklearn.metrics.recall_score` with `zero_division=nan`.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.classification import profile_classification
    >>> profile = profile_classification(["a", "b", "b", "c"], list("abac"), {}, "abc", None)
    >>> recall(profile, "b").value, round(recall(profile).value, 3)
    (0.5, 0.833)
    """
    return of_class_or_average(profile, class_name, recall_of_class)


def recall_of_class(profile: ClassificationProfile, class_name: str) -> Estimate | Undefined:
    """Return the recall of one class."""
    place = profile.classes.index(class_name)
    rows = int(profile.confusion[place].sum())
    if not rows:
        return Undefined(f"no label is {class_name!r}")
    return proportion(int(profile.confusion[place, place]), rows)
