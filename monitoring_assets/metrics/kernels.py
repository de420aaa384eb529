"""Kernels: one column of numbers comes down to counts, sums, extremes and quantiles, by sorting.

Belongs here: what is kept, and the way for few values. Stays out: the way for many values
(metrics/blocks.py), types of input (metrics/arrays.py), what the numbers mean (metrics/profile.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from monitoring_assets.metrics.arrays import LARGEST, FloatArray, IntArray

QUANTILE_LEVELS: Mapping[str, float] = {
    "quantile_0.05": 0.05,
    "quantile_0.25": 0.25,
    "median": 0.5,
    "quantile_0.75": 0.75,
    "quantile_0.95": 0.95,
}
"""Names of the exact quantiles of a window, interpolated linearly as by `numpy.quantile`."""


@dataclass(frozen=True, eq=False)
class Split:
    """Sorted values parted: the finite ones, -0.0 made 0.0, and how many others there were."""

    finite: FloatArray
    missing: int
    positive_infinite: int
    negative_infinite: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Summary:
    """What one column of numbers comes down to; the fields are those of `ColumnProfile`."""

    rows: int
    missing: int
    positive_infinite: int
    negative_infinite: int
    minimum: float | None
    maximum: float | None
    moment_1: float
    moment_2: float
    counts: IntArray
    quantiles: dict[str, float] | None


def split(ordered: FloatArray) -> Split:
    """Part sorted values (NaN last, as `numpy.sort` leaves them).

    Parameters
    ----------
    ordered
        Sorted float64, shape `(n,)`, owned by the caller; changed in place (-0.0 becomes 0.0).
    """
    ordered += 0.0
    present = int(np.searchsorted(ordered, np.nan))
    bounds = (-LARGEST, np.nextafter(LARGEST, np.inf))
    start, stop = np.searchsorted(ordered[:present], bounds).tolist()
    return Split(ordered[start:stop], ordered.size - present, present - stop, start)


def summarise_sorted(values: FloatArray, edges: FloatArray, centre: float) -> Summary:
    """Count, sum and rank one column by sorting it.

    Parameters
    ----------
    values
        float64, shape `(n,)`, NaN for missing; left as they are.
    edges
        Strictly increasing bin edges; a bin holds its upper edge.
    centre
        What moments are taken about.
    """
    parts = split(np.sort(values))
    finite = parts.finite
    below = np.searchsorted(finite, edges, side="right")
    centred = finite - centre
    return Summary(
        rows=values.size,
        missing=parts.missing,
        positive_infinite=parts.positive_infinite,
        negative_infinite=parts.negative_infinite,
        minimum=float(finite[0]) if finite.size else None,
        maximum=float(finite[-1]) if finite.size else None,
        moment_1=float(centred.sum()),
        moment_2=float(np.square(centred).sum()),
        counts=np.diff(below, prepend=0, append=finite.size),
        quantiles=quantiles(finite.size, finite.take) if finite.size else None,
    )


def quantiles(size: int, at: Callable[[IntArray], FloatArray]) -> dict[str, float]:
    """Return the exact quantiles of at least one finite value.

    Parameters
    ----------
    size
        Number of values.
    at
        Gives the values of these ranks, 0 for the smallest.
    """
    levels = np.array(tuple(QUANTILE_LEVELS.values())) * (size - 1)
    lower = levels.astype(np.int64)
    ends = at(np.concatenate((lower, np.minimum(lower + 1, size - 1))))
    low, high = ends[: lower.size], ends[lower.size :]
    exact = low + (levels - lower) * (high - low)
    return dict(zip(QUANTILE_LEVELS, exact.tolist(), strict=True))
