"""CSV files: the same rows as from Parquet, however they are written."""

import csv
import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.errors import SourceFileError
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.sources.small_csv import (
    NAMES,
    NO_ID,
    PACKED,
    ROWS,
    csv_spec,
    put,
    read,
    source_of,
)
from monitoring_assets_tests.sources.small_files import at, read_day, three_rows, utc, write
from monitoring_assets_tests.specs import small_columns, small_source, small_spec

FEBRUARY = (utc(2023, 2, 1), utc(2023, 3, 1))


def test_a_csv_gives_the_rows_that_parquet_gives(tmp_path: Path) -> None:
    columns = three_rows(distance=[1.5, None, 3.25], zone=["007", None, "x"])
    write(tmp_path, columns)
    pacsv.write_csv(pa.table(columns), tmp_path / "small" / "a.csv")
    for no_id in (False, True):
        shown = small_columns(id=None) if no_id else small_columns()
        expected = read_day(tmp_path, small_spec(columns=shown))
        found = read_day(tmp_path, csv_spec(shown))
        renamed = [text.replace(".csv", ".parquet") for text in found.table["row_id"].to_pylist()]
        assert found.table.drop_columns("row_id") == expected.table.drop_columns("row_id")
        assert (renamed, found.adjusted) == (expected.table["row_id"].to_pylist(), {})


def test_texts_stay_as_they_are_written(tmp_path: Path) -> None:
    rows = read(tmp_path, NAMES, "1,2023-02-01,1,007,1", "2,2023-02-01,1,1.0,1")
    assert rows["zone"] == ["007", "1.0"]
    assert rows["row_id"] == ["1", "2"]


def test_nothing_and_the_texts_named_as_missing_are_missing(tmp_path: Path) -> None:
    lines = ['a,2023-02-01,NA,"",-', 'b,2023-02-01,"NA",NA,1', "c,2023-02-01,1,,2"]
    rows = read(tmp_path, NAMES, *lines, missing=["NA", "-"])
    assert rows["distance"] == [None, None, 1.0]
    assert rows["zone"] == [None, None, None]
    assert rows["minutes"] == [None, 1.0, 2.0]


def test_delimiter_quote_and_decimal_point_are_the_yamls(tmp_path: Path) -> None:
    lines = [NAMES.replace(",", ";"), "a;2023-02-01;1,5;'x;1,5';-2,25e1"]
    rows = read(tmp_path, *lines, delimiter=";", quote="'", decimal_point=",")
    assert (rows["distance"], rows["zone"], rows["minutes"]) == ([1.5], ["x;1,5"], [-22.5])


