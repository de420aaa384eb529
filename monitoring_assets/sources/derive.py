"""Columns computed from times: minutes between two, hour of the day, day of the week.

Belongs here: one function for each kind of `derived` in the YAML. Stays out: reading the times.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from monitoring_assets.sources.times import Times
from monitoring_assets.sources.zones import clock_face
from monitoring_assets.spec.columns import DayOfWeek, DerivedSpec, HourOfDay, MinutesBetween

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR


def derive(what: DerivedSpec, times: Mapping[str, Times], event: Times, zone: str) -> pa.Array:
    """Compute a derived column.

    Parameters
    ----------
    what
        The YAML's entry.
    times
        All columns of times by our name.
    event
        The event time; known in every row.
    zone
        Time zone of the windows.
    """
    match what:
        case MinutesBetween():
            return minutes_between(times[what.start], times[what.end])
        case HourOfDay():
            return pa.array(clock_face(event.instants, zone) // _HOUR % 24)
        case DayOfWeek():
            # 1 January 1970 was a Thursday, day 4.
            return pa.array((clock_face(event.instants, zone) // _DAY + 3) % 7 + 1)


def minutes_between(start: Times, end: Times) -> pa.Array:
    """Return minutes between instants, null where either is missing; clock changes do not count."""
    minutes = np.subtract(end.instants, start.instants) / 60e6
    return pa.array(minutes, mask=~(start.known & end.known))
