"""Windows as partitions: cut in the model's zone, without gap or overlap, ready when they are."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitoring_assets.assets.partitions import (
    contiguous_chunks,
    is_ready,
    partitions_definition,
    ready_windows,
    windows_for_keys,
)
from monitoring_assets.records import Window
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_spec

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Africa/Cairo",  # clocks move at midnight
]
STARTS = {"hour": "2023-10-01", "day": "2023-01-01", "week": "2023-01-02", "month": "2023-01-01"}
NOW = datetime(2024, 1, 15, 12, 34, tzinfo=UTC)


def spec_of(granularity: str, zone: str = "UTC", **windows: Any) -> ModelSpec:
    start = {"start": STARTS[granularity], "time_zone": zone}
    training = {"start": "2022-01-01", "end": "2022-02-01"}
    return small_spec(
        windows={"granularity": granularity} | start | windows,
        model={"estimator": "linear", "training": training},
    )


def windows_of(spec: ModelSpec, now: datetime = NOW) -> tuple[Window, ...]:
    return windows_for_keys(spec, partitions_definition(spec).get_partition_keys(current_time=now))


def days(windows: Sequence[Window]) -> list[str]:
    return [window.partition_key for window in windows]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("granularity", STARTS)
def test_every_moment_lies_in_exactly_one_window(granularity: str, zone: str) -> None:
    spec = spec_of(granularity, zone)
    windows = windows_of(spec)
    assert windows[0].start == spec.windows.midnight(spec.windows.start)
    assert all(one.end == following.start for one, following in pairwise(windows))
    assert windows[-1].end <= NOW < windows[-1].end + 1.1 * max(w.length for w in windows)
    assert len(set(days(windows))) == len(windows)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("granularity", ["day", "week", "month"])
def test_windows_begin_with_a_day_of_the_models_zone(granularity: str, zone: str) -> None:
    starts = [window.start for window in windows_of(spec_of(granularity, zone))]
    begins = [start.astimezone(ZoneInfo(zone)) for start in starts]
    before = [(start - timedelta(seconds=1)).astimezone(ZoneInfo(zone)) for start in starts]
    assert all(one.date() < begin.date() for one, begin in zip(before, begins, strict=True))
    if granularity == "week":
        assert {begin.isoweekday() for begin in begins} == {1}, "weeks begin on Monday"
    if granularity == "month":
        assert {begin.day for begin in begins} == {1}


def test_the_repeated_hour_of_autumn_is_two_windows() -> None:
    windows = windows_of(spec_of("hour", "America/New_York"))
    begins = [datetime(2023, 11, 5, hour, tzinfo=UTC) for hour in (5, 6)]
    one, other = (window for window in windows if window.start in begins)
    assert one.partition_key != other.partition_key
    assert one.end == other.start


def test_a_key_finds_its_window_again() -> None:
    spec = spec_of("day", "America/New_York")
    (window,) = windows_for_keys(spec, ["2023-03-12"])
    assert window.length == timedelta(hours=23)
    assert window.start == datetime(2023, 3, 12, 5, tzinfo=UTC)
    assert window in windows_of(spec)


@pytest.mark.parametrize("granularity", STARTS)
@pytest.mark.parametrize("delay", ["0 hours", "90 minutes", "30 hours", "10 days"])
def test_a_window_is_ready_as_soon_as_its_delay_is_over(granularity: str, delay: str) -> None:
    spec = spec_of(granularity, "Europe/Berlin", delay=delay)
    window = ready_windows(spec, NOW, NOW)[-1]
    moment = window.end + spec.windows.delay
    assert window in ready_windows(spec, moment, NOW)
    assert window not in ready_windows(spec, moment - timedelta(seconds=1), NOW)


@pytest.mark.parametrize("granularity", STARTS)
def test_every_ready_window_is_a_partition_that_dagster_offers(granularity: str) -> None:
    spec = spec_of(granularity, "America/New_York", delay="30 hours")
    offered = {*windows_of(spec)}
    ready = ready_windows(spec, NOW, NOW)
    assert {*ready} <= offered
    assert len(offered) - len(ready) <= 30, "at most a delay's worth waits for its delay"


def test_a_window_is_ready_once_its_source_has_come_that_far() -> None:
    spec = spec_of("day")
    (window,) = windows_for_keys(spec, ["2023-02-01"])
    assert is_ready(spec, window, NOW, window.start)
    assert not is_ready(spec, window, NOW, window.start - timedelta(seconds=1))
    assert not is_ready(spec, window, NOW, None), "a source without rows has come nowhere"


def test_windows_end_where_the_yaml_says() -> None:
    spec = spec_of("day", "America/New_York", end="2023-01-05")
    windows = ready_windows(spec, NOW, NOW)
    assert days(windows) == ["2023-01-01", "2023-01-02", "2023-01-03", "2023-01-04"]
    assert windows[-1].end == spec.windows.midnight(date(2023, 1, 5))


def test_a_span_holds_its_last_day() -> None:
    spec = spec_of("day", "Asia/Kolkata")
    span = ready_windows(spec, NOW, NOW, (date(2023, 2, 1), date(2023, 2, 3)))
    assert days(span) == ["2023-02-01", "2023-02-02", "2023-02-03"]


def test_chunks_hold_neighbours_only_and_at_most_so_many() -> None:
    spec = spec_of("day", end="2023-01-11")
    windows = ready_windows(spec, NOW, NOW)
    wanted = [one for one in windows if one.partition_key != "2023-01-05"]
    chunks = contiguous_chunks(windows, wanted, 3)
    assert [days(chunk) for chunk in chunks] == [
        ["2023-01-01", "2023-01-02", "2023-01-03"],
        ["2023-01-04"],
        ["2023-01-06", "2023-01-07", "2023-01-08"],
        ["2023-01-09", "2023-01-10"],
    ]
