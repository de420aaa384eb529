"""Newest event time and rows outside, as the database tells them, beside a file's answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import utc, write
from monitoring_assets_tests.sources.sql.tables import (
    COLUMNS,
    make_table,
    query_spec,
    raw,
    sql_spec,
)
from monitoring_assets_tests.specs import small_spec

WINDOWS = {"granularity": "day", "start": "2023-03-10", "time_zone": "America/New_York"}
STAMPS = [
    "2023-03-08 12:00",
    "2023-03-12 02:30",  # an hour that New York's clocks sprang over
    "2023-11-05 01:30",  # and one that they showed twice
    "2023-11-06 00:00",
    "2024-01-01 00:00",
]
PERIODS = [
    (utc(2023, 3, 12, 7), utc(2023, 3, 12, 7, 10)),
    (utc(2023, 11, 5, 5), utc(2023, 11, 5, 5, 30)),
    (utc(2023, 11, 6, 5), utc(2023, 12, 1)),
]


def database_of(database: Database, stored: str, stamps: Sequence[str | None]) -> Database:
    in_utc = "+00" if stored == "timestamptz" else ""
    stamps = [stamp and stamp + in_utc * (stamp != "infinity") for stamp in stamps]
    rows = [(str(number), stamp, 1, "x", 1) for number, stamp in enumerate(stamps)]
    make_table(database, COLUMNS.replace("timestamptz", stored), rows)
    return database


@pytest.mark.parametrize("stored", ["timestamptz", "timestamp", "date", "text"])
def test_rows_outside_are_those_of_a_file(
    empty_database: Database, tmp_path: Path, stored: str
) -> None:
    database_of(empty_database, stored, [*STAMPS, None])
    stamps = [datetime.fromisoformat(stamp) for stamp in STAMPS] + [None]
    kinds = {"timestamptz": pa.timestamp("us", "UTC"), "date": pa.date32()}
    times = pa.array(stamps, pa.timestamp("us")).cast(
        kinds.get(stored, pa.timestamp("us")), safe=False
    )
    six = {"id": list("abcdef"), "distance": [1.0] * 6, "zone": ["x"] * 6, "minutes": [1.0] * 6}
    write(tmp_path, six | {"time": times})
    ours = build_source(sql_spec(empty_database.url, windows=WINDOWS), Places(tmp_path))
    theirs = build_source(small_spec(windows=WINDOWS), Places(tmp_path))
    assert ours.rows_outside(PERIODS) == theirs.rows_outside(PERIODS)
    assert ours.newest_event_time() == theirs.newest_event_time()


@pytest.mark.parametrize("stored", ["timestamptz", "timestamp", "date", "text"])
def test_without_rows_nothing_is_outside_and_there_is_no_newest(
    empty_database: Database, stored: str
) -> None:
    source = raw(sql_spec(database_of(empty_database, stored, []).url))
    assert source.newest_event_time() is None
    assert set(source.rows_outside(PERIODS).values()) == {0}
    assert list(source.pieces(utc(2023, 1, 1), utc(2024, 1, 1))) == []


def test_a_period_without_an_end_has_nothing_after_it(empty_database: Database) -> None:
    source = raw(sql_spec(database_of(empty_database, "timestamptz", STAMPS).url))
    assert source.rows_outside([(utc(2023, 3, 10), None)]) == {
        "before_every_period": 1,
        "between_periods": 0,
        "after_every_period": 0,
        "event_time_missing": 0,
    }


@pytest.mark.parametrize(
    ("stored", "for_ever"),
    [
        ("timestamptz", "infinity"),
        ("timestamp", "infinity"),
        ("date", "infinity"),
        ("date", "9999-12-31"),
        ("text", "9999-12-31"),
        ("text", "unknown"),
        ("text", "31/12/2023"),
        ("text", "2023-99-99"),
        ("text", "2023-02-09T99:99"),
    ],
)
def test_what_stands_for_no_time_is_not_the_newest(
    empty_database: Database, stored: str, for_ever: str
) -> None:
    stamps = ["2023-02-01", for_ever, "2023-02-02"]
    source = raw(sql_spec(database_of(empty_database, stored, stamps).url))
    assert source.newest_event_time() == utc(2023, 2, 2)


def test_the_newest_of_texts_is_the_latest_instant_not_the_largest_text(
    empty_database: Database,
) -> None:
    stamps = ["2023-02-01T23:00-05:00", "2023-02-02T05:00+05:00", "2023-02-01T00:00Z"]
    source = raw(sql_spec(database_of(empty_database, "text", stamps).url))
    assert source.newest_event_time() == utc(2023, 2, 2, 4)


def test_texts_that_no_comparison_with_a_day_finds_count_as_without_event_time(
    empty_database: Database,
) -> None:
    stamps = ["2023-02-01", "20230201T10:00", " 2023-02-01", "", None, "soon"]
    source = raw(sql_spec(database_of(empty_database, "text", stamps).url))
    found = [
        row for piece in source.pieces(utc(2023, 2, 1), utc(2023, 2, 2)) for row in piece.table
    ]
    outside = source.rows_outside([(utc(2023, 2, 1), utc(2023, 2, 2))])
    assert outside["event_time_missing"] == 5
    assert sum(outside.values()) == 5
    assert found


def test_a_query_that_asks_for_bounds_leaves_nothing_out_here(empty_database: Database) -> None:
    database_of(empty_database, "timestamptz", STAMPS)
    query = "SELECT * FROM trips WHERE time >= :window_start AND time < :window_end"
    source = raw(query_spec(empty_database.url, query))
    day = utc(2023, 11, 6)
    assert source.newest_event_time() == utc(2024, 1, 1)
    assert sum(source.rows_outside([(day, day + timedelta(days=1))]).values()) == 4


def test_the_clock_of_the_database_does_not_matter(empty_database: Database) -> None:
    database_of(empty_database, "timestamp", ["2023-02-01 23:30"])
    url = sa.make_url(empty_database.url).update_query_dict({"options": "-ctimezone=Asia/Tokyo"})
    text = url.render_as_string(hide_password=False)
    source = raw(sql_spec(text, source={"event_time_zone": "America/New_York"}))
    assert source.newest_event_time() == utc(2023, 2, 2, 4, 30)
