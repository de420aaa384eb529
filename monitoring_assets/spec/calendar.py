"""Walking over windows by the calendar, without Dagster's partitions.

Belongs here: the window that holds a moment, the window so many windows away. Stays out: which
windows are ready (assets/partitions.py), what is in them.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitoring_assets.spec.windows import WindowsSpec


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
        case "day":
            start = windows.midnight(local.date())
        case "week":
            start = windows.midnight(local.date() - timedelta(days=local.weekday()))
        case "month":
            start = windows.midnight(local.date().replace(day=1))
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
    match windows.granularity:
        case "day":
            day += timedelta(days=count)
        case "week":
            day += timedelta(weeks=count)
        case "month":
            months = day.year * 12 + day.month - 1 + count
            day = date(months // 12, months % 12 + 1, 1)
    return windows.midnight(day)
