"""`monitoring-assets status`: the newest verdicts of every model, in eighty columns."""

from pathlib import Path

import sqlalchemy as sa

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.dagster_runs import QUICK, write_model
from monitoring_assets_tests.main_job import MainJob
from monitoring_assets_tests.stored import rows_of


def test_the_newest_window_is_a_line_with_its_numbers(
    command: CommandLine, watched: Database
) -> None:
    newest = max(rows_of(watched, tables.window), key=lambda row: row["window_start"])
    (mae,) = rows_of(
        watched, tables.model_quality, metric="mae", window_start=newest["window_start"]
    )
    done = command("status")
    assert done.code == 0
    (line,) = [line for line in done.output.splitlines() if line.startswith("quick ")]
    cells = line.split()
    assert cells[1:3] == ["2025-02-03", str(newest["rows_read"])]
    assert f"mae {mae['value']:.3f}" in line
    assert f"{mae['reference_value']:.3f}" in line


def test_last_says_how_many_windows_the_newest_first(command: CommandLine) -> None:
    lines = command("status", "--last", "2").output.splitlines()
    shown = [line.split()[1] for line in lines if line.startswith("quick ")]
    assert shown == ["2025-02-03", "2025-02-02"]


def test_a_window_that_is_not_complete_is_not_shown(
    command: CommandLine, watched: Database
) -> None:
    newest = tables.window.c.partition_key == "2025-02-03"
    with watched.begin() as connection:
        connection.execute(sa.update(tables.window).values(status="incomplete").where(newest))
    assert "2025-02-03" not in command("status").output


def test_a_broken_model_is_shown_below_the_table(command: CommandLine, tmp_path: Path) -> None:
    file = write_model(tmp_path / "models", QUICK.replace("linear", "magic"), "wrong")
    done = command("status")
    assert done.code == 0
    assert str(file) in done.output
    assert "quick " in done.output


def test_a_database_without_windows_has_an_empty_table(database: Database, tmp_path: Path) -> None:
    done = command_line(database, tmp_path)("status")
    assert done.code == 0
    assert "newest complete windows" in done.output


def test_real_trips_fit_into_eighty_columns(main_job: MainJob, tmp_path: Path) -> None:
    command = command_line(main_job.database, tmp_path, COLUMNS="80")
    done = command("status", "--last", "5")
    lines = [line for line in done.output.splitlines() if line.startswith("green_taxi ")]
    assert len(lines) == 5
    assert all(len(line) <= 80 for line in lines)
    assert "green_taxi  2023-03-31" in lines[0]
    assert "green_taxi: 4 rows of the source lie in no window (before_every_period)" in done.output
