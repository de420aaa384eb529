"""Profiles of spans of windows, added up: a week of hours, a year by weeks. No raw row is read.

Belongs here: reading the profiles of complete windows and their sums, period by period. Stays out:
what adds up (metrics/span.py), adding up many rows at once (column_sums.py, quality_sums.py),
which periods there are (spec/spans.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from monitoring_assets.metrics.arrays import IntArray
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.span import SpanProfiles, add_up
from monitoring_assets.records import ALL
from monitoring_assets.spec.segments import VERSION_PREFIX
from monitoring_assets.storage.conditions import begins_in
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.roll_up.column_sums import COLUMNS, sum_rows
from monitoring_assets.storage.roll_up.quality_sums import sum_quality
from monitoring_assets.storage.roll_up.windows import SpanWindows, Wanted, moment, read_windows
from monitoring_assets.storage.statements import ArrowTransaction, arrow_transaction
from monitoring_assets.storage.tables import quality_profile, window_profile

WINDOWS_AT_ONCE: Final = 500
"""Windows read by one query, which bounds memory: 0.3 GB with 20 segments x 15 columns."""

_Profile = TypeVar("_Profile", ColumnProfile, QualityProfile)
_Piece = tuple[int, tuple[str, str], _Profile]
"""(number of the period, key, sum over some of its windows)."""


def read_span(
    database: Database,
    model_id: str,
    granularity: str,
    start: datetime,
    end: datetime,
    segments: Collection[str] | None = None,
) -> SpanProfiles:
    """Return the sum over all complete windows that begin in `[start, end)`.

    Parameters
    ----------
    segments
        The segments wanted; None: all that are stored. `model_version=X` may be asked for too.
    """
    model, wanted = (model_id, granularity), Wanted(segments=segments)
    return read_spans(database, model, [start, end], wanted)[0]


def read_spans(
    database: Database,
    model: tuple[str, str],
    bounds: Sequence[datetime],
    wanted: Wanted | None = None,
) -> list[SpanProfiles]:
    """Return the sums over the complete windows of consecutive periods.

    Of a year of hourly windows x 20 segments x 15 columns, 2.6 million profiles, one week takes
    0.3 s; all 52 weeks take 0.8 s of the segment `all`, 0.7 s of one column in all segments, 19 s
    of everything.

    Parameters
    ----------
    model
        Its id and the granularity of its windows.
    bounds
        Ascending, where each period but the last ends and the next one begins: one more than there
        are periods. A window belongs to the period in which it begins.
    wanted
        Segments and columns; without it, all.
    """
    wanted = wanted or Wanted()
    with arrow_transaction(database) as transaction:
        # All queries see the tables as they were at the first one.
        transaction.run(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        windows = read_windows(transaction, model, bounds, wanted)
        columns = _by_period(_columns(transaction, model, windows, wanted))
        quality = _by_period(_quality(transaction, model, windows, wanted))
    counted = np.bincount(windows.period, minlength=len(bounds) - 1).tolist()
    lost = windows.without_version(wanted)
    return [
        add_up(columns[number], quality[number], found, lost.get(number, ()))
        for number, found in enumerate(counted)
    ]


def _by_period(pieces: Iterator[_Piece[_Profile]]) -> dict[int, list[tuple[Any, _Profile]]]:
    found: dict[int, list[tuple[Any, _Profile]]] = defaultdict(list)
    for period, key, profile in pieces:
        found[period].append((key, profile))
    return found


def _columns(
    transaction: ArrowTransaction, model: tuple[str, str], windows: SpanWindows, wanted: Wanted
) -> "Iterator[_Piece[ColumnProfile]]":
    """Yield sums of column profiles, in order of time."""
    table = window_profile
    asked = [] if wanted.columns is None else [table.c.column_name == _any(wanted.columns)]
    for conditions in _pieces(table, model, windows, wanted):
        statement = sa.select(table.c.segment, *(table.c[name] for name in COLUMNS))
        rows = transaction.table(statement.where(*conditions, *asked))
        yield from _sums(rows, windows, wanted)


def _sums(
    rows: pa.Table, windows: SpanWindows, wanted: Wanted
) -> "Iterator[_Piece[ColumnProfile]]":
    """Yield the sums of some rows of `window_profile`; a row may count for a version as well."""
    segments, segment_of_row = _places(rows, "segment")
    of_versions = windows.version_segments(wanted)
    names = [*segments, *(one for one in of_versions if one not in segments)]
    window_of_row = windows.places(rows)
    places = np.flatnonzero(window_of_row >= 0)
    segment = segment_of_row[places]
    if of_versions and ALL in segments:
        of_all = places[segment == segments.index(ALL)]
        version = _versions(windows, names, of_versions)[window_of_row[of_all]]
        places = np.concatenate((places, of_all[version >= 0]))
        segment = np.concatenate((segment, version[version >= 0]))
    groups = windows.period[window_of_row[places]] * len(names) + segment
    for group, column, profile in sum_rows(rows, places, groups):
        name = names[group % len(names)]
        if wanted.has(name):
            yield group // len(names), (name, column), profile


def _versions(windows: SpanWindows, names: Sequence[str], asked: Collection[str]) -> IntArray:
    """Return of each window the place in `names` of the only version that scored it, or -1."""
    places = {name: place for place, name in enumerate(names) if name in asked}
    return np.array([places.get(one or "", -1) for one in windows.whole], dtype=np.int64)


def _quality(
    transaction: ArrowTransaction, model: tuple[str, str], windows: SpanWindows, wanted: Wanted
) -> "Iterator[_Piece[QualityProfile]]":
    """Yield sums of quality, in order of time."""
    table = quality_profile
    if not wanted.quality:
        return
    columns = table.c.window_start, table.c.segment, table.c.model_version
    line = (sa.cast(table.c.sums, sa.Text) + "\n").label("line")
    for conditions in _pieces(table, model, windows, wanted):
        statement = sa.select(*columns, line).where(*conditions).order_by(*columns)
        yield from _sums_of_quality(transaction.table(statement), windows, wanted)


def _sums_of_quality(
    rows: pa.Table, windows: SpanWindows, wanted: Wanted
) -> "Iterator[_Piece[QualityProfile]]":
    window_of_row = windows.places(rows)
    known = np.flatnonzero(window_of_row >= 0)
    keys, key_of_row = _keys(rows)
    groups = windows.period[window_of_row[known]] * len(keys) + key_of_row[known]
    of_versions = windows.version_segments(wanted)
    for group, profile in sum_quality(rows.column("line").take(known), groups):
        period, (segment, version) = group // len(keys), keys[group % len(keys)]
        if wanted.has(segment):
            yield period, (segment, version), profile
        if segment == ALL and VERSION_PREFIX + version in of_versions:
            yield period, (VERSION_PREFIX + version, version), profile


def _keys(rows: pa.Table) -> tuple[list[tuple[str, str]], IntArray]:
    """Return the pairs of segment and model version that occur, and the place of each row's."""
    segments, segment_of_row = _places(rows, "segment")
    versions, version_of_row = _places(rows, "model_version")
    keys = [(segment, version) for segment in segments for version in versions]
    return keys, segment_of_row * len(versions) + version_of_row


def _places(rows: pa.Table, name: str) -> tuple[list[str], IntArray]:
    """Return the texts that occur in a column, and the place among them of each row's."""
    encoded = rows.column(name).combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _pieces(
    table: sa.Table, model: tuple[str, str], windows: SpanWindows, wanted: Wanted
) -> Iterator[list[sa.ColumnElement[bool]]]:
    """Yield conditions that rows are of some windows, in turn of all, and of a segment wanted."""
    segments = wanted.stored_segments
    asked = [] if segments is None else [table.c.segment == _any(segments)]
    for first in range(0, windows.starts.size, WINDOWS_AT_ONCE):
        starts = windows.starts[first : first + WINDOWS_AT_ONCE]
        span = moment(starts[0]), moment(starts[-1] + 1)
        yield [*begins_in(table, model, span), *asked]


def _any(names: Collection[str]) -> Any:
    return sa.any_(sa.literal(sorted(names), ARRAY(sa.Text)))
