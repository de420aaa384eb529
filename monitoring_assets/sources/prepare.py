"""From raw rows of any kind of source to `SourceRows`: the one path all rows take.

Belongs here: the steps over all pieces together, in this order: duplicates, joined sources, counts,
answers that follow from probabilities, order of rows, filters. Stays out: the steps of one piece
(piece.py), the rules of each step, where raw rows come from. Duplicates go before the counts, so
that what was mended in a dropped row is not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from monitoring_assets.errors import DuplicateIdError
from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.answers import invalid_probabilities, with_answers
from monitoring_assets.sources.base import Period, RawSource, SourceRows, Span
from monitoring_assets.sources.duplicates import examples, last_of_each
from monitoring_assets.sources.filters import first_rejection
from monitoring_assets.sources.joining import JoinedRows
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.marked import MarkedRows, concatenate, in_order
from monitoring_assets.sources.piece import prepare_piece
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import OnDuplicate


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Rows of a stretch of time, with all that was found on the way.

    Parameters
    ----------
    every
        All rows of the main source, in its order.
    others
        For each joined source, in the order of the YAML, all its rows that may belong to them.
    kept
        Of the rows with one id the last, beside the columns of the joined sources.
    """

    every: MarkedRows
    others: tuple[MarkedRows, ...]
    kept: MarkedRows


@dataclass(frozen=True, kw_only=True)
class PreparedSource:
    """A `Source` made of raw sources and what the model's YAML says about their columns.

    Parameters
    ----------
    spec
        The model.
    layout, raw
        Columns of the main source, and where its rows come from.
    on_duplicate
        What the YAML says of an id that occurs twice.
    joined
        Sources that are joined by id.
    """

    spec: ModelSpec
    layout: Layout
    raw: RawSource
    on_duplicate: OnDuplicate
    joined: tuple[JoinedRows, ...] = ()

    def read(self, start: datetime | None = None, end: datetime | None = None) -> SourceRows:
        """See `Source.read`.

        Raises
        ------
        SourceSchemaError
            A needed column is missing or of a type that cannot be read as declared.
        DuplicateIdError
            An id occurs twice and the YAML says `on_duplicate: fail`.
        """
        gathered = self.gather(start, end)
        kept, rows = gathered.kept, len(gathered.every.table)
        kept = kept.marked("invalid_probability", invalid_probabilities(self.spec, kept.table))
        adjusted = kept.counts()
        if len(kept.table) < rows:
            adjusted["duplicate_id"] = rows - len(kept.table)
        table = in_order(with_answers(self.spec, kept.table))
        table = table.append_column("rejected_by", first_rejection(table, self.spec.filters))
        return SourceRows(table=table.select(self._columns(table)), adjusted=adjusted)

    def gather(self, start: datetime | None, end: datetime | None) -> Gathered:
        """Return the rows that `read` chooses from; raises as it does."""
        raw_pieces = self.raw.pieces(start, end)
        pieces = [prepare_piece(self.layout, raw, start, end) for raw in raw_pieces]
        every = concatenate(pieces, self.layout.schema.empty_table())
        kept = self._without_duplicates(every, (start, end))
        others = tuple(other.read(start, end) for other in self.joined)
        for joined, rows in zip(self.joined, others, strict=True):
            kept = joined.beside(kept, rows)
        return Gathered(every=every, others=others, kept=kept)

    def newest_event_time(self) -> datetime | None:
        """See `Source.newest_event_time`."""
        return self.raw.newest_event_time()

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """See `Source.rows_outside`."""
        return self.raw.rows_outside(periods)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """See `Source.planted_changes`."""
        return self.raw.planted_changes()

    def stamp(self, start: datetime | None = None, end: datetime | None = None) -> str | None:
        """See `Source.stamp`; None if the main source or a joined one has none."""
        stamps = [one.stamp(start, end) for one in (self.raw, *self.joined)]
        known = [one for one in stamps if one is not None]
        return " ".join(known) if len(known) == len(stamps) else None

    def describe(self) -> dict[str, str]:
        """See `Source.describe`."""
        return self.raw.describe()

    def _columns(self, table: pa.Table) -> list[str]:
        keys = ["row_id", "event_time", "knowledge_time", "model_version", "rejected_by"]
        values = [entry.column_name for entry in self.spec.column_dictionary()]
        return [name for name in (*keys, *values) if name in table.column_names]

    def _without_duplicates(self, rows: MarkedRows, span: Span) -> MarkedRows:
        if self.layout.id is None:  # file and row number cannot occur twice
            return rows
        ids = rows.table["row_id"].combine_chunks()
        keep = last_of_each(ids)
        if keep.all():
            return rows
        if self.on_duplicate == "fail":
            first, last = (one.isoformat() if one else "any time" for one in span)
            raise DuplicateIdError(
                f"model '{self.spec.model_id}', rows from {first} to {last}:"
                f" {np.count_nonzero(~keep)} rows repeat the id of another, such as"
                f" {', '.join(map(repr, examples(ids, keep)))}. Mend the source, or set"
                f" `{self.layout.section}.on_duplicate: keep_last`"
            )
        return rows.where(keep)
