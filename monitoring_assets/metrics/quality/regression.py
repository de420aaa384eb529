"""Regression profile: the sums from which every regression metric is read. Profiles add up.

Belongs here: the sums, how they are taken and stored. Stays out: the metrics (one file each) and
joining labels to predictions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, Values, numbers

LARGEST_TARGET = 1e70
"""A target or prediction beyond +-1e70 counts as infinite: fourth powers stay finite."""

ZERO_TARGET = float(np.finfo(np.float64).eps)
"""A target nearer to 0 than this has no percentage error; scikit-learn divides by this number."""


@dataclass(frozen=True, kw_only=True)
class RegressionProfile:
    """Sums over rows of `error = prediction - target`.

    Parameters
    ----------
    rows
        Rows with a finite target and a finite prediction; all sums are over these.
    incomplete
        Rows left out because one of the two is missing or infinite.
    error, absolute_error, squared_error, fourth_power_error
        Sums of error, abs(error), error**2 and error**4.
    target_centre
        Frozen number about which the target's sums are taken; equal in profiles that add up.
    target, squared_target
        Sums of `d = target - target_centre` and of its square.
    cubed_target, fourth_power_target, squared_error_target, squared_error_squared_target
        Sums of d**3, d**4, error**2 * d and error**2 * d**2, from which `r2` has its interval. None
        in a profile written before they were summed, and in a sum with such a profile.
    percentage_rows, percentage_error, squared_percentage_error
        Rows whose target is not 0, and over these the sums of abs(error / target) and its square.
    minimum_absolute_error, maximum_absolute_error
        None without rows.
    """

    rows: int
    incomplete: int
    error: float
    absolute_error: float
    squared_error: float
    fourth_power_error: float
    target_centre: float
    target: float
    squared_target: float
    cubed_target: float | None = None
    fourth_power_target: float | None = None
    squared_error_target: float | None = None
    squared_error_squared_target: float | None = None
    percentage_rows: int
    percentage_error: float
    squared_percentage_error: float
    minimum_absolute_error: float | None
    maximum_absolute_error: float | None

    def __add__(self, other: "RegressionProfile") -> "RegressionProfile":
        """Profile of both sets of rows; exact for counts, minimum and maximum."""
        if self.target_centre != other.target_centre:
            raise ValueError(
                f"cannot add sums about {other.target_centre} to sums about {self.target_centre}"
            )
        left, right = self.to_sums(), other.to_sums()
        total: dict[str, float | int | None] = {
            name: _plus(left[name], right[name])
            for name in left
            if name not in {"target_centre", "minimum_absolute_error", "maximum_absolute_error"}
        }
        smallest = (self.minimum_absolute_error, other.minimum_absolute_error)
        largest = (self.maximum_absolute_error, other.maximum_absolute_error)
        total["minimum_absolute_error"] = min((x for x in smallest if x is not None), default=None)
        total["maximum_absolute_error"] = max((x for x in largest if x is not None), default=None)
        return RegressionProfile.from_sums({**total, "target_centre": self.target_centre})

    def to_sums(self) -> dict[str, float | int | None]:
        """Return the fields as plain numbers; JSON gives them back exactly."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_sums(cls, sums: Mapping[str, float | int | None]) -> "RegressionProfile":
        """Return the profile that `to_sums` wrote down; a missing or unknown key is a TypeError."""
        whole = {"rows", "incomplete", "percentage_rows"}
        return cls(**{name: _typed(value, name in whole) for name, value in sums.items()})  # pyright: ignore[reportArgumentType] - every field is a number or None


def usual_centre(target: Values) -> float:
    """Return the mean of the finite targets, to take moments about; 0.0 without any.

    >>> usual_centre([1.0, 3.0, np.inf, np.nan])
    2.0
    """
    values = numbers(target)
    usual = values[np.abs(values) <= LARGEST_TARGET]
    return float(usual.mean()) if usual.size else 0.0


def profile_regression(
    target: Values, prediction: Values, centre: float = 0.0
) -> RegressionProfile:
    """Sum errors over rows.

    Parameters
    ----------
    target, prediction
        Of any type but text, equal shapes `(n,)`; a row with a missing or infinite one is left out
        and counted as incomplete.
    centre
        Number near the target's mean, frozen with the reference.

    Examples
    --------
    >>> profile = profile_regression(np.array([1.0, 0.0, np.nan]), np.array([2.0, -2.0, 1.0]))
    >>> profile.rows, profile.incomplete, profile.absolute_error, profile.percentage_rows
    (2, 1, 3.0, 1)
    """
    truth, answer = numbers(target), numbers(prediction)
    if truth.shape != answer.shape:
        raise ValueError(f"{truth.size} targets but {answer.size} predictions")
    complete = (np.abs(truth) <= LARGEST_TARGET) & (np.abs(answer) <= LARGEST_TARGET)
    incomplete = int(complete.size - np.count_nonzero(complete))
    if incomplete:
        truth, answer = truth[complete], answer[complete]
    return _sums(truth, answer - truth, centre, incomplete)


def _sums(
    truth: FloatArray, error: FloatArray, centre: float, incomplete: int
) -> RegressionProfile:
    absolute, squared = np.abs(error), np.square(error)
    deviation = truth - centre
    divisible = np.abs(truth) > ZERO_TARGET
    share = absolute[divisible] / np.abs(truth[divisible])
    return RegressionProfile(
        rows=error.size,
        incomplete=incomplete,
        error=float(error.sum()),
        absolute_error=float(absolute.sum()),
        squared_error=float(squared.sum()),
        fourth_power_error=float(np.square(squared).sum()),
        target_centre=float(centre),
        target=float(deviation.sum()),
        **_joint_sums(squared, deviation),
        percentage_rows=share.size,
        percentage_error=float(share.sum()),
        squared_percentage_error=float(np.square(share).sum()),
        minimum_absolute_error=float(absolute.min()) if absolute.size else None,
        maximum_absolute_error=float(absolute.max()) if absolute.size else None,
    )


def _joint_sums(squared_error: FloatArray, deviation: FloatArray) -> dict[str, float]:
    """Sum powers of the target's deviation, alone and with squared errors."""
    square = np.square(deviation)
    return {
        "squared_target": float(square.sum()),
        "cubed_target": float((square * deviation).sum()),
        "fourth_power_target": float(np.square(square).sum()),
        "squared_error_target": float((squared_error * deviation).sum()),
        "squared_error_squared_target": float((squared_error * square).sum()),
    }


def _plus(left: float | None, right: float | None) -> float | int | None:
    return None if left is None or right is None else left + right


def _typed(value: float | None, whole: bool) -> float | int | None:  # noqa: FBT001 - private
    if value is None:
        return None
    return int(value) if whole else float(value)
