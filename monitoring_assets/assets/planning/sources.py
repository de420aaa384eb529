"""What a source says of windows that were computed: whether it still holds the same rows.

Belongs here: comparing stamps, reading where these do not tell, labels that have become known.
Stays out: what follows from it (out_of_date.py), how a source is read (package sources).

A window whose stamp is the one of its computation holds the same rows, and is not read. Where the
stamp is another one, or the source has none, the window is read and its rows are compared by their
fingerprint: touching a file makes nothing out of date.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.assets.fingerprints import fingerprints_of, same_code, same_rows
from monitoring_assets.assets.planning.reasons import Found, Reason
from monitoring_assets.errors import MonitoringError
from monitoring_assets.records import Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_read import read_rows
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets.storage.staleness import Computed

Lines = Mapping[datetime, Computed]
"""Start of a window -> the newest line of a layer that is not out of date by itself."""

_LABEL_KEYS: Final = ["row_id", "event_time", "knowledge_time"]


@dataclass(frozen=True, kw_only=True)
class SourceLook:
    """What looking at the source came to.

    Parameters
    ----------
    found
        Layer -> start of a window -> what has changed.
    stamps
        Number of a computation -> stamp under which the source was found to hold the same rows.
    failed
        Window -> why it could not be read; after an error that trying again may help against, no
        further one is read.
    """

    found: Found = field(default_factory=dict[Layer, Mapping[datetime, Reason]])
    stamps: Mapping[int, str] = field(default_factory=dict[int, str])
    failed: Mapping[Window, MonitoringError] = field(default_factory=dict[Window, MonitoringError])

    def __or__(self, other: "SourceLook") -> "SourceLook":
        return SourceLook(
            found={**self.found, **other.found},
            stamps={**self.stamps, **other.stamps},
            failed={**self.failed, **other.failed},
        )


def look_at_source(
    spec: ModelSpec,
    runtime: Runtime,
    database: Database,
    windows: Sequence[Window],
    lines: Mapping[Layer, Lines],
) -> SourceLook:
    """Return which of these windows have other rows or labels in the source than are stored.

    Parameters
    ----------
    lines
        Of layers `predictions` and `labels`.
    """
    look = _look_at_rows(spec, runtime, windows, lines[Layer.PREDICTIONS])
    if any(error.retryable for error in look.failed.values()):
        return look
    return look | _look_at_labels(spec, runtime, database, windows, lines[Layer.LABELS])


def _look_at_rows(
    spec: ModelSpec, runtime: Runtime, windows: Sequence[Window], lines: Lines
) -> SourceLook:
    source, fingerprints = runtime.source(spec), fingerprints_of(spec, runtime)

    def change(window: Window, line: Computed) -> Reason | None:
        found = fingerprints.of_rows(source.read(window.start, window.end))
        if same_rows(found, line.source_fingerprint):
            return None
        return Reason.ROWS if same_code(found, line.source_fingerprint) else Reason.TEAM_CODE

    return _compare(Layer.PREDICTIONS, windows, lines, source.stamp, change)


def _look_at_labels(
    spec: ModelSpec, runtime: Runtime, database: Database, windows: Sequence[Window], lines: Lines
) -> SourceLook:
    labels, fingerprints = runtime.window_labels(spec), fingerprints_of(spec, runtime)

    def change(window: Window, line: Computed) -> Reason | None:
        found = labels.read(window.start, window.end)
        known = fingerprints.of_table(found)
        if same_rows(known, line.source_fingerprint):
            return None
        # What is stored may have come since, or be forgotten by the source: it stays.
        if spec.labels_have_times and not _adds_to_stored(database, window, found):
            return None
        # Nothing is known of the code by which late labels were read.
        other = line.source_fingerprint and not same_code(known, line.source_fingerprint)
        return Reason.TEAM_CODE if other else Reason.LABELS

    return _compare(Layer.LABELS, windows, lines, labels.stamp, change)


def _compare(
    layer: Layer,
    windows: Sequence[Window],
    lines: Lines,
    stamp_of: Callable[[datetime, datetime], str | None],
    change: Callable[[Window, Computed], Reason | None],
) -> SourceLook:
    found, stamps = dict[datetime, Reason](), dict[int, str]()
    failed = dict[Window, MonitoringError]()
    for window in (one for one in windows if one.start in lines):
        line = lines[window.start]
        try:
            stamp = stamp_of(window.start, window.end)
            if stamp is not None and stamp == line.source_stamp:
                continue
            reason = change(window, line)
        except MonitoringError as error:
            failed[window] = error
            if error.retryable:
                break
            continue
        if reason is not None:
            found[window.start] = reason
        elif stamp is not None:
            stamps[line.number] = stamp
    return SourceLook(found={layer: found}, stamps=stamps, failed=failed)


def _adds_to_stored(database: Database, window: Window, labels: pa.Table) -> bool:
    table, columns = row_table(database, window.model_id, "labels"), [*_LABEL_KEYS, "target"]
    return says_anything_new(labels, read_rows(database, table, window.start, window.end, columns))


def says_anything_new(labels: pa.Table, stored: pa.Table) -> bool:
    """Say whether merging labels into those that are stored would change any of these.

    Parameters
    ----------
    labels, stored
        Columns `row_id`, `event_time`, `knowledge_time` and `target`.
    """
    known = stored.rename_columns([*_LABEL_KEYS, "stored"]).append_column(
        "known", pa.repeat(pa.scalar(value=True), stored.num_rows)
    )
    beside = labels.select([*_LABEL_KEYS, "target"]).join(known, keys=_LABEL_KEYS)
    target, before = beside.column("target"), beside.column("stored")
    equal = pc.fill_null(pc.equal(target, before), fill_value=False)
    neither = pc.and_(pc.is_null(target), pc.is_null(before))
    same = pc.and_(pc.is_valid(beside.column("known")), pc.or_(equal, neither))
    return not pc.all(same, min_count=0).as_py()
