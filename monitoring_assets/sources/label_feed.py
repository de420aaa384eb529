"""Labels by when they became known, so that those which come late are found without reading all.

Belongs here: reading labels from a knowledge time on, finding the predictions they belong to. Stays
out: how far labels have been read (storage/labels.py), labels of one window (window_labels.py).

The source is read by a layout whose event time is the knowledge time. So a database looks labels up
by an index on that column if there is one, and of Parquet files only the groups of rows are read
whose statistics say that labels may lie there; a team's class is asked for them if it offers
`read_known`. CSV files are read whole, and so is all that a query that asks for bounds (they are of
event times) and any other class give.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.base import INSTANT, Places, RawSource
from monitoring_assets.sources.build import raw_source
from monitoring_assets.sources.joining import ROUNDING
from monitoring_assets.sources.label_rows import (
    Near,
    beside_rows,
    in_same_window,
    label_schema,
    pairs_of,
    passing,
    with_withdrawn,
    within,
)
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.layouts import feed_layout
from monitoring_assets.sources.piece import prepare_piece
from monitoring_assets.sources.sql.bounds import FIRST, LAST
from monitoring_assets.spec.columns import DayOfWeek, HourOfDay
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import BundledSourceSpec, SimulatedTripsSpec, TlcTripsSourceSpec

_SETTLED: Final = (BundledSourceSpec, SimulatedTripsSpec, TlcTripsSourceSpec)
"""Kinds whose rows come with their label, and neither changes afterwards."""


@dataclass(frozen=True, kw_only=True)
class LabelFeed:
    """A model's labels by knowledge time.

    Parameters
    ----------
    spec
        The model.
    layout, raw
        Columns of the source that brings the target, and where its rows come from.
    near
        Which predictions of its id a label belongs to; None: all.
    """

    spec: ModelSpec
    layout: Layout
    raw: RawSource
    near: Near | None

    @property
    def columns_of_predictions(self) -> tuple[str, ...]:
        """Columns of predictions that `placed` needs: id, event time, what filters look at."""
        filtered = {one.column for one in self.spec.filters} - {self.spec.columns.target}
        return ("row_id", "event_time", *sorted(filtered))

    def newest_knowledge_time(
        self, after: datetime | None = None, before: datetime | None = None
    ) -> datetime | None:
        """Return the latest knowledge time before a moment, None if there is no label.

        Answered without reading labels, as a rule. Where the source holds some that are dated
        later, those in [after, before) are read; None then if there is none of these.
        """
        newest = self.raw.newest_event_time()
        if newest is None or before is None or newest < before:
            return newest
        return pc.max(self.known_since(after, before).column("knowledge_time")).as_py()

    def known_since(self, after: datetime | None, before: datetime | None = None) -> pa.Table:
        """Return all labels, and all corrections, that became known in [after, before).

        Parameters
        ----------
        after
            A knowledge time, itself included; None: from the first label on.
        before
            None: to the last label. Labels "known" in the year 9999 or later never are.

        Returns
        -------
        pa.Table
            Columns `row_id`, `event_time` (null: `placed` fills it), `knowledge_time`, `target`
            (float64 or string) and `own_time` (the label's own event time, null where its source
            has none), by knowledge time and id. A null target withdraws earlier labels: there is no
            value any more, or one that breaks a filter on the target. Rows without a knowledge time
            are no labels yet, and are not read.

        Raises
        ------
        SourceSchemaError
            A needed column is missing or of a type that cannot be read as declared, or a row has no
            id.
        SourceUnavailableError, SourceFileError, SourceFailedError
            The source cannot be read; see `RawSource.pieces`.
        """
        span = after or FIRST, before or LAST
        pieces = [prepare_piece(self.layout, raw, *span) for raw in self.raw.pieces(*span)]
        tables = [self.layout.schema.empty_table(), *(one.table for one in pieces)]
        rows = pa.concat_tables(tables).combine_chunks()
        labels = pa.table(
            {
                "row_id": rows["row_id"],
                "event_time": pa.nulls(len(rows), INSTANT),
                "knowledge_time": rows["event_time"],  # by which this layout finds rows
                "target": rows[str(self.spec.columns.target)],
                "own_time": rows["knowledge_time"],
            }
        )
        order = [("knowledge_time", "ascending"), ("row_id", "ascending")]
        return with_withdrawn(self.spec, labels.take(pc.sort_indices(labels, order)))

    def placed(self, labels: pa.Table, predictions: pa.Table) -> pa.Table:
        """Return the labels that belong to predictions, with the event times of these.

        By the rules of the labels that are read with their window: the same id, and an own time as
        near as `joined` says; in a source of predictions and labels, one in the same window. Rows
        that break a filter on another column than the target have no labels.

        Parameters
        ----------
        labels
            From `known_since`.
        predictions
            `columns_of_predictions` of, say, all stored rows with one of the labels' ids.

        Returns
        -------
        pa.Table
            Columns `row_id`, `event_time`, `knowledge_time` and `target`, by event time, id and
            knowledge time; of several labels of a prediction known at the same time, the last one.
        """
        rows = predictions.filter(pa.array(passing(self.spec, predictions)))
        pairs = pairs_of(labels, rows, self.near)
        return beside_rows(labels, rows, pairs).cast(label_schema(self.spec))


def build_label_feed(spec: ModelSpec, places: Places) -> LabelFeed | None:
    """Return a model's labels by knowledge time; None if none of them can come late.

    That is so without a target or a knowledge time, where rows come with a label that never
    changes (bundled sets, simulated trips, published trips), and where the target follows from the
    event time.
    """
    target = spec.columns.target
    if target is None or spec.columns.knowledge_time is None:
        return None
    joined = next((one for one in spec.joined if target in one.columns), None)
    source = spec.source if joined is None else joined.source
    if isinstance(source, _SETTLED) or isinstance(spec.derived.get(target), HourOfDay | DayOfWeek):
        return None
    layout = feed_layout(spec, joined)
    return LabelFeed(
        spec=spec,
        layout=layout,
        raw=raw_source(spec, source, layout, places),
        near=in_same_window(spec.windows) if joined is None else _near(joined),
    )


def _near(joined: JoinedSpec) -> Near | None:
    return None if joined.event_time is None else within(joined.within + ROUNDING)
