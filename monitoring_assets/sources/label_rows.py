"""Labels beside the rows they belong to, each correction a row of its own.

Belongs here: the shape of labels, which label belongs to which row, labels that are withdrawn.
Stays out: reading them, by window (window_labels.py) or by knowledge time (label_feed.py).

A label whose value is missing, or breaks a filter on the target, says that from its knowledge time
on there is none. It stays, with a null: without it, an earlier value would go on to count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.base import INSTANT
from monitoring_assets.sources.filters import first_rejection
from monitoring_assets.sources.layout import STORED_AS
from monitoring_assets.sources.zones import Flags, Micros, microseconds, moment
from monitoring_assets.spec.calendar import start_after, window_holding
from monitoring_assets.spec.columns import FilterSpec
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.windows import WindowsSpec

Places = npt.NDArray[np.integer[Any]]

Near = Callable[[pa.Array, pa.Array], Flags]
"""Labels' own times and event times of rows with their ids -> which label belongs to its row."""

_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Places of labels, and beside each the place of a row it belongs to."""

    labels: Places
    rows: Places

    def where(self, pairs: Flags) -> "Pairs":
        """Return these pairs only."""
        return Pairs(labels=self.labels[pairs], rows=self.rows[pairs])


def label_schema(spec: ModelSpec) -> pa.Schema:
    """Return the columns of labels as they are stored."""
    return pa.schema(
        {
            "row_id": pa.string(),
            "event_time": INSTANT,
            "knowledge_time": INSTANT,
            "target": STORED_AS[spec.answer_kind],
        }
    )


def pairs_of(labels: pa.Table, rows: pa.Table, near: Near | None = None) -> Pairs:
    """Return which labels belong to which rows.

    Parameters
    ----------
    labels
        Columns `row_id` and `own_time`.
    rows
        Columns `row_id` and `event_time`; an id may occur more than once.
    near
        Which rows of its id a label belongs to; without it, all.
    """
    pairs = _same_id(labels["row_id"].combine_chunks(), rows["row_id"].combine_chunks())
    if near is None:
        return pairs
    own = labels["own_time"].combine_chunks().take(pa.array(pairs.labels))
    event = rows["event_time"].combine_chunks().take(pa.array(pairs.rows))
    both = pc.and_(own.is_valid(), event.is_valid()).to_numpy(zero_copy_only=False)
    pairs, both = pairs.where(both), pa.array(both)
    return pairs.where(near(own.filter(both), event.filter(both)))


def within(distance: timedelta) -> Near:
    """Return the rule that a label's own time lies nearer than this to the row's."""
    largest = distance // _MICROSECOND
    return lambda own, event: np.abs(_micros(own) - _micros(event)) < largest


def in_same_window(windows: WindowsSpec) -> Near:
    """Return the rule that a label's own time lies in the row's window."""

    def near(own: pa.Array, event: pa.Array) -> Flags:
        ours, theirs = _micros(own), _micros(event)
        same = ours == theirs
        others = np.flatnonzero(~same)  # none, most often
        if len(others):
            starts = _starts(windows, theirs[others])
            window = [np.searchsorted(starts, one[others], side="right") for one in (ours, theirs)]
            same[others] = window[0] == window[1]
        return same

    return near


def beside_rows(labels: pa.Table, rows: pa.Table, pairs: Pairs) -> pa.Table:
    """Return the labels with the event time of their row, by event time, id and knowledge time.

    Of several labels that a row had at the same time, the last one stays.

    Parameters
    ----------
    labels
        Columns `row_id`, `knowledge_time` (never null) and `target`.
    rows
        Column `event_time`.
    """
    pairs = _once(pairs, _micros(labels["knowledge_time"].combine_chunks())[pairs.labels])
    placed = labels.select(["row_id", "knowledge_time", "target"]).take(pa.array(pairs.labels))
    times = rows["event_time"].combine_chunks().take(pa.array(pairs.rows))
    placed = placed.add_column(1, "event_time", times)
    keys = [(name, "ascending") for name in ("event_time", "row_id", "knowledge_time")]
    return placed.take(pc.sort_indices(placed, keys))


def with_withdrawn(spec: ModelSpec, labels: pa.Table) -> pa.Table:
    """Return labels with null in place of values that break a filter on the target."""
    name = str(spec.columns.target)
    filters = [one for one in spec.filters if _of_target(spec, one)]
    targets = labels.select(["target"]).rename_columns([name])
    kept = first_rejection(targets, filters).is_null()
    values = pc.if_else(kept, labels["target"].combine_chunks(), None)
    return labels.set_column(labels.column_names.index("target"), "target", values)


def _once(pairs: Pairs, known: Micros) -> Pairs:
    """Return the last of the pairs that have the same row and knowledge time."""
    if np.all(pairs.rows[1:] > pairs.rows[:-1]):  # each row has one label
        return pairs
    order = np.lexsort((known, pairs.rows))  # of equal ones, the last stays the last
    of, known = pairs.rows[order], known[order]
    last = np.ones(len(of), np.bool_)
    last[:-1] = (of[1:] != of[:-1]) | (known[1:] != known[:-1])
    return Pairs(labels=pairs.labels[order], rows=of).where(last)


def passing(spec: ModelSpec, rows: pa.Table) -> Flags:
    """Return which rows pass the filters on other columns than the target; others have no label."""
    rejected = first_rejection(rows, [one for one in spec.filters if not _of_target(spec, one)])
    return rejected.is_null().to_numpy(zero_copy_only=False)


def _of_target(spec: ModelSpec, rule: FilterSpec) -> bool:
    return rule.column == spec.columns.target


def _same_id(labels: pa.Array, rows: pa.Array) -> Pairs:
    encoded = rows.dictionary_encode()
    ids, of_rows = encoded.dictionary, encoded.indices.to_numpy()
    found = pc.index_in(labels, value_set=ids)
    of_label = found.drop_null().to_numpy()
    counts = np.bincount(of_rows, minlength=len(ids))
    times = counts[of_label]  # rows that have the label's id: they stand in a row in `by_id`
    by_id = np.argsort(of_rows, kind="stable")
    first = (np.cumsum(counts) - counts)[of_label]
    before = np.cumsum(times) - times
    number = np.arange(int(times.sum()), dtype=np.int64) - np.repeat(before, times)
    with_rows = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    return Pairs(labels=np.repeat(with_rows, times), rows=by_id[np.repeat(first, times) + number])


def _starts(windows: WindowsSpec, instants: Micros) -> Micros:
    """Return the starts of all windows around these instants, and of the one after them."""
    start, _ = window_holding(windows, moment(int(instants.min())))
    latest, starts = moment(int(instants.max())), [start]
    while starts[-1] <= latest:
        starts.append(start_after(windows, starts[-1], 1))
    return np.array([microseconds(one) for one in starts], np.int64)


def _micros(times: pa.Array) -> Micros:
    return times.cast(pa.int64()).to_numpy(zero_copy_only=False)
