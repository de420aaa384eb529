"""Which window of a model to look at.

Belongs here: windows by key or day, the newest one that the source has come past, their keys. Stays
out: cutting time (spec/calendar.py), Dagster's partitions.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.spec.calendar import (
    DAY_KEY,
    HOUR_KEY,
    start_after,
    window_holding,
    window_key,
)
from monitoring_assets.spec.spans import count_windows
from monitoring_assets.spec.windows import WindowsSpec


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A window, and what lies around it.

    Parameters
    ----------
    start, end, key
        The window, named as its partition is.
    is_passed
        Whether the source holds a row at or after its end.
    first_key, last_key, count
        All windows that the source has come past; None and 0 without one.
    """

    start: datetime
    end: datetime
    key: str
    is_passed: bool
    first_key: str | None
    last_key: str | None
    count: int


def choose(
    windows: WindowsSpec, newest: datetime, now: datetime, wanted: str | None = None
) -> Chosen:
    """Return the window to look at.

    Parameters
    ----------
    newest
        Newest event time of the source, perhaps later than now.
    wanted
        Key of a window, or a day in it; without it, the newest one that the source has come past,
        else the first one.

    Raises
    ------
    ConfigurationError
        `wanted` is no window of this model.
    """
    first = windows.midnight(windows.start)
    last = _newest_passed(windows, min(newest, now))
    passed = last is not None
    if wanted is not None:
        start, end = _wanted(windows, wanted)
    else:
        start, end = window_holding(windows, last or first)
    return Chosen(
        start=start,
        end=end,
        key=window_key(windows, start),
        is_passed=last is not None and start <= last,
        first_key=window_key(windows, first) if passed else None,
        last_key=window_key(windows, last) if last is not None else None,
        count=_windows(windows, first, last) if last is not None else 0,
    )


def _newest_passed(windows: WindowsSpec, until: datetime) -> datetime | None:
    """Return the start of the newest window that ends by then, None if there is none."""
    if windows.end is not None:
        until = min(until, windows.midnight(windows.end))
    holding, _ = window_holding(windows, until)
    start = start_after(windows, holding, -1)
    return start if start >= windows.midnight(windows.start) else None


def _wanted(windows: WindowsSpec, text: str) -> tuple[datetime, datetime]:
    zone = ZoneInfo(windows.time_zone)
    moment = None
    for form in (f"{HOUR_KEY}%z", HOUR_KEY, DAY_KEY):
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - a clock face in the model's zone
            break
        except ValueError:
            continue
    if moment is None:
        raise ConfigurationError(
            f"--window: {text!r} is no window; write a day, such as 2026-02-01, or the key of a"
            " partition"
        )
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    start, end = window_holding(windows, local.astimezone(UTC))
    first = windows.midnight(windows.start)
    last = windows.midnight(windows.end) if windows.end else None
    if start < first or (last is not None and start >= last):
        until = f"to {windows.end - timedelta(days=1)}" if windows.end else "on"
        raise ConfigurationError(
            f"--window: {text} is no window of this model: they go from {windows.start} {until}"
        )
    return start, end


def _windows(windows: WindowsSpec, first: datetime, last: datetime) -> int:
    """Return how many windows there are from one to another, both included."""
    return count_windows(windows, first, start_after(windows, last, 1))
