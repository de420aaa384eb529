"""What --from means: a file, a folder or a pattern, of one kind; and the path the YAML has."""

from pathlib import Path

import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.files import Files, find_files
from monitoring_assets.spec.sources import ObjectStoreSpec
from monitoring_assets_tests.onboarding.data import binary_rows, write

ROWS = binary_rows(20)


def found(text: object, data_folder: Path = Path("/data")) -> Files:
    return find_files("small", str(text), data_folder, ObjectStoreSpec())


def test_a_file_is_itself_even_if_its_name_looks_like_a_pattern(tmp_path: Path) -> None:
    file = write(ROWS, tmp_path / "a[1].parquet")
    write(ROWS, tmp_path / "a1.parquet")
    files = found(file)
    assert [one.path for one in files.found] == [str(file)]
    assert files.path == str(tmp_path / "a[[]1].parquet")


def test_a_folder_is_a_pattern_of_its_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "notes.md", ".hidden.parquet", "_SUCCESS"):
        write(ROWS, tmp_path / "day" / name)
    files = found(tmp_path / "day")
    assert files.kind == "csv"
    assert files.path == str(tmp_path / "day" / "*.csv")
    assert [one.name for one in files.found] == ["a.csv", "b.csv"]


def test_folders_in_a_folder_are_looked_into(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "year" / "2024" / "a.parquet")
    write(ROWS, tmp_path / "year" / "2025" / "a.parquet")
    files = found(tmp_path / "year")
    assert files.path == str(tmp_path / "year" / "**" / "*.parquet")
    assert len(files.found) == 2


def test_a_pattern_is_kept_and_short_below_the_data_folder(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "scores" / "a.parquet")
    assert found(tmp_path / "scores" / "*.parquet", tmp_path).path == "scores/*.parquet"
    assert found(tmp_path / "scores" / "*.parquet").path == str(tmp_path / "scores" / "*.parquet")


def test_a_relative_path_starts_where_it_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(ROWS, tmp_path / "in" / "a.parquet")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert found("../in/*.parquet").path == str(tmp_path / "in" / "*.parquet")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.parquet", "there is no file or folder .*absent.parquet"),
        ("*.absent", "no file matches .*absent"),
        ("empty", "no Parquet or CSV file lies in .*empty"),
        ("a.[cp]*", "files of several kinds: a.csv, a.parquet"),
        ("a.md", "a.md is called neither like a Parquet nor like a CSV file"),
        ("ftp://host/a.csv", "'ftp://' is no place of files; legal: s3://"),
        ("{{ x }}.csv", "holds '{{'"),
    ],
)
def test_what_is_no_data_is_refused(tmp_path: Path, name: str, message: str) -> None:
    for one in ("a.csv", "a.parquet", "a.md"):
        write(ROWS, tmp_path / one)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=message):
        found(name if "://" in name else tmp_path / name)
