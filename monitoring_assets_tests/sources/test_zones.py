from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.sources.zones import clock_face, localise, microseconds, moment

ZONES = (
    "America/New_York",
    "America/Sao_Paulo",  # clocks sprang at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # back and forth around Ramadan
    "Europe/Dublin",  # winter time is the exception
    "Pacific/Apia",  # left out 30 December 2011
    "UTC",
)
ANY_TIME = st.integers(
    microseconds(datetime(2005, 1, 1, tzinfo=UTC)), microseconds(datetime(2030, 1, 1, tzinfo=UTC))
)


# Every quarter of an hour of ten years, in microseconds since 1970.
QUARTERS = np.datetime64("2009-01-01", "us").astype(np.int64) + 900_000_000 * np.arange(
    10 * 366 * 96, dtype=np.int64
)


def by_pandas(zone: str, *, first: bool) -> np.ndarray:
    """Instants of `QUARTERS`; times the clock sprang over become NaT, the smallest number."""
    stamps = pd.DatetimeIndex(QUARTERS.astype("datetime64[us]"))
    ambiguous = np.full(len(stamps), first)
    return (
        stamps.tz_localize(zone, ambiguous=ambiguous, nonexistent="NaT")
        .as_unit("us")
        .astype("int64")
        .to_numpy()
    )


@pytest.mark.parametrize("zone", ZONES)
def test_instants_are_those_of_pandas(zone: str) -> None:
    ours, theirs = localise(QUARTERS, zone), by_pandas(zone, first=True)
    assert np.array_equal(ours.missing_hour, theirs == pd.NaT.value)
    assert np.array_equal(ours.instants[~ours.missing_hour], theirs[~ours.missing_hour])


@pytest.mark.parametrize("zone", ZONES)
def test_clock_faces_are_those_of_pandas(zone: str) -> None:
    there = pd.DatetimeIndex(QUARTERS.astype("datetime64[us]"), tz="UTC").tz_convert(zone)
    assert np.array_equal(
        clock_face(QUARTERS, zone), there.tz_localize(None).as_unit("us").astype("int64").to_numpy()
    )


@pytest.mark.parametrize("zone", ZONES)
def test_a_missing_time_is_moved_to_the_moment_the_clock_springs_over_it(zone: str) -> None:
    # Not compared with pandas: for Lord Howe and Apia its `shift_forward` lands after that moment.
    ours = localise(QUARTERS, zone)
    missing, moved = QUARTERS[ours.missing_hour], ours.instants[ours.missing_hour]
    assert np.all(clock_face(moved - 1, zone) < missing)
    assert np.all(missing < clock_face(moved, zone))


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_is_repeated_when_a_later_instant_shows_it_too(zone: str) -> None:
    both = by_pandas(zone, first=True), by_pandas(zone, first=False)
    assert np.array_equal(localise(QUARTERS, zone).repeated_hour, both[0] != both[1])


@given(times=st.lists(ANY_TIME, min_size=2), zone=st.sampled_from(ZONES))
def test_localising_keeps_the_order(times: list[int], zone: str) -> None:
    instants = localise(np.array(sorted(times), np.int64), zone).instants
    assert np.all(np.diff(instants) >= 0)


def test_strays_of_any_century_do_no_harm() -> None:
    years = np.array(["0001-01-01", "1776-07-04", "2023-02-01", "9999-12-31", "30000-01-01"])
    local = years.astype("datetime64[us]").astype(np.int64)
    hours = (localise(local, "America/New_York").instants - local) // 3_600_000_000
    assert hours.tolist() == [4, 4, 5, 5, 5]


def test_no_times_are_no_times() -> None:
    assert len(localise(np.array([], np.int64), "America/New_York").instants) == 0


def test_a_moment_beyond_what_a_datetime_holds_is_the_last_there_is() -> None:
    assert moment(np.iinfo(np.int64).max) == datetime.max.replace(tzinfo=UTC)
