"""One rung of a null ladder: the law of quiet scores at one size of window, learnt from draws.

Belongs here: fitting a law to draws, its survival function, its plain form for storage. Stays out:
drawing (metrics/null/drawn.py) and windows of other sizes (metrics/null/ladder.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray

SURVIVAL = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05)
"""Shares of draws at or above the stored levels; beyond the last an exponential law goes on."""

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
    excess
        By how much the draws beyond the last level exceed it on average: the scale of the tail.
    """

    rows: int
    levels: tuple[float, ...]
    excess: float

    @property
    def median(self) -> float:
        """Standardised score of the middle quiet window."""
        return self.levels[SURVIVAL.index(0.5)]

    def log_survival(self, scores: FloatArray) -> FloatArray:
        """Return the logarithm of the share of quiet windows that score at least as much."""
        # Of equal levels the first counts: the share of scores at or above it.
        levels, first = np.unique(np.concatenate(([0.0], self.levels)), return_index=True)
        logs = np.log(np.concatenate(([1.0], SURVIVAL)))
        body = np.interp(scores, levels, logs[first])
        beyond = np.maximum(scores - self.levels[-1], 0.0) / self.excess
        return np.maximum(np.where(beyond > 0, logs[-1] - beyond, body), np.log(SMALLEST_P_VALUE))

    def to_plain(self) -> dict[str, Any]:
        """Return the rung as plain JSON."""
        return {"rows": self.rows, "levels": list(self.levels), "excess": self.excess}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Rung":
        """Return the rung that `to_plain` wrote down."""
        levels = tuple(float(level) for level in plain["levels"])
        return cls(int(plain["rows"]), levels, float(plain["excess"]))


def fit_rung(rows: int, draws: FloatArray) -> Rung:
    """Fit a law to standardised scores of quiet windows.

    The body is that of the draws, the tail beyond the last level exponential with their mean
    excess. A squared distance (Kolmogorov, Wasserstein) has such a tail; a divergence has that of
    a chi-squared law, which is lighter, so its p values come out up to six times too large at
    one in a million, and never much too small.

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
    excess = float((ordered[positions[-1] :] - levels[-1]).mean())
    # Draws that are all alike have no tail: whatever scores more is not quiet.
    return Rung(rows, tuple(levels.tolist()), max(excess, 1e-9 * max(float(levels[-1]), 1e-3)))
