"""Rows in Parquet files.

Belongs here: reading as few columns, row groups and files as the wanted stretch of time allows.
Stays out: finding files and their statistics (parquet_files.py), types and times (piece.py).

Every file is a candidate for every window: a trip at 03:10 on 1 February that lies in January's
file belongs to 1 February. A row group's event times are read once, localised and remembered (up to
a bound) as long as the file stays the same; without statistics they also give its bounds.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import Period, RawRows
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.parquet_files import Bounds, KnownFile, ParquetFiles, RowGroup
from monitoring_assets.sources.periods import MISSING, Periods, nothing_outside
from monitoring_assets.sources.times import A_TIME, holds_times, read_times
from monitoring_assets.sources.zones import Flags, Micros, microseconds, moment

_ROWS_AT_ONCE = 262_144
"""Rows decoded at a time: large row groups must not fill the memory."""

_REMEMBERED = 4_000_000
"""Event times kept in memory: 32 MB."""

_UNKNOWN = np.iinfo(np.int64).min
"""Stands for a missing event time: earlier than any window begins."""


class ParquetRows:
    """A `RawSource` over Parquet files.

    Parameters
    ----------
    layout
        The model's columns.
    files
        The files.
    """

    def __init__(self, layout: Layout, files: ParquetFiles) -> None:
        self._layout = layout
        self._files = files
        self._remembered: dict[tuple[Path, int, int, int], Micros] = {}

    def pieces(self, start: datetime, end: datetime) -> Iterator[RawRows]:
        """Yield exactly the rows with an event time in [start, end), by file and row number."""
        low, high = microseconds(start), microseconds(end)
        for file in self._files.find():
            for group in file.groups:
                if self._bounds(file, group).overlap(low, high):
                    instants = self._event_times(file, group)
                    wanted = (instants >= low) & (instants < high)
                    if wanted.any():
                        yield from self._read(file, group, wanted)

    def newest_event_time(self) -> datetime | None:
        """Return the latest event time of all files; None if there is no file or no row in them."""
        try:
            files = self._files.find()
        except SourceUnavailableError:
            return None  # not there yet is an answer here, not a failure
        newest = max((self._bounds(f, g).highest for f in files for g in f.groups), default=None)
        return None if newest is None or newest == _UNKNOWN else moment(newest)

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """Count rows in no period; reads event times only, and none where statistics tell."""
        merged, counts = Periods(periods), nothing_outside()
        for file in self._files.find():
            for group in file.groups:
                bounds = self._bounds(file, group)
                counts[MISSING] += bounds.missing
                if bounds.missing < group.rows and not merged.cover(bounds.lowest, bounds.highest):
                    instants = self._event_times(file, group)
                    counts.update(merged.count_outside(instants[instants != _UNKNOWN]))
        return dict(counts)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return nothing: nobody knows the truth about real rows."""
        return ()

    def describe(self) -> dict[str, str]:
        """Return the pattern of the files."""
        return {"kind": "parquet", "path": self._files.where}

    def _bounds(self, file: KnownFile, group: RowGroup) -> Bounds:
        if group.bounds is None:
            group.bounds = _bounds_of(self._event_times(file, group))
        return group.bounds

    def _event_times(self, file: KnownFile, group: RowGroup) -> Micros:
        key = (*file.version, group.number)
        if key not in self._remembered:
            instants = self._read_event_times(file, group)
            if sum(map(len, self._remembered.values())) + len(instants) > _REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = instants
        return self._remembered[key]

    def _read_event_times(self, file: KnownFile, group: RowGroup) -> Micros:
        layout = self._layout
        layout.require(file.schema.names, str(file.path))
        event_time = str(layout.event_time)
        name = layout.name_in_source(event_time)
        stored = file.schema.field(name).type
        if not holds_times(stored):
            raise layout.wrong_type(event_time, stored, str(file.path), A_TIME)
        with self._files.open(file) as opened:
            column = opened.read_row_group(group.number, columns=[name])[name].combine_chunks()
        times = read_times(column, layout.zone)
        return np.where(times.known, times.instants, _UNKNOWN)

    def _read(self, file: KnownFile, group: RowGroup, wanted: Flags) -> Iterator[RawRows]:
        columns = list(self._layout.in_source)
        first = 0
        with self._files.open(file) as opened:
            for batch in opened.iter_batches(
                batch_size=_ROWS_AT_ONCE, row_groups=[group.number], columns=columns
            ):
                rows = wanted[first : first + len(batch)]
                numbers = np.flatnonzero(rows) + group.first_row + first
                first += len(batch)
                if len(numbers):
                    yield RawRows(
                        table=pa.table(batch).filter(pa.array(rows)),
                        row_ids=partial(_row_ids, file.name, numbers),
                        origin=str(file.path),
                    )


def _bounds_of(instants: Micros) -> Bounds:
    known = instants[instants != _UNKNOWN]
    return Bounds(
        lowest=int(known.min(initial=np.iinfo(np.int64).max)),
        highest=int(known.max(initial=_UNKNOWN)),
        missing=len(instants) - len(known),
    )


def _row_ids(name: str, numbers: Micros) -> pa.Array:
    return pc.binary_join_element_wise(name, pa.array(numbers).cast(pa.string()), "#")
