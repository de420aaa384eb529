"""What tells that a source still holds the same rows, without reading one."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.sources.base import NEVER_CHANGES, Places
from monitoring_assets.sources.build import build_reference_source, build_source
from monitoring_assets.sources.files.parquet_reader import ParquetReader
from monitoring_assets.sources.fingerprint import fingerprint
from monitoring_assets.sources.window_labels import build_window_labels
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.sources.late_labels import COLUMNS, labels_spec
from monitoring_assets_tests.sources.local_s3 import LocalS3, give_keys, serving, stored
from monitoring_assets_tests.sources.local_trips import keep, time_passes, trips_source
from monitoring_assets_tests.sources.small_csv import NAMES, ROWS, csv_spec
from monitoring_assets_tests.sources.small_csv import put as put_csv
from monitoring_assets_tests.sources.small_files import at, three_rows, utc, write
from monitoring_assets_tests.sources.sql.tables import sql_spec
from monitoring_assets_tests.specs import WATCHED, simulated_spec, small_spec

DAYS = (1, 2, 3)


def stamp(folder: Path, day: int = 1, spec: ModelSpec | None = None) -> str | None:
    """Return the stamp of a day, as a process that has read nothing finds it."""
    source = build_source(spec or small_spec(), Places(folder))
    return source.stamp(utc(2023, 2, day), utc(2023, 2, day + 1))


def stamps(folder: Path, spec: ModelSpec | None = None) -> list[str | None]:
    return [stamp(folder, day, spec) for day in DAYS]


def changed(before: list[str | None], after: list[str | None]) -> list[int]:
    return [day for day, old, new in zip(DAYS, before, after, strict=True) if old != new]


def write_day(folder: Path, day: int, name: str = "", **options: Any) -> Path:
    times = [at(hour, day=day) for hour in (1, 2, 3)]
    ids = [f"{day}{letter}" for letter in "abc"]
    return write(folder, three_rows(id=ids, time=times), name or f"{day}.parquet", **options)


def touch(path: Path) -> None:
    later = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(later, later))


@pytest.fixture
def three_days(tmp_path: Path) -> Path:
    for day in DAYS:
        write_day(tmp_path, day)
    return tmp_path


def test_files_that_stay_the_same_have_the_same_stamp(three_days: Path) -> None:
    found = stamps(three_days)
    assert found == stamps(three_days)
    assert len({*found}) == 3
    assert all(one is not None and len(one) == 32 for one in found)


def test_a_file_that_changes_changes_the_days_it_has_rows_of(three_days: Path) -> None:
    before = stamps(three_days)
    touch(three_days / "small" / "2.parquet")
    assert changed(before, stamps(three_days)) == [2]


def test_a_stray_row_makes_a_new_file_count_on_its_day_too(three_days: Path) -> None:
    before = stamps(three_days)
    write(three_days, three_rows(time=[at(1, day=2), at(2), at(2, day=2)]), "more.parquet")
    assert changed(before, stamps(three_days)) == [1, 2]
    (three_days / "small" / "more.parquet").unlink()
    assert stamps(three_days) == before


def test_only_the_group_of_rows_that_lies_in_a_day_counts(tmp_path: Path) -> None:
    times = [at(1, day=1), at(1, day=3), at(2, day=3)]
    path = write(tmp_path, three_rows(time=times), row_group_size=1)
    before = stamps(tmp_path)
    touch(path)
    assert changed(before, stamps(tmp_path)) == [1, 3]


def test_a_file_that_says_nothing_of_its_rows_counts_on_every_day(three_days: Path) -> None:
    path = write_day(three_days, 2, write_statistics=False)
    before = stamps(three_days)
    touch(path)
    assert changed(before, stamps(three_days)) == [1, 2, 3]


def test_so_does_a_csv_whatever_is_in_it(tmp_path: Path) -> None:
    put_csv(tmp_path, NAMES, *ROWS)
    before = stamps(tmp_path, csv_spec())
    put_csv(tmp_path, NAMES, *ROWS[:1], name="b.csv")
    assert changed(before, stamps(tmp_path, csv_spec())) == [1, 2, 3]


def test_what_a_process_has_read_does_not_change_its_stamps(
    three_days: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_day(three_days, 2, write_statistics=False)
    source, day = build_source(small_spec(), Places(three_days)), (utc(2023, 2, 1), utc(2023, 2, 2))
    before = source.stamp(*day)
    assert len(source.read(*day).table) == 3
    time_passes(monkeypatch, 10)
    assert source.stamp(*day) == before == stamp(three_days)


def test_no_row_is_read_for_a_stamp(three_days: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ParquetReader, "batches", None)
    assert len({*stamps(three_days)}) == 3


def test_a_file_that_cannot_be_read_may_hold_rows_of_any_day(three_days: Path) -> None:
    before = stamps(three_days)
    (three_days / "small" / "bad.parquet").write_bytes(b"PAR1 cut short")
    assert changed(before, stamps(three_days)) == [1, 2, 3]


def test_without_a_file_there_is_no_stamp(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match="no file matches"):
        stamp(tmp_path)


def test_a_moved_folder_holds_the_same_rows(three_days: Path, tmp_path: Path) -> None:
    before = stamps(three_days)
    shutil.copytree(three_days / "small", tmp_path / "new" / "small")  # with times of change
    assert stamps(tmp_path / "new") == before


def test_one_listing_serves_for_a_few_seconds(
    three_days: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, day = build_source(small_spec(), Places(three_days)), (utc(2023, 2, 1), utc(2023, 2, 2))
    before = source.stamp(*day)
    touch(three_days / "small" / "1.parquet")
    assert source.stamp(*day) == before
    time_passes(monkeypatch, 6)
    assert source.stamp(*day) == stamp(three_days) != before


def test_whenever_rows_change_the_stamp_does(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    seen: dict[tuple[int, str | None], str] = {}
    for number in range(60):
        days = random.integers(1, 4, 3).tolist()
        rows = three_rows(time=[at(hour, day=day) for hour, day in enumerate(days)])
        rows |= {"id": [f"{number}{n}" for n in range(3)]}
        path = write(tmp_path, rows, f"{random.integers(0, 4)}.parquet", row_group_size=1)
        os.utime(path, ns=(number, number))
        for day in DAYS:
            ends = utc(2023, 2, day), utc(2023, 2, day + 1)
            found = fingerprint(build_source(small_spec(), Places(tmp_path)).read(*ends).table)
            assert seen.setdefault((day, stamp(tmp_path, day)), found) == found


def test_rows_that_the_yaml_makes_never_change() -> None:
    bundled = small_spec(source={"kind": "bundled", "dataset": "iris"})
    for spec in (bundled, simulated_spec()):
        assert stamp(Path("/nowhere"), spec=spec) == NEVER_CHANGES


def test_a_database_and_a_class_of_a_team_tell_nothing(tmp_path: Path) -> None:
    assert stamp(tmp_path, spec=sql_spec("postgresql://nobody@localhost:1/none")) is None
    assert stamp(tmp_path, spec=labels_spec("custom", tmp_path)) is None


@pytest.mark.parametrize(
    ("joined", "days"),
    [
        ({}, [1, 2, 3]),
        ({"event_time": "time"}, [3]),
        ({"event_time": "time", "within": "59 minutes"}, [3]),
        ({"event_time": "time", "within": "1 hour"}, [2, 3]),
    ],
)
def test_joined_files_count_as_far_as_their_rows_reach(
    three_days: Path, joined: dict[str, Any], days: list[int]
) -> None:
    spec = joined_to({"kind": "parquet", "path": "labels/*.parquet"}, **joined)
    for day in DAYS:
        write_day(three_days, day, f"../labels/{day}.parquet")
    before = stamps(three_days, spec)
    touch(three_days / "labels" / "3.parquet")
    assert changed(before, stamps(three_days, spec)) == days


def test_with_a_source_that_tells_nothing_there_is_no_stamp(three_days: Path) -> None:
    spec = joined_to({"kind": "sql", "url": "sqlite:///labels.db", "table": "labels"})
    assert stamp(three_days, spec=spec) is None
    assert stamp(three_days) is not None


def test_labels_have_the_stamp_of_what_they_are_read_from(three_days: Path) -> None:
    spec = joined_to({"kind": "parquet", "path": "labels/*.parquet"})
    path = write_day(three_days, 3, "../labels/3.parquet")
    day = (utc(2023, 2, 1), utc(2023, 2, 2))
    before = build_window_labels(spec, Places(three_days)).stamp(*day)
    assert before == build_window_labels(spec, Places(three_days)).stamp(*day)
    touch(path)
    assert before != build_window_labels(spec, Places(three_days)).stamp(*day)


def test_a_reference_without_a_period_counts_all_its_files(three_days: Path) -> None:
    spec = small_spec(reference={"source": {"kind": "parquet", "path": "small/*.parquet"}})
    before = build_reference_source(spec, Places(three_days)).stamp()
    write_day(three_days, 20)
    assert before != build_reference_source(spec, Places(three_days)).stamp()


def test_published_trips_are_not_fetched_for_a_stamp(tmp_path: Path) -> None:
    keep(tmp_path, "2023-01", "2023-02")
    source = trips_source(tmp_path, "http://127.0.0.1:1/trip-data")
    months = [utc(2023, month, 1) for month in (1, 2, 3)]
    before, other = source.stamp(*months[:2]), source.stamp(*months[1:])
    assert before == trips_source(tmp_path, "http://127.0.0.1:1/x").stamp(*months[:2]) != other


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalS3]:
    give_keys(monkeypatch)
    with serving() as running:
        running.control("reset-auth", b"1000000")
        running.control("reset")
        running.files.create_dir("bucket")
        yield running


def test_an_object_store_is_asked_once_for_the_stamps_of_a_month(
    s3: LocalS3, three_days: Path
) -> None:
    s3.upload(three_days)
    source = stored(s3, small_spec(), "bucket/small/*.parquet")
    s3.forget()
    starts = [utc(2023, 2, 1) + timedelta(hours=number) for number in range(28 * 24)]
    found = {source.stamp(start, start + timedelta(hours=1)) for start in starts}
    assert len(found) == 4  # hours of the first three days, and all others
    assert len(s3.requests) <= 8


def joined_to(labels: dict[str, Any], **more: Any) -> ModelSpec:
    """Return the small model with joined labels of this source."""
    joined = {"name": "labels", "source": labels, "columns": ["minutes", "known"], **more}
    return small_spec(**WATCHED, columns=COLUMNS, joined=[joined])
