"""Bounds of a stretch of time in the kind of value that a database's column of times holds.

Belongs here: from an instant to a value one can compare the column with. Stays out: statements
(relation.py), reading the times themselves (sources/times.py).

Comparing a column with these bounds finds the same rows as turning every value into an instant and
comparing instants, by the rules of `zones.localise`: also on the days on which clocks change, since
localising never decreases. Only texts, which may name any offset, are compared by their day with a
margin; `piece.py` then selects exactly.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.sources.kinds import is_text
from monitoring_assets.sources.zones import localise, microseconds, moment

FIRST = datetime(1, 1, 3, tzinfo=UTC)
LAST = datetime(9999, 12, 28, tzinfo=UTC)
"""Stand for no bound where a query asks for one. Later stamps mean "for ever", not a time."""

_DAY = timedelta(days=1)
_FURTHEST = 2 * 86_400_000_000
"""No clock was ever further from UTC than this, nor jumped further, in microseconds."""


class TimeKind(StrEnum):
    """What a column of times holds."""

    INSTANT = "times with a zone"
    CLOCK_FACE = "times without a zone"
    DAY = "days"
    TEXT = "texts"


_TYPES = {
    TimeKind.INSTANT: sa.DateTime(timezone=True),
    TimeKind.CLOCK_FACE: sa.DateTime(),
    TimeKind.DAY: sa.Date(),
    TimeKind.TEXT: sa.String(),
}


def time_kind(stored: pa.DataType) -> TimeKind | None:
    """Return what a column of this type holds, None if it holds no times."""
    if pa.types.is_timestamp(stored):
        return TimeKind.CLOCK_FACE if stored.tz is None else TimeKind.INSTANT
    if pa.types.is_date(stored):
        return TimeKind.DAY
    return TimeKind.TEXT if is_text(stored) else None


def lower_bound(
    kind: TimeKind, instant: datetime, zone: str, name: str | None = None
) -> sa.BindParameter[Any]:
    """Return the parameter that all values from this instant on are at least as large as."""
    value = (instant - _DAY).date().isoformat() if kind is TimeKind.TEXT else None
    return sa.bindparam(name, value or _value(kind, instant, zone), _TYPES[kind])


def upper_bound(
    kind: TimeKind, instant: datetime, zone: str, name: str | None = None
) -> sa.BindParameter[Any]:
    """Return the parameter that all values before this instant are smaller than."""
    value = (instant + 2 * _DAY).date().isoformat() if kind is TimeKind.TEXT else None
    return sa.bindparam(name, value or _value(kind, instant, zone), _TYPES[kind])


def _value(kind: TimeKind, instant: datetime, zone: str) -> datetime | date:
    if kind is TimeKind.INSTANT:
        return instant.astimezone(UTC)
    local = moment(_clock_face(microseconds(instant), zone)).replace(tzinfo=None)
    if kind is TimeKind.CLOCK_FACE:
        return local
    return local.date() + (timedelta() if local.time() == time() else _DAY)


def _clock_face(instant: int, zone: str) -> int:
    """Return the earliest time a clock can show at or after this instant."""

    def localised(local: int) -> int:
        return int(localise(np.array([local], np.int64), zone).instants[0])

    first = instant - _FURTHEST
    return first + bisect_left(range(first, instant + _FURTHEST), instant, key=localised)
