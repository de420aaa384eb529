"""How a drift score splits over slices of the rows: changed mix, and changes within slices.

Belongs here: the arithmetic, for counts before and now. Stays out: which column, which segments
(drift.py), where slopes come from (metrics/drift/slopes.py).

With weights w of the slices and shares p of the bins inside each, the share of a bin among all rows
is the sum of `w * p` over the slices. Its change is split at the middle of both sides:

    mix  = (w now - w before) * ((p now + p before) / 2 - (P now + P before) / 2)
    rate = (w now + w before) / 2 * (p now - p before)

P is the bin's share among all rows. A score is the sum over bins of slope times change of share, so
a slice's part of it is the sum of slope times the slice's mix and rate. A slice that is not there
on one side has no shares there: the other side's stand for them, so that all it does is mix.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from monitoring_assets.evaluation.explaining.parts import MixAndRate
from monitoring_assets.metrics.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Counts:
    """Rows by bin before and now, shape `(bins,)` each."""

    before: IntArray | FloatArray
    now: IntArray | FloatArray

    def __sub__(self, other: "Counts") -> "Counts":
        """Return the counts of the rows that are not among the other's."""
        return Counts(self.before - other.before, self.now - other.now)


def split_score(
    slopes: FloatArray, whole: Counts, slices: Mapping[str, Counts]
) -> tuple[MixAndRate, ...]:
    """Return the part of each slice; mix and rate of all sum to the score.

    Parameters
    ----------
    slopes
        What a change of each bin's share is worth, shape `(bins,)`.
    whole
        All rows, with more than 0 on both sides.
    slices
        Name -> its rows; together they are the whole.

    Examples
    --------
    >>> slices = {"a": Counts(np.array([9, 1]), np.array([9, 1])),
    ...           "b": Counts(np.array([1, 9]), np.array([3, 27]))}
    >>> whole = Counts(np.array([10, 10]), np.array([12, 28]))
    >>> parts = split_score(np.array([-1.0, 0.0]), whole, slices)  # what bin 0 has lost: 0.2
    >>> [(one.segment, round(one.mix, 6), one.rate) for one in parts]
    [('a', 0.125, 0.0), ('b', 0.075, 0.0)]
    """
    rows = whole.before.sum(), whole.now.sum()
    level = (whole.before / rows[0] + whole.now / rows[1]) / 2
    return tuple(_part(name, one, rows, (slopes, level)) for name, one in slices.items())


def _part(
    name: str, own: Counts, rows: tuple[float, float], scale: tuple[FloatArray, FloatArray]
) -> MixAndRate:
    slopes, level = scale
    counted = own.before.sum(), own.now.sum()
    weights = counted[0] / rows[0], counted[1] / rows[1]
    there = [
        one / total for one, total in zip((own.before, own.now), counted, strict=True) if total
    ]
    middle = sum(there) / len(there) if there else level
    grown = there[-1] - there[0] if there else np.zeros_like(level)
    return MixAndRate(
        segment=name,
        weight_before=float(weights[0]),
        weight_now=float(weights[1]),
        mix=float((weights[1] - weights[0]) * (slopes @ (middle - level))),
        rate=float((weights[0] + weights[1]) / 2 * (slopes @ grown)),
    )
