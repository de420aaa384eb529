"""Real green-taxi trips beside what pandas makes of the same files."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitoring_assets.sources.base import Places, Source, SourceRows
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import green_taxi_spec

ZONE = "America/New_York"
DAYS = [date(2023, 2, 1) + timedelta(days=number) for number in range(59)]


@pytest.fixture(scope="module")
def spec(trips_folder: Path) -> ModelSpec:
    return green_taxi_spec(trips_folder)


@pytest.fixture(scope="module")
def source(spec: ModelSpec, trips_folder: Path) -> Source:
    return build_source(spec, Places(trips_folder))


@pytest.fixture(scope="module")
def windows(spec: ModelSpec, source: Source) -> dict[date, SourceRows]:
    midnight, day = spec.windows.midnight, timedelta(days=1)
    return {first: source.read(midnight(first), midnight(first + day)) for first in DAYS}


@pytest.fixture(scope="module")
def trips(trips_folder: Path) -> pd.DataFrame:
    """All rows of all files, with the minutes between clock faces and between instants."""
    files = sorted(trips_folder.glob("green_tripdata_2023-0[123].parquet"))
    rows = pd.concat([pd.read_parquet(f).assign(row_id=named(f)) for f in files], ignore_index=True)
    begin, end = rows["lpep_pickup_datetime"], rows["lpep_dropoff_datetime"]
    naive = (end - begin).dt.total_seconds() / 60
    true = (instants(end) - instants(begin)).dt.total_seconds() / 60
    rows = rows.assign(day=begin.dt.date, naive_minutes=naive, minutes=true)
    return rows.loc[rows["day"].isin(DAYS)]


def named(file: Path) -> "pd.Series[str]":
    rows = len(pd.read_parquet(file, columns=["VendorID"]))
    return f"{file.name}#" + pd.Series(range(rows)).astype(str)


def instants(stamps: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    first = np.ones(len(stamps), np.bool_)
    return stamps.dt.tz_localize(ZONE, nonexistent="shift_forward", ambiguous=first)


def test_rows_of_every_day_are_those_pandas_counts_over_all_files(
    windows: dict[date, SourceRows], trips: pd.DataFrame
) -> None:
    counts = {day: len(rows.table) for day, rows in windows.items()}
    assert counts == trips["day"].value_counts().to_dict()
    assert (len(counts), sum(counts.values())) == (59, 136_828)


def test_rows_outside_1_to_60_minutes_are_rejected(
    windows: dict[date, SourceRows], trips: pd.DataFrame
) -> None:
    odd = trips.loc[~trips["minutes"].between(1, 60)]
    rejected = {day: rows.rejected.get("duration_out_of_range", 0) for day, rows in windows.items()}
    assert rejected == odd["day"].value_counts().reindex(DAYS, fill_value=0).to_dict()


def test_taking_durations_between_instants_rejects_14_trips_less(trips: pd.DataFrame) -> None:
    naive = ~trips["naive_minutes"].between(1, 60)
    assert (naive.sum(), (~trips["minutes"].between(1, 60)).sum()) == (4884, 4870)


def test_no_row_is_mended(windows: dict[date, SourceRows]) -> None:
    assert sum((Counter(rows.adjusted) for rows in windows.values()), Counter[str]()) == {}


@pytest.mark.parametrize("day", [DAYS[0], date(2023, 3, 12), DAYS[-1]])
def test_every_value_of_a_day_is_that_of_pandas(
    windows: dict[date, SourceRows], trips: pd.DataFrame, day: date
) -> None:
    ours = windows[day].table.to_pandas().set_index("row_id").sort_index()
    theirs = trips.loc[trips["day"] == day].set_index("row_id").sort_index()
    assert ours.index.equals(theirs.index)
    for name in ("passenger_count", "trip_distance", "fare_amount", "total_amount"):
        assert np.array_equal(ours[name], theirs[name].astype(float), equal_nan=True)
    assert ours["duration_minutes"].to_numpy() == pytest.approx(theirs["minutes"].to_numpy())
    assert (ours["pickup_zone"] == theirs["PULocationID"].astype(str)).all()
    assert (ours["hour"] == theirs["lpep_pickup_datetime"].dt.hour).all()
    assert set(ours["weekday"]) == {str(day.isoweekday())}


def test_12_march_is_a_window_of_23_hours_whose_trips_are_not_an_hour_too_long(
    spec: ModelSpec, windows: dict[date, SourceRows], trips: pd.DataFrame
) -> None:
    midnight = spec.windows.midnight
    assert midnight(date(2023, 3, 13)) - midnight(date(2023, 3, 12)) == timedelta(hours=23)
    across = trips.loc[(trips["naive_minutes"] - trips["minutes"]).round() == 60]
    rows = pd.concat(
        [windows[day].table.to_pandas() for day in (date(2023, 3, 11), date(2023, 3, 12))]
    )
    found = rows.set_index("row_id").loc[across["row_id"], "duration_minutes"]
    assert len(across) == 20
    assert found.to_numpy() == pytest.approx(across["naive_minutes"].to_numpy() - 60)
    assert found.min() == pytest.approx(4 + 7 / 60)


def test_a_trip_of_1_february_in_januarys_file_belongs_to_1_february(
    windows: dict[date, SourceRows],
) -> None:
    ids = windows[date(2023, 2, 1)].table["row_id"].to_pylist()
    assert sum(name.startswith("green_tripdata_2023-01") for name in ids) > 0


def test_trips_of_2008_2009_and_2022_lie_outside_january_and_all_windows(
    spec: ModelSpec, source: Source
) -> None:
    assert spec.model is not None
    training = spec.period(spec.model.training)
    first, last = (spec.windows.midnight(day) for day in (date(2023, 2, 1), date(2023, 4, 1)))
    empty = {"between_periods": 0, "after_every_period": 0, "event_time_missing": 0}
    assert source.rows_outside([training, (first, None)]) == empty | {"before_every_period": 4}
    assert source.rows_outside([training, (first, last)])["after_every_period"] == 1


def test_the_newest_trip_tells_how_far_the_files_reach(source: Source) -> None:
    assert source.newest_event_time() == pd.Timestamp("2023-04-01 00:09:27", tz=ZONE)
