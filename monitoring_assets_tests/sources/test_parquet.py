import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.sources.small_files import at, read_day, three_rows, utc, write
from monitoring_assets_tests.specs import small_columns, small_source, small_spec

NO_ID = small_spec(columns=small_columns(id=None))
FEBRUARY = (utc(2023, 2, 1), utc(2023, 3, 1))


def two_days(**columns: object) -> dict[str, object]:
    """Two rows of 1 February and then one of 2 February."""
    times = pa.array([at(1), at(2), at(3, day=2)], pa.timestamp("us"))
    return three_rows(time=times, **columns)


def spoil(path: Path, row_group: int) -> None:
    """Overwrite the pages of a row group, so that reading any of it fails."""
    group = pq.read_metadata(path).row_group(row_group)
    content = bytearray(path.read_bytes())
    for place in range(group.num_columns):
        column = group.column(place)
        begin = column.dictionary_page_offset or column.data_page_offset
        content[begin : begin + column.total_compressed_size] = b"?" * column.total_compressed_size
    path.write_bytes(content)


def test_a_row_belongs_to_its_day_whichever_file_it_lies_in(tmp_path: Path) -> None:
    write(tmp_path, three_rows(), "january.parquet")
    write(tmp_path, two_days(id=["d", "e", "f"]), "february.parquet")
    assert read_day(tmp_path).table["row_id"].to_pylist() == ["a", "d", "b", "e", "c"]
    assert read_day(tmp_path, day=date(2023, 2, 2)).table["row_id"].to_pylist() == ["f"]


def test_rows_come_by_event_time_and_then_by_id(tmp_path: Path) -> None:
    times = pa.array([at(2), at(1), at(1)], pa.timestamp("us"))
    write(tmp_path, three_rows(time=times, id=["a", "c", "b"]))
    assert read_day(tmp_path).table["row_id"].to_pylist() == ["b", "c", "a"]


def test_without_an_id_column_file_and_row_number_are_the_id_in_every_window(
    tmp_path: Path,
) -> None:
    write(tmp_path, two_days(id=None))
    write(tmp_path, two_days(id=None), "more/b.parquet", row_group_size=1)
    spec = small_spec(
        columns=small_columns(id=None), source=small_source(path="small/**/*.parquet")
    )
    second = read_day(tmp_path, spec, date(2023, 2, 2)).table["row_id"].to_pylist()
    whole = build_source(spec, Places(tmp_path)).read(*FEBRUARY).table["row_id"].to_pylist()
    assert second == ["a.parquet#2", "more/b.parquet#2"]
    assert set(whole) == {
        f"{name}#{n}" for name in ("a.parquet", "more/b.parquet") for n in range(3)
    }


@pytest.mark.parametrize("pattern", ["small/a.parquet", "**/a.parquet", "small/[ab].par*"])
def test_a_pattern_starts_at_the_data_folder(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, three_rows())
    spec = small_spec(source=small_source(path=pattern))
    assert len(read_day(tmp_path, spec).table) == 3


def test_an_absolute_pattern_needs_no_data_folder(tmp_path: Path) -> None:
    path = write(tmp_path, three_rows())
    spec = small_spec(source=small_source(path=str(path.with_name("*.parquet"))))
    assert len(read_day(tmp_path / "elsewhere", spec).table) == 3


def test_hidden_files_are_not_there_yet(tmp_path: Path) -> None:
    write(tmp_path, three_rows(), ".being_written.parquet")
    with pytest.raises(SourceUnavailableError):
        read_day(tmp_path)


def test_columns_are_found_under_their_name_in_the_files(tmp_path: Path) -> None:
    columns = three_rows()
    columns["Dist"], columns["When"] = columns.pop("distance"), columns.pop("time")
    write(tmp_path, columns)
    spec = small_spec(source=small_source(rename={"distance": "Dist", "time": "When"}))
    assert read_day(tmp_path, spec).table["distance"].to_pylist() == [1.0, 2.0, 3.0]


