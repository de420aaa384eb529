"""What bringing layers up to date costs, by what they took in the past.

Belongs here: rows and seconds of a layer of some windows. Stays out: how long layers took
(storage/staleness.py).

Seconds are the middle of past times, for layers that read rows per row of the window. They leave
out what it takes to start Dagster and each run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from monitoring_assets.records import Layer, Window
from monitoring_assets.storage.staleness import Pace

READING: Final = frozenset(
    {Layer.PREDICTIONS, Layer.LABELS, Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES}
)
"""Layers of a window that read its rows, from the source or from the database."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What computing a layer of some windows costs.

    Parameters
    ----------
    rows
        Rows that have to be read.
    seconds
        None if the layer never ran, so that nobody knows.
    """

    rows: int
    seconds: float | None


@dataclass(frozen=True)
class Costs:
    """What is known of the past of a model.

    Parameters
    ----------
    paces
        Layer -> how long it took.
    rows
        Start of a window -> rows it has; for one that is not known the middle of the others counts.
    reference_rows
        Rows of the reference; 0 if there is none yet.
    """

    paces: Mapping[Layer, Pace]
    rows: Mapping[datetime, int]
    reference_rows: int = 0

    def of_windows(self, layer: Layer, windows: Iterable[Window]) -> Cost:
        """Return what a layer of windows costs."""
        usual = int(median(self.rows.values())) if self.rows else 0
        sizes = [self.rows.get(window.start, usual) for window in windows]
        rows = sum(sizes) if layer in READING else 0
        pace = self.paces.get(layer)
        if pace is None:
            return Cost(rows=rows, seconds=None)
        if layer not in READING or pace.seconds_per_row is None:
            return Cost(rows=rows, seconds=len(sizes) * pace.seconds)
        return Cost(rows=rows, seconds=rows * pace.seconds_per_row)

    def of_layer(self, layer: Layer) -> Cost:
        """Return what a layer without windows costs."""
        rows = self.reference_rows if layer is Layer.REFERENCE_DATA else 0
        pace = self.paces.get(layer)
        return Cost(rows=rows, seconds=None if pace is None else pace.seconds)
