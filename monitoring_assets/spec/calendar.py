"""Walking over windows by the calendar, without Dagster's partitions.

Belongs here: the window that holds a moment, the window so many windows away, what windows are
called. Stays out: which windows are ready (assets/partitions.py), what is in them.
"""

from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from monitoring_assets.spec.windows import WindowsSpec

Days = Literal["day", "week", "month"]
"""Windows of whole days."""

DAY_KEY: Final = "%Y-%m-%d"
HOUR_KEY: Final = "%Y-%m-%d-%H:%M"
"""How the partitions of windows are called; the second of two hours that clocks show alike has its
offset as well."""


def window_holding(windows: WindowsSpec, moment: datetime) -> tuple[datetime, datetime]:
    """Return start and end of the window that holds a moment, whether the model has it or not.

    >>> spec = WindowsSpec(granularity="day", start=date(2023, 1, 1), time_zone="Europe/Berlin")
    >>> start, end = window_holding(spec, datetime(2023, 3, 26, 12, tzinfo=ZoneInfo("UTC")))
    >>> start.isoformat(), (end - start) / timedelta(hours=1)
    ('2023-03-25T23:00:00+00:00', 23.0)
    """
    local = moment.astimezone(ZoneInfo(windows.time_zone))
    match windows.granularity:
        case "hour":
            begun = local.replace(minute=0, second=0, microsecond=0)
            start = begun.astimezone(ZoneInfo("UTC"))
        case days:
            start = windows.midnight(first_day(days, local.date()))
    return start, start_after(windows, start, 1)


def start_after(windows: WindowsSpec, start: datetime, count: int) -> datetime:
    """Return the start of the window that many windows later; earlier, if `count` is negative.

    Parameters
    ----------
    start
        Start of a window.
    """
    if windows.granularity == "hour":
        return start + timedelta(hours=count)
    day = start.astimezone(ZoneInfo(windows.time_zone)).date()
    return windows.midnight(later_day(windows.granularity, day, count))


def window_key(windows: WindowsSpec, start: datetime) -> str:
    """Return what the partition of the window that begins then is called.

    >>> spec = WindowsSpec(granularity="hour", start=date(2023, 1, 1), time_zone="Europe/Berlin")
    >>> window_key(spec, datetime(2023, 10, 29, 0, tzinfo=ZoneInfo("UTC")))
    '2023-10-29-02:00'
    >>> window_key(spec, datetime(2023, 10, 29, 1, tzinfo=ZoneInfo("UTC")))
    '2023-10-29-02:00+0100'
    """
    local = start.astimezone(ZoneInfo(windows.time_zone))
    if windows.granularity != "hour":
        return local.strftime(DAY_KEY)
    return local.strftime(HOUR_KEY + ("%z" if local.fold else ""))


def first_day(length: Days, day: date) -> date:
    """Return the first day of the window that holds a day.

    >>> first_day("week", date(2026, 1, 1)), first_day("month", date(2026, 1, 9))
    (datetime.date(2025, 12, 29), datetime.date(2026, 1, 1))
    """
    if length == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if length == "month" else day


def later_day(length: Days, day: date, count: int) -> date:
    """Return the first day of the window that many windows after one that begins on a day.

    >>> later_day("month", date(2025, 11, 1), 3), later_day("week", date(2026, 1, 5), -1)
    (datetime.date(2026, 2, 1), datetime.date(2025, 12, 29))
    """
    if length == "month":
        months = day.year * 12 + day.month - 1 + count
        return date(months // 12, months % 12 + 1, 1)
    return day + timedelta(days=count * (7 if length == "week" else 1))
