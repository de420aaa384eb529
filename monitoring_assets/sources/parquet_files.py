"""Parquet files named by a pattern, and what is known of each without reading its rows.

Belongs here: finding and opening files, footers and event-time statistics, remembering both for as
long as a file stays the same, errors that name the file. Stays out: which rows are wanted
(parquet.py).
"""

import glob
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.errors import SourceFileError, SourceUnavailableError
from monitoring_assets.sources.times import read_times

_UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Earliest and latest event time of some rows as microseconds in UTC, both included.

    Rows that all lack an event time have `lowest > highest`, which overlaps nothing.
    """

    lowest: int
    highest: int
    missing: int

    def overlap(self, low: int, high: int) -> bool:
        """Return whether a row may lie in [low, high)."""
        return self.lowest < high and self.highest >= low


@dataclass(kw_only=True)
class RowGroup:
    """One row group; `bounds` stay None until statistics or a first reading tell them."""

    number: int
    first_row: int
    rows: int
    bounds: Bounds | None = None


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file whose footer has been read.

    Parameters
    ----------
    name
        Path from the first folder that the pattern does not fix, such as `a.parquet`.
    version
        Path, size and time of change: equal ones mean that what is remembered still holds.
    """

    name: str
    version: tuple[Path, int, int]
    footer: pq.FileMetaData
    schema: pa.Schema
    groups: tuple[RowGroup, ...]

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.version[0]


class ParquetFiles:
    """The files that match a pattern, in the order of their names.

    Parameters
    ----------
    model_id
        For messages.
    folder
        Where a relative pattern starts.
    pattern
        With `*`, `**`, `?` and `[...]` as in the shell.
    event_time
        Name in the files of the column whose statistics are of use.
    zone
        Time zone of event times stored without one.
    """

    def __init__(
        self, model_id: str, folder: Path, pattern: str, event_time: str, zone: str
    ) -> None:
        self._model_id = model_id
        fixed, self._pattern = _split(pattern)
        self._root = folder / fixed
        self._event_time = event_time
        self._zone = zone
        self._known: dict[str, KnownFile] = {}

    @property
    def where(self) -> str:
        """The whole pattern."""
        return str(self._root / self._pattern)

    def find(self) -> list[KnownFile]:
        """Return all files there are now.

        Raises
        ------
        SourceUnavailableError
            No file matches, or one is gone or forbidden.
        SourceFileError
            A file is no complete Parquet file.
        """
        found = glob.iglob(  # noqa: PTH207 - Path.glob finds hidden files, those being written too
            self._pattern, root_dir=self._root, recursive=True
        )
        files = [self._look_at(name) for name in sorted(found) if (self._root / name).is_file()]
        if not files:
            raise SourceUnavailableError(
                f"model '{self._model_id}': no file matches {self.where}. Check `source.path` in"
                " the model's defs.yaml and the data folder, or wait for the files"
            )
        self._known = {file.name: file for file in files}
        return files

    @contextmanager
    def open(self, file: KnownFile) -> Generator[pq.ParquetFile]:
        """Open a file for reading rows; whatever goes wrong with it is named after it."""
        with self._named(file.path), pq.ParquetFile(file.path, metadata=file.footer) as opened:
            yield opened

    def _look_at(self, name: str) -> KnownFile:
        path = self._root / name
        with self._named(path):
            state = path.stat()
            known = self._known.get(name)
            if known and known.version == (path, state.st_size, state.st_mtime_ns):
                return known
            footer = pq.read_metadata(path)
            schema = footer.schema.to_arrow_schema()
        return KnownFile(
            name=name,
            version=(path, state.st_size, state.st_mtime_ns),
            footer=footer,
            schema=schema,
            groups=tuple(self._row_groups(footer, schema)),
        )

    def _row_groups(self, footer: pq.FileMetaData, schema: pa.Schema) -> Iterator[RowGroup]:
        names = [footer.schema.column(place).path for place in range(footer.num_columns)]
        place = names.index(self._event_time) if self._event_time in names else None
        first_row = 0
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            bounds = None
            if place is not None:
                column, stored = footer.schema.column(place), schema.field(self._event_time).type
                bounds = _bounds(group.column(place).statistics, column, stored, self._zone)
            yield RowGroup(number=number, first_row=first_row, rows=group.num_rows, bounds=bounds)
            first_row += group.num_rows

    @contextmanager
    def _named(self, path: Path) -> Generator[None]:
        try:
            yield
        except (FileNotFoundError, PermissionError) as error:
            raise SourceUnavailableError(
                f"model '{self._model_id}': {path} is gone or may not be read ({error.strerror})"
            ) from error
        except (pa.ArrowException, OSError, EOFError) as error:
            raise SourceFileError(
                f"model '{self._model_id}': {path} is cut short or no Parquet file ({error})."
                " Write it anew; other files and everything stored stay as they are"
            ) from error


def _bounds(
    statistics: pq.Statistics | None, column: pq.ColumnSchema, stored: pa.DataType, zone: str
) -> Bounds | None:
    """Return what a row group's statistics say of its event times, None if they say too little."""
    kind = json.loads(column.logical_type.to_json())
    if statistics is None or not statistics.has_min_max or not statistics.has_null_count:
        return None
    edges = [statistics.min_raw, statistics.max_raw]
    if kind["Type"] == "Timestamp" and pa.types.is_timestamp(stored):
        column_of_edges = pa.array(edges, pa.timestamp(_UNITS[kind["timeUnit"]], stored.tz))
    elif kind["Type"] == "Date" and pa.types.is_date(stored):
        column_of_edges = pa.array(edges, pa.date32())
    else:
        return None
    # Reading times keeps their order: the edges of the stamps are the edges of the instants.
    lowest, highest = read_times(column_of_edges, zone).instants.tolist()
    return Bounds(lowest=lowest, highest=highest, missing=statistics.null_count)


def _split(pattern: str) -> tuple[Path, str]:
    """Return the folders before the first wildcard, and the rest.

    >>> _split("scores/2023/**/*.parquet")
    (PosixPath('scores/2023'), '**/*.parquet')
    """
    parts = Path(pattern).parts
    fixed = takewhile(lambda part: not glob.has_magic(part), parts[:-1])
    folder = Path(*fixed)
    return folder, str(Path(pattern).relative_to(folder))
