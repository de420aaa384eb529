"""Columns of other sources, joined to the rows by id.

Belongs here: reading the other source around the rows' time, one row an id, putting its columns
beside the rows. Stays out: the rows themselves (prepare.py).

Which row of the other source belongs to a row depends on these two alone, not on the stretch that
is read: a row has the same joined values in an hour, in a day and in the reference.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.base import RawSource, Span
from monitoring_assets.sources.duplicates import last_of_each
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.marked import MarkedRows, concatenate
from monitoring_assets.sources.piece import prepare_piece
from monitoring_assets.sources.zones import Flags

ROUNDING: Final = timedelta(seconds=1)
"""Stores keep different digits of a second; the same time may differ by less than this."""

_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class JoinedRows:
    """One of the sources that are joined by id.

    Parameters
    ----------
    name
        Its name in the YAML.
    layout, raw
        Its columns, and where they come from.
    within
        How far its own time may lie from that of the row it belongs to; it has one only if the
        layout has an event time.
    """

    name: str
    layout: Layout
    raw: RawSource
    within: timedelta

    def read(self, start: datetime | None, end: datetime | None) -> MarkedRows:
        """Return all its rows that may belong to rows of [start, end), the better known ones last.

        Without an event time of its own, all its rows. Of two rows, the one that was known later is
        the better known, one without knowledge time the least; then the later one in its source.
        """
        span = self._around(start, end)
        pieces = [prepare_piece(self.layout, raw, *span) for raw in self.raw.pieces(*span)]
        rows = concatenate(pieces, self.layout.schema.empty_table())
        if self.layout.knowledge_time is None:
            return rows
        known = rows.table["knowledge_time"].combine_chunks()
        return rows.take(pc.array_sort_indices(known, null_placement="at_start").to_numpy())

    def stamp(self, start: datetime | None, end: datetime | None) -> str | None:
        """Return the stamp of all rows that may belong to rows of [start, end)."""
        return self.raw.stamp(*self._around(start, end))

    def beside(self, rows: MarkedRows, others: MarkedRows) -> MarkedRows:
        """Return rows with the columns of the best known of the others that belong to them.

        A row to which none belongs has null there, and the mark `unmatched:<name>`.

        Parameters
        ----------
        rows
            Rows of the main source, each id once.
        others
            What `read` has returned for them.
        """
        others = others.where(self._belongs(rows.table, others.table))
        others = others.where(last_of_each(others.table["row_id"].combine_chunks()))
        places = _places(rows.table, others.table)
        table = rows.table
        for name in self._columns():
            table = _put(table, name, others.table[name].combine_chunks().take(places))
        missing = places.is_null().to_numpy(zero_copy_only=False)
        marks = {**rows.marks, f"unmatched:{self.name}": missing}
        for name, flags in others.marks.items():
            of_rows = np.zeros(len(table), np.bool_)
            of_rows[~missing] = flags[places.drop_null().to_numpy()]
            marks[name] = marks.get(name, np.zeros_like(of_rows)) | of_rows
        return MarkedRows(table=table, marks=marks)

    def _around(self, start: datetime | None, end: datetime | None) -> Span:
        if self.layout.event_time is None or start is None or end is None:
            return None, None
        margin = self.within + ROUNDING
        return start - margin, end + margin

    def _belongs(self, rows: pa.Table, others: pa.Table) -> Flags:
        """Return which of the others have the id of a row, and a time near enough to its."""
        places = _places(others, rows)
        if self.layout.event_time is None:
            return places.is_valid().to_numpy(zero_copy_only=False)
        theirs = others["event_time"].combine_chunks()
        ours = rows["event_time"].combine_chunks().take(places)
        apart = pc.abs(pc.subtract(theirs.cast(pa.int64()), ours.cast(pa.int64())))
        near = pc.less(apart, (self.within + ROUNDING) // _MICROSECOND)
        # Null where an id or a time is missing.
        return near.fill_null(fill_value=False).to_numpy(zero_copy_only=False)

    def _columns(self) -> list[str]:
        names = [entry.column_name for entry in self.layout.values]
        if self.layout.knowledge_time is not None:
            names.append("knowledge_time")
        if self.layout.model_version is not None:
            names.append("model_version")
        return names


def _places(rows: pa.Table, others: pa.Table) -> pa.Array:
    """Return for each row the place of its id in the others, null where it is not there."""
    ids = rows["row_id"].combine_chunks()
    return pc.index_in(ids, value_set=others["row_id"].combine_chunks())


def _put(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)
