"""What becomes of CSV files that are not what they should be."""

import csv
from pathlib import Path

import pytest

from monitoring_assets.errors import SourceFileError, SourceSchemaError, SourceUnavailableError
from monitoring_assets_tests.sources.small_csv import NAMES, PACKED, ROWS, csv_spec, put, source_of
from monitoring_assets_tests.sources.small_files import read_day


def test_a_text_that_is_no_number_is_counted(tmp_path: Path) -> None:
    put(tmp_path, NAMES, "a,2023-02-01,two,x,10", "b,2023-02-01,3,y,?", "c,2023-02-01,,y,?")
    rows = read_day(tmp_path, csv_spec())
    assert rows.table["distance"].to_pylist() == [None, 3.0, None]
    assert rows.adjusted == {"invalid:distance": 1, "invalid:minutes": 2}


def test_with_a_decimal_comma_a_point_makes_no_number(tmp_path: Path) -> None:
    put(tmp_path, NAMES.replace(",", ";"), "a;2023-02-01;1.500;1.5;1.500,5")
    rows = read_day(tmp_path, csv_spec(delimiter=";", decimal_point=","))
    assert rows.table["zone"].to_pylist() == ["1.5"]
    assert rows.adjusted == {"invalid:distance": 1, "invalid:minutes": 1}


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_cut_short_is_named(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, NAMES, *ROWS, name=name)
    path.write_bytes(PACKED[name](path.read_bytes())[:-12])
    with pytest.raises(SourceFileError, match=f"{name} is cut short or no CSV file"):
        read_day(tmp_path, csv_spec())


def test_an_odd_row_that_python_cannot_read_is_named_in_arrows_words(tmp_path: Path) -> None:
    put(tmp_path, NAMES, "x" * (csv.field_size_limit() + 1))
    with pytest.raises(SourceFileError, match=r"a\.csv .*Row #2: Expected 5 columns, got 1"):
        read_day(tmp_path, csv_spec())


def test_a_quotation_mark_that_is_never_closed_is_an_error_in_a_large_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.files.csv_reader._LONGEST_ROW", 1000)
    put(tmp_path, NAMES, 'a,2023-02-01,1,"x,1', *(ROWS * 100))
    with pytest.raises(SourceFileError, match="a quotation mark that is never closed"):
        read_day(tmp_path, csv_spec())


@pytest.mark.parametrize("line", [NAMES.replace("zone", "Zoné"), ROWS[0].replace("x", "é")])
def test_a_file_in_another_encoding_is_named_with_a_hint(tmp_path: Path, line: str) -> None:
    put(tmp_path, NAMES, *ROWS, line, encoding="latin-1")
    with pytest.raises(SourceFileError, match=r"a\.csv.*is `encoding` right\?"):
        read_day(tmp_path, csv_spec())


def test_an_encoding_that_the_file_is_not_in_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, NAMES, *ROWS * 1000, "d,2023-02-01,1,é,1")
    with pytest.raises(SourceFileError, match=r"'ascii' codec .*is `encoding` right\?"):
        read_day(tmp_path, csv_spec(encoding="ascii"))


def test_a_file_of_blank_lines_is_broken(tmp_path: Path) -> None:
    put(tmp_path).write_bytes(b"\n\n")
    with pytest.raises(SourceFileError, match=r"a\.csv.*it has no line of column names"):
        read_day(tmp_path, csv_spec())


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\r\n"])
def test_a_line_of_names_alone_is_a_file_without_rows(tmp_path: Path, end: str) -> None:
    put(tmp_path).write_bytes((NAMES + end).encode())
    assert len(read_day(tmp_path, csv_spec()).table) == 0
    assert source_of(tmp_path).newest_event_time() is None


def test_without_a_line_of_names_the_needed_columns_are_missing(tmp_path: Path) -> None:
    put(tmp_path, *ROWS)
    with pytest.raises(SourceSchemaError, match=r"lacks column 'time'.*Found: a, 2023"):
        read_day(tmp_path, csv_spec())


def test_a_name_that_occurs_twice_is_an_error_if_the_column_is_needed(tmp_path: Path) -> None:
    put(tmp_path, f"{NAMES},zone,note,note", *(f"{row},z,1,2" for row in ROWS))
    with pytest.raises(SourceSchemaError, match=r"a\.csv has more than one column 'zone'"):
        read_day(tmp_path, csv_spec())
    put(tmp_path, f"{NAMES},note,note", *(f"{row},1,2" for row in ROWS))
    assert len(read_day(tmp_path, csv_spec()).table) == 3


def test_no_file_may_be_there_yet(tmp_path: Path) -> None:
    assert source_of(tmp_path).newest_event_time() is None
    with pytest.raises(SourceUnavailableError, match=r"no file matches .*Check `source\.path`"):
        read_day(tmp_path, csv_spec())
