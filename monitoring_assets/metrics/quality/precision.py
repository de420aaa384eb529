"""Precision (`precision`), of one class or averaged.

Belongs here: the value and its interval. Stays out: counting rows (classification.py).
"""

from monitoring_assets.metrics.quality.classes import of_class_or_average
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.interval import proportion
from monitoring_assets.metrics.result import Estimate, Undefined


def precision(profile: ClassificationProfile, class_name: str = "") -> Estimate | Undefined:
    """Return the share of the rows predicted as a class that are of it; range [0, 1], 1 is best.

    Undefined for a class that is never predicted among these rows; one that no label has is 0 if it
    is predicted. Rows predicted as a class that the YAML does not list have no part in it.

    The interval of a class is Wilson's. That of the average combines the classes' as independent
    ones, since each is predicted for rows of its own. Of 2,000 samples of 300 rows, either held the
    truth in 94 to 96 %.

    Parameters
    ----------
    class_name
        `""`: of a binary model the positive class, of others the average over the classes for which
        it is defined.

    References
    ----------
    Equal to `sklearn.metrics.precision_score` with `zero_division=nan`.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.classification import profile_classification
    >>> profile = profile_classification(["a", "b", "b", "c"], list("abac"), {}, "abc", None)
    >>> precision(profile, "a").value, round(precision(profile).value, 3)
    (0.5, 0.833)
    """
    return of_class_or_average(profile, class_name, _of_class)


def _of_class(profile: ClassificationProfile, class_name: str) -> Estimate | Undefined:
    place = profile.classes.index(class_name)
    rows = int(profile.confusion[:, place].sum())
    if not rows:
        return Undefined(f"no prediction is {class_name!r}")
    return proportion(int(profile.confusion[place, place]), rows)
