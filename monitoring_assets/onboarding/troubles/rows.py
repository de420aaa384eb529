"""Troubles of a window's rows as a whole: how many, when, which were mended or rejected.

Belongs here: counts of rows. Stays out: columns (columns.py), answers (answers.py).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from monitoring_assets.onboarding.looks import says_zone
from monitoring_assets.onboarding.troubles.base import Seen, Trouble
from monitoring_assets.spec.sources import StoredSourceSpec

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_ANY_TIME: Final = datetime.max.replace(tzinfo=UTC)
"""Newest event time of a source that is invented."""

_OUTSIDE: Final = {
    "before_every_period": "lie before the first window and the reference",
    "between_periods": "lie between the reference and the windows",
    "after_every_period": "lie after the last window",
    "event_time_missing": "have no event time, or none that can be read",
}

_CLOCKS: Final = {
    "missing_hour": "that clocks never showed",
    "repeated_hour": "that clocks showed twice",
}


def row_troubles(seen: Seen) -> Iterator[Trouble]:
    """Yield what looks wrong with the rows."""
    yield from _size(seen)
    yield from _times(seen)
    yield from _mended(seen)
    yield from _rejected(seen)


def _size(seen: Seen) -> Iterator[Trouble]:
    rows, key = seen.rows.table.num_rows, seen.chosen.key
    least = seen.spec.drift.minimum_rows
    if rows == 0:
        yield Trouble(
            text=f"window {key} holds no row; look at another one with --window, or at"
            " `columns.event_time`, `windows.time_zone` and `source.event_time_zone`"
        )
    elif rows < least:
        yield Trouble(
            text=f"{rows:,} rows are fewer than drift.minimum_rows ({least}): drift will be"
            " `insufficient_data`; take longer windows"
        )
    if not seen.chosen.is_passed:
        yield Trouble(
            text=f"the source has not come past the end of window {key}: rows may be missing still"
        )


def _times(seen: Seen) -> Iterator[Trouble]:
    if seen.now + _CLOCKS_DIFFER < seen.newest < _ANY_TIME:
        yield Trouble(
            text=f"the newest event time, {seen.newest:%Y-%m-%d %H:%M} UTC, lies in the future; is"
            " `columns.event_time` the right column, and its zone right?"
        )
    for name, text in _OUTSIDE.items():
        count = seen.outside.get(name, 0)
        if count:
            yield Trouble(text=f"{count:,} rows of the source {text}: they are never looked at")
    yield from _naive(seen)


def _naive(seen: Seen) -> Iterator[Trouble]:
    source, columns = seen.spec.source, seen.spec.columns
    if not isinstance(source, StoredSourceSpec) or source.event_time_zone is not None:
        return
    name = seen.name_in_source(columns.event_time)
    if name in seen.stored and not says_zone(seen.stored[name], seen.first.get(name, "")):
        yield Trouble(
            column=columns.event_time,
            text=f"times are stored without a zone and read as {seen.spec.windows.time_zone}, the"
            " windows' zone; if they were taken elsewhere, set `source.event_time_zone`",
        )


def _mended(seen: Seen) -> Iterator[Trouble]:
    for name, rows in seen.rows.adjusted.items():
        what, _, about = name.partition(":")
        if what == "invalid":
            shown = f", such as {seen.no_numbers[about]!r}" if about in seen.no_numbers else ""
            text = f"{rows:,} texts could not be read{shown}: they count as missing"
            yield Trouble(column=about, text=text)
        elif what == "unmatched":
            yield Trouble(text=f"{rows:,} rows have no match in the joined source '{about}'")
        elif what == "duplicate_id":
            yield Trouble(
                column=seen.spec.columns.id or "",
                text=f"is not unique: {rows:,} rows repeat the id of another; the last one counts."
                " With `on_duplicate: fail` a run would stop",
            )
        elif what in _CLOCKS:
            zone = _zone(seen)
            yield Trouble(
                text=f"{rows:,} rows have a time {_CLOCKS[what]} in {zone}: is that right?"
            )


def _zone(seen: Seen) -> str:
    source = seen.spec.source
    zone = source.event_time_zone if isinstance(source, StoredSourceSpec) else None
    return zone or seen.spec.windows.time_zone


def _rejected(seen: Seen) -> Iterator[Trouble]:
    rows, most = seen.rows.table.num_rows, seen.spec.data_quality.maximum_rejected_share
    rejected = sum(seen.rows.rejected.values())
    if rows and rejected > most * rows:
        yield Trouble(
            text=f"the filters reject {rejected / rows:.0%} of the rows, more than"
            f" data_quality.maximum_rejected_share ({most:.0%})"
        )
