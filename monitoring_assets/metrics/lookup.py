"""Lookup: counting many values over bin edges without sorting them.

Belongs here: a table over equal cells of the edges' range that names the first bin of each cell, so
that a value needs one look and a few comparisons. Stays out: everything else that is counted in the
same pass (metrics/kernels.py).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.arrays import FloatArray

CELLS = 1 << 15
"""Cells of the table: 64 kB of bins, which stay in a core's cache."""

MOST_COMPARISONS = 4
"""With more edges in one cell (extremely skewed columns) sorting is as fast."""

BinArray = npt.NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Lookup:
    """Table that finds the bin of a value.

    Parameters
    ----------
    low, factor
        A value x belongs to the cell `(x - low) * factor`, clipped to the table.
    first
        First bin of each cell.
    upper
        Upper edge of each bin, infinite for the last.
    comparisons
        Edges in the fullest cell: so many comparisons settle every value.
    """

    low: float
    factor: float
    first: BinArray
    upper: FloatArray
    comparisons: int

    def bins_of(self, values: FloatArray) -> BinArray:
        """Return the bin of each finite value, as `numpy.searchsorted(edges, values)` does."""
        with np.errstate(over="ignore"):  # far beyond the table: clipped to its end
            scaled = (values - self.low) * self.factor
        np.clip(scaled, 0, CELLS - 1, out=scaled)
        found = self.first.take(scaled.astype(np.int64))
        for _ in range(self.comparisons):
            found += values > self.upper.take(found)
        return found


def lookup(edges: FloatArray) -> Lookup | None:
    """Return a table for strictly increasing edges, or None where sorting does better.

    The table spans the edges between the outermost 2 %, where equal cells are fine enough; the
    cells at both ends hold what lies beyond. Rounding may put a value into the cell beside its
    own, so a cell starts with the first bin of the cell before.
    """
    if not 4 <= edges.size < np.iinfo(np.int16).max:
        return None
    trimmed = max(edges.size // 50, 1)
    low, high = float(edges[trimmed]), float(edges[-1 - trimmed])
    if not high > low or not np.isfinite(CELLS / (high - low)):
        return None
    factor = (CELLS - 3) / (high - low)
    low -= 1 / factor
    cell = np.clip(((edges - low) * factor).astype(np.int64), 0, CELLS - 1)
    first = np.searchsorted(cell, np.arange(CELLS) - 1, side="left")
    last = np.searchsorted(cell, np.arange(CELLS) + 1, side="right")
    comparisons = int((last - first).max())
    if comparisons > MOST_COMPARISONS + trimmed:
        return None
    return Lookup(low, factor, first.astype(np.int16), np.append(edges, np.inf), comparisons)
