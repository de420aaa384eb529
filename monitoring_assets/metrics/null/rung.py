"""One rung of a null ladder: the law of quiet scores at one size of window, learnt from draws.

Belongs here: fitting a law to draws, its survival function, its plain form for storage. Stays out:
drawing (metrics/null/drawn.py) and windows of other sizes (metrics/null/ladder.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray
from monitoring_assets.metrics.null.laws import gamma_survival

SURVIVAL = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05)
"""Shares of draws at or above the stored levels; beyond the last a fitted gamma law goes on."""

SMALLEST_P_VALUE = 1e-300
"""p values are not written smaller than this; 0 would claim certainty."""


@dataclass(frozen=True)
class Rung:
    """Law of standardised quiet scores (see `NullLadder`) in windows of about `rows` rows.

    Parameters
    ----------
    rows
        Rows of the windows drawn.
    levels
        Standardised score exceeded by each share in `SURVIVAL`.
    shape, scale
        Gamma law whose tail continues beyond the last level.
    """

    rows: int
    levels: tuple[float, ...]
    shape: float
    scale: float

    @property
    def median(self) -> float:
        """Standardised score of the middle quiet window."""
        return self.levels[SURVIVAL.index(0.5)]

    def log_survival(self, scores: FloatArray) -> FloatArray:
        """Return the logarithm of the share of quiet windows that score at least as much."""
        known = np.concatenate(([0.0], self.levels))
        levels, first = np.unique(known, return_index=True)
        body = np.interp(scores, levels, np.log(np.concatenate(([1.0], SURVIVAL)))[first])
        last = self.levels[-1]
        beyond = gamma_survival(self.shape, np.maximum(scores, last) / self.scale)
        start = gamma_survival(self.shape, last / self.scale)
        tail = np.log(np.maximum(beyond, SMALLEST_P_VALUE)) - np.log(start) + np.log(SURVIVAL[-1])
        return np.where(scores > last, tail, body)

    def to_plain(self) -> dict[str, Any]:
        """Return the rung as plain JSON."""
        return {
            "rows": self.rows,
            "levels": list(self.levels),
            "shape": self.shape,
            "scale": self.scale,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Rung":
        """Return the rung that `to_plain` wrote down."""
        levels = tuple(float(level) for level in plain["levels"])
        return cls(int(plain["rows"]), levels, float(plain["shape"]), float(plain["scale"]))


def fit_rung(rows: int, draws: FloatArray) -> Rung:
    """Fit a law to standardised scores of quiet windows.

    The gamma law takes its shape from mean and variance of all draws, its scale from how far the
    draws beyond the last level exceed it on average: two numbers hold the tail where thousands
    of draws would still leave it ragged.

    Parameters
    ----------
    rows
        Rows of the windows drawn.
    draws
        Standardised scores, shape `(draws,)`, at least 0.
    """
    ordered = np.sort(draws)
    positions = np.floor((1 - np.array(SURVIVAL)) * ordered.size).astype(np.int64)
    levels = ordered[positions]
    variance = float(ordered.var())
    if variance <= 0:
        return Rung(rows, tuple(levels.tolist()), 1.0, max(float(levels[-1]), 1e-12))
    shape = float(ordered.mean()) ** 2 / variance
    excess = float((ordered[positions[-1] :] - levels[-1]).mean())
    scale = _scale_for_excess(shape, float(levels[-1]), excess)
    return Rung(rows, tuple(levels.tolist()), shape, scale)


def _scale_for_excess(shape: float, level: float, excess: float) -> float:
    """Return the scale of the gamma law whose mean excess over a level is the given one.

    `E[X - u | X > u] = shape * scale * Q(shape + 1, u / scale) / Q(shape, u / scale) - u` grows
    with the scale, so halving an interval finds it.
    """
    low, high = excess / 50, max(50 * excess, level)
    for _ in range(60):
        middle = (low + high) / 2
        survival = gamma_survival(shape, level / middle)
        found = (
            shape * middle * gamma_survival(shape + 1, level / middle) / survival - level
            if survival > 0
            else 0.0
        )
        low, high = (middle, high) if found < excess else (low, middle)
    return (low + high) / 2
