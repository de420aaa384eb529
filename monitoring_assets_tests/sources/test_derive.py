from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.sources.derive import derive
from monitoring_assets.sources.times import read_times
from monitoring_assets.spec.columns import DayOfWeek, DerivedSpec, HourOfDay, MinutesBetween

ZONE = "America/New_York"


def derived(what: DerivedSpec, **texts: Any) -> list[Any]:
    times = {name: read_times(pa.array(column), ZONE) for name, column in texts.items()}
    return derive(what, times, times["begin"], ZONE).to_pylist()


MINUTES = MinutesBetween(kind="minutes_between", start="begin", end="finish")


@pytest.mark.parametrize(
    ("begin", "finish", "minutes"),
    [
        ("2023-02-01T10:00", "2023-02-01T10:01:30", 1.5),
        ("2023-03-12T01:53:53", "2023-03-12T03:04:21", 10 + 28 / 60),  # the hour from 2 is missing
        ("2023-11-05T00:30", "2023-11-05T02:30", 180),  # the hour from 1 comes twice
        ("2023-02-01T10:00", "2023-02-01T09:00", -60),
        ("2023-02-01T10:00", None, None),
    ],
)
def test_minutes_pass_between_instants(begin: str, finish: str, minutes: float | None) -> None:
    (found,) = derived(MINUTES, begin=[begin], finish=[finish])
    assert found == (minutes if minutes is None else pytest.approx(minutes, abs=1e-12))


def test_the_hour_is_the_one_the_windows_clock_shows() -> None:
    times = ["2023-02-01T00:00", "2023-02-01T23:59:59", "2023-03-12T02:30", "2023-02-01T00:30Z"]
    assert derived(HourOfDay(kind="hour_of_day"), begin=times) == [0, 23, 3, 19]


def test_days_of_the_week_count_from_monday() -> None:
    days = np.arange("2023-01-30", "2023-02-06", dtype="datetime64[D]")
    assert derived(DayOfWeek(kind="day_of_week"), begin=days) == [1, 2, 3, 4, 5, 6, 7]


def test_days_of_the_week_are_right_before_1970() -> None:
    assert derived(DayOfWeek(kind="day_of_week"), begin=["1969-12-31T12:00"]) == [3]
