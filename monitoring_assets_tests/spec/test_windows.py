"""Time in the YAML: days, durations and where a day begins."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from monitoring_assets.spec.base import parse_day, parse_duration
from monitoring_assets.spec.windows import Granularity, WindowsSpec


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1 minute", timedelta(minutes=1)),
        ("90 minutes", timedelta(minutes=90)),
        ("6 hours", timedelta(hours=6)),
        ("6hours", timedelta(hours=6)),
        (" 2 days ", timedelta(days=2)),
        ("1 week", timedelta(weeks=1)),
        ("0 hours", timedelta(0)),
        (timedelta(hours=5), timedelta(hours=5)),
    ],
)
def test_a_duration_is_a_whole_number_and_a_unit(text: object, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "6", 6, "6 h", "1.5 days", "-1 day", "9999999 weeks", "P1D", None]
)
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="such as '6 hours'"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text", [20260201, 0, True, "1.2.2026", "2026-2-1", datetime(2026, 2, 1, tzinfo=UTC)]
)
def test_a_day_is_not_guessed_from_numbers_times_and_other_spellings(text: object) -> None:
    with pytest.raises(ValueError, match="write it as YYYY-MM-DD"):
        parse_day(text)


def test_a_day_may_be_given_as_a_date() -> None:
    assert WindowsSpec(granularity="day", start=date(2026, 2, 1)).start == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("UTC", date(2023, 3, 12), datetime(2023, 3, 12, tzinfo=UTC)),
        ("America/New_York", date(2023, 3, 12), datetime(2023, 3, 12, 5, tzinfo=UTC)),
        ("America/New_York", date(2023, 3, 13), datetime(2023, 3, 13, 4, tzinfo=UTC)),
        ("Asia/Kolkata", date(2023, 3, 12), datetime(2023, 3, 11, 18, 30, tzinfo=UTC)),
        # Here clocks went from 00:00 to 01:00: the day begins with that instant.
        ("America/Asuncion", date(2023, 10, 1), datetime(2023, 10, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_of_the_zone(zone: str, day: date, instant: datetime) -> None:
    windows = WindowsSpec(granularity="day", start=day, time_zone=zone)
    assert windows.midnight(day) == instant


def test_the_day_on_which_clocks_go_forward_has_23_hours() -> None:
    windows = WindowsSpec(granularity="day", start=date(2023, 3, 1), time_zone="America/New_York")
    length = windows.midnight(date(2023, 3, 13)) - windows.midnight(date(2023, 3, 12))
    assert length == timedelta(hours=23)


@pytest.mark.parametrize(
    ("granularity", "first", "says"),
    [
        ("week", date(2026, 1, 5), "because windows are weeks"),
        ("month", date(2026, 2, 1), "as windows are months"),
    ],
)
def test_weeks_begin_on_a_monday_and_months_on_the_first(
    granularity: Granularity, first: date, says: str
) -> None:
    assert WindowsSpec(granularity=granularity, start=first).start == first
    with pytest.raises(ValidationError, match=says):
        WindowsSpec(granularity=granularity, start=first + timedelta(days=1))
