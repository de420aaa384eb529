"""Score bins: probabilities of one class, counted apart for its own rows and for the others'.

Belongs here: the fixed bins, which are the same for every model, so that counts always add up; the
counts. Stays out: reading metrics from them (one file each).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import frozen

UNIFORM_BINS: Final = 500
"""Equal widths between 0.016 and 0.984: 1/500."""

CALIBRATION_BINS: Final = 10
"""Equal widths, each made of whole score bins: [0, 0.1), …, [0.9, 1]."""

# Steps of 12 % (the series R20 of ISO 3), as text: 10**(k / 20) may differ in its last bit from one
# machine to the next. From 0.016 on a step of 1/500 is the finer one.
_STEPS = "1 1.12 1.25 1.4 1.6 1.8 2 2.24 2.5 2.8 3.15 3.55 4 4.5 5 5.6 6.3 7.1 8 9"
_GEOMETRIC = [float(f"{step}e{decade}") for decade in range(-8, -1) for step in _STEPS.split(" ")]
_TAIL = [edge for edge in _GEOMETRIC if edge < 0.016]

SCORE_EDGES: Final[FloatArray] = frozen(
    np.array(
        [*_TAIL, *(k / UNIFORM_BINS for k in range(8, 493)), *(1 - edge for edge in _TAIL[::-1])]
    )
)
"""Inner edges; bin i holds `SCORE_EDGES[i - 1] <= p < SCORE_EDGES[i]`.

