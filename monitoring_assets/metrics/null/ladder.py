"""Null ladder of one column, method and reference: expected score and p value at any window size.

Belongs here: reading a law, by formula or from rungs, and its plain form for storage. Stays out:
drawing rungs (metrics/null/drawn.py), verdicts (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.analytic import LAWS
from monitoring_assets.metrics.null.rung import SMALLEST_P_VALUE, Rung
from monitoring_assets.metrics.profile import ColumnProfile


@dataclass(frozen=True)
class Quiet:
    """What quiet windows of the same size score.

    Parameters
    ----------
    expected
        Median score of a quiet window.
    p_value
        How rarely a quiet window scores at least as much, in (0, 1].
    """

    expected: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class NullLadder:
    """Law of one method's score for quiet windows against one reference column.

    A score is standardised as `score**power / (1 / n + 1 / m)`, n rows of the window, m of the
    reference: both are samples, and the law of that hardly depends on n. Between two rungs the
    logarithm of the p value is interpolated over log n; beyond the last the last one holds.

    Parameters
    ----------
    method
        Name of the drift method.
    reference_rows
        m, values of the column in the reference.
    power
        1.0 for scores that are divergences, 2.0 for distances.
    seed, draws
        What the rungs were drawn with; 0 draws for a law known by formula.
    rungs
        By ascending rows; empty for a law known by formula.
    """

    method: str
    reference_rows: int
    power: float = 1.0
    seed: int = 0
    draws: int = 0
    rungs: tuple[Rung, ...] = ()

    @property
    def is_analytic(self) -> bool:
        """Whether the law is known by formula."""
        return not self.rungs

    def quiet(
        self,
        reference: ColumnProfile,
        windows: Sequence[ColumnProfile],
        bins: Bins,
        scores: Sequence[float],
    ) -> list[Quiet]:
        """Return expected score and p value for windows that have a score."""
        if not windows:
            return []
        found = np.asarray(scores, dtype=np.float64)
        if self.is_analytic:
            expected, p_values = LAWS[self.method](reference, windows, bins, found)
        else:
            rows = np.array([window.finite for window in windows], dtype=np.int64)
            expected, p_values = self.expected(rows), self.p_values(found, rows)
        floored = np.maximum(p_values, SMALLEST_P_VALUE)
        return [Quiet(*one) for one in zip(expected.tolist(), floored.tolist(), strict=True)]

    def expected(self, rows: IntArray) -> FloatArray:
        """Return the median quiet score in windows of so many rows; for drawn laws."""
        medians = np.array([rung.median for rung in self.rungs])
        standard = np.interp(np.log(rows), self._log_rows(), medians)
        return (standard * self._noise(rows)) ** (1 / self.power)

    def p_values(self, scores: FloatArray, rows: IntArray) -> FloatArray:
        """Return how rarely quiet windows of so many rows score as much; for drawn laws."""
        standard = scores**self.power / self._noise(rows)
        logs = np.zeros((len(self.rungs), rows.size))
        for place in self._beside(rows):
            logs[place] = self.rungs[place].log_survival(standard)
        return np.exp(self._between(logs, rows))

    def to_plain(self) -> dict[str, Any]:
        """Return the ladder as plain JSON."""
        return {**vars(self), "rungs": [rung.to_plain() for rung in self.rungs]}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "NullLadder":
        """Return the ladder that `to_plain` wrote down."""
        rungs = tuple(Rung.from_plain(one) for one in plain["rungs"])
        others = {name: value for name, value in plain.items() if name != "rungs"}
        return cls(**others, rungs=rungs)

    def _noise(self, rows: IntArray) -> FloatArray:
        return 1 / rows + 1 / self.reference_rows

    def _log_rows(self) -> FloatArray:
        return np.log([rung.rows for rung in self.rungs])

    def _beside(self, rows: IntArray) -> list[int]:
        """Return the places of the rungs that `_between` looks at."""
        if len(self.rungs) == 1:
            return [0]
        lower, _ = self._places(rows)
        return np.union1d(lower, lower + 1).tolist()

    def _between(self, values: FloatArray, rows: IntArray) -> FloatArray:
        """Interpolate values of shape `(rungs, windows)` at each window's rows."""
        if len(self.rungs) == 1:
            return values[0]
        lower, weight = self._places(rows)
        column = np.arange(rows.size)
        return (1 - weight) * values[lower, column] + weight * values[lower + 1, column]

    def _places(self, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the rung below each window's rows, and how far they are on the way to the next."""
        ladder = self._log_rows()
        place = np.interp(np.log(rows), ladder, np.arange(ladder.size))
        lower = np.minimum(place.astype(np.int64), ladder.size - 2)
        return lower, place - lower
