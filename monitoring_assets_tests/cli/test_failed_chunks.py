"""A window that fails is named with its cause; all others are computed, and the rest resumes."""

from pathlib import Path

import pytest

from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import bad_input_spec, write_day, write_january
from monitoring_assets_tests.command_line import CommandLine
from monitoring_assets_tests.dagster_runs import write_model, yaml_of
from monitoring_assets_tests.stored import complete_keys

pytestmark = pytest.mark.slow

DAYS = [f"2023-02-{day:02}" for day in range(1, 13)]
BACKFILL = ("backfill", "small", "--start", DAYS[0], "--end", DAYS[-1])


@pytest.fixture(autouse=True)
def files(command: CommandLine, tmp_path: Path) -> None:  # noqa: ARG001 - its models folder
    """Twelve days, of which the fifth lacks a column."""
    write_model(tmp_path / "models", yaml_of(bad_input_spec()), "small")
    write_january(tmp_path)
    for day in DAYS:
        write_day(tmp_path, day)
    write_day(tmp_path, DAYS[4], distance=None)


def test_a_failed_window_is_named_with_its_cause_and_takes_no_other_with_it(
    command: CommandLine, watched: Database
) -> None:
    done = command(*BACKFILL)
    assert done.code == 1
    assert "1 window of model 'small' could not be computed, all others" in done.errors
    assert "  2023-02-05 (run " in done.errors
    assert "lacks column 'distance'" in done.errors
    assert "window 2023-02-05" in done.errors
    assert "Traceback" not in done.errors + done.output
    assert complete_keys(watched, "small") == {*DAYS} - {DAYS[4]}


def test_the_same_command_goes_on_where_it_failed(
    command: CommandLine, watched: Database, tmp_path: Path
) -> None:
    command(*BACKFILL)
    write_day(tmp_path, DAYS[4])
    done = command(*BACKFILL)
    assert done.code == 0, done.errors
    assert "small: 12 ready windows, 11 complete, 1 to compute" in done.output
    assert complete_keys(watched, "small") == {*DAYS}


def test_a_failed_preparation_says_what_to_do(command: CommandLine, tmp_path: Path) -> None:
    for file in (tmp_path / "small").glob("2023-01-*.parquet"):
        file.unlink()
    done = command(*BACKFILL)
    assert done.code == 1
    assert "preparing model 'small' failed" in done.errors
    assert "at least 5 are needed, one for each fold" in done.errors
    assert "model.training" in done.errors
    assert "Traceback" not in done.errors
