"""One bad file beside good ones: windows fail by its name, questions are answered by the others."""

import logging
from pathlib import Path

import pytest

from monitoring_assets.errors import (
    MonitoringError,
    SourceFileError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets.sources.files.csv_reader import CsvReader
from monitoring_assets_tests.sources.small_csv import NAMES, ROWS, csv_spec, put, source_of
from monitoring_assets_tests.sources.small_files import at, three_rows, utc, write
from monitoring_assets_tests.specs import small_source, small_spec

FIRST_DAY = (utc(2023, 2, 1), utc(2023, 2, 2))
LATER = "d,2023-03-01,1,x,1"
KINDS = pytest.mark.parametrize("kind", ["csv", "parquet"])


def good_and(folder: Path, kind: str, content: bytes) -> tuple[Path, Source]:
    """Return a file with this content beside a good one of 1 February, and the rows of both."""
    good = put(folder, NAMES, *ROWS) if kind == "csv" else write(folder, three_rows())
    bad = good.with_name(f"b.{kind}")
    bad.write_bytes(content)
    spec = csv_spec() if kind == "csv" else small_spec()
    return bad, build_source(spec, Places(folder))


@KINDS
@pytest.mark.parametrize("content", [b"PAR1\n1,2\n", f"{NAMES}\n{LATER}\ne,2023-03-01".encode()])
def test_a_bad_file_stops_reading_by_its_name_and_no_question(
    tmp_path: Path, kind: str, content: bytes
) -> None:
    _, source = good_and(tmp_path, kind, content)
    assert source.newest_event_time() == utc(2023, 2, 1, 3)
    assert source.rows_outside([(utc(2023, 2, 1, 2), None)])["before_every_period"] == 1
    with pytest.raises((SourceFileError, SourceSchemaError), match=f"b.{kind} "):
        source.read(*FIRST_DAY)


@KINDS
def test_if_every_file_is_bad_questions_raise(tmp_path: Path, kind: str) -> None:
    bad, source = good_and(tmp_path, kind, b"PAR1\n1,2\n")
    bad.with_name(f"a.{kind}").write_bytes(b"PAR1\n1,2\n")
    with pytest.raises(MonitoringError, match=f"a.{kind} "):
        source.newest_event_time()
    with pytest.raises(MonitoringError, match=f"a.{kind} "):
        source.rows_outside([FIRST_DAY])


def test_a_bad_file_is_warned_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _, source = good_and(tmp_path, "csv", f"{NAMES}\ne,2023-03-01".encode())
    with caplog.at_level(logging.WARNING):
        for one in (source, source_of(tmp_path), source):
            one.newest_event_time()
            one.rows_outside([FIRST_DAY])
    (message,) = caplog.messages
    assert f"{tmp_path / 'small' / 'b.csv'} is cut short" in message


def test_a_bad_file_is_cut_apart_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, source = good_and(tmp_path, "csv", f"{NAMES}\ne,2023-03-01".encode())
    source.newest_event_time()
    with monkeypatch.context() as patch:
        patch.delattr(CsvReader, "batches")  # whoever reads a file now fails
        assert source.newest_event_time() == utc(2023, 2, 1, 3)
        with pytest.raises(SourceFileError, match=r"b\.csv is cut short.*line 2 has 2 values"):
            source.read(utc(2023, 4, 1), utc(2023, 4, 2))
    put(tmp_path, NAMES, LATER, name=bad.name)
    assert source.newest_event_time() == utc(2023, 3, 1)
    assert len(source.read(*FIRST_DAY).table) == 3


@KINDS
def test_a_file_of_0_bytes_is_not_there_yet(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad, source = good_and(tmp_path, kind, b"")
    assert len(source.read(*FIRST_DAY).table) == 3
    assert f"{bad} has 0 bytes" in caplog.text
    bad.with_name(f"a.{kind}").write_bytes(b"")
    assert source.newest_event_time() is None
    with pytest.raises(SourceUnavailableError, match=r"no file matches .* and holds anything"):
        source.read(*FIRST_DAY)


@KINDS
def test_a_column_renamed_later_stops_later_windows_only(tmp_path: Path, kind: str) -> None:
    put(tmp_path, NAMES, *ROWS)
    put(tmp_path, NAMES.replace("distance", "km"), LATER, name="b.csv")
    write(tmp_path, three_rows())
    times = [at(1, day=day) for day in (3, 4, 5)]
    write(tmp_path, three_rows(time=times, distance=None), "b.parquet", write_statistics=False)
    spec = csv_spec(path="small/*.csv") if kind == "csv" else small_spec()
    source = build_source(spec, Places(tmp_path))
    assert len(source.read(*FIRST_DAY).table) == 3
    with pytest.raises(SourceSchemaError, match=rf"b\.{kind} lacks column 'distance'"):
        source.read(utc(2023, 2, 2), utc(2023, 4, 1))


@pytest.mark.parametrize("lines", [("z,2023-01-01,1,x,1", *ROWS), ROWS[:1], ("cut",)])
def test_a_file_replaced_while_it_is_read_is_an_error_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...]
) -> None:
    put(tmp_path, NAMES, *ROWS)
    source = source_of(tmp_path)
    source.newest_event_time()
    read = CsvReader.batches

    def replaced_before(*args: object) -> object:
        put(tmp_path, NAMES, *lines)
        return read(*args)  # pyright: ignore[reportArgumentType] - handed on as they come

    monkeypatch.setattr(CsvReader, "batches", replaced_before)
    with pytest.raises(SourceUnavailableError, match=r"a\.csv changed while it was read"):
        source.read(*FIRST_DAY)


@KINDS
def test_a_folder_in_place_of_a_pattern_is_told(tmp_path: Path, kind: str) -> None:
    (tmp_path / "small").mkdir()
    spec = small_spec(source=small_source(kind=kind, path="small"))
    source = build_source(spec, Places(tmp_path))
    with pytest.raises(SourceUnavailableError, match=r"small is a folder: .*`folder/\*\.parquet`"):
        source.newest_event_time()


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "home", three_rows())
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    spec = small_spec(source=small_source(path="~/small/*.parquet"))
    assert len(build_source(spec, Places(tmp_path)).read(*FIRST_DAY).table) == 3
