"""From raw rows of any kind of source to `SourceRows`: the one path all rows take.

Belongs here: the steps over all pieces together, in this order: duplicates, counts, order of rows,
filters. Stays out: the steps of one piece (piece.py), the rules of each step, where raw rows come
from. Duplicates go before the counts, so that what was mended in a dropped row is not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from monitoring_assets.errors import DuplicateIdError
from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import Period, RawSource, SourceRows
from monitoring_assets.sources.duplicates import examples, last_of_each
from monitoring_assets.sources.filters import first_rejection
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.marked import MarkedRows, concatenate, in_order
from monitoring_assets.sources.piece import prepare_piece


@dataclass(frozen=True, kw_only=True)
class PreparedSource:
    """A `Source` made of a raw source and what the model's YAML says about its columns."""

    layout: Layout
    raw: RawSource

    def read(self, start: datetime, end: datetime) -> SourceRows:
        """See `Source.read`.

        Raises
        ------
        SourceSchemaError
            A needed column is missing or of a type that cannot be read as declared.
        DuplicateIdError
            An id occurs twice and the YAML says `on_duplicate: fail`.
        """
        raw_pieces = self.raw.pieces(start, end)
        pieces = [prepare_piece(self.layout, raw, start, end) for raw in raw_pieces]
        rows = concatenate(pieces, self.layout.schema.empty_table())
        kept = self._without_duplicates(rows, start, end)
        adjusted = kept.counts()
        if len(kept.table) < len(rows.table):
            adjusted["duplicate_id"] = len(rows.table) - len(kept.table)
        table = in_order(kept.table)
        rejected = first_rejection(table, self.layout.spec.filters)
        before_values = table.num_columns - len(self.layout.delivered)
        return SourceRows(
            table=table.add_column(before_values, "rejected_by", rejected), adjusted=adjusted
        )

    def newest_event_time(self) -> datetime | None:
        """See `Source.newest_event_time`."""
        return self.raw.newest_event_time()

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """See `Source.rows_outside`."""
        return self.raw.rows_outside(periods)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """See `Source.planted_changes`."""
        return self.raw.planted_changes()

    def describe(self) -> dict[str, str]:
        """See `Source.describe`."""
        return self.raw.describe()

    def _without_duplicates(self, rows: MarkedRows, start: datetime, end: datetime) -> MarkedRows:
        spec = self.layout.spec
        if spec.columns.id is None:  # file and row number cannot occur twice
            return rows
        ids = rows.table["row_id"].combine_chunks()
        keep = last_of_each(ids)
        if keep.all():
            return rows
        if spec.source.on_duplicate == "fail":
            raise DuplicateIdError(
                f"model '{spec.model_id}', rows from {start.isoformat()} to {end.isoformat()}:"
                f" {np.count_nonzero(~keep)} rows repeat the id of another, such as"
                f" {', '.join(map(repr, examples(ids, keep)))}. Mend the source, or set"
                " `source.on_duplicate: keep_last`"
            )
        return rows.where(keep)
