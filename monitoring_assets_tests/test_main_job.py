"""The main job on real trips: which rows lie in which window, and what became of them."""

from datetime import timedelta

import pytest

from monitoring_assets.records import WindowStatus
from monitoring_assets.storage import models, registry, tables
from monitoring_assets.storage.in_force import references_in_force
from monitoring_assets.storage.ledger import WindowState, windows_of
from monitoring_assets.training import artifacts
from monitoring_assets_tests.main_job import DAYS, LAST, MainJob, passes
from monitoring_assets_tests.stored import rows_of, stored_rows

pytestmark = pytest.mark.slow

FILTER = "duration_out_of_range"


@pytest.fixture(scope="module")
def windows(main_job: MainJob) -> dict[str, WindowState]:
    found = windows_of(main_job.database, main_job.spec.model_id)
    return {one.window.partition_key: one for one in found}


def test_two_months_are_59_complete_windows(windows: dict[str, WindowState]) -> None:
    assert list(windows) == DAYS
    assert len(windows) == 59
    assert {one.status for one in windows.values()} == {WindowStatus.COMPLETE}


def test_rows_read_equal_a_count_by_local_event_time_over_all_files(
    main_job: MainJob, windows: dict[str, WindowState]
) -> None:
    counted = main_job.trips["day"].value_counts()
    expected = {day: int(counted[day]) for day in DAYS}
    assert {day: one.counts and one.counts.rows_read for day, one in windows.items()} == expected
    assert sum(expected.values()) == 136_828


def test_a_row_belongs_to_its_day_whatever_file_it_lies_in(main_job: MainJob) -> None:
    first = main_job.day("2023-02-01")
    assert (first.index < 68_211).any(), "January's file holds trips of 1 February"
    read = rows_of(main_job.database, tables.window, partition_key="2023-02-01")
    assert read[0]["rows_read"] == len(first)


def test_rejected_rows_are_counted_by_reason_in_each_window(
    main_job: MainJob, windows: dict[str, WindowState]
) -> None:
    rejected = main_job.trips[~passes(main_job.trips)]["day"].value_counts()
    for day, one in windows.items():
        assert one.counts is not None
        assert one.counts.rows_rejected == {FILTER: rejected[day]}, day
        assert one.counts.rows_scored == one.counts.rows_read - rejected[day], day


def test_rejected_rows_in_total_are_those_of_the_clock_faces_less_what_the_lost_hour_explains(
    main_job: MainJob, windows: dict[str, WindowState]
) -> None:
    ours = main_job.trips[main_job.trips["day"].between(DAYS[0], LAST)]
    assert (~ours["naive_minutes"].between(1, 60)).sum() == 4_884
    counted = [one.counts.rows_rejected[FILTER] for one in windows.values() if one.counts]
    assert sum(counted) == (~passes(ours)).sum() == 4_870


def test_trips_dated_2008_2009_and_2022_lie_in_no_window_and_are_counted(
    main_job: MainJob,
) -> None:
    years = main_job.trips["day"].str[:4].astype(int)
    assert sorted(years[years < 2023]) == [2008, 2009, 2022, 2022]
    outside = registry.rows_outside(main_job.database, main_job.spec.model_id)
    assert outside["before_every_period"] == 4
    assert sum(outside.values()) == 4


def test_the_largest_daily_median_fare_of_march_is_14_dollars(main_job: MainJob) -> None:
    key = {"column_name": "fare_amount", "metric": "median"}
    march = rows_of(main_job.database, tables.data_quality, **key)
    values = {f"{row['window_start']:%Y-%m-%d}": row["value"] for row in march}
    assert max(value for day, value in values.items() if day >= "2023-03-01") == 14.0
    assert values["2023-03-08"] == main_job.day("2023-03-08")["fare_amount"].median()


def test_12_march_has_23_hours(windows: dict[str, WindowState]) -> None:
    lengths = {day: one.window.length for day, one in windows.items()}
    assert lengths.pop("2023-03-12") == timedelta(hours=23)
    assert set(lengths.values()) == {timedelta(hours=24)}


def test_trips_across_the_hour_that_12_march_lacks_are_not_60_minutes_too_long(
    main_job: MainJob,
) -> None:
    trips = main_job.trips
    across = trips[(trips["naive_minutes"] - trips["duration_minutes"]).round(6) == 60]
    assert len(across) == 20
    labels = stored_rows(main_job.database, main_job.spec.model_id, "labels").to_pandas()
    stored = {*zip(labels["event_time"], labels["target"].round(6), strict=True)}
    good = across[passes(across)].round(6)
    assert len(good) == 14
    assert {*zip(good["event_time"], good["duration_minutes"], strict=True)} <= stored
    assert not {*zip(good["event_time"], good["naive_minutes"], strict=True)} & stored


def test_the_reference_is_measured_out_of_fold_and_not_on_what_the_model_learned(
    main_job: MainJob,
) -> None:
    database, model_id = main_job.database, main_job.spec.model_id
    reference = references_in_force(database, model_id).of_yaml.quality["metrics"]["mae"]
    version = models.read_model_version(database, model_id, "1")
    content = models.read_artifact(database, version.artifact_sha256)
    pipeline = artifacts.load(content, version.artifact_sha256, version.library_versions)
    learned = main_job.january[passes(main_job.january)]
    errors = pipeline.predict(learned[list(main_job.spec.columns.features)])
    in_sample = (errors - learned["duration_minutes"]).abs().mean()
    assert in_sample == pytest.approx(2.84, abs=0.01)
    assert reference == pytest.approx(2.95, abs=0.01)


def test_the_command_says_what_it_did(main_job: MainJob) -> None:
    assert "green_taxi: 59 ready windows, 0 complete, 59 to compute" in main_job.output
    assert "59/59 windows" in main_job.output