def test_quoted_values_may_hold_line_ends_delimiters_and_quotes(tmp_path: Path) -> None:
    rows = read(tmp_path, NAMES, 'a,2023-02-01,1,"x,\n""y""",1', 'b,2023-02-01,2,5" pipe,2')
    assert rows["zone"] == ['x,\n"y"', '5" pipe']


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_encodings_are_those_python_names(tmp_path: Path, encoding: str) -> None:
    put(tmp_path, NAMES.replace("zone", "Zoné"), "a,2023-02-01,1,Ørsted,1", encoding=encoding)
    spec = csv_spec(encoding=encoding, rename={"zone": "Zoné"})
    assert read_day(tmp_path, spec).table["zone"].to_pylist() == ["Ørsted"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    put(tmp_path, NAMES, *ROWS, encoding="utf-8-sig")
    assert read_day(tmp_path, csv_spec()).table["row_id"].to_pylist() == ["a", "b", "c"]


@pytest.mark.parametrize("name", PACKED)
def test_packed_files_are_read_by_their_ending(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, NAMES, *ROWS, name=name)
    path.write_bytes(PACKED[name](path.read_bytes()))
    assert read_day(tmp_path, NO_ID).table["row_id"].to_pylist() == [
        f"{name}#{n}" for n in range(3)
    ]


@pytest.mark.parametrize(
    ("odd", "values"), [("d,2023-02-01", 2), ("d,2023-02-01,1,x,10,7", 6), ('"d"', 1)]
)
def test_a_row_of_too_many_or_too_few_values_is_named_by_its_line(
    tmp_path: Path, odd: str, values: int
) -> None:
    path = put(tmp_path, NAMES, 'z,2023-02-01,1,"two\nlines",1', "", *ROWS, odd)
    message = f"line 8 has {values} values, the line of names 5"
    with pytest.raises(SourceFileError, match=message) as error:
        read_day(tmp_path, csv_spec())
    assert f"model 'small': {path} is cut short or no CSV file" in str(error.value)


def test_blank_lines_at_the_beginning_are_no_names(tmp_path: Path) -> None:
    assert read(tmp_path, "", NAMES, *ROWS)["row_id"] == ["a", "b", "c"]


def test_columns_nobody_asked_for_are_not_converted(tmp_path: Path) -> None:
    # The first bytes are looked at as text to find the names; the odd one lies further on.
    path = put(tmp_path, f"{NAMES},note", *(f"{row},x" for row in ROWS * 300))
    path.write_bytes(path.read_bytes() + b"d,2023-02-01,1,x,1,\xe9\n")
    assert len(read_day(tmp_path, NO_ID).table) == 901


@pytest.mark.parametrize("longest_row", [100, 300, 2 << 20])
def test_rows_keep_their_number_however_files_are_cut_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest_row: int
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.files.csv_reader._LONGEST_ROW", longest_row)
    days = [f",2023-02-0{1 + number % 3},{number},x,1" for number in range(30)]
    put(tmp_path, NAMES, *days)
    spec = csv_spec(small_columns(id=None))
    table = read_day(tmp_path, spec, date(2023, 2, 2)).table
    expected = {f"a.csv#{number}": float(number) for number in range(1, 30, 3)}
    found = zip(table["row_id"].to_pylist(), table["distance"].to_pylist(), strict=True)
    assert dict(found) == expected


def test_a_file_outside_the_window_is_not_cut_apart_again(tmp_path: Path) -> None:
    put(tmp_path, NAMES, *ROWS)
    other = put(tmp_path, NAMES, "d,2023-03-01,1,x,1", name="b.csv")
    source = source_of(tmp_path)
    assert source.newest_event_time() == utc(2023, 3, 1)
    state = other.stat()
    other.write_bytes(other.read_bytes().replace(b",1\n", b"11\n"))
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert len(source.read(*FEBRUARY).table) == 3
    with pytest.raises(SourceFileError, match=r"b\.csv.*line 2 has 4 values"):
        source.read(utc(2023, 3, 1), utc(2023, 4, 1))


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    put(tmp_path, NAMES, *ROWS)
    source = source_of(tmp_path)
    assert len(source.read(*FEBRUARY).table) == 3
    put(tmp_path, NAMES, *ROWS[1:])
    assert len(source.read(*FEBRUARY).table) == 2


@pytest.mark.parametrize("remembered", [0, 2, 3, 100])
def test_what_is_remembered_of_event_times_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.files.event_times._REMEMBERED", remembered)
    put(tmp_path, NAMES, *ROWS)
    put(tmp_path, NAMES, *ROWS, name="b.csv")
    source = build_source(NO_ID, Places(tmp_path))
    hour = utc(2023, 2, 1, 2), utc(2023, 2, 1, 3)
    assert [len(source.read(*FEBRUARY).table) for _ in range(2)] == [6, 6]
    assert source.read(*hour).table["row_id"].to_pylist() == ["a.csv#1", "b.csv#1"]
    assert source.rows_outside([hour])["after_every_period"] == 2


def test_newest_event_time_and_rows_outside_are_counted_over_all_files(tmp_path: Path) -> None:
    put(tmp_path, NAMES, *ROWS, "d,,1,x,1", "e,soon,1,x,1")
    put(tmp_path, NAMES, "f,2024-01-01T00:00Z,1,x,1", name="b.csv")
    assert source_of(tmp_path).newest_event_time() == utc(2024, 1, 1)
    assert source_of(tmp_path).rows_outside([(utc(2023, 2, 1, 2), utc(2023, 3, 1))]) == {
        "before_every_period": 1,
        "between_periods": 0,
        "after_every_period": 1,
        "event_time_missing": 2,
    }


def test_a_description_shows_the_pattern(tmp_path: Path) -> None:
    shown = source_of(tmp_path).describe()
    assert shown == {"kind": "csv", "path": str(tmp_path / "small" / "*.csv*")}


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@settings(deadline=None, max_examples=60)
@given(values=st.lists(VALUES, min_size=1, max_size=6))
def test_what_pythons_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("written")
    path = put(folder)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES.split(","))
        writer.writerows([[n, "2023-02-01", n, value, 1] for n, value in enumerate(values)])
    table = read_day(folder, NO_ID).table
    assert table["zone"].to_pylist() == [value or None for value in values]


def test_a_mixed_folder_is_told_apart_by_the_pattern(tmp_path: Path) -> None:
    put(tmp_path, NAMES, *ROWS)
    pq.write_table(pa.table(three_rows(id=["d", "e", "f"])), tmp_path / "small" / "b.parquet")
    assert read_day(tmp_path, csv_spec()).table["row_id"].to_pylist() == ["a", "b", "c"]
    spec = small_spec(source=small_source(path="small/*.parquet"))
    assert read_day(tmp_path, spec).table["event_time"].to_pylist()[0] == at(1).replace(
        tzinfo=utc(2023, 2, 1).tzinfo
    )
