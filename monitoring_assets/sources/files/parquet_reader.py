"""Parquet files: footers with the statistics of event times, and columns of row groups.

Belongs here: all that is special about this format. Stays out: finding files (store.py), which rows
are wanted (rows.py).
"""

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.sources.files.known import Bounds, KnownFile, RowGroup
from monitoring_assets.sources.files.store import FileStore, FoundFile
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.times import read_times

_FORM = "Parquet file"

_ROWS_AT_ONCE = 262_144
"""Rows decoded at a time: large row groups must not fill the memory."""

_UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


class ParquetReader:
    """A `FileReader` of Parquet.

    Parameters
    ----------
    layout
        Names the column whose statistics are of use, and its zone.
    store
        Where the files lie.
    """

    columnar = True

    def __init__(self, layout: Layout, store: FileStore) -> None:
        self._layout = layout
        self._store = store

    def look_at(self, file: FoundFile) -> KnownFile:
        """Read the footer."""
        with self._store.named(file, _FORM), self._store.opened(file) as opened:
            footer = pq.read_metadata(opened)
            schema = footer.schema.to_arrow_schema()
        groups = tuple(self._row_groups(footer, schema))
        return KnownFile(found=file, schema=schema, groups=groups, footer=footer)

    def batches(
        self, file: KnownFile, group: RowGroup, columns: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        """See `FileReader.batches`."""
        remote = self._store.remote
        with (
            self._store.named(file.found, _FORM),
            self._store.opened(file.found) as opened,
            # From afar, columns that lie side by side come with one request.
            pq.ParquetFile(opened, metadata=file.footer, pre_buffer=remote) as parquet,
        ):
            yield from parquet.iter_batches(
                batch_size=_ROWS_AT_ONCE, row_groups=[group.number], columns=list(columns)
            )

    def _row_groups(self, footer: pq.FileMetaData, schema: pa.Schema) -> Iterator[RowGroup]:
        event_time = self._layout.event_time_in_source
        names = [footer.schema.column(place).path for place in range(footer.num_columns)]
        place = names.index(event_time) if names.count(event_time) == 1 else None
        first_row = 0
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            bounds = None
            if place is not None:
                column, stored = footer.schema.column(place), schema.field(event_time).type
                statistics = group.column(place).statistics
                bounds = _bounds(statistics, column, stored, self._layout.zone)
            yield RowGroup(number=number, first_row=first_row, bounds=bounds)
            first_row += group.num_rows


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
