"""Files read whole: without bounds, or without any event time."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from monitoring_assets.errors import SourceSchemaError
from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_reference_source, build_source
from monitoring_assets_tests.sources.small_files import at, three_rows, utc, write
from monitoring_assets_tests.specs import small_columns, small_spec

KINDS = pytest.mark.parametrize("kind", ["parquet", "csv"])


def write_both(folder: Path, **columns: object) -> None:
    """Write `three_rows` with these columns instead, once as Parquet and once as CSV."""
    path = write(folder, three_rows(**columns), row_group_size=2)
    pacsv.write_csv(pa.table(three_rows(**columns)), path.with_suffix(".csv"))


def source_of(folder: Path, kind: str, **columns: object) -> Source:
    section = {"kind": kind, "path": f"small/*.{kind}"}
    spec = small_spec(source=section, columns=small_columns(**columns))
    return build_source(spec, Places(folder))


def reference_of(folder: Path, kind: str) -> Source:
    """Return a reference of its own, all of it: none of its rows needs a time."""
    own = {"source": {"kind": kind, "path": f"small/*.{kind}"}}
    return build_reference_source(small_spec(model=None, reference=own), Places(folder))


@KINDS
def test_without_bounds_all_rows_are_read_those_without_an_event_time_too(
    tmp_path: Path, kind: str
) -> None:
    write_both(tmp_path, time=pa.array([at(1), None, at(3)], pa.timestamp("us")))
    table = source_of(tmp_path, kind).read().table
    assert table["row_id"].to_pylist() == ["a", "c", "b"]
    assert table["event_time"].to_pylist() == [utc(2023, 2, 1, 1), utc(2023, 2, 1, 3), None]


@KINDS
def test_the_same_row_has_the_same_id_with_and_without_bounds(tmp_path: Path, kind: str) -> None:
    write_both(tmp_path, id=None)
    source = source_of(tmp_path, kind, id=None)
    whole = source.read().table["row_id"].to_pylist()
    assert whole == [f"a.{kind}#{number}" for number in range(3)]
    assert source.read(utc(2023, 2, 1, 2), utc(2023, 2, 2)).table["row_id"].to_pylist() == whole[1:]


@KINDS
def test_rows_that_need_no_event_time_need_no_such_column(tmp_path: Path, kind: str) -> None:
    write_both(tmp_path, time=None, prediction=[9.0, 8.0, 7.0])
    source = reference_of(tmp_path, kind)
    for span in ((None, None), (utc(2023, 2, 1), utc(2023, 2, 2))):
        table = source.read(*span).table
        assert table["prediction"].to_pylist() == [9.0, 8.0, 7.0]
        assert table["event_time"].null_count == 3


@KINDS
def test_rows_without_event_times_have_no_newest_and_lie_outside_nothing(
    tmp_path: Path, kind: str
) -> None:
    write_both(tmp_path, time=None, prediction=[9.0, 8.0, 7.0])
    source = reference_of(tmp_path, kind)
    assert source.newest_event_time() is None
    assert set(source.rows_outside([(utc(2023, 2, 1), None)]).values()) == {0}


def test_a_column_that_occurs_twice_is_an_error_in_parquet_too(tmp_path: Path) -> None:
    path = write(tmp_path, three_rows())
    columns = three_rows()
    twice = pa.Table.from_arrays(
        [pa.array(values) for values in (*columns.values(), columns["zone"])],
        names=[*columns, "zone"],
    )
    pq.write_table(twice, path)
    with pytest.raises(SourceSchemaError, match=r"a\.parquet has more than one column 'zone'"):
        source_of(tmp_path, "parquet").read(utc(2023, 2, 1), utc(2023, 2, 2))
