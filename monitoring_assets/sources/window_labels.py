"""Labels of one window's rows, with all corrections.

Belongs here: which rows have labels, all labels of each. Stays out: storing them, labels that come
after their window was read (label_feed.py).
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.answers import with_answers
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_label_source
from monitoring_assets.sources.joining import ROUNDING
from monitoring_assets.sources.label_rows import (
    Pairs,
    beside_rows,
    label_schema,
    pairs_of,
    passing,
    with_withdrawn,
    within,
)
from monitoring_assets.sources.prepare import Gathered, PreparedSource
from monitoring_assets.sources.zones import Flags
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True, kw_only=True)
class WindowLabels:
    """The labels of a model's rows, window by window.

    Parameters
    ----------
    spec
        The model.
    source
        Its rows, with the target and what the filters look at.
    """

    spec: ModelSpec
    source: PreparedSource

    def newest_event_time(self) -> datetime | None:
        """See `Source.newest_event_time`."""
        return self.source.newest_event_time()

    def stamp(self, start: datetime, end: datetime) -> str | None:
        """See `Source.stamp`."""
        return self.source.stamp(start, end)

    def read(self, start: datetime, end: datetime) -> pa.Table:
        """Return all labels of the rows of a window that pass the filters on other columns.

        A label without a knowledge time counts for as long as its row has none with one, whenever
        that one becomes known. So it is left out beside such a label, and is known from the
        window's start on: one that is named later and stored beside it is newer. Without any
        knowledge times in the source, all labels are known from the window's end on.

        Parameters
        ----------
        start, end
            Of one window.

        Returns
        -------
        pa.Table
            Columns `row_id`, `event_time` (of the row), `knowledge_time` and `target` (float64 or
            string), by event time, id and knowledge time. A null target withdraws earlier labels:
            there is no value any more, or one that breaks a filter on the target.

        Raises
        ------
        MonitoringError
            As `PreparedSource.read`.
        """
        schema = label_schema(self.spec)
        if self.spec.columns.target is None:
            return schema.empty_table()
        gathered = self.source.gather(start, end)
        rows = gathered.kept.table
        labels, pairs = self._labels(gathered)
        passed = passing(self.spec, with_answers(self.spec, rows))
        pairs = pairs.where(passed[pairs.rows])
        moment = start if self.spec.labels_have_times else end
        labels, pairs = _all_known(with_withdrawn(self.spec, labels), pairs, moment, len(rows))
        return beside_rows(labels, rows, pairs).cast(schema)

    def _labels(self, gathered: Gathered) -> tuple[pa.Table, Pairs]:
        """Return everything that may be a label, and which rows these belong to."""
        name, rows = str(self.spec.columns.target), gathered.kept.table
        for one, found in zip(self.source.joined, gathered.others, strict=True):
            if name in one.layout.schema.names:
                near = within(one.within + ROUNDING) if one.layout.event_time else None
                labels = _as_labels(found.table, name)
                return labels, pairs_of(labels, rows, near)
        labels = _as_labels(gathered.every.table, name)
        if len(labels) == len(rows):  # each id once: looking up 1,000,000 of them takes 0.8 s
            return labels, Pairs(labels=np.arange(len(rows)), rows=np.arange(len(rows)))
        return labels, pairs_of(labels, rows)


def build_window_labels(spec: ModelSpec, places: Places) -> WindowLabels:
    """Return the labels of a model's windows; keep it for many windows, as a source."""
    return WindowLabels(spec=spec, source=build_label_source(spec, places))


def _as_labels(table: pa.Table, target: str) -> pa.Table:
    return pa.table(
        {
            "row_id": table["row_id"],
            "own_time": table["event_time"],
            "knowledge_time": table["knowledge_time"],
            "target": table[target],
        }
    )


def _all_known(
    labels: pa.Table, pairs: Pairs, moment: datetime, rows: int
) -> tuple[pa.Table, Pairs]:
    """Give each label a knowledge time, and leave out those without one that do not count."""
    times = labels["knowledge_time"].combine_chunks()
    known = _flags(times.is_valid())[pairs.labels]
    better = np.zeros(rows, np.bool_)
    better[pairs.rows[known]] = True
    # Of several without a knowledge time the last is right, even if it says that there is none.
    unknown = np.flatnonzero(~known)
    last = np.zeros(rows, np.int64)
    last[pairs.rows[unknown]] = unknown
    valued = _flags(labels["target"].combine_chunks().is_valid())[pairs.labels]
    counts = ~better[pairs.rows] & valued & (last[pairs.rows] == np.arange(len(known)))
    place = labels.column_names.index("knowledge_time")
    filled = pc.fill_null(times, pa.scalar(moment, times.type))
    return labels.set_column(place, "knowledge_time", filled), pairs.where(known | counts)


def _flags(column: pa.Array) -> Flags:
    return column.to_numpy(zero_copy_only=False)
