"""Columns of other sources, joined to the rows by id.

Belongs here: reading the other source around the rows' time, one row an id, putting its columns
beside the rows. Stays out: the rows themselves (prepare.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.base import RawSource
from monitoring_assets.sources.duplicates import last_of_each
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.marked import MarkedRows, concatenate
from monitoring_assets.sources.piece import prepare_piece


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
        How far its own time may lie from that of the row it belongs to.
    """

    name: str
    layout: Layout
    raw: RawSource
    within: timedelta

    def read(self, start: datetime | None, end: datetime | None) -> MarkedRows:
        """Return its rows for rows of [start, end), one an id: the one known last, else the last.

        Without an event time of its own, all its rows are read.
        """
        if self.layout.event_time is None or start is None or end is None:
            start = end = None
        else:
            start, end = start - self.within, end + self.within
        pieces = [
            prepare_piece(self.layout, raw, start, end) for raw in self.raw.pieces(start, end)
        ]
        rows = concatenate(pieces, self.layout.schema.empty_table())
        if self.layout.knowledge_time is not None:
            order = pc.sort_indices(rows.table["knowledge_time"], null_placement="at_start")
            rows = rows.take(order.to_numpy())
        return rows.where(last_of_each(rows.table["row_id"].combine_chunks()))

    def beside(self, rows: MarkedRows, others: MarkedRows) -> MarkedRows:
        """Return rows with the columns of those others that have their id, null where none has."""
        places = pc.index_in(
            rows.table["row_id"], value_set=others.table["row_id"].combine_chunks()
        )
        places = places.combine_chunks()
        table = rows.table
        for name in self._columns():
            table = _put(table, name, others.table[name].take(places))
        missing = places.is_null().to_numpy(zero_copy_only=False)
        found = places.fill_null(0).to_numpy()
        marks = {
            name: flags[found] & ~missing if len(flags) else np.zeros(len(table), np.bool_)
            for name, flags in others.marks.items()
        }
        marks[f"unmatched:{self.name}"] = missing
        for name in rows.marks.keys() & marks.keys():
            marks[name] = marks[name] | rows.marks[name]
        return MarkedRows(table=table, marks={**rows.marks, **marks})

    def _columns(self) -> list[str]:
        names = [entry.column_name for entry in self.layout.values]
        if self.layout.knowledge_time is not None:
            names.append("knowledge_time")
        if self.layout.model_version is not None:
            names.append("model_version")
        return names


def _put(table: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)