def test_files_may_store_a_column_in_different_types(tmp_path: Path) -> None:
    write(tmp_path, three_rows(distance=[1, 2, None], zone=[7, 8, None]), "a.parquet")
    columns = three_rows(id=["d", "e", "f"], distance=[1.5, None, 3.0], zone=[7.0, None, 9.0])
    write(tmp_path, columns, "b.parquet")
    table = read_day(tmp_path).table
    assert table["distance"].to_pylist() == [1.0, 1.5, 2.0, None, None, 3.0]
    assert table["zone"].to_pylist() == ["7", "7", "8", None, None, "9"]


def test_row_groups_whose_statistics_lie_outside_are_not_read(tmp_path: Path) -> None:
    path = write(tmp_path, two_days(id=None), row_group_size=2)
    spoil(path, 1)
    assert len(read_day(tmp_path, NO_ID).table) == 2


def test_columns_nobody_asked_for_are_not_read(tmp_path: Path) -> None:
    path = write(tmp_path, {"photo": [b"x", b"y", b"z"]} | three_rows())
    photo = pq.read_metadata(path).row_group(0).column(0)
    content = bytearray(path.read_bytes())
    content[4 : 4 + photo.total_compressed_size] = b"?" * photo.total_compressed_size
    path.write_bytes(content)
    assert len(read_day(tmp_path).table) == 3


@pytest.mark.parametrize("statistics", [True, False])
def test_a_file_that_changes_is_read_anew(tmp_path: Path, statistics: bool) -> None:
    path = write(tmp_path, three_rows(), write_statistics=statistics)
    source = build_source(small_spec(), Places(tmp_path))
    assert len(source.read(*FEBRUARY).table) == 3
    changed = {name: values[1:] for name, values in three_rows().items()}
    write(tmp_path, changed, write_statistics=statistics)
    os.utime(path, (0, 0))
    assert len(source.read(*FEBRUARY).table) == 2


def test_what_is_remembered_of_event_times_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.files.event_times._REMEMBERED", 4)
    for name in ("a.parquet", "b.parquet"):
        write(tmp_path, three_rows(id=None), name, write_statistics=False)
    source = build_source(NO_ID, Places(tmp_path))
    assert [len(source.read(*FEBRUARY).table) for _ in range(2)] == [6, 6]


@pytest.mark.parametrize("rows_at_once", [1, 2, 100])
def test_row_groups_are_decoded_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(
        "monitoring_assets.sources.files.parquet_reader._ROWS_AT_ONCE", rows_at_once
    )
    write(tmp_path, two_days(id=None), row_group_size=3)
    table = build_source(NO_ID, Places(tmp_path)).read(utc(2023, 2, 1, 2), utc(2023, 3, 1)).table
    assert table["row_id"].to_pylist() == ["a.parquet#1", "a.parquet#2"]


def test_knowledge_time_and_model_version_are_delivered_if_named(tmp_path: Path) -> None:
    known = pa.array([at(5), None, at(6)], pa.timestamp("us"))
    write(tmp_path, three_rows(known=known, version=[1, 1, 2], prediction=[9.0, 9.0, 9.0]))
    columns = small_columns(knowledge_time="known", model_version="version")
    period = {"period": {"start": "2023-01-01", "end": "2023-02-01"}}
    table = read_day(tmp_path, small_spec(columns=columns, model=None, reference=period)).table
    assert table["knowledge_time"].to_pylist() == [utc(2023, 2, 1, 5), None, utc(2023, 2, 1, 6)]
    assert table["model_version"].to_pylist() == ["1", "1", "2"]
    assert table["prediction"].to_pylist() == [9.0] * 3


def test_a_model_trained_here_gets_no_prediction_from_the_source(tmp_path: Path) -> None:
    write(tmp_path, three_rows(prediction=[9.0, 9.0, 9.0]))
    table = read_day(tmp_path).table
    first = ["row_id", "event_time", "knowledge_time", "rejected_by"]
    assert table.column_names == [*first, "distance", "zone", "minutes"]
    assert table["knowledge_time"].null_count == 3


def test_a_description_shows_the_pattern(tmp_path: Path) -> None:
    described = build_source(small_spec(), Places(tmp_path)).describe()
    assert described == {"kind": "parquet", "path": str(tmp_path / "small" / "*.parquet")}


def test_nobody_knows_the_truth_about_real_rows(tmp_path: Path) -> None:
    assert build_source(small_spec(), Places(tmp_path)).planted_changes() == ()
