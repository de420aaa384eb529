"""How time is cut: granularity, first window, reference period.

Belongs here: arithmetic on where event times lie. Stays out: reading event times (origins).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from monitoring_assets.onboarding.origin import Spread
from monitoring_assets.sources.zones import Micros
from monitoring_assets.spec.calendar import Days, first_day, later_day
from monitoring_assets.spec.windows import Granularity

ENOUGH: Final = 200
"""Rows that a window should have: a tenth of them can change and be seen."""

_FEWEST_WINDOWS: Final = 4
_LONGEST_REFERENCE: Final[Mapping[Granularity, int]] = {
    "hour": 7,
    "day": 31,
    "week": 13,
    "month": 6,
}
"""Most windows of the reference; for windows of an hour, days."""

_HOUR: Final = 3_600_000_000
_DAY: Final = 24 * _HOUR
_STRAY_SHARE: Final = 0.001
_STRAY_DAYS: Final = 7
_EPOCH: Final = date(1970, 1, 1)

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How a model's time is cut.

    Parameters
    ----------
    first, last
        Days between which all rows lie, but for a few strays.
    rows
        Rows of an ordinary window.
    windows
        Windows from `first` to `last`.
    reference
        First day of the reference, first day after it.
    start
        First day of the first window.
    strays
        Rows so far away from all others that their times are probably wrong.
    """

    granularity: Granularity
    first: date
    last: date
    rows: float
    windows: int
    reference: tuple[date, date]
    start: date
    strays: int


def cut(spread: Spread, *, trained_here: bool) -> Cut:
    """Return how to cut time so that a window has rows enough.

    Parameters
    ----------
    spread
        At least one event time.
    trained_here
        A model is trained on the reference, so no window may lie in it.
    """
    first, last, strays = _span(spread)
    granularity = _granularity(spread, first, last)
    begin, length = _windows(granularity, first, last)
    rows = _ordinary_rows(spread, granularity, first, last)
    end = _reference_end(spread, granularity, first, last, rows)
    start = end
    if not trained_here and end > last:
        start = begin  # the only window there is
    return Cut(
        granularity=granularity,
        first=first,
        last=last,
        rows=rows,
        windows=length,
        reference=(first, end),
        start=start,
        strays=strays,
    )


def _reference_end(
    spread: Spread, granularity: Granularity, first: date, last: date, rows: float
) -> date:
    """Return the day behind a quarter of all windows, and one more if the data begins inside one.

    Should these have fewer rows than an ordinary window, more are taken, as far as one is left.
    """
    unit = _whole_days(granularity)
    begin, count = _windows(unit, first, last)
    wanted = max(1, min(round(count / 4), _LONGEST_REFERENCE[granularity]))
    end = later_day(unit, begin, wanted)
    begins_inside = first > begin
    while begins_inside or _rows_before(spread, first, end) < rows:
        later = later_day(unit, end, 1)
        if later > last:
            break
        begins_inside, end = False, later
    return end


def _rows_before(spread: Spread, first: date, end: date) -> float:
    inside = (spread.instants >= _micros(first)) & (spread.instants < _micros(end))
    return float(spread.weights[inside].sum())


def _span(spread: Spread) -> tuple[date, date, int]:
    """Return first and last day, without a few rows that lie more than a week from the others."""
    days, counts = _counted(spread.instants // _DAY, spread.weights)
    gaps = np.diff(days) > _STRAY_DAYS
    most = _STRAY_SHARE * counts.sum()
    before = np.cumsum(counts)[:-1]
    after = np.cumsum(counts[::-1])[::-1][1:]
    low = np.flatnonzero(gaps & (before <= most))
    high = np.flatnonzero(gaps & (after <= most))
    begin = int(low[-1]) + 1 if len(low) else 0
    end = int(high[0]) + 1 if len(high) else len(days)
    strays = round(float(counts.sum() - counts[begin:end].sum()))
    return _day(int(days[begin])), _day(int(days[end - 1])), strays


def _granularity(spread: Spread, first: date, last: date) -> Granularity:
    """Return the shortest window with rows enough, a shorter one where those are too few."""
    ladder: tuple[Granularity, ...] = ("hour", "day", "week", "month")
    rows = [_ordinary_rows(spread, one, first, last) for one in ladder]
    counts = [_windows(one, first, last)[1] for one in ladder]
    enough = [place for place in (1, 2, 3) if rows[place] >= ENOUGH]
    if not enough:
        several = [place for place in (1, 2, 3) if counts[place] >= _FEWEST_WINDOWS]
        return ladder[several[-1] if several else 1]
    place = enough[0]
    while place > 1 and counts[place] < _FEWEST_WINDOWS:
        place -= 1
    if place == 1 and counts[1] < _FEWEST_WINDOWS and rows[0] >= ENOUGH:
        place = 0
    return ladder[place]


def _ordinary_rows(spread: Spread, granularity: Granularity, first: date, last: date) -> float:
    """Return the median of the rows of all windows; the mean if only part of them was looked at."""
    places = _places(granularity, spread.instants)
    inside = (spread.instants >= _micros(first)) & (spread.instants < _micros(last) + _DAY)
    if granularity == "hour":  # the first and the last day may be there in part
        low, high = int(places[inside].min()), int(places[inside].max())
    else:
        low, high = (int(_places(granularity, _at(day))[0]) for day in (first, last))
    rows = np.bincount(places[inside] - low, spread.weights[inside], minlength=high - low + 1)
    if not spread.whole:
        return float(rows.mean())
    return float(np.median(rows[1:-1] if len(rows) > 4 else rows))


def _places(granularity: Granularity, instants: Micros) -> Micros:
    """Return the number of the window in which each instant lies."""
    match granularity:
        case "hour":
            return instants // _HOUR
        case "day":
            return instants // _DAY
        case "week":
            return (instants // _DAY + 3) // 7  # 1 January 1970 was a Thursday
        case "month":
            return instants.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def _windows(granularity: Granularity, first: date, last: date) -> tuple[date, int]:
    """Return the first day of the first window, and how many windows there are."""
    ends = [int(_places(granularity, _at(day))[0]) for day in (first, last)]
    per_day = 24 if granularity == "hour" else 1
    return first_day(_whole_days(granularity), first), ends[1] - ends[0] + per_day


def _whole_days(granularity: Granularity) -> Days:
    """Return the granularity of whole days that comes nearest."""
    return "day" if granularity == "hour" else granularity


def _counted(values: Micros, weights: Numbers) -> tuple[Micros, Numbers]:
    distinct, places = np.unique(values, return_inverse=True)
    return distinct, np.bincount(places, weights).astype(np.float64)


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _micros(day: date) -> int:
    return (day - _EPOCH).days * _DAY


def _at(day: date) -> Micros:
    return np.array([_micros(day)], np.int64)
