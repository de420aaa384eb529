"""Monthly files of trips: which are fetched, and what is read when some cannot be."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from socket import socket

import pytest

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.sources import TlcTripsSourceSpec
from monitoring_assets_tests.sources.local_trips import (
    Publisher,
    file_name,
    keep,
    kept,
    publishing,
    time_passes,
    trips_of,
    trips_source,
)
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.specs import green_taxi_spec, with_source

MONTHS = ("2023-01", "2023-02", "2023-03")
JANUARY = (utc(2023, 1, 1), utc(2023, 2, 1))
FEBRUARY = (utc(2023, 2, 1), utc(2023, 3, 1))
MARCH = (utc(2023, 3, 1), utc(2023, 4, 1))
END_OF_MARCH = {"granularity": "day", "start": "2023-02-01", "end": "2023-04-01"}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitoring_assets.sources.files.download._FIRST_WAIT", 0.01)


@pytest.fixture
def dead_url() -> Iterator[str]:
    with closing(socket()) as taken:  # bound, so that nobody else listens there
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/trip-data"


def test_real_trips_are_those_of_the_same_files_read_as_parquet(
    publisher: Publisher, trips_folder: Path, tmp_path: Path
) -> None:
    parquet = green_taxi_spec(trips_folder)
    publisher.files = {path.name: path.read_bytes() for path in trips_folder.glob("*.parquet")}
    shared = {
        name: getattr(parquet.source, name)
        for name in ("event_time_zone", "rename", "on_duplicate")
    }
    trips = TlcTripsSourceSpec(kind="tlc_trips", trips="green", **shared)
    places = Places(tmp_path, trip_data_url=publisher.url)
    ours, theirs = (build_source(s, places) for s in (with_source(parquet, trips), parquet))
    midnight = parquet.windows.midnight
    window = midnight(date(2023, 3, 12)), midnight(date(2023, 3, 13))
    for span in ((None, None), window):
        found, expected = ours.read(*span), theirs.read(*span)
        assert found.table == expected.table
        assert (found.adjusted, found.rejected) == (expected.adjusted, expected.rejected)
    assert publisher.asked == [file_name(f"2023-0{month}") for month in (1, 2, 3, 4)]


def test_months_are_fetched_from_the_first_needed_to_the_first_unpublished(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish("2022-12", *MONTHS, "2023-05")
    source = trips_source(tmp_path, publisher.url)
    assert source.read(*FEBRUARY).table["row_id"].to_pylist() == [
        "2023-02 a",
        "2023-02 b",
        "2023-02 c",
    ]
    assert kept(tmp_path) == [file_name(month) for month in MONTHS]
    assert publisher.asked == [file_name(month) for month in (*MONTHS, "2023-04")]


def test_files_that_are_there_are_not_asked_for(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish(*MONTHS)
    keep(tmp_path, "2023-01", "2023-03")
    trips_source(tmp_path, publisher.url).newest_event_time()
    assert publisher.asked == [file_name("2023-02"), file_name("2023-04")]


def test_with_an_end_nothing_after_it_is_asked_for(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish(*MONTHS, "2023-04")
    trips_source(tmp_path, publisher.url, windows=END_OF_MARCH).read(*MARCH)
    assert publisher.asked == [file_name(month) for month in MONTHS]


def test_months_are_those_of_the_trips_own_clock(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish("2022-12", *MONTHS)
    source = trips_source(tmp_path, publisher.url, zone="America/New_York", windows=END_OF_MARCH)
    source.read(*MARCH)
    assert publisher.asked == [file_name(month) for month in ("2022-12", *MONTHS)]


def test_the_reference_may_begin_before_everything_else(
    publisher: Publisher, tmp_path: Path
) -> None:
    period = {"start": "2022-11-15", "end": "2022-12-15"}
    source = trips_source(tmp_path, publisher.url, model=None, reference={"period": period})
    assert source.newest_event_time() is None
    assert publisher.asked == [file_name("2022-11")]


@pytest.mark.parametrize("status", [403, 404])
def test_an_unpublished_month_is_asked_for_once_an_hour(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    publisher.publish("2023-01")
    publisher.faults[file_name("2023-02")] = [status]
    for _ in range(3):
        assert len(trips_source(tmp_path, publisher.url).read(*FEBRUARY).table) == 0
    assert publisher.asked == [file_name("2023-01"), file_name("2023-02")]
    publisher.faults.clear()
    publisher.publish("2023-02")
    time_passes(monkeypatch, 3590)
    assert len(trips_source(tmp_path, publisher.url).read(*FEBRUARY).table) == 0
    time_passes(monkeypatch, 10)
    assert len(trips_source(tmp_path, publisher.url).read(*FEBRUARY).table) == 3


@pytest.mark.parametrize("fault", [500, 503, 429, "cut", "short", "reset", "html"])
def test_what_may_pass_is_tried_again(
    publisher: Publisher, tmp_path: Path, fault: int | str
) -> None:
    publisher.publish("2023-01")
    publisher.faults[file_name("2023-01")] = [fault, fault, 200]
    source = trips_source(tmp_path, publisher.url)
    assert len(source.read(*JANUARY).table) == 3
    assert publisher.asked == [file_name("2023-01")] * 3 + [file_name("2023-02")]
    assert kept(tmp_path) == [file_name("2023-01")]


@pytest.mark.parametrize("fault", ["cut", "short", "html"])
def test_a_file_that_is_not_whole_is_never_kept_and_keeps_only_its_own_month_from_being_read(
    publisher: Publisher, tmp_path: Path, fault: str
) -> None:
    publisher.publish(*MONTHS)
    publisher.faults[file_name("2023-02")] = [fault]
    source = trips_source(tmp_path, publisher.url)
    assert source.newest_event_time() == utc(2023, 3, 10, 2)
    assert kept(tmp_path) == [file_name("2023-01"), file_name("2023-03")]
    assert publisher.asked.count(file_name("2023-02")) == 4
    assert len(source.read(utc(2023, 1, 1), utc(2023, 1, 31)).table) == 3
    assert len(source.read(utc(2023, 3, 2), utc(2023, 4, 1)).table) == 3
    across = (utc(2023, 1, 31), utc(2023, 2, 1)), (utc(2023, 3, 1), utc(2023, 3, 2))
    needed = rf"{tmp_path}/tlc_trips/{file_name('2023-02')} is needed.* from {publisher.url}"
    for span in (FEBRUARY, *across, (None, None)):
        with pytest.raises(SourceUnavailableError, match=needed):
            source.read(*span)
    assert publisher.asked.count(file_name("2023-02")) == 4


def test_a_broken_month_after_all_others_is_needed_too(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(*MONTHS)
    publisher.faults[file_name("2023-03")] = ["cut"]
    source = trips_source(tmp_path, publisher.url)
    assert len(source.read(*JANUARY).table) == 3
    with pytest.raises(SourceUnavailableError, match="broke off before its end"):
        source.read(*MARCH)


def test_a_broken_month_is_asked_for_again_after_ten_minutes(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.publish(*MONTHS)
    publisher.faults[file_name("2023-02")] = ["cut"] * 4 + [200]
    source = trips_source(tmp_path, publisher.url)
    with pytest.raises(SourceUnavailableError):
        source.read(*FEBRUARY)
    time_passes(monkeypatch, 600)
    assert len(source.read(*FEBRUARY).table) == 3


def test_whatever_answers_html_to_everything_is_left_alone(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.faults = {file_name(f"{2023 + n // 12}-{1 + n % 12:02}"): ["html"] for n in range(60)}
    with pytest.raises(SourceUnavailableError, match="no whole Parquet file"):
        trips_source(tmp_path, publisher.url).read(*JANUARY)
    assert {*publisher.asked} == {file_name("2023-01"), file_name("2023-02")}


def test_offline_the_files_that_are_there_do_with_one_warning(
    dead_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(tmp_path, *MONTHS)
    for _ in range(3):
        source = trips_source(tmp_path, dead_url)
        assert source.newest_event_time() == utc(2023, 3, 10, 2)
        assert len(source.read(*MARCH).table) == 3
        assert len(source.read(utc(2023, 4, 1), utc(2023, 5, 1)).table) == 0
    (warning,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    for part in (file_name("2023-04"), dead_url, str(tmp_path), "nobody answers there"):
        assert part in warning.getMessage()


def test_a_server_that_fails_is_asked_again_after_ten_minutes(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, "2023-01")
    publisher.publish("2023-02")
    publisher.faults[file_name("2023-02")] = [503] * 4 + [200]
    source = trips_source(tmp_path, publisher.url)
    assert [source.newest_event_time() for _ in range(3)] == [utc(2023, 1, 10, 2)] * 3
    assert publisher.asked == [file_name("2023-02")] * 4
    time_passes(monkeypatch, 600)
    assert source.newest_event_time() == utc(2023, 2, 10, 2)


def test_offline_a_month_that_lacks_between_others_is_needed(dead_url: str, tmp_path: Path) -> None:
    keep(tmp_path, "2023-01", "2023-03")
    source = trips_source(tmp_path, dead_url)
    assert len(source.read(utc(2023, 3, 2), utc(2023, 4, 1)).table) == 3
    with pytest.raises(SourceUnavailableError, match=r"2023-02.* is needed.*nobody answers there"):
        source.read(*FEBRUARY)


def test_a_month_that_is_not_published_between_others_is_not_waited_for(
    publisher: Publisher, tmp_path: Path
) -> None:
    keep(tmp_path, "2023-01", "2023-03")
    source = trips_source(tmp_path, publisher.url)
    assert len(source.read(*FEBRUARY).table) == 0
    assert publisher.asked == [file_name("2023-02")]


def test_offline_without_any_file_url_and_folder_are_named(dead_url: str, tmp_path: Path) -> None:
    source = trips_source(tmp_path, dead_url)
    for question in (source.read, source.newest_event_time, lambda: source.rows_outside([MARCH])):
        with pytest.raises(SourceUnavailableError, match="model 'small'") as error:
            question()
        for part in (dead_url, str(tmp_path / "tlc_trips"), "nobody answers", "TLC_TRIP_DATA_URL"):
            assert part in str(error.value)


def test_stray_trips_after_the_newest_month_make_no_window_ready(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files = {
        file_name("2023-01"): trips_of("2023-01"),
        file_name("2023-02"): trips_of("2023-05"),
    }
    source = trips_source(tmp_path, publisher.url)
    assert source.newest_event_time() == utc(2023, 2, 28, 23, 59, 59, 999_999)
    assert source.rows_outside([JANUARY])["after_every_period"] == 3


def test_a_description_names_folder_and_url_without_a_password(tmp_path: Path) -> None:
    source = trips_source(tmp_path, "https://me:secret@mirror.example/trips/")
    assert source.describe() == {
        "kind": "tlc_trips",
        "trips": "green",
        "folder": str(tmp_path / "tlc_trips"),
        "url": "https://mirror.example/trips",
    }
    assert source.planted_changes() == ()
