"""Spans of windows by name: a day, days from to, an ISO week, a month, one window; and periods.

Belongs here: from a text to two instants on window boundaries of a model, the span before another,
the periods that a stretch of time is cut into. Stays out: what was counted in a span
(storage/roll_up/spans.py), which windows there are.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from monitoring_assets.spec.calendar import first_day, later_day, start_after, window_holding
from monitoring_assets.spec.windows import Granularity, WindowsSpec

Period = Literal["hour", "day", "week", "month", "quarter", "year"]

PERIODS: Final[Mapping[Granularity, tuple[Period, ...]]] = {
    "hour": ("hour", "day", "week", "month", "quarter", "year"),
    "day": ("day", "week", "month", "quarter", "year"),
    "week": ("week",),
    "month": ("month", "quarter", "year"),
}
"""Granularity of windows -> periods that are made of whole windows; weeks lie across months."""

FORMS: Final = (
    "a day (2023-02-06), days (2023-02-06..2023-02-12), an ISO week (2023-W06) or a month (2023-02)"
)
"""How a span is written, for help and errors."""

_YEARS: Final = range(1900, 2200)
"""Years that may be asked for: beyond 1 to 9999 there are no dates to reckon with."""

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Span:
    """A stretch of whole windows, `[start, end)` in UTC, and what it is called."""

    name: str
    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """Whether any moment lies in both."""
        return self.start < other.end and other.start < self.end


def parse_span(windows: WindowsSpec, text: str) -> Span:
    """Return the span that a text names, in the model's time zone.

    >>> spec = WindowsSpec(granularity="day", start=date(2023, 1, 1), time_zone="Europe/Berlin")
    >>> span = parse_span(spec, "2023-W06")
    >>> span.start.isoformat(), span.end - span.start
    ('2023-02-05T23:00:00+00:00', datetime.timedelta(days=7))

    Raises
    ------
    ValueError
        The text names no span, or not one of whole windows; its text says what does.
    """
    window = _window(windows, text)
    if window is not None:
        return Span(text, *window)
    first, after = _days(text)
    span = Span(text, windows.midnight(first), windows.midnight(after))
    for end in (span.start, span.end):
        holding, following = window_holding(windows, end)
        if holding != end:
            zone = ZoneInfo(windows.time_zone)
            begins, ends = (f"{one.astimezone(zone):%Y-%m-%d}" for one in (holding, following))
            raise ValueError(
                f"{text} is not made of whole windows: they are {windows.granularity}s, and one"
                f" goes from {begins} up to {ends}"
            )
    return span


def require_year(year: int, text: str) -> None:
    """Refuse a year that nobody means.

    Raises
    ------
    ValueError
        It names the text and the years that may be asked for.
    """
    if year not in _YEARS:
        raise ValueError(f"{text}: years go from {_YEARS[0]} to {_YEARS[-1]}")


def previous_span(windows: WindowsSpec, span: Span) -> Span:
    """Return the span of as many windows that ends where this one begins."""
    begin = start_after(windows, span.start, -count_windows(windows, span.start, span.end))
    return Span(f"the windows before {span.name}", begin, span.start)


def week_before(windows: WindowsSpec, span: Span) -> Span:
    """Return the span seven days earlier by the model's clocks.

    Raises
    ------
    ValueError
        Windows are months, which seven days do not lead to.
    """
    zone = ZoneInfo(windows.time_zone)

    def earlier(moment: datetime) -> datetime:
        local = moment.astimezone(zone).replace(tzinfo=None) - timedelta(weeks=1)
        return local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))

    before = Span(f"the week before {span.name}", earlier(span.start), earlier(span.end))
    if any(window_holding(windows, one)[0] != one for one in (before.start, before.end)):
        raise ValueError(
            f"a week before {span.name} is not made of whole windows: they are"
            f" {windows.granularity}s; name the other span itself"
        )
    return before


def count_windows(windows: WindowsSpec, start: datetime, end: datetime) -> int:
    """Return how many windows begin in `[start, end)`, computed or not; one begins at its start."""
    count = 0
    while start < end:
        count, start = count + 1, start_after(windows, start, 1)
    return count


def period_bounds(
    windows: WindowsSpec, period: Period, start: datetime, end: datetime
) -> list[datetime]:
    """Return where the periods begin that hold `[start, end)`, and where the last one ends.

    Weeks begin on Monday, all periods at midnight in the model's time zone.
    """
    if period == "hour":
        bounds = [window_holding(windows, start)[0]]
        while bounds[-1] < end:
            bounds.append(bounds[-1] + timedelta(hours=1))
        return bounds
    day = start.astimezone(ZoneInfo(windows.time_zone)).date()
    found: list[datetime] = []
    for first in _firsts(period, day):
        found.append(windows.midnight(first))
        if found[-1] >= end:
            return found
    return found


def _firsts(period: Period, day: date) -> Iterator[date]:
    """Yield the first day of the period that holds a day, and of all that follow."""
    if period in _MONTHS:
        length = _MONTHS[period]
        month = (day.year * 12 + day.month - 1) // length * length
        while True:
            yield date(month // 12, month % 12 + 1, 1)
            month += length
    length = "week" if period == "week" else "day"
    first = first_day(length, day)
    while True:
        yield first
        first = later_day(length, first, 1)


def _window(windows: WindowsSpec, text: str) -> tuple[datetime, datetime] | None:
    """Return the window whose key a text is; None if it is none."""
    hours = windows.granularity == "hour"
    form = r"(\d{4}-\d\d-\d\d)-(\d\d):00([+-]\d{4})?" if hours else r"(\d{4}-\d\d-\d\d)"
    found = re.fullmatch(form, text)
    if found is None:
        return None
    if hours:
        return window_holding(windows, _hour(windows, *found.groups()))
    midnight = windows.midnight(_day(found[1]))
    start, end = window_holding(windows, midnight)
    return (start, end) if start == midnight else None


def _hour(windows: WindowsSpec, day: str, hour: str, offset: str | None) -> datetime:
    # Of an hour that a clock shows twice, the key of the second one names its offset.
    clock = datetime.combine(_day(day), time()).replace(hour=int(hour) % 24)
    if offset is None:
        return clock.replace(tzinfo=ZoneInfo(windows.time_zone))
    return datetime.strptime(f"{clock:%Y-%m-%dT%H}{offset}", "%Y-%m-%dT%H%z")


def _days(text: str) -> tuple[date, date]:
    """Return the first day that a text names, and the first day after it."""
    first, dots, last = text.partition("..")
    if dots:
        begin, end = _day(first), _day(last) + timedelta(days=1)
        if begin >= end:
            raise ValueError(f"{text} ends before it begins")
        return begin, end
    if found := re.fullmatch(r"(\d{4})-W(\d\d?)", text):
        require_year(int(found[1]), text)
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            raise ValueError(f"{text}: the year {found[1]} has no week {found[2]}") from None
        return monday, monday + timedelta(weeks=1)
    if re.fullmatch(r"\d{4}-\d\d", text):
        begin = _day(f"{text}-01")
        return begin, (begin + timedelta(days=31)).replace(day=1)
    begin = _day(text)
    return begin, begin + timedelta(days=1)


def _day(text: str) -> date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        require_year(int(text[:4]), text)
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    raise ValueError(f"{text!r} is not {FORMS}")
