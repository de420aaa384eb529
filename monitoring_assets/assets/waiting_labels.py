"""Late labels of windows that are still to be computed again, under a YAML that was changed.

Belongs here: which labels these are, how long they are waited for, what is said of it. Stays out:
labels of all other windows (late_labels.py), the watermark that stands still for them
(storage/label_progress.py).

Where the YAML drops a feature, gives it another type or names the prediction otherwise, predictions
go into a new table, window by window as history is computed again. A label that comes meanwhile for
a window whose predictions lie in an older table has none in the new one, and nothing of the layer
`labels` of that window is out of date: once its predictions are there, only another reading finds
the label. Labels of predictions that are nowhere are not waited for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.records import Window
from monitoring_assets.sources.label_feed import LabelFeed
from monitoring_assets.storage import labels as label_rows
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import older_row_tables

LONGEST_WAIT: Final = timedelta(days=7)
"""How long after it became known a label is waited for.

All labels since then are read each time. Computing history again takes hours, not weeks; where
nobody does, reading would otherwise begin at the same label for ever.
"""

_SHOWN: Final = 10
"""Windows named in a text."""


@dataclass(frozen=True, kw_only=True)
class WaitingLabels:
    """Labels that are not stored, since the predictions they belong to lie in an older table.

    Parameters
    ----------
    windows
        Their windows, in order of time.
    labels
        How many are waited for.
    since
        The earliest knowledge time of these; None if there are none.
    given_up
        How many are not waited for any longer.
    """

    windows: tuple[Window, ...] = ()
    labels: int = 0
    since: datetime | None = None
    given_up: int = 0

    def texts(self) -> Iterator[str]:
        """Yield what a run says of them, each with what to do."""
        keys = [one.partition_key for one in self.windows]
        more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
        windows = f"windows {', '.join(keys[:_SHOWN])}{more}"
        yaml = "whose predictions were stored under another YAML"
        if self.since is not None:
            yield (
                f"labels from {self.since:%Y-%m-%d %H:%M} UTC on are read again next time: of"
                f" {windows}, {yaml}, {self.labels} wait until these are computed again"
                " (`monitoring-assets plan`), at most"
                f" {LONGEST_WAIT.days} days from when they became known"
            )
        if self.given_up:
            yield (
                f"{self.given_up} labels of {windows}, {yaml}, became known more than"
                f" {LONGEST_WAIT.days} days ago and are not waited for any longer;"
                " `monitoring-assets plan` finds them, or computing these windows with `--again`"
            )


def find_waiting(
    database: Database,
    feed: LabelFeed,
    table: RowTable,
    found: pa.Table,
    known: Mapping[datetime, Window],
    now: datetime,
) -> WaitingLabels:
    """Return the labels that are not stored and belong to predictions in older tables.

    Parameters
    ----------
    table
        Of labels.
    found
        Labels that the source gave, of which those with a prediction in the newest table have been
        stored.
    known
        Start of a window -> window, of those whose predictions were stored under another YAML.
    """
    older = older_row_tables(database, table.model_id, "predictions") if known else []
    if not (older and found.num_rows):
        return WaitingLabels()
    # What filters look at, an older table may lack: labels of rows that they reject wait, too.
    lenient = replace(feed, spec=replace(feed.spec, filters=()))
    predictions = [_predictions(database, one, found, lenient) for one in older]
    key = lenient.columns_of_predictions
    distinct = pa.concat_tables(predictions).group_by(key).aggregate([])
    ordered = distinct.sort_by([(name, "ascending") for name in key])
    new = label_rows.new_labels(database, table, lenient.placed(found, ordered))
    waiting = dict(by_window(new, known))
    times = pa.chunked_array(
        [chunk for rows in waiting.values() for chunk in rows.column("knowledge_time").chunks],
        new.schema.field("knowledge_time").type,
    )
    recent = times.filter(pc.greater_equal(times, now - LONGEST_WAIT))
    return WaitingLabels(
        windows=tuple(known[start] for start in sorted(waiting) if waiting[start].num_rows),
        labels=len(recent),
        since=pc.min(recent).as_py(),
        given_up=len(times) - len(recent),
    )


def by_window(
    placed: pa.Table, known: Mapping[datetime, Window]
) -> Iterator[tuple[datetime, pa.Table]]:
    """Yield the labels of each window that there is, by its start; they come by event time."""
    starts = sorted(known)
    bounds = pa.array(starts, placed.schema.field("event_time").type).cast(pa.int64()).to_numpy()
    times = placed.column("event_time").cast(pa.int64()).to_numpy()
    place = np.searchsorted(bounds, times, side="right") - 1
    for one in np.unique(place[place >= 0]).tolist():
        first, last = np.searchsorted(place, [one, one + 1])
        of_window = placed.slice(int(first), int(last - first))
        # Windows that were never computed leave gaps: what lies in one belongs to none.
        inside = pc.less(of_window.column("event_time"), known[starts[one]].end)
        yield starts[one], of_window.filter(inside)


def _predictions(database: Database, table: RowTable, found: pa.Table, feed: LabelFeed) -> pa.Table:
    label_rows.ensure_id_index(database, table)
    ids = pc.unique(found.column("row_id"))
    return label_rows.find_predictions(database, table, ids, feed.columns_of_predictions)
