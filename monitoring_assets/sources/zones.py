"""Between clock faces and instants, for whole arrays, by Python's own time zone rules.

Belongs here: offsets of a zone and their changes. Stays out: Arrow, reading stamps (times.py). All
values are microseconds since 1970 as int64, counted on the clock face ("local") or in UTC
("instants"). Python's zoneinfo brings its data with it (package tzdata); Arrow's zone functions
need a database of the system.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Micros = NDArray[np.int64]
Flags = NDArray[np.bool_]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LOWEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_HIGHEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_FIRST_YEAR, _LAST_YEAR = 2, 9997
"""Years zoneinfo can answer for with a margin; stamps beyond get the nearest offset."""


@dataclass(frozen=True, kw_only=True)
class OffsetChanges:
    """Instants at which a zone's offset changes, in order, with the offsets on both sides."""

    instants: Micros
    before: Micros
    after: Micros


@dataclass(frozen=True, kw_only=True)
class Localised:
    """Instants of clock-face times, with what had to be decided to get them.

    Parameters
    ----------
    instants
        Microseconds since 1970 in UTC.
    missing_hour
        The clock never showed this time (it sprang over it): moved to the moment of the jump.
    repeated_hour
        The clock showed this time twice: taken for the first.
    """

    instants: Micros
    missing_hour: Flags
    repeated_hour: Flags


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(instant: int) -> datetime:
    """Return microseconds since 1970 as a moment in UTC, at most what a datetime can hold.

    >>> moment(1_675_221_005_000_000).isoformat()
    '2023-02-01T03:10:05+00:00'
    """
    return _EPOCH + timedelta(microseconds=min(max(instant, _LOWEST), _HIGHEST))


def localise(local: Micros, zone: str) -> Localised:
    """Return the instants at which a zone's clock shows these times; it never decreases in `local`.

    The rule pandas calls `nonexistent="shift_forward"`, with the first of two ambiguous instants.
    """
    changes = offset_changes(zone, local)
    jumps = changes.instants + changes.before
    last = np.searchsorted(jumps, local, side="right") - 1
    shifted = local - changes.after[last]
    missing = shifted < changes.instants[last]
    following = np.minimum(last + 1, len(jumps) - 1)
    repeated = (local < jumps[following]) & (
        local >= changes.instants[following] + changes.after[following]
    )
    return Localised(
        instants=np.where(missing, changes.instants[last], shifted),
        missing_hour=missing,
        repeated_hour=repeated,
    )


def clock_face(instants: Micros, zone: str) -> Micros:
    """Return what a zone's clock shows at these instants."""
    changes = offset_changes(zone, instants)
    last = np.searchsorted(changes.instants, instants, side="right") - 1
    return instants + changes.after[last]


def offset_changes(zone: str, values: Micros) -> OffsetChanges:
    """Return the changes of offset around the years that occur in `values` (local or instants).

    The first entry lies before every value and changes nothing: each value has one before it.
    """
    wanted = sorted(set(np.clip(_years(values), _FIRST_YEAR, _LAST_YEAR).tolist())) or [1970]
    rows = sorted({row for year in wanted for row in _changes_of_year(zone, year)})
    instants, before, after = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    instants[0], before[0] = np.iinfo(np.int64).min // 2, after[0]
    return OffsetChanges(instants=instants, before=before, after=after)


def _years(values: Micros) -> Micros:
    """Return every year that occurs, and perhaps some between."""
    if not len(values):
        return values
    first, last = _year(np.array([values.min(), values.max()], np.int64)).tolist()
    # Looking at each value costs more than a few years too many.
    return (
        np.arange(first, last + 1, dtype=np.int64)
        if last - first <= 5
        else np.unique(_year(values))
    )


def _year(values: Micros) -> Micros:
    return values.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970


@lru_cache(maxsize=4096)
def _changes_of_year(zone: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """Return (instant, offset before, offset after) for a year with two days on both sides.

    The first row changes nothing: it carries the offset with which the year begins. Looking once a
    day finds every change, because no zone ever changed there and back within a day.
    """
    first = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=2)
    days = (datetime(year + 1, 1, 1, tzinfo=UTC) + timedelta(days=2) - first).days
    moments = [first + timedelta(days=day) for day in range(days + 1)]
    info = ZoneInfo(zone)
    begin = _offset(info, first)
    rows = [(microseconds(first), begin, begin)]
    rows.extend(
        _bisect_change(info, low, high)
        for low, high in pairwise(moments)
        if _offset(info, low) != _offset(info, high)
    )
    return tuple(rows)


def _bisect_change(info: ZoneInfo, low: datetime, high: datetime) -> tuple[int, int, int]:
    before, after = _offset(info, low), _offset(info, high)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _offset(info, middle) == before:
            low = middle
        else:
            high = middle
    return microseconds(high), before, after


def _offset(info: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(info).utcoffset()
    return 0 if offset is None else offset // _MICROSECOND
