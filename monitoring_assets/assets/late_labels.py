"""Labels that come late: exactly the windows they belong to are brought up to date, in one run.

Belongs here: which windows late labels touch, and taking these through the layers that rest on
labels. Stays out: what a layer computes (one file each), reading labels (sources/label_feed.py),
storing them (storage/labels.py), when this is done (label_jobs.py).

Labels are read by the moment from which they were known, from a stored watermark on, an overlap
before it. A label that is stored already changes nothing and touches no window, and none is put
beside labels that were read under another YAML: these are replaced once their window is computed
again. For labels of predictions that are to be stored again the watermark waits
(waiting_labels.py). Windows go one after the other through all three layers: a run that is killed
leaves the watermark where it was, and at most one window between two layers, which the next run
mends.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.assets.label_start import reading_start
from monitoring_assets.assets.model_quality import quality_judging
from monitoring_assets.assets.quality_profiles import quality_profiling
from monitoring_assets.assets.runs import Recorder
from monitoring_assets.assets.waiting_labels import WaitingLabels, by_window, find_waiting
from monitoring_assets.errors import DatabaseUnavailableError, MonitoringError
from monitoring_assets.records import Layer, Window
from monitoring_assets.sources.label_feed import LabelFeed
from monitoring_assets.spec.layer_hash import layer_hash
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import labels as label_rows
from monitoring_assets.storage import ledger
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.label_progress import (
    advance_watermark,
    hold_watermark,
    windows_behind_labels,
    windows_computed_otherwise,
)
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import ensure_row_table, row_table

LABEL_LAYERS: Final = (Layer.LABELS, Layer.QUALITY_PROFILES, Layer.MODEL_QUALITY)
"""The layers that rest on labels, in the order in which they are computed."""

Recorders = Callable[[Layer], Recorder]
"""Returns what records the computations of a layer in this run."""


@dataclass(frozen=True, kw_only=True)
class Reports:
    """What is told of windows, apart from what is stored.

    Parameters
    ----------
    done
        Called with each window that was brought up to date, and the metadata of each layer.
    again
        Starts of windows that an earlier run brought up to date, and was killed before it could
        tell: these go through the layers once more, which changes nothing that is stored.
    """

    done: Callable[[Window, Mapping[Layer, Mapping[str, Any]]], None] = lambda _window, _layers: (
        None
    )
    again: Collection[datetime] = ()


@dataclass(frozen=True, kw_only=True)
class LateLabels:
    """What reading late labels came to.

    Parameters
    ----------
    read
        Labels that the source gave, those known before among them.
    orphans
        Ids among them that no stored prediction has; they are found again once it is stored.
    touched
        Windows that were brought up to date, in order of time.
    failed
        Window -> why it could not be; the watermark stays where it was if there is any.
    waiting
        Labels of windows that are still to be computed again; the watermark stands before them.
    """

    read: int
    orphans: int
    touched: tuple[Window, ...]
    failed: Mapping[Window, MonitoringError] = field(default_factory=dict[Window, MonitoringError])
    waiting: WaitingLabels = field(default_factory=WaitingLabels)


def read_late_labels(
    spec: ModelSpec,
    database: Database,
    feed: LabelFeed,
    now: datetime,
    recorders: Recorders,
    reports: Reports = Reports(),
) -> LateLabels:
    """Store the labels that have become known, and bring the windows they belong to up to date.

    Parameters
    ----------
    now
        Labels that will be known only after this are left for later.
    recorders
        By layer.
    reports
        Who is told of what was done.

    Raises
    ------
    DatabaseUnavailableError
        The database went away; the windows done before stay up to date.
    """
    model = spec.model_id, spec.windows.granularity
    states = ledger.windows_of(database, spec.model_id, granularity=model[1])
    known = {one.window.start: one.window for one in states}
    # Before predictions are looked up: one that is stored meanwhile waits once more at most.
    outdated = _computed_otherwise(spec, database, Layer.PREDICTIONS)
    found, placed, orphans = _placed(spec, database, feed, now)
    table = ensure_row_table(database, spec, "labels", placed.schema)
    new = dict(by_window(label_rows.new_labels(database, table, placed), known))
    others = _computed_otherwise(spec, database, Layer.LABELS)
    labels = {start: rows for start, rows in new.items() if start not in others}
    behind = windows_behind_labels(database, *model) | {*reports.again}
    windows = [known[start] for start in sorted({*labels, *(behind & known.keys())})]
    work = _work(spec, database, windows, (table, labels), recorders)
    touched, failed = list[Window](), dict[Window, MonitoringError]()
    for window in windows:
        try:
            metadata = work(window, window.start in behind)
        except DatabaseUnavailableError:
            raise  # no other window would fare better, and each would wait for its connection
        except MonitoringError as error:
            failed[window] = error
            continue
        if metadata:
            touched.append(window)
            reports.done(window, metadata)
    # Where the labels are out of date as well, they are read with their window.
    may_wait = {start: known[start] for start in (outdated - others) & known.keys()}
    result = LateLabels(
        read=found.num_rows,
        orphans=orphans,
        touched=tuple(touched),
        failed=failed,
        waiting=find_waiting(database, feed, table, found, may_wait, now),
    )
    _note_progress(spec, database, found, result, now)
    return result


def _note_progress(
    spec: ModelSpec, database: Database, found: pa.Table, result: LateLabels, now: datetime
) -> None:
    """Note how far labels have been read: not past one that waits, nor after a failure."""
    if result.failed or not found.num_rows:
        return
    if result.waiting.since is not None:
        hold_watermark(database, spec.model_id, result.waiting.since, result.orphans, now)
        return
    newest = pc.max(found.column("knowledge_time")).as_py()
    advance_watermark(database, spec.model_id, newest, result.orphans, now)


def _computed_otherwise(spec: ModelSpec, database: Database, layer: Layer) -> set[datetime]:
    """Return the starts of windows of which a layer was stored under another YAML."""
    model, present = (spec.model_id, spec.windows.granularity), layer_hash(spec, layer)
    return windows_computed_otherwise(database, *model, layer, present)


def _placed(
    spec: ModelSpec, database: Database, feed: LabelFeed, now: datetime
) -> tuple[pa.Table, pa.Table, int]:
    """Return the labels that the source gives, those that belong to predictions, and orphans."""
    found = feed.known_since(reading_start(spec, database), now)
    ids = pc.unique(found.column("row_id"))
    table = row_table(database, spec.model_id, "predictions")
    label_rows.ensure_id_index(database, table)
    wanted = feed.columns_of_predictions
    predictions = label_rows.find_predictions(database, table, ids, wanted)
    placed = feed.placed(found, predictions)
    return found, placed, len(ids) - pc.count_distinct(predictions.column("row_id")).as_py()


def _work(
    spec: ModelSpec,
    database: Database,
    windows: Sequence[Window],
    new: tuple[RowTable, Mapping[datetime, pa.Table]],
    recorders: Recorders,
) -> Callable[[Window, bool], Mapping[Layer, Mapping[str, Any]]]:
    """Return what takes one window through the layers, if its labels say anything new.

    Parameters
    ----------
    new
        The table of labels, and those that are new by the start of their window.
    """
    table, labels = new
    record = recorders(Layer.LABELS)
    profile = quality_profiling(spec, database, recorders(Layer.QUALITY_PROFILES))
    judge, moved = quality_judging(spec, database, windows, recorders(Layer.MODEL_QUALITY))

    def judged(window: Window) -> Mapping[str, Any]:
        # What this very run has just counted of the windows before is what this one rests on.
        moved([window], wait=False)
        found = judge(window)
        while moved([window]):  # another run has counted meanwhile
            found = judge(window)
        return found

    def work(window: Window, behind: bool) -> Mapping[Layer, Mapping[str, Any]]:  # noqa: FBT001 - told by the loop above
        changed = 0
        if window.start in labels:
            rows = labels[window.start]
            changed = label_rows.merge_labels(database, record(window), table, rows).changed
        if not changed and not behind:
            return {}
        return {
            Layer.LABELS: {"labels_changed": changed},
            Layer.QUALITY_PROFILES: profile(window),
            Layer.MODEL_QUALITY: judged(window),
        }

    return work
