"""Objects that are replaced while they are read, and folders of objects without a pattern."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.sources.files.csv_reader import CsvReader
from monitoring_assets_tests.sources.local_s3 import LocalS3, give_keys, serving, stored
from monitoring_assets_tests.sources.small_csv import NAMES, ROWS, csv_spec, put
from monitoring_assets_tests.sources.small_files import utc

FIRST_DAY = (utc(2023, 2, 1), utc(2023, 2, 2))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalS3]:
    give_keys(monkeypatch)
    with serving() as running:
        running.control("reset-auth", b"1000000")
        running.control("reset")
        running.files.create_dir("bucket")
        yield running


def test_an_object_replaced_while_it_is_read_is_an_error_to_try_again(
    s3: LocalS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, NAMES, *ROWS)
    s3.upload(tmp_path)
    source = stored(s3, csv_spec(), "bucket/small/*.csv")
    assert len(source.read(*FIRST_DAY).table) == 3
    read = CsvReader.batches

    def replaced_before(*args: object) -> object:
        put(tmp_path, NAMES, *ROWS[1:])
        s3.upload(tmp_path)
        return read(*args)  # pyright: ignore[reportArgumentType] - handed on as they come

    monkeypatch.setattr(CsvReader, "batches", replaced_before)
    with pytest.raises(SourceUnavailableError, match=r"a\.csv changed while it was read"):
        source.read(*FIRST_DAY)


def test_a_folder_of_objects_in_place_of_a_pattern_is_told(s3: LocalS3, tmp_path: Path) -> None:
    put(tmp_path, NAMES, *ROWS)
    s3.upload(tmp_path)
    with pytest.raises(SourceUnavailableError, match="s3://bucket/small is a folder"):
        stored(s3, csv_spec(), "bucket/small").newest_event_time()
