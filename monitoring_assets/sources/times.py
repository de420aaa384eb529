"""Reading times, however they are stored, as instants.

Belongs here: Arrow columns of times in, microseconds in UTC out, and what had to be mended. Stays
out: the rules of time zones (zones.py), which rows are wanted, what the times are used for.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.base import INSTANT
from monitoring_assets.sources.kinds import is_text
from monitoring_assets.sources.zones import Flags, Micros, localise, microseconds

A_TIME: Final = "a time, a date or an ISO 8601 text that begins YYYY-MM-DD"
"""What columns of times may hold, for messages."""

DAY_FIRST: Final = r"^\d{4}-\d{2}-\d{2}"
"""How a text must begin to be a time. Other forms of ISO 8601 look like numbers: Python reads
1773100800000, milliseconds since 1970, as a day in October 1773."""

_LOCAL = pa.timestamp("us")


@dataclass(frozen=True, kw_only=True)
class Times:
    """A column of times, one entry a row.

    Parameters
    ----------
    instants
        Microseconds since 1970 in UTC; without meaning where `known` is false.
    known
        There is a time and it could be read.
    unreadable
        There is a text, but it is no time, or does not begin with its day.
    missing_hour, repeated_hour
        See `zones.Localised`.
    """

    instants: Micros
    known: Flags
    unreadable: Flags
    missing_hour: Flags
    repeated_hour: Flags

    def within(self, start: datetime, end: datetime) -> Flags:
        """Return which times lie in [start, end)."""
        low, high = microseconds(start), microseconds(end)
        return self.known & (self.instants >= low) & (self.instants < high)

    def where(self, rows: Flags) -> "Times":
        """Return these rows only."""
        return Times(
            instants=self.instants[rows],
            known=self.known[rows],
            unreadable=self.unreadable[rows],
            missing_hour=self.missing_hour[rows],
            repeated_hour=self.repeated_hour[rows],
        )

    def to_arrow(self) -> pa.Array:
        """Return the instants as an Arrow array, null where there is no time."""
        return pa.array(self.instants, INSTANT, mask=~self.known)


def holds_times(kind: pa.DataType) -> bool:
    """Return whether a column of this type can be read as times."""
    if pa.types.is_dictionary(kind):
        return holds_times(kind.value_type)
    tests = (pa.types.is_timestamp, pa.types.is_date, pa.types.is_null, is_text)
    return any(test(kind) for test in tests)


def read_times(column: pa.Array, zone: str) -> Times:
    """Read stamps with or without zone, dates, or ISO 8601 texts that begin with the day.

    Parameters
    ----------
    column
        An Arrow array of a type for which `holds_times` is true.
    zone
        Where times stored without a zone were taken.
    """
    if pa.types.is_dictionary(column.type):
        return read_times(column.cast(column.type.value_type), zone)
    if is_text(column.type):
        return _read_texts(column.cast(pa.string()), zone)
    aware = pa.types.is_timestamp(column.type) and column.type.tz is not None
    # Unsafe only in that it cuts what is finer than a microsecond.
    stamps = column.cast(INSTANT if aware else _LOCAL, safe=False)
    return _times(stamps, np.full(len(stamps), aware), zone)


def _read_texts(texts: pa.Array, zone: str) -> Times:
    trimmed = pc.utf8_trim_whitespace(texts)
    filled = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    dated = pc.if_else(pc.match_substring_regex(filled, DAY_FIRST), filled, None)
    times = _read_dated(dated, zone)
    return replace(times, unreadable=~times.known & _flags(filled.is_valid()))


def _read_dated(texts: pa.Array, zone: str) -> Times:
    for kind in (_LOCAL, INSTANT):
        try:
            stamps = texts.cast(kind)
        except pa.ArrowInvalid:  # some text is not of this form, so that Arrow reads none of them
            continue
        return _times(stamps, np.full(len(stamps), kind is INSTANT), zone)
    return _read_one_by_one(texts, zone)


def _read_one_by_one(texts: pa.Array, zone: str) -> Times:
    moments = [_moment(text) for text in texts.to_pylist()]
    aware = np.array([m is not None and m.tzinfo is not None for m in moments], np.bool_)
    stamps = pa.array(
        [None if m is None else microseconds(m.replace(tzinfo=m.tzinfo or UTC)) for m in moments],
        pa.int64(),
    )
    return _times(stamps, aware, zone)


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None


def _times(stamps: pa.Array, aware: Flags, zone: str) -> Times:
    known = _flags(stamps.is_valid())
    instants = pc.fill_null(stamps.cast(pa.int64()), 0).to_numpy(zero_copy_only=False).copy()
    missing_hour, repeated_hour = np.zeros((2, len(stamps)), np.bool_)
    local = known & ~aware
    if local.any():
        localised = localise(instants[local], zone)
        instants[local] = localised.instants
        missing_hour[local] = localised.missing_hour
        repeated_hour[local] = localised.repeated_hour
    return Times(
        instants=instants,
        known=known,
        unreadable=np.zeros(len(stamps), np.bool_),
        missing_hour=missing_hour,
        repeated_hour=repeated_hour,
    )


def _flags(column: pa.Array) -> Flags:
    return column.to_numpy(zero_copy_only=False)
