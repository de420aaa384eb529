"""The event times of files' rows: read once as instants, and remembered.

Belongs here: bounds of groups of rows, a bounded memory of their event times. Stays out: which rows
are wanted (rows.py), how times are written (times.py).
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from monitoring_assets.sources.files.known import (
    Bounds,
    FileReader,
    KnownFile,
    RowGroup,
    require_columns,
    require_once,
)
from monitoring_assets.sources.files.store import FoundFile
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.times import A_TIME, holds_times, read_times
from monitoring_assets.sources.zones import Micros

UNKNOWN = np.iinfo(np.int64).min
"""Stands for a missing event time: earlier than any window begins."""

_LATEST = np.iinfo(np.int64).max

_REMEMBERED = 4_000_000
"""Event times kept in memory: 32 MB."""


class EventTimes:
    """Event times of the files of one source, one entry a row, `UNKNOWN` where there is none.

    Parameters
    ----------
    layout
        Names the event time and its zone.
    reader
        Reads the files.
    """

    def __init__(self, layout: Layout, reader: FileReader) -> None:
        self._layout = layout
        self._reader = reader
        self._remembered: dict[tuple[FoundFile, int], Micros] = {}

    def bounds(self, file: KnownFile, group: RowGroup) -> Bounds:
        """Return earliest and latest event time; reads them if nothing tells them."""
        if group.bounds is None:
            group.bounds = _bounds_of(self.each(file, group))
        return group.bounds

    def known(self, file: KnownFile, group: RowGroup) -> Micros | None:
        """Return the event times of all rows of a group, if that takes no reading of whole rows."""
        key = (file.found, group.number)
        if key not in self._remembered and self._reader.columnar:
            for _ in self.each(file, group):
                pass
        return self._remembered.get(key)

    def each(self, file: KnownFile, group: RowGroup) -> Iterator[Micros]:
        """Yield the event times of all rows of a group in parts; remembers them if they are few."""
        key = (file.found, group.number)
        if key in self._remembered:
            yield self._remembered[key]
            return
        parts: list[Micros] = []
        rows = 0
        for batch in self._reader.batches(file, group, [self._column(file)]):
            instants = self.instants(batch)
            yield instants
            rows += len(instants)
            parts.append(instants)
            if rows > _REMEMBERED:
                parts.clear()
        if rows <= _REMEMBERED:
            self._remember(key, np.concatenate([np.empty(0, np.int64), *parts]))

    def instants(self, batch: pa.RecordBatch) -> Micros:
        """Return the event times of a batch of rows."""
        column = batch.column(self._layout.event_time_in_source)
        times = read_times(column, self._layout.zone)
        return np.where(times.known, times.instants, UNKNOWN)

    def _column(self, file: KnownFile) -> str:
        """Return the source's name of the event time, after a look whether it can be read.

        Other columns may be missing: they do no harm to a window that has no rows of this file.
        """
        layout, path = self._layout, file.found.path
        event_time, name = str(layout.event_time), str(layout.event_time_in_source)
        if name not in file.schema.names:
            require_columns(layout, file)
        require_once(layout, file, [name])
        stored = file.schema.field(name).type
        if not holds_times(stored):
            raise layout.wrong_type(event_time, stored, path, A_TIME)
        return name

    def _remember(self, key: tuple[FoundFile, int], instants: Micros) -> None:
        if sum(map(len, self._remembered.values())) + len(instants) > _REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = instants


def _bounds_of(parts: Iterator[Micros]) -> Bounds:
    lowest, highest, missing = _LATEST, UNKNOWN, 0
    for instants in parts:
        known = instants[instants != UNKNOWN]
        lowest = min(lowest, int(known.min(initial=_LATEST)))
        highest = max(highest, int(known.max(initial=UNKNOWN)))
        missing += len(instants) - len(known)
    return Bounds(lowest=lowest, highest=highest, missing=missing)
