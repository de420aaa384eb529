"""What becomes of each kind of bad row or file: a defined answer, never a silent one."""

from datetime import date
from math import inf, nan
from pathlib import Path

import pyarrow as pa
import pytest

from monitoring_assets.errors import (
    DuplicateIdError,
    SourceFileError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.sources.small_files import (
    read_day,
    read_rows,
    three_rows,
    utc,
    write,
)
from monitoring_assets_tests.sources.test_parquet import spoil
from monitoring_assets_tests.specs import small_columns, small_source, small_spec


def test_text_in_a_number_becomes_missing_and_is_counted(tmp_path: Path) -> None:
    rows = read_rows(tmp_path, distance=["1.5", "two", ""], minutes=["?", "?", "3"])
    assert rows.table["distance"].to_pylist() == [1.5, None, None]
    assert rows.adjusted == {"invalid:distance": 1, "invalid:minutes": 2}


def test_what_was_mended_is_counted_over_all_files(tmp_path: Path) -> None:
    write(tmp_path, three_rows())
    write(tmp_path, three_rows(id=["d", "e", "f"], distance=["1", "?", "3"]), "b.parquet")
    write(tmp_path, three_rows(id=["g", "h", "i"], distance=["?", "?", "3"]), "c.parquet")
    assert read_day(tmp_path).adjusted == {"invalid:distance": 3}


@pytest.mark.parametrize("empty", [pa.nulls(3), pa.array([None] * 3, pa.float64()), [nan] * 3])
def test_a_column_without_any_value_is_missing_in_every_row(tmp_path: Path, empty: object) -> None:
    rows = read_rows(tmp_path, distance=empty, zone=empty)
    assert rows.table["distance"].to_pylist() == [None] * 3
    assert rows.table["zone"].to_pylist() == [None] * 3
    assert rows.adjusted == {}


def test_infinities_stay_for_the_profiles_to_count(tmp_path: Path) -> None:
    assert read_rows(tmp_path, distance=[inf, -inf, 1.0]).table["distance"].to_pylist() == [
        inf,
        -inf,
        1.0,
    ]


def test_a_category_nobody_has_seen_is_a_category(tmp_path: Path) -> None:
    assert read_rows(tmp_path, zone=["x", "", "mars"]).table["zone"].to_pylist() == [
        "x",
        "",
        "mars",
    ]


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, three_rows())
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SourceFileError, match=r"model 'small': .*a\.parquet is cut short"):
        read_day(tmp_path)


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    write(tmp_path, three_rows()).with_name("b.parquet").write_bytes(b"id,time\na,2023-02-01\n")
    with pytest.raises(SourceFileError, match=r"b\.parquet is cut short or no Parquet file"):
        read_day(tmp_path)


def test_a_file_whose_pages_are_damaged_is_named(tmp_path: Path) -> None:
    spoil(write(tmp_path, three_rows()), 0)
    with pytest.raises(SourceFileError, match=r"a\.parquet"):
        read_day(tmp_path)


def test_no_file_may_be_there_yet(tmp_path: Path) -> None:
    with pytest.raises(
        SourceUnavailableError, match=r"no file matches .*Check `source\.path`"
    ) as e:
        read_day(tmp_path)
    assert e.value.retryable


def test_a_missing_column_is_named_with_what_there_is(tmp_path: Path) -> None:
    columns = three_rows(distance=None, zone=None) | {"Distance_": [1, 2, 3]}
    path = write(tmp_path, columns)
    with pytest.raises(SourceSchemaError) as error:
        read_day(tmp_path)
    for part in ("model 'small'", str(path), "'distance' (did you mean 'Distance_'?)", "'zone'"):
        assert part in str(error.value)
    assert "Found: id, time, minutes, Distance_" in str(error.value)


def test_a_missing_event_time_is_a_missing_column(tmp_path: Path) -> None:
    write(tmp_path, three_rows(time=None))
    source = build_source(small_spec(), Places(tmp_path))
    for question in (
        source.newest_event_time,
        lambda: source.rows_outside([(utc(2023, 1, 1), None)]),
    ):
        with pytest.raises(SourceSchemaError, match="lacks column 'time'"):
            question()


def test_a_file_of_another_month_is_not_asked_for_its_columns(tmp_path: Path) -> None:
    write(tmp_path, three_rows(distance=None))
    assert len(read_day(tmp_path, day=date(2023, 3, 1)).table) == 0


