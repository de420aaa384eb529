"""Preparing one piece (file, row group, result set) of raw rows.

Belongs here: the steps that look at one row at a time: exact selection by event time, ids, times,
derived columns, casts, and errors that name the column. Stays out: duplicates, filters and order
(prepare.py).
"""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pyarrow as pa

from monitoring_assets.errors import SourceSchemaError
from monitoring_assets.records import ColumnEntry, ColumnKind
from monitoring_assets.sources.base import INSTANT, RawRows
from monitoring_assets.sources.derive import derive
from monitoring_assets.sources.kinds import can_be, to_category, to_number
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.marked import MarkedRows
from monitoring_assets.sources.times import A_TIME, Times, holds_times, read_times
from monitoring_assets.sources.zones import Flags


def prepare_piece(
    layout: Layout, raw: RawRows, start: datetime | None = None, end: datetime | None = None
) -> MarkedRows:
    """Return the rows of a piece whose event time lies in [start, end), as the YAML describes them.

    Without these two, all rows.

    Marks: `missing_hour` and `repeated_hour` on rows in which *any* time had to be decided, and
    `invalid:<column>` on rows whose text could not be read as the number or time it should be.
    """
    layout.require(raw.table.column_names, raw.origin)
    piece = _Piece(layout, raw)
    if layout.event_time is None or start is None or end is None:
        return piece.prepared()
    selected = piece.times(layout.event_time).within(start, end)
    if not selected.all():
        piece = _Piece(layout, _where(raw, selected))
    return piece.prepared()


def _where(raw: RawRows, rows: Flags) -> RawRows:
    mask = pa.array(rows)
    return RawRows(
        table=raw.table.filter(mask),
        row_ids=lambda: raw.row_ids().filter(mask),
        origin=raw.origin,
    )


class _Piece:
    """A piece with its marks so far; every row has an event time in the wanted stretch."""

    def __init__(self, layout: Layout, raw: RawRows) -> None:
        self._layout = layout
        self._raw = raw
        self._marks: dict[str, Flags] = {}

    def prepared(self) -> MarkedRows:
        """Return every column of `Layout.schema`."""
        layout = self._layout
        times = {name: self.times(name) for name in self._layout.times}
        self._mark_times(times)
        arrays = [
            self._row_ids(),
            self._time(layout.event_time, times),
            self._time(layout.knowledge_time, times),
        ]
        if layout.model_version is not None:
            arrays.append(self._category(layout.model_version))
        arrays += [self._value(entry, times) for entry in layout.values]
        return MarkedRows(
            table=pa.Table.from_arrays(arrays, schema=layout.schema), marks=self._marks
        )

    def times(self, name: str) -> Times:
        """Read one of our columns of times."""
        column = self._column(name)
        if not holds_times(column.type):
            raise self._layout.wrong_type(name, column.type, self._raw.origin, A_TIME)
        return read_times(column, self._layout.zone)

    def _row_ids(self) -> pa.Array:
        name = self._layout.id
        if name is None:
            return self._raw.row_ids()
        ids = self._category(name)
        if ids.null_count:
            raise SourceSchemaError(
                f"model '{self._layout.model_id}': {self._raw.origin} has {ids.null_count}"
                f" rows without a value in '{self._layout.name_in_source(name)}', which is their"
                f" id. Mend the source, or name a column in `{self._layout.id_setting}` that has a"
                " value in every row"
            )
        return ids

    def _time(self, name: str | None, times: Mapping[str, Times]) -> pa.Array:
        if name is None:
            return pa.nulls(len(self._raw.table), INSTANT)
        return times[name].to_arrow()

    def _value(self, entry: ColumnEntry, times: Mapping[str, Times]) -> pa.Array:
        name, layout = entry.column_name, self._layout
        if name in layout.derived:
            event = times[layout.times[0]]  # a layout with derived columns has an event time
            derived = derive(layout.derived[name], times, event, layout.windows_zone)
            numerical = entry.kind is ColumnKind.NUMERICAL
            return to_number(derived)[0] if numerical else to_category(derived)
        return self._number(name) if entry.kind is ColumnKind.NUMERICAL else self._category(name)

    def _number(self, name: str) -> pa.Array:
        column = self._column(name)
        if not can_be(ColumnKind.NUMERICAL, column.type):
            raise self._layout.wrong_type(name, column.type, self._raw.origin, "a number")
        numbers, wrong = to_number(column)
        self._mark(f"invalid:{name}", wrong)
        return numbers

    def _category(self, name: str) -> pa.Array:
        column = self._column(name)
        if not can_be(ColumnKind.CATEGORICAL, column.type):
            raise self._layout.wrong_type(name, column.type, self._raw.origin, "a category")
        return to_category(column)

    def _column(self, name: str) -> pa.Array:
        return self._raw.table[self._layout.name_in_source(name)].combine_chunks()

    def _mark_times(self, times: Mapping[str, Times]) -> None:
        for name, column in times.items():
            self._mark("missing_hour", column.missing_hour)
            self._mark("repeated_hour", column.repeated_hour)
            self._mark(f"invalid:{name}", column.unreadable)

    def _mark(self, name: str, rows: Flags) -> None:
        if rows.any():
            self._marks[name] = self._marks.get(name, np.zeros_like(rows)) | rows
