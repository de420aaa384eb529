"""Counting what lies outside every period.

Belongs here: the arithmetic of `Source.rows_outside`. Stays out: reading event times.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from monitoring_assets.sources.base import Period
from monitoring_assets.sources.zones import Micros, microseconds, moment

BEFORE = "before_every_period"
BETWEEN = "between_periods"
AFTER = "after_every_period"
MISSING = "event_time_missing"

_FOR_EVER = np.iinfo(np.int64).max


class Periods:
    """Several half-open stretches of time, merged where they touch or overlap."""

    def __init__(self, periods: Sequence[Period]) -> None:
        if not periods:
            raise ValueError("rows_outside needs at least one period")
        merged: list[tuple[int, int]] = []
        for low, high in sorted(_bounds(period) for period in periods):
            if merged and low <= merged[-1][1]:
                first, last = merged.pop()
                merged.append((first, max(last, high)))
            else:
                merged.append((low, high))
        self._starts = np.array([low for low, _ in merged], np.int64)
        self._ends = np.array([high for _, high in merged], np.int64)

    @property
    def merged(self) -> list[Period]:
        """The stretches in their order, with a gap between any two."""
        return [
            (moment(low), None if high == _FOR_EVER else moment(high))
            for low, high in zip(self._starts.tolist(), self._ends.tolist(), strict=True)
        ]

    def cover(self, lowest: int, highest: int) -> bool:
        """Return whether all from `lowest` to `highest`, both included, lies in one period."""
        return bool(np.any((self._starts <= lowest) & (highest < self._ends)))

    def count_outside(self, instants: Micros) -> Counter[str]:
        """Count the instants that lie in no period, by where they lie."""
        last = np.searchsorted(self._starts, instants, side="right") - 1
        before = last < 0
        ended = ~before & (instants >= self._ends[last])
        after = ended & (last == len(self._starts) - 1)
        return Counter(
            {
                BEFORE: int(np.count_nonzero(before)),
                BETWEEN: int(np.count_nonzero(ended & ~after)),
                AFTER: int(np.count_nonzero(after)),
            }
        )


def nothing_outside() -> Counter[str]:
    """Return a count of zero under every key."""
    return Counter({BEFORE: 0, BETWEEN: 0, AFTER: 0, MISSING: 0})


def _bounds(period: Period) -> tuple[int, int]:
    start, end = period
    return microseconds(start), _FOR_EVER if end is None else microseconds(end)
