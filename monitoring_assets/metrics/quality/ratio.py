"""Quality metrics as ratios of sums: what can be added up over slices of rows, and subtracted.

Belongs here: numerator, denominator and squares of each metric that is such a ratio, why the others
are none. Stays out: the metrics themselves (one file each), slices of rows and what changed between
two of them (evaluation/explaining).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.result import Undefined


@dataclass(frozen=True, kw_only=True)
class RatioSums:
    """Sums over rows, each of which adds x to the numerator and d to the denominator of a ratio.

    Parameters
    ----------
    numerator, denominator
        Sums of x and of d; the ratio is their quotient.
    square, cross, denominator_square
        Sums of x**2, x * d and d**2, from which the ratio has its variance.
    """

    numerator: float
    denominator: float
    square: float
    cross: float
    denominator_square: float

    @property
    def value(self) -> float | None:
        """The ratio; None where the denominator is 0."""
        return self.numerator / self.denominator if self.denominator else None

    def __add__(self, other: "RatioSums") -> "RatioSums":
        """Return the sums over both sets of rows."""
        return self.plus(other, 1.0)

    def __sub__(self, other: "RatioSums") -> "RatioSums":
        """Return the sums over the rows that are not among the other's; exact for counts."""
        return self.plus(other, -1.0)

    def times(self, factor: float) -> "RatioSums":
        """Return the sums over that many times as many rows of the same kind."""
        return NO_ROWS.plus(self, factor)

    def plus(self, other: "RatioSums", factor: float) -> "RatioSums":
        """Return these sums and that many times the other's; field by field, which is quick."""
        return RatioSums(
            numerator=self.numerator + factor * other.numerator,
            denominator=self.denominator + factor * other.denominator,
            square=self.square + factor * other.square,
            cross=self.cross + factor * other.cross,
            denominator_square=self.denominator_square + factor * other.denominator_square,
        )

    def spread(self, x: float, d: float) -> float:
        """Return the sum over rows of `(x * row's x + d * row's d)**2`, never below 0."""
        total = x * x * self.square + 2 * x * d * self.cross + d * d * self.denominator_square
        return max(total, 0.0)


NO_ROWS: Final = RatioSums(
    numerator=0.0, denominator=0.0, square=0.0, cross=0.0, denominator_square=0.0
)
"""The sums over no row."""


def ratio_sums(
    metric: str, profile: QualityProfile, class_name: str = ""
) -> tuple[RatioSums, ...] | Undefined:
    """Return the ratios whose average a metric is, or why it is none.

    Parameters
    ----------
    metric
        Name of a quality metric; `rmse` is the root of the one ratio that is returned.
    class_name
        One class of the profile; '' for the whole: of a binary model the positive class, of others
        one ratio for each class, in the profile's order, those with denominator 0 among them.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.regression import profile_regression
    >>> (found,) = ratio_sums("mae", profile_regression([1.0, 2.0], [2.0, 4.0]))
    >>> found.value, found.square
    (1.5, 5.0)
    """
    if metric in WHOLE_ONLY:
        return Undefined(WHOLE_ONLY[metric])
    if isinstance(profile, RegressionProfile) is not (metric in _OF_NUMBERS):
        return Undefined(f"{metric} is not defined for models of this task")
    if isinstance(profile, RegressionProfile):
        return (_OF_NUMBERS[metric](profile),)
    if metric in _OF_ROWS:
        return (_OF_ROWS[metric](profile),)
    chosen = class_name or (None if metric == "balanced_accuracy" else profile.positive)
    classes = profile.classes if chosen is None else (chosen,)
    return tuple(_OF_CLASS[metric](profile, one) for one in classes)


def averaged(metric: str, ratios: Sequence[RatioSums]) -> float | None:
    """Return the metric that these ratios give: the average of those that are defined.

    Examples
    --------
    >>> averaged("rmse", [_mean(18.0, 0.0, 2)])
    3.0
    """
    values = [one.value for one in ratios if one.value is not None]
    if not values:
        return None
    mean = sum(values) / len(values)
    return math.sqrt(max(mean, 0.0)) if metric in ROOTS else mean


