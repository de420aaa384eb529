from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.sources.small_files import FIRST, at, read_day, three_rows, utc, write
from monitoring_assets_tests.sources.test_parquet import spoil
from monitoring_assets_tests.specs import small_columns, small_spec

NEW_YORK = {"granularity": "day", "start": "2023-02-01", "time_zone": "America/New_York"}
IN_NEW_YORK = small_spec(windows=NEW_YORK)
FOREVER = [(utc(2023, 2, 1), None)]

STORED: dict[str, pa.DataType] = {
    "seconds": pa.timestamp("s"),
    "milliseconds": pa.timestamp("ms"),
    "microseconds": pa.timestamp("us"),
    "nanoseconds": pa.timestamp("ns"),
    "with a zone": pa.timestamp("us", "Asia/Tokyo"),
}


def hours(stored: pa.DataType, *moments: datetime | None) -> pa.Array:
    """Return moments in UTC as a column of this type, naive ones as New York's clock shows them."""
    if stored.tz is not None:
        return pa.array(moments, stored)
    shift = 5 * 3600
    stamps = [m and m.timestamp() - shift for m in moments]
    return pa.array(
        [s and datetime.fromtimestamp(s, UTC).replace(tzinfo=None) for s in stamps], stored
    )


@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize("form", STORED)
def test_bounds_of_a_day_are_exact_however_times_are_stored(
    tmp_path: Path, form: str, statistics: bool
) -> None:
    edges = utc(2023, 2, 1, 4, 59, 59), utc(2023, 2, 1, 5), utc(2023, 2, 2, 4, 59, 59)
    columns = three_rows(time=hours(STORED[form], *edges))
    write(tmp_path, columns, row_group_size=1, write_statistics=statistics)
    assert read_day(tmp_path, IN_NEW_YORK).table["row_id"].to_pylist() == ["b", "c"]


@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize(
    "days",
    [
        pa.array([date(2023, 1, 31), FIRST, date(2023, 2, 2)], pa.date32()),
        pa.array([date(2023, 1, 31), FIRST, date(2023, 2, 2)], pa.date64()),
        pa.array(["2023-01-31", "2023-02-01", "2023-02-02"]),
        pa.array(["2023-01-31T23:59:59", "2023-02-01T00:00Z", "later"]),
    ],
    ids=["date32", "date64", "texts", "mixed texts"],
)
def test_days_and_texts_are_event_times_too(
    tmp_path: Path, days: pa.Array, statistics: bool
) -> None:
    write(tmp_path, three_rows(time=days), row_group_size=1, write_statistics=statistics)
    assert read_day(tmp_path).table["row_id"].to_pylist() == ["b"]


@pytest.mark.parametrize("statistics", [True, False])
def test_the_newest_event_time_is_the_latest_of_all_files(tmp_path: Path, statistics: bool) -> None:
    write(tmp_path, three_rows(), "b.parquet", write_statistics=statistics)
    late = pa.array([at(1), None, at(23, day=2)], pa.timestamp("us"))
    write(tmp_path, three_rows(time=late), "a.parquet", write_statistics=statistics)
    newest = build_source(IN_NEW_YORK, Places(tmp_path)).newest_event_time()
    assert newest == utc(2023, 2, 3, 4)


def test_without_files_there_is_no_newest_event_time(tmp_path: Path) -> None:
    assert build_source(small_spec(), Places(tmp_path)).newest_event_time() is None


@pytest.mark.parametrize(
    "times", [pa.array([], pa.timestamp("us")), pa.nulls(3), pa.array(["?"] * 3)]
)
def test_without_event_times_there_is_no_newest_one(tmp_path: Path, times: pa.Array) -> None:
    columns = {name: values[: len(times)] for name, values in three_rows().items()}
    write(tmp_path, columns | {"time": times})
    assert build_source(small_spec(), Places(tmp_path)).newest_event_time() is None


def test_rows_in_no_period_are_counted_by_where_they_lie(tmp_path: Path) -> None:
    times = [utc(2008, 12, 31), None, utc(2023, 2, 10), utc(2023, 3, 5), utc(2050, 1, 1)]
    write(tmp_path, {"time": pa.array(times, pa.timestamp("us", "UTC"))} | no_values(5))
    periods = [(utc(2023, 1, 1), utc(2023, 2, 1)), (utc(2023, 3, 1), utc(2023, 4, 1))]
    assert build_source(small_spec(), Places(tmp_path)).rows_outside(periods) == {
        "before_every_period": 1,
        "between_periods": 1,
        "after_every_period": 1,
        "event_time_missing": 1,
    }


def no_values(rows: int) -> dict[str, Any]:
    return {name: pa.nulls(rows) for name in three_rows(time=None)}


def test_row_groups_inside_a_period_are_not_read_to_count_rows_outside(tmp_path: Path) -> None:
    times = pa.array([at(1), None, at(3)], pa.timestamp("us"))
    path = write(tmp_path, three_rows(time=times))
    spoil(path, 0)
    outside = build_source(small_spec(), Places(tmp_path)).rows_outside(FOREVER)
    assert {name: rows for name, rows in outside.items() if rows} == {"event_time_missing": 1}


def test_event_times_that_cannot_be_read_lie_in_no_window(tmp_path: Path) -> None:
    write(tmp_path, three_rows(time=["2023-02-01T01:00", "yesterday", None]))
    assert read_day(tmp_path).table["row_id"].to_pylist() == ["a"]
    outside = build_source(small_spec(), Places(tmp_path)).rows_outside(FOREVER)
    assert outside["event_time_missing"] == 2


def test_rows_outside_cannot_be_counted_without_files(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match=r"model 'small': no file matches .*small"):
        build_source(small_spec(), Places(tmp_path)).rows_outside(FOREVER)


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_times_without_a_zone_are_taken_in_the_sources_zone_else_the_windows(
    tmp_path: Path, zone: str | None
) -> None:
    write(tmp_path, three_rows())
    source = {"kind": "parquet", "path": "small/*.parquet", "event_time_zone": zone}
    spec = small_spec(windows=NEW_YORK, source=source, columns=small_columns())
    newest = build_source(spec, Places(tmp_path)).newest_event_time()
    assert newest == (utc(2023, 2, 1, 8) if zone is None else utc(2023, 1, 31, 18))


def test_the_hour_is_that_of_the_windows_clock_not_of_the_sources(tmp_path: Path) -> None:
    write(tmp_path, three_rows())
    source = {"kind": "parquet", "path": "small/*.parquet", "event_time_zone": "Asia/Tokyo"}
    columns = small_columns(numerical=["distance", "hour"])
    derived = {"hour": {"kind": "hour_of_day"}}
    spec = small_spec(windows=NEW_YORK, source=source, columns=columns, derived=derived)
    # 1 o'clock in Tokyo is 16 o'clock UTC of the day before, 11 o'clock in New York.
    assert read_day(tmp_path, spec, date(2023, 1, 31)).table["hour"].to_pylist() == [11, 12, 13]
