"""Which class a number is about: one, the positive one, or the average of all.

Belongs here: what the metrics of classifiers share, and why there may be no number. Stays out: the
metrics (one file each), intervals (interval.py).
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.interval import average
from monitoring_assets.metrics.quality.score_bins import ClassScores
from monitoring_assets.metrics.result import Estimate, Undefined

OfClass = Callable[[ClassificationProfile, str], Estimate | Undefined]
"""(profile, class) -> the number of that class."""

Correlation = Callable[[ClassificationProfile, list[str]], FloatArray]
"""(profile, n classes) -> how their numbers go together over samples of rows, shape `(n, n)`."""

NO_ROWS: Final = Undefined("no row has both a label and a prediction")


def of_class_or_average(
    profile: ClassificationProfile,
    class_name: str,
    of_class: OfClass,
    correlation: Correlation | None = None,
) -> Estimate | Undefined:
    """Return the number of one class, or that of the whole.

    Parameters
    ----------
    class_name
        One of the profile's classes; `""` for the whole: of a binary model the positive class, of
        others the average over classes for which the number is defined.
    correlation
        None: the numbers of the classes are independent.
    """
    chosen = chosen_class(profile, class_name)
    if not profile.rows:
        return NO_ROWS
    if chosen is not None:
        return of_class(profile, chosen)
    return average_over_classes(profile, of_class, correlation)


def chosen_class(profile: ClassificationProfile, class_name: str) -> str | None:
    """Return the class that is asked for, `""` being the positive one; None: the average.

    Raises
    ------
    ValueError
        The profile has no such class.
    """
    if class_name and class_name not in profile.classes:
        raise ValueError(f"there is no class {class_name!r}; there are {profile.classes}")
    return class_name or profile.positive


def fully_correlated(_: ClassificationProfile, classes: list[str]) -> FloatArray:
    """Return the correlation of classes whose numbers go together in a way the sums do not hold.

    With it the average is as uncertain as its classes on average, which is the most it can be.
    """
    return np.ones((len(classes), len(classes)))


def average_over_classes(
    profile: ClassificationProfile,
    of_class: OfClass,
    correlation: Correlation | None = None,
) -> Estimate | Undefined:
    """Return the average over the classes for which the number is defined."""
    found = {name: of_class(profile, name) for name in profile.classes}
    defined = {name: one for name, one in found.items() if isinstance(one, Estimate)}
    if not defined:
        reasons = [one.reason for one in found.values() if isinstance(one, Undefined)]
        return Undefined(f"it is defined for no class: {'; '.join(dict.fromkeys(reasons))}")
    together = None if correlation is None else correlation(profile, [*defined])
    return average([*defined.values()], together)


def scores_of(profile: ClassificationProfile, class_name: str) -> ClassScores:
    """Return the probabilities of a class; of a binary model always the positive one's.

    What is read from them is the same for both classes: one's are 1 minus the other's.
    """
    return profile.scores[profile.positive or class_name]


def without_probabilities(profile: ClassificationProfile) -> Undefined | None:
    """Return why nothing can be read from probabilities, or None if something can."""
    if not profile.rows:
        return NO_ROWS
    if not profile.scores:
        return Undefined("the model has no probabilities")
    if not profile.probability_rows:
        return Undefined(
            f"of {profile.rows} rows none has a label of a known class and valid probabilities"
        )
    return None