Probabilities below 1e-8 are one bin, and so are those above 1 - 1e-8.
"""

SCORE_BINS: Final = SCORE_EDGES.size + 1
"""734 bins, of which a profile stores the occupied ones."""

CALIBRATION_BIN: Final[IntArray] = frozen(
    np.searchsorted(
        np.arange(1, CALIBRATION_BINS) / CALIBRATION_BINS,
        np.append(0.0, SCORE_EDGES),
        side="right",
    )
)
"""Score bin -> the calibration bin that it is a part of."""

_LOWER: Final[FloatArray] = frozen(np.append(0.0, SCORE_EDGES))
_UPPER: Final[FloatArray] = frozen(np.append(SCORE_EDGES, 1.0))


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassScores:
    """Probabilities of one class over rows whose class is known.

    Parameters
    ----------
    own, others
        int64, shape `(SCORE_BINS,)`: rows of the class, and of other classes, by score bin.
    probability, squared_error
        float64, shape `(CALIBRATION_BINS,)`: sums of the probability p, and of (p - y)**2 with y 1
        for rows of the class and 0 for others.
    lowest, highest
        float64, shape `(SCORE_BINS,)`: smallest and largest probability in a score bin, infinity
        and minus infinity in an empty one. Sums stored before they were kept have the bin's edges.
    """

    own: IntArray
    others: IntArray
    lowest: FloatArray
    highest: FloatArray
    probability: FloatArray
    squared_error: FloatArray

    def __post_init__(self) -> None:
        for field in fields(self):
            frozen(getattr(self, field.name))

    def __add__(self, other: "ClassScores") -> "ClassScores":
        """Scores of both sets of rows."""
        return ClassScores(
            own=self.own + other.own,
            others=self.others + other.others,
            lowest=np.minimum(self.lowest, other.lowest),
            highest=np.maximum(self.highest, other.highest),
            probability=self.probability + other.probability,
            squared_error=self.squared_error + other.squared_error,
        )

    def undecided_pairs(self) -> float:
        """Return how many pairs of a row of the class and one of others have an unknown order.

        They are in one bin. Where its smallest and largest probability are the same, all its pairs
        are ties, whose order is known. A float: two counts of 4e9 would overflow an integer.
        """
        differing = self.lowest < self.highest
        return float(self.own[differing].astype(np.float64) @ self.others[differing])

    def calibration_counts(self) -> tuple[FloatArray, FloatArray]:
        """Return rows of the class and rows of others in each calibration bin."""
        own, others = (
            _summed(CALIBRATION_BIN, counts, CALIBRATION_BINS) for counts in (self.own, self.others)
        )
        return own, others

    def to_sums(self) -> dict[str, list[float] | list[int]]:
        """Return plain numbers of the occupied bins; JSON gives them back exactly."""
        bins = np.flatnonzero(self.own + self.others)
        parts = np.flatnonzero(self.probability + self.squared_error)
        return {
            "bins": bins.tolist(),
            "own": self.own[bins].tolist(),
            "others": self.others[bins].tolist(),
            "lowest": self.lowest[bins].tolist(),
            "highest": self.highest[bins].tolist(),
            "calibration_bins": parts.tolist(),
            "probability": self.probability[parts].tolist(),
            "squared_error": self.squared_error[parts].tolist(),
        }

    @classmethod
    def from_sums(cls, sums: Mapping[str, Any]) -> "ClassScores":
        """Return the counts that `to_sums` wrote down; a missing key is a KeyError.

        Except `lowest` and `highest`, which sums of earlier versions lack: without them the bin's
        edges stand for them, between which any order is possible.
        """
        own, others = (
            _spread(sums["bins"], sums[name], SCORE_BINS).astype(np.int64)
            for name in ("own", "others")
        )
        bins = np.array(sums["bins"], dtype=np.int64)
        lowest, highest = _no_extremes()
        lowest[bins] = sums.get("lowest", _LOWER[bins])
        highest[bins] = sums.get("highest", _UPPER[bins])
        probability, squared_error = (
            _spread(sums["calibration_bins"], sums[name], CALIBRATION_BINS)
            for name in ("probability", "squared_error")
        )
        return cls(
            own=own,
            others=others,
            lowest=lowest,
            highest=highest,
            probability=probability,
            squared_error=squared_error,
        )


def count_scores(probability: FloatArray, own: npt.NDArray[np.bool]) -> ClassScores:
    """Count the probabilities of one class.

    Parameters
    ----------
    probability
        Shape `(n,)`, each from 0 to 1.
    own
        Shape `(n,)`: which rows are of the class.

    Examples
    --------
    >>> found = count_scores(np.array([0.0, 0.25, 0.25, 1.0]), np.array([False, True, False, True]))
    >>> found.to_sums()["bins"], found.to_sums()["own"], found.to_sums()["others"]
    ([0, 242, 733], [0, 1, 1], [1, 1, 0])
    >>> found.probability[[0, 2, 9]], found.squared_error[2]
    (array([0. , 0.5, 1. ]), np.float64(0.625))
    """
    bins = np.searchsorted(SCORE_EDGES, probability, side="right")
    every = np.bincount(bins, minlength=SCORE_BINS)
    of_class = np.bincount(bins[own], minlength=SCORE_BINS)
    part = CALIBRATION_BIN[bins]
    lowest, highest = _no_extremes()
    np.minimum.at(lowest, bins, probability)  # 1,000,000 rows: 3 ms
    np.maximum.at(highest, bins, probability)
    return ClassScores(
        own=of_class,
        others=every - of_class,
        lowest=lowest,
        highest=highest,
        probability=_summed(part, probability, CALIBRATION_BINS),
        squared_error=_summed(part, np.square(probability - own), CALIBRATION_BINS),
    )


def _no_extremes() -> tuple[FloatArray, FloatArray]:
    """Return the smallest and largest probability of bins without rows."""
    return np.full(SCORE_BINS, np.inf), np.full(SCORE_BINS, -np.inf)


def _spread(places: Sequence[int], values: Sequence[float], size: int) -> FloatArray:
    """Return zeros with values at these places; whole numbers up to 2**53 stay exact."""
    return _summed(np.array(places, dtype=np.int64), np.array(values, dtype=np.float64), size)


def _summed(places: IntArray, values: npt.NDArray[np.float64] | IntArray, size: int) -> FloatArray:
    return np.bincount(places, values, size).astype(np.float64, copy=False)
