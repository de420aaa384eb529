"""Bounds in the kind of a column find the rows that comparing instants finds."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets.sources.sql.bounds import (
    FIRST,
    LAST,
    TimeKind,
    lower_bound,
    time_kind,
    upper_bound,
)
from monitoring_assets.sources.times import read_times
from monitoring_assets.sources.zones import microseconds, moment
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.sources.sql.tables import COLUMNS, make_table, read, sql_spec

ZONES = (
    "America/New_York",
    "UTC",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Pacific/Apia",
    "Asia/Kabul",
)
# Around the days on which clocks change in New York, Beirut and Apia (where 30 December 2011 is
# missing altogether).
DAYS = st.sampled_from(
    [date(2023, 3, 12), date(2023, 11, 5), date(2023, 3, 26), date(2011, 12, 30), date(2023, 7, 1)]
)
STEPS = st.integers(-60 * 40, 60 * 40).map(lambda minutes: timedelta(minutes=minutes))


@settings(deadline=None)
@given(DAYS, STEPS, STEPS, st.sampled_from(ZONES))
@example(date(2023, 11, 5), timedelta(hours=6), timedelta(hours=1), "America/New_York")
@example(date(2023, 3, 12), timedelta(hours=7), timedelta(hours=2), "America/New_York")
def test_comparing_clock_faces_is_comparing_instants(
    day: date, to_bound: timedelta, to_local: timedelta, zone: str
) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00")
    instant, local = noon.replace(tzinfo=UTC) + to_bound, noon + to_local
    bound = lower_bound(TimeKind.CLOCK_FACE, instant, zone).value
    assert bound is not None
    localised = read_times(pa.array([local], pa.timestamp("us")), zone).instants[0]
    assert (local >= bound) == (localised >= microseconds(instant))


@settings(deadline=None)
@given(DAYS, STEPS, st.integers(-2, 2), st.sampled_from(ZONES))
def test_comparing_days_is_comparing_the_instants_at_which_they_begin(
    day: date, to_bound: timedelta, to_stored: int, zone: str
) -> None:
    instant = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + to_bound
    stored = day + timedelta(days=to_stored)
    bound = lower_bound(TimeKind.DAY, instant, zone).value
    assert bound is not None
    begins = read_times(pa.array([stored]), zone).instants[0]
    assert (stored >= bound) == (begins >= microseconds(instant))


@settings(deadline=None)
@given(DAYS, STEPS, st.sampled_from(["", "Z", "+14:00", "-12:00"]), st.sampled_from(ZONES))
def test_a_text_that_names_an_instant_lies_within_the_bounds_around_it(
    day: date, step: timedelta, offset: str, zone: str
) -> None:
    local = datetime.fromisoformat(f"{day}T12:00") + step
    text = local.isoformat() + offset
    instant = moment(int(read_times(pa.array([text]), zone).instants[0]))
    low, high = (bound(TimeKind.TEXT, instant, zone).value for bound in (lower_bound, upper_bound))
    assert str(low) <= text < str(high)


def test_an_instant_stays_an_instant() -> None:
    bound = upper_bound(TimeKind.INSTANT, utc(2023, 3, 12, 7), "America/New_York")
    assert bound.value == utc(2023, 3, 12, 7)


@pytest.mark.parametrize("kind", list(TimeKind))
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_first_and_the_last_time_have_bounds(kind: TimeKind, zone: str) -> None:
    assert lower_bound(kind, FIRST - timedelta(days=1), zone).value is not None
    assert upper_bound(kind, LAST + timedelta(days=1), zone).value is not None


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        (pa.timestamp("us", "UTC"), TimeKind.INSTANT),
        (pa.timestamp("us"), TimeKind.CLOCK_FACE),
        (pa.date32(), TimeKind.DAY),
        (pa.string(), TimeKind.TEXT),
        (pa.int64(), None),
    ],
)
def test_what_a_column_holds_is_known_by_its_type(
    stored: pa.DataType, kind: TimeKind | None
) -> None:
    assert time_kind(stored) is kind


@pytest.mark.slow
@pytest.mark.parametrize("stored", ["timestamp", "timestamptz", "text"])
@pytest.mark.parametrize("day", [date(2023, 3, 12), date(2023, 11, 5)])
def test_hours_of_a_day_on_which_clocks_change_are_the_day(
    empty_database: Database, stored: str, day: date
) -> None:
    midnight = datetime.fromisoformat(f"{day}T00:00")
    faces = [midnight + timedelta(minutes=20 * n) for n in range(72)]
    rows = [(f"{n:02}", face.isoformat(), 1, "x", 1) for n, face in enumerate(faces)]
    make_table(empty_database, COLUMNS.replace("timestamptz", stored), rows)
    windows = {"granularity": "hour", "start": "2023-03-01", "time_zone": "America/New_York"}
    spec = sql_spec(empty_database.url, windows=windows)
    whole = read(spec, day - timedelta(days=1), 3).table
    source, start = build_source(spec, Places(Path())), spec.windows.midnight(day)
    edges = [start + timedelta(hours=hour) for hour in range(-8, 32)]
    parts = [source.read(*ends).table for ends in pairwise(edges)]
    assert pa.concat_tables(parts) == whole
    assert len(whole) == 72
