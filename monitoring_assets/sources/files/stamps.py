"""What tells, without reading a row, that files still hold the same rows of a stretch of time.

Belongs here: which files may hold rows of a stretch, their identity as a short text. Stays out:
what is known of files (known.py), reading them (rows.py).

A file counts by name, size and time of change. It is left out of a stretch only if it says itself
that none of its rows lies there, as Parquet's statistics do: what reading has taught this process
does not count, or the next one, which has read nothing, would find another stamp.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from monitoring_assets.sources.files.event_times import UNKNOWN
from monitoring_assets.sources.files.known import BAD, FileReader, KnownFiles
from monitoring_assets.sources.files.store import FoundFile
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.zones import Micros, microseconds

_LISTING_HOLDS: Final = 5.0
"""Seconds for which files are not listed anew: for a year of hourly windows a disk, or an object
store, would be asked 8,760 times. An older stamp says too little, never too much."""

_EARLIEST, _LATEST = int(UNKNOWN) + 1, np.iinfo(np.int64).max
_ALWAYS: Final = (_EARLIEST, _LATEST)
_DIGITS: Final = 32


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """The files there are; for groups of their rows: first and last instant, number of the file."""

    files: Sequence[FoundFile]
    lowest: Micros
    highest: Micros
    of_file: Micros
    until: float


class FileStamps:
    """Stamps of the files of one source.

    Parameters
    ----------
    layout
        Names the event time.
    files, reader
        The files, and what reads them.
    """

    def __init__(self, layout: Layout, files: KnownFiles, reader: FileReader) -> None:
        self._layout = layout
        self._files = files
        self._reader = reader
        self._last: _Listed | None = None

    def of(self, start: datetime | None, end: datetime | None) -> str:
        """Return the stamp of the files that may hold rows of [start, end); None for both: of all.

        Raises
        ------
        SourceUnavailableError
            No file matches, or the files are forbidden or out of reach.
        """
        listed = self._listed()
        files = listed.files
        if start is not None and end is not None and self._layout.event_time is not None:
            low, high = microseconds(start), microseconds(end)
            there = (listed.lowest < high) & (listed.highest >= low)
            numbers: list[int] = np.unique(listed.of_file[there]).tolist()
            files = [files[number] for number in numbers]
        told = [(one.name, one.size, one.changed_ns) for one in files]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:_DIGITS]

    def _listed(self) -> _Listed:
        if self._last is None or time.monotonic() >= self._last.until:
            self._last = self._list()
        return self._last

    def _list(self) -> _Listed:
        files = self._files.find()
        groups = [(*one, n) for n, file in enumerate(files) for one in self._stretches(file)]
        lowest, highest, of_file = np.array(groups, np.int64).reshape(-1, 3).T
        until = time.monotonic() + _LISTING_HOLDS
        return _Listed(files=files, lowest=lowest, highest=highest, of_file=of_file, until=until)

    def _stretches(self, file: FoundFile) -> Iterator[tuple[int, int]]:
        """Yield the first and the last instant of each group of rows, as far as the file tells."""
        if not self._reader.columnar:  # a CSV tells nothing, and need not be opened for that
            yield _ALWAYS
            return
        try:
            groups = self._files.known(file).groups
        except BAD:  # nobody knows whose rows it holds
            yield _ALWAYS
            return
        for group in groups:
            stated = group.stated
            yield _ALWAYS if stated is None else (stated.lowest, stated.highest)
