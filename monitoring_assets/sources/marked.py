"""Rows on their way through preparation, with marks on those that had to be mended.

Belongs here: keeping table and marks in step. Stays out: what a mark means (the steps that set it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.zones import Flags


@dataclass(frozen=True, kw_only=True)
class MarkedRows:
    """Rows and, by name of the mark, which of them carry it; unused marks may be left out."""

    table: pa.Table
    marks: Mapping[str, Flags]

    def where(self, rows: Flags) -> "MarkedRows":
        """Return these rows only, with their marks."""
        return MarkedRows(
            table=self.table.filter(pa.array(rows)),
            marks={name: flags[rows] for name, flags in self.marks.items()},
        )

    def take(self, places: npt.NDArray[np.integer[Any]]) -> "MarkedRows":
        """Return the rows at these places, in their order, with their marks."""
        return MarkedRows(
            table=self.table.take(pa.array(places)),
            marks={name: flags[places] for name, flags in self.marks.items()},
        )

    def marked(self, name: str, rows: Flags) -> "MarkedRows":
        """Return the rows with one more mark."""
        return MarkedRows(table=self.table, marks={**self.marks, name: rows})

    def counts(self) -> dict[str, int]:
        """Return mark -> rows that carry it, without marks that nobody carries."""
        counts = {name: int(np.count_nonzero(flags)) for name, flags in self.marks.items()}
        return {name: count for name, count in counts.items() if count}


def concatenate(pieces: Sequence[MarkedRows], empty: pa.Table) -> MarkedRows:
    """Return all pieces as one, in their order; `empty` gives the columns if there is no piece."""
    marks: dict[str, Flags] = {}
    for name in {name for piece in pieces for name in piece.marks}:
        parts = [piece.marks.get(name, np.zeros(len(piece.table), np.bool_)) for piece in pieces]
        marks[name] = np.concatenate(parts)
    return MarkedRows(table=pa.concat_tables([empty, *(p.table for p in pieces)]), marks=marks)


def in_order(table: pa.Table) -> pa.Table:
    """Return the rows by event time, and by id among rows of the same time."""
    return table.take(
        pc.sort_indices(table, [("event_time", "ascending"), ("row_id", "ascending")])
    )
