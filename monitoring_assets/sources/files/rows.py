"""Rows in files that have groups of rows with bounds: the one `RawSource` over all formats.

Belongs here: reading as few columns, groups and files as the wanted stretch of time allows. Stays
out: finding files (store.py), formats (the readers), types and times (piece.py).

Every file is a candidate for every window: a trip at 03:10 on 1 February that lies in January's
file belongs to 1 February. A group's event times are read once, localised and remembered (up to a
bound) as long as the file stays the same; where the file says nothing of them, they also give the
group's bounds.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import Period, RawRows
from monitoring_assets.sources.files.event_times import UNKNOWN, EventTimes
from monitoring_assets.sources.files.known import (
    FileReader,
    KnownFile,
    KnownFiles,
    RowGroup,
    require_columns,
)
from monitoring_assets.sources.files.store import FileStore
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.periods import MISSING, Periods, nothing_outside
from monitoring_assets.sources.zones import Micros, microseconds, moment


class FileRows:
    """A `RawSource` over files.

    Parameters
    ----------
    kind
        What the YAML calls this kind of source.
    layout
        The model's columns.
    store
        Where the files lie.
    reader
        Reads files of this format.
    """

    def __init__(self, kind: str, layout: Layout, store: FileStore, reader: FileReader) -> None:
        self._kind = kind
        self._layout = layout
        self._store = store
        self._reader = reader
        self._files = KnownFiles(layout, store, reader)
        self._times = EventTimes(layout, reader)

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """Yield exactly the rows with an event time in [start, end), by file and row number.

        Without these two, or without an event time, all rows.
        """
        if start is None or end is None or self._layout.event_time is None:
            yield from self._all_rows()
            return
        low, high = microseconds(start), microseconds(end)
        for file, group in _groups(self._files.find()):
            if self._times.bounds(file, group).overlap(low, high):
                yield from self._within(file, group, low, high)

    def newest_event_time(self) -> datetime | None:
        """Return the latest event time of all files; None if there is no file or no row in them.

        Raises
        ------
        SourceUnavailableError
            There may be files, but they are forbidden or out of reach.
        """
        if self._layout.event_time is None:
            return None
        groups = _groups(self._files.present())
        newest = max((self._times.bounds(*one).highest for one in groups), default=UNKNOWN)
        return None if newest == UNKNOWN else moment(newest)

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """Count rows in no period; reads event times only, and none where bounds tell."""
        merged, counts = Periods(periods), nothing_outside()
        if self._layout.event_time is None:
            return dict(counts)
        for file, group in _groups(self._files.find()):
            bounds = self._times.bounds(file, group)
            counts[MISSING] += bounds.missing
            if bounds.lowest <= bounds.highest and not merged.cover(bounds.lowest, bounds.highest):
                for instants in self._times.each(file, group):
                    counts.update(merged.count_outside(instants[instants != UNKNOWN]))
        return dict(counts)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return nothing: nobody knows the truth about real rows."""
        return ()

    def describe(self) -> dict[str, str]:
        """Return the pattern of the files."""
        return {"kind": self._kind, "path": self._store.where}

    def _all_rows(self) -> Iterator[RawRows]:
        for file, group in _groups(self._files.find()):
            first = group.first_row
            for batch in self._batches(file, group):
                yield _piece(file, batch, np.arange(first, first + len(batch)))
                first += len(batch)

    def _within(self, file: KnownFile, group: RowGroup, low: int, high: int) -> Iterator[RawRows]:
        known = self._times.known(file, group)
        wanted = None if known is None else np.flatnonzero((known >= low) & (known < high))
        if wanted is not None and not len(wanted):
            return
        first = 0
        for whole in self._batches(file, group):
            instants = self._times.instants(whole) if known is None else known[first:][: len(whole)]
            batch = whole[: len(instants)]  # rows added while we read wait for the next time
            rows = (instants >= low) & (instants < high)
            numbers = np.flatnonzero(rows) + group.first_row + first
            first += len(batch)
            if len(numbers):
                yield _piece(file, batch.filter(pa.array(rows)), numbers)
            if wanted is not None and first > wanted[-1]:
                return

    def _batches(self, file: KnownFile, group: RowGroup) -> Iterator[pa.RecordBatch]:
        require_columns(self._layout, file)
        return self._reader.batches(file, group, self._layout.in_source)


def _groups(files: Sequence[KnownFile]) -> Iterator[tuple[KnownFile, RowGroup]]:
    return ((file, group) for file in files for group in file.groups)


def _piece(file: KnownFile, batch: pa.RecordBatch, numbers: Micros) -> RawRows:
    return RawRows(
        table=pa.table(batch),
        row_ids=partial(_row_ids, file.found.name, numbers),
        origin=file.found.path,
    )


def _row_ids(name: str, numbers: Micros) -> pa.Array:
    return pc.binary_join_element_wise(name, pa.array(numbers).cast(pa.string()), "#")