@pytest.mark.parametrize(
    ("column", "values", "found", "wanted"),
    [
        ("distance", [[1.0]] * 3, "list<", "a number"),
        ("zone", [b"x"] * 3, "binary", "a category"),
        ("minutes", [date(2023, 2, 1)] * 3, "date32", "a number"),
        ("time", [1, 2, 3], "int64", "a time, a date or an ISO 8601 text"),
    ],
)
def test_a_column_of_the_wrong_type_is_named(
    tmp_path: Path, column: str, values: list[object], found: str, wanted: str
) -> None:
    with pytest.raises(SourceSchemaError) as error:
        read_rows(tmp_path, **{column: values})
    for part in ("model 'small'", f"'{column}'", "a.parquet", f"of type {found}", wanted):
        assert part in str(error.value)


def test_of_rows_with_the_same_id_the_last_in_the_files_is_kept(tmp_path: Path) -> None:
    write(tmp_path, three_rows(id=["a", "b", "a"]))
    write(tmp_path, three_rows(id=["b", "d", "e"], distance=[7.0, 8.0, 9.0]), "b.parquet")
    rows = read_day(tmp_path)
    kept = dict(
        zip(*(rows.table[name].to_pylist() for name in ("row_id", "distance")), strict=True)
    )
    assert kept == {"a": 3.0, "b": 7.0, "d": 8.0, "e": 9.0}
    assert rows.adjusted == {"duplicate_id": 2}


def test_what_was_mended_in_a_dropped_row_is_not_counted(tmp_path: Path) -> None:
    rows = read_rows(tmp_path, id=["a", "b", "a"], distance=["?", "2", "3"])
    assert rows.adjusted == {"duplicate_id": 1}


def test_the_same_id_twice_can_be_made_an_error(tmp_path: Path) -> None:
    write(tmp_path, three_rows(id=["a", "b", "a"]))
    with pytest.raises(DuplicateIdError) as error:
        read_day(tmp_path, small_spec(source=small_source(on_duplicate="fail")))
    for part in ("model 'small'", "2023-02-01T00:00:00+00:00", "1 rows repeat", "'a'", "keep_last"):
        assert part in str(error.value)


def test_a_row_without_an_id_is_an_error(tmp_path: Path) -> None:
    problem = r"a\.parquet has 1 rows without a value in 'id', which .* column in `columns\.id`"
    with pytest.raises(SourceSchemaError, match=problem):
        read_rows(tmp_path, id=["a", None, "c"])


def test_a_joined_row_without_an_id_is_an_error_that_names_its_own_setting(tmp_path: Path) -> None:
    write(tmp_path, three_rows(minutes=None))
    (tmp_path / "labels.csv").write_text("id,minutes\na,1\n,2\n")
    source = {"kind": "csv", "path": "labels.csv"}
    joined = {"name": "labels", "source": source, "columns": ["minutes"]}
    with pytest.raises(SourceSchemaError, match=r"labels\.csv .* in `joined\.labels\.id`") as error:
        read_day(tmp_path, small_spec(joined=[joined]))
    assert "leave" not in str(error.value)


def test_an_empty_window_has_every_column_and_no_row(tmp_path: Path) -> None:
    full = read_rows(tmp_path)
    empty = read_day(tmp_path, day=date(2023, 3, 1))
    assert empty.table.schema == full.table.schema
    assert (len(empty.table), empty.adjusted, empty.rejected) == (0, {}, {})


def test_a_window_may_hold_a_single_row(tmp_path: Path) -> None:
    write(tmp_path, {name: values[:1] for name, values in three_rows().items()})
    assert read_day(tmp_path).table["row_id"].to_pylist() == ["a"]


def test_rows_on_clock_changes_are_counted_once_however_many_times_they_have(
    tmp_path: Path,
) -> None:
    texts = ["2023-03-12T02:30", "2023-03-12T01:30", "2023-03-12T12:00"]
    write(tmp_path, three_rows(time=texts, known=["2023-03-12T02:45", "2023-03-12T02:00", "?"]))
    windows = {"granularity": "day", "start": "2023-02-01", "time_zone": "America/New_York"}
    spec = small_spec(windows=windows, columns=small_columns(knowledge_time="known"))
    rows = read_day(tmp_path, spec, date(2023, 3, 12))
    assert rows.adjusted == {"missing_hour": 2, "invalid:known": 1}


def test_rejected_rows_are_counted_by_the_first_filter_they_break(tmp_path: Path) -> None:
    write(tmp_path, three_rows(distance=[1.0, None, 9.0], minutes=[1.0, 99.0, 99.0]))
    near = {"name": "near", "column": "distance", "maximum": 5}
    quick = {"name": "quick", "column": "minutes", "maximum": 60}
    rows = read_day(tmp_path, small_spec(filters=[quick, near]))
    assert rows.table["rejected_by"].to_pylist() == [None, "quick", "quick"]
    assert rows.rejected == {"quick": 2}
