"""Rows in files that have groups of rows with bounds: the one `RawSource` over all formats.

Belongs here: reading as few columns, groups and files as the wanted stretch of time allows. Stays
out: finding files (store.py), formats (the readers), types and times (piece.py).

Every file is a candidate for every window: a trip at 03:10 on 1 February that lies in January's
file belongs to 1 February. A group's event times are read once, localised and remembered (up to a
bound) as long as the file stays the same; where the file says nothing of them, they also give the
group's bounds.

What is remembered holds for one version of a file. Rows of a file that is replaced while it is read
would be cut by the times of others, so its version is looked at again behind the last of them.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import Period, RawRows
from monitoring_assets.sources.files.event_times import UNKNOWN, EventTimes
from monitoring_assets.sources.files.known import (
    BAD,
    Bounds,
    FileReader,
    KnownFile,
    KnownFiles,
    RowGroup,
    require_columns,
)
from monitoring_assets.sources.files.stamps import FileStamps
from monitoring_assets.sources.files.store import FileStore, FoundFile
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.periods import MISSING, Periods, nothing_outside
from monitoring_assets.sources.zones import Micros, microseconds, moment

Answer = TypeVar("Answer")


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
        self._stamps = FileStamps(layout, self._files, reader)

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """Yield exactly the rows with an event time in [start, end), by file and row number.

        Without these two, or without an event time, all rows.

        Raises
        ------
        SourceUnavailableError
            There is no file, or one is out of reach, or changed while it was read.
        SourceFileError, SourceSchemaError
            A file is bad, and its rows are wanted, or nobody knows when they were.
        """
        rows_of: Callable[[KnownFile], Iterator[RawRows]] = self._all_rows
        if start is not None and end is not None and self._layout.event_time is not None:
            rows_of = partial(self._between, low=microseconds(start), high=microseconds(end))
        for found in self._files.find():
            with self._files.telling_changes(found):
                yield from rows_of(self._files.known(found))

    def newest_event_time(self) -> datetime | None:
        """Return the latest event time of all files; None if there is no file or no row in them.

        Files that cannot be read are left out, unless none can be.

        Raises
        ------
        SourceUnavailableError
            There may be files, but they are forbidden or out of reach.
        SourceFileError, SourceSchemaError
            Every file is bad.
        """
        if self._layout.event_time is None:
            return None
        newest = max(self._asked(self._files.present(), self._newest_of), default=UNKNOWN)
        return None if newest == UNKNOWN else moment(newest)

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """Count rows in no period; reads event times only, and none where bounds tell.

        Files that cannot be read are left out, unless none can be.
        """
        counts = nothing_outside()
        if self._layout.event_time is not None:
            outside = partial(self._outside, Periods(periods))
            for found in self._asked(self._files.find(), outside):
                counts.update(found)
        return dict(counts)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return nothing: nobody knows the truth about real rows."""
        return ()

    def stamp(self, start: datetime | None, end: datetime | None) -> str:
        """Return what tells the files apart that may hold rows of [start, end); reads no row."""
        return self._stamps.of(start, end)

    def describe(self) -> dict[str, str]:
        """Return the pattern of the files."""
        return {"kind": self._kind, "path": self._store.where}

    def _asked(
        self, files: Sequence[FoundFile], question: Callable[[KnownFile], Answer]
    ) -> list[Answer]:
        """Return the answers of all files but the bad ones; raises if all are bad."""
        answers: list[Answer] = []
        bad: list[Exception] = []
        for found in files:
            try:
                answers.append(question(self._files.known(found)))
            except BAD as error:
                bad.append(error)
                self._files.leave_out(found, error)
        if bad and not answers:
            raise bad[0]
        return answers

    def _newest_of(self, file: KnownFile) -> int:
        return max((self._bounds(file, group).highest for group in file.groups), default=UNKNOWN)

    def _outside(self, periods: Periods, file: KnownFile) -> dict[str, int]:
        counts = nothing_outside()
        for group in file.groups:
            bounds = self._bounds(file, group)
            counts[MISSING] += bounds.missing
            if bounds.lowest <= bounds.highest and not periods.cover(bounds.lowest, bounds.highest):
                for instants in self._times.each(file, group):
                    counts.update(periods.count_outside(instants[instants != UNKNOWN]))
        return dict(counts)

    def _bounds(self, file: KnownFile, group: RowGroup) -> Bounds:
        with self._files.failing(file.found):
            return self._times.bounds(file, group)

    def _all_rows(self, file: KnownFile) -> Iterator[RawRows]:
        for group in file.groups:
            first = group.first_row
            for batch in self._batches(file, group):
                yield _piece(file, batch, np.arange(first, first + len(batch)))
                first += len(batch)
        self._files.require_unchanged(file.found)

    def _between(self, file: KnownFile, low: int, high: int) -> Iterator[RawRows]:
        if all(one.bounds and not one.bounds.overlap(low, high) for one in file.groups):
            return  # nothing is read of it, which saves a store the question whether it changed
        for group in file.groups:
            if self._bounds(file, group).overlap(low, high):
                yield from self._within(file, group, low, high)
        self._files.require_unchanged(file.found)

    def _within(self, file: KnownFile, group: RowGroup, low: int, high: int) -> Iterator[RawRows]:
        known = self._times.known(file, group)
        wanted = None if known is None else np.flatnonzero((known >= low) & (known < high))
        if wanted is not None and not len(wanted):
            return
        first = 0
        for whole in self._batches(file, group):
            instants = self._times.instants(whole) if known is None else known[first:][: len(whole)]
            batch = whole[: len(instants)]  # the file may have grown: that is told at its end
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


def _piece(file: KnownFile, batch: pa.RecordBatch, numbers: Micros) -> RawRows:
    return RawRows(
        table=pa.table(batch),
        row_ids=partial(_row_ids, file.found.name, numbers),
        origin=file.found.path,
    )


def _row_ids(name: str, numbers: Micros) -> pa.Array:
    return pc.binary_join_element_wise(name, pa.array(numbers).cast(pa.string()), "#")
