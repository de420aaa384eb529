"""Samples of Parquet files: row groups spread over the files, all event times, counted rows."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets.errors import ConfigurationError, SourceFileError
from monitoring_assets.onboarding import parquet_origin
from monitoring_assets.onboarding.files import evenly
from monitoring_assets_tests.onboarding.data import DAYS, ROWS, binary_rows, proposed, roles, write


def test_a_small_file_is_its_own_sample(tmp_path: Path) -> None:
    sample = proposed(write(binary_rows(), tmp_path / "a.parquet")).sample
    assert (sample.table.num_rows, sample.rows, sample.exact) == (ROWS, ROWS, True)


def test_of_a_large_file_batches_from_all_over_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_origin, "SAMPLE_ROWS", 400)
    monkeypatch.setattr(parquet_origin, "_BATCH", 25)
    monkeypatch.setattr(parquet_origin, "_GROUPS", 3)
    proposal = proposed(write(binary_rows(), tmp_path / "a.parquet", row_group_size=500))
    days = pc.unique(pc.floor_temporal(proposal.sample.table["scored_at"], unit="day"))
    assert (proposal.sample.table.num_rows, proposal.sample.rows) == (375, ROWS)
    assert len(days) == 6, "two days a row group"
    assert (proposal.cut.windows, proposal.cut.rows) == (DAYS, 250), "all event times are read"


def test_only_some_of_many_files_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_origin, "_MOST_FILES", 4)
    rows = binary_rows()
    for day in range(DAYS):
        write(rows.slice(day * 250, 250), tmp_path / "in" / f"{day:02}.parquet")
    (tmp_path / "in" / "01.parquet").write_bytes(b"never looked at")
    proposal = proposed(tmp_path / "in")
    assert (proposal.sample.rows, proposal.sample.exact) == (ROWS, False)
    assert proposal.cut.granularity == "day"


def test_files_that_disagree_about_a_type_are_read(tmp_path: Path) -> None:
    rows = binary_rows()
    texts = rows.set_column(2, "amount", rows["amount"].cast(pa.string()))
    write(rows.slice(0, 2000), tmp_path / "in" / "a.parquet")
    write(texts.slice(2000), tmp_path / "in" / "b.parquet")
    assert roles(proposed(tmp_path / "in"))["amount"] == "numerical"


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not quite")
    with pytest.raises(SourceFileError, match=r"a\.parquet is cut short or no Parquet file"):
        proposed(tmp_path / "a.parquet")


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"a\.parquet \(1 Parquet file\) holds no row"):
        proposed(write(binary_rows().slice(0, 0), tmp_path / "a.parquet"))


@pytest.mark.parametrize(("count", "expected"), [(1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9])])
def test_a_spread_has_both_ends(count: int, expected: list[int]) -> None:
    assert evenly(range(10), count) == expected
