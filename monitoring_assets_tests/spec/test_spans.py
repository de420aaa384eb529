"""Spans by name: which moments they are, in the model's time zone and on its windows."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.spec.calendar import start_after, window_holding
from monitoring_assets.spec.spans import (
    PERIODS,
    Period,
    Span,
    count_windows,
    parse_span,
    period_bounds,
    previous_span,
    week_before,
)
from monitoring_assets.spec.windows import Granularity, WindowsSpec

MONDAY = date(2022, 8, 1)
"""First of a month too, so that windows of any granularity may begin there."""


def windows(granularity: Granularity = "day", time_zone: str = "UTC") -> WindowsSpec:
    return WindowsSpec(granularity=granularity, start=MONDAY, time_zone=time_zone)


def days(span: Span) -> tuple[str, str]:
    return f"{span.start:%Y-%m-%d %H:%M}", f"{span.end:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2023-02-08", "2023-02-08", "2023-02-09"),
        ("2023-02-06..2023-02-12", "2023-02-06", "2023-02-13"),
        ("2023-02-08..2023-02-08", "2023-02-08", "2023-02-09"),
        ("2023-W06", "2023-02-06", "2023-02-13"),
        ("2020-W53", "2020-12-28", "2021-01-04"),
        ("2023-02", "2023-02-01", "2023-03-01"),
        ("2023-12", "2023-12-01", "2024-01-01"),
    ],
)
def test_a_text_names_whole_days(text: str, first: str, after: str) -> None:
    assert days(parse_span(windows(), text)) == (f"{first} 00:00", f"{after} 00:00")


def test_days_are_those_of_the_models_time_zone() -> None:
    span = parse_span(windows(time_zone="Europe/Berlin"), "2023-03-26")
    assert days(span) == ("2023-03-25 23:00", "2023-03-26 22:00")


@pytest.mark.parametrize(
    ("granularity", "text", "first", "after"),
    [
        ("hour", "2023-02-08", "2023-02-08 00:00", "2023-02-09 00:00"),
        ("hour", "2023-02-08-05:00", "2023-02-08 05:00", "2023-02-08 06:00"),
        ("week", "2023-02-06", "2023-02-06 00:00", "2023-02-13 00:00"),
        ("month", "2023-02-01", "2023-02-01 00:00", "2023-03-01 00:00"),
        ("month", "2023-02-01..2023-03-31", "2023-02-01 00:00", "2023-04-01 00:00"),
    ],
)
def test_the_key_of_a_window_is_that_window(
    granularity: Granularity, text: str, first: str, after: str
) -> None:
    assert days(parse_span(windows(granularity), text)) == (first, after)


def test_every_key_that_dagster_gives_an_hour_is_its_hour_when_clocks_change_too() -> None:
    zone = "America/New_York"
    spec = windows("hour", zone)
    for day in ("2023-11-05", "2023-03-12"):
        dagsters = dg.HourlyPartitionsDefinition(
            start_date=f"{day}-00:00", end_date=f"{day}-06:00", timezone=zone
        )
        for key in dagsters.get_partition_keys():
            hour = dagsters.time_window_for_partition_key(key)
            begin, end = hour.start.astimezone(UTC), hour.end.astimezone(UTC)
            assert parse_span(spec, key) == Span(key, begin, end)


@pytest.mark.parametrize(
    ("granularity", "text", "said"),
    [
        ("day", "yesterday", "'yesterday' is not a day"),
        ("day", "2023-02-30", "'2023-02-30' is not a day"),
        ("day", "2023-13", "'2023-13-01' is not a day"),
        ("day", "2023-02-09..2023-02-08", "ends before it begins"),
        ("day", "2023-W54", "the year 2023 has no week 54"),
        ("day", "2023-02-08-05:00", "is not a day"),
        ("hour", "2023-02-30-05:00", "'2023-02-30' is not a day"),
        ("week", "2023-02-08", "they are weeks, and one goes from 2023-02-06 up to 2023-02-13"),
        ("week", "2023-02", "they are weeks, and one goes from 2023-01-30 up to 2023-02-06"),
        ("month", "2023-W06", "they are months, and one goes from 2023-02-01 up to 2023-03-01"),
    ],
)
def test_what_names_no_whole_windows_is_refused(
    granularity: Granularity, text: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        parse_span(windows(granularity), text)


@pytest.mark.parametrize(
    ("granularity", "text", "before"),
    [
        ("day", "2023-02-08", ("2023-02-07 00:00", "2023-02-08 00:00")),
        ("day", "2023-W06", ("2023-01-30 00:00", "2023-02-06 00:00")),
        ("hour", "2023-02-08-00:00", ("2023-02-07 23:00", "2023-02-08 00:00")),
        ("month", "2023-03", ("2023-02-01 00:00", "2023-03-01 00:00")),
    ],
)
def test_the_previous_span_has_as_many_windows(
    granularity: Granularity, text: str, before: tuple[str, str]
) -> None:
    spec = windows(granularity)
    assert days(previous_span(spec, parse_span(spec, text))) == before


def test_a_week_before_is_the_same_hour_by_the_clock() -> None:
    spec = windows("hour", "Europe/Berlin")
    before = week_before(spec, parse_span(spec, "2023-03-27-05:00"))
    assert days(before) == ("2023-03-20 04:00", "2023-03-20 05:00")


def test_a_week_before_a_month_is_refused() -> None:
    spec = windows("month")
    with pytest.raises(ValueError, match="they are months; name the other span itself"):
        week_before(spec, parse_span(spec, "2023-03"))


def test_a_span_knows_its_windows_and_what_it_overlaps() -> None:
    spec = windows()
    week, day, next_day = (parse_span(spec, t) for t in ("2023-W06", "2023-02-12", "2023-02-13"))
    assert [count_windows(spec, one.start, one.end) for one in (week, day)] == [7, 1]
    assert week.overlaps(day)
    assert day.overlaps(week)
    assert not week.overlaps(next_day)


moments = st.datetimes(datetime(2022, 9, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(
    moments,
    st.sampled_from([(fine, one) for fine, coarse in PERIODS.items() for one in coarse]),
    st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"]),
)
def test_every_period_is_made_of_whole_windows(
    start: datetime, pair: tuple[Granularity, Period], zone: str
) -> None:
    spec, end = windows(pair[0], zone), start + timedelta(days=3)
    bounds = period_bounds(spec, pair[1], start, end)
    assert bounds[0] <= start < bounds[1]
    assert bounds[-2] < end <= bounds[-1]
    assert all(first < second for first, second in pairwise(bounds))
    assert [window_holding(spec, one)[0] for one in bounds] == bounds


def test_weeks_begin_on_monday_and_quarters_with_their_month() -> None:
    start = datetime(2023, 2, 8, tzinfo=UTC)
    spec, end = windows(), start_after(windows(), start, 1)
    assert [f"{one:%F}" for one in period_bounds(spec, "week", start, end)] == [
        "2023-02-06",
        "2023-02-13",
    ]
    quarters = period_bounds(spec, "quarter", start, start + timedelta(days=80))
    assert [f"{one:%F}" for one in quarters] == ["2023-01-01", "2023-04-01", "2023-07-01"]