WHOLE_ONLY: Final = {
    "r2": "r2 holds errors against the spread of all targets together, which no segment has a"
    " part of",
    "roc_auc": "an area under the curve counts pairs of rows, most of which lie across segments",
    "calibration_error": "errors of calibration cancel across segments, so that theirs do not sum"
    " to that of the whole",
}
"""Metrics that are no ratios of sums over rows, and why."""

ROOTS: Final = frozenset({"rmse"})
"""Metrics that are the root of their ratio."""


def _mean(total: float, squares: float, rows: int) -> RatioSums:
    """Return the sums of a mean: every row adds 1 to the denominator."""
    return RatioSums(
        numerator=total,
        denominator=rows,
        square=squares,
        cross=total,
        denominator_square=rows,
    )


def _share(part: int, rows: int) -> RatioSums:
    return _mean(part, part, rows)


def _accuracy(profile: ClassificationProfile) -> RatioSums:
    right = int(profile.confusion.diagonal()[:-1].sum()) + profile.unlisted_agreeing
    return _share(right, profile.rows)


def _mean_calibration_error(profile: ClassificationProfile) -> RatioSums:
    scores = profile.scores.get(profile.positive or "")
    if scores is None:
        return _mean(0.0, 0.0, 0)
    error = float(scores.probability.sum()) - int(scores.own.sum())
    return _mean(error, float(scores.squared_error.sum()), profile.probability_rows)


def _precision(profile: ClassificationProfile, class_name: str) -> RatioSums:
    right, _, answered = _counted(profile, class_name)
    return _share(right, answered)


def _recall(profile: ClassificationProfile, class_name: str) -> RatioSums:
    right, labelled, _ = _counted(profile, class_name)
    return _share(right, labelled)


def _f1(profile: ClassificationProfile, class_name: str) -> RatioSums:
    """Return 2 tp / (2 tp + fp + fn): a row of the first kind adds 2 to both, of the others 1."""
    right, labelled, answered = _counted(profile, class_name)
    wrong = labelled + answered - 2 * right
    return RatioSums(
        numerator=2 * right,
        denominator=2 * right + wrong,
        square=4 * right,
        cross=4 * right,
        denominator_square=4 * right + wrong,
    )


def _counted(profile: ClassificationProfile, class_name: str) -> tuple[int, int, int]:
    """Return the rows of a class that are predicted as such, its labels and its predictions."""
    place, confusion = profile.classes.index(class_name), profile.confusion
    return int(confusion[place, place]), int(confusion[place].sum()), int(confusion[:, place].sum())


_OF_NUMBERS: Final[dict[str, Callable[[RegressionProfile], RatioSums]]] = {
    "mae": lambda one: _mean(one.absolute_error, one.squared_error, one.rows),
    "rmse": lambda one: _mean(one.squared_error, one.fourth_power_error, one.rows),
    "mean_error": lambda one: _mean(one.error, one.squared_error, one.rows),
    "mape": lambda one: _mean(
        one.percentage_error, one.squared_percentage_error, one.percentage_rows
    ),
}

_OF_ROWS: Final[dict[str, Callable[[ClassificationProfile], RatioSums]]] = {
    "accuracy": _accuracy,
    "log_loss": lambda one: _mean(one.log_loss, one.squared_log_loss, one.probability_rows),
    "brier_loss": lambda one: _mean(one.brier, one.squared_brier, one.probability_rows),
    "mean_calibration_error": _mean_calibration_error,
}

_OF_CLASS: Final[dict[str, Callable[[ClassificationProfile, str], RatioSums]]] = {
    "precision": _precision,
    "recall": _recall,
    "balanced_accuracy": _recall,
    "f1": _f1,
}
