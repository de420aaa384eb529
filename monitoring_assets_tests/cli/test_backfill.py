"""`monitoring-assets backfill`: what is missing is computed, what is complete stays."""

from pathlib import Path

import dagster as dg

from monitoring_assets.assets.jobs import RANGE_END, RANGE_START
from monitoring_assets.resources.dagster_home import open_instance
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine
from monitoring_assets_tests.dagster_runs import QUICK
from monitoring_assets_tests.stored import complete_keys, everything, rows_of

FIRST_THREE = ["2025-02-01", "2025-02-02", "2025-02-03"]


def runs(command: CommandLine, database: Database) -> list[dg.DagsterRun]:
    """Return the runs that Dagster's UI shows, the newest first."""
    with command.applied(), open_instance(database) as instance:
        return list(instance.get_runs())


def computations(database: Database) -> int:
    return len(rows_of(database, tables.computation))


def test_only_what_is_missing_is_computed(command: CommandLine, watched: Database) -> None:
    before = rows_of(watched, tables.window)
    done = command("backfill", "quick", "--start", "2025-02-01", "--end", "2025-02-05")
    assert done.code == 0, done.errors
    assert "quick: 5 ready windows, 3 complete, 2 to compute" in done.output
    assert "2/2 windows" in done.output
    after = rows_of(watched, tables.window)
    assert len(after) == 5
    assert all(row in after for row in before), "complete windows are not touched"


def test_a_backfill_with_nothing_to_do_does_nothing(
    command: CommandLine, watched: Database
) -> None:
    before = computations(watched)
    done = command("backfill", "quick", "--start", "2025-02-01", "--end", "2025-02-03")
    assert done.code == 0
    assert "3 ready windows, 3 complete, 0 to compute" in done.output
    assert computations(watched) == before


def test_with_again_complete_windows_are_computed_once_more_to_the_same_rows(
    command: CommandLine, watched: Database
) -> None:
    rows, lines = everything(watched), computations(watched)
    done = command("backfill", "quick", "--again", "--end", "2025-02-03")
    assert done.code == 0, done.errors
    assert "3 ready windows, 3 complete, 3 to compute" in done.output
    assert computations(watched) == lines + 3 * 7
    assert everything(watched) == rows


def test_a_window_of_which_one_layer_is_missing_is_computed_again(
    command: CommandLine, watched: Database
) -> None:
    (window,) = rows_of(watched, tables.window, partition_key="2025-02-02")
    gone = tables.computation.delete().where(
        tables.computation.c.layer == "data_drift",
        tables.computation.c.window_start == window["window_start"],
    )
    with watched.begin() as connection:
        connection.execute(gone)
        connection.execute(
            tables.window.update()
            .values(status="incomplete")
            .where(tables.window.c.partition_key == "2025-02-02")
        )
    done = command("backfill", "quick", "--end", "2025-02-03")
    assert "3 ready windows, 2 complete, 1 to compute" in done.output
    assert complete_keys(watched, "quick") == {*FIRST_THREE}


def test_after_a_changed_threshold_every_window_is_judged_anew_and_nothing_else_is_computed(
    command: CommandLine, watched: Database, tmp_path: Path
) -> None:
    lines = computations(watched)
    file = tmp_path / "models" / "quick" / "defs.yaml"
    file.write_text(QUICK.replace("dataset_share: 0.25", "dataset_share: 0.75"))
    done = command("backfill", "quick", "--end", "2025-02-03")
    assert done.code == 0, done.errors
    assert "3 ready windows, 0 complete, 3 to compute" in done.output
    newest = sorted(rows_of(watched, tables.computation), key=lambda row: row["id"])[lines:]
    assert [row["layer"] for row in newest] == ["data_drift"] * 3


def test_after_a_changed_reference_it_is_measured_before_windows_are_compared_with_it(
    command: CommandLine, watched: Database, tmp_path: Path
) -> None:
    file = tmp_path / "models" / "quick" / "defs.yaml"
    period = "  reference: {period: {start: 2024-12-01, end: 2024-12-20}}\n"
    file.write_text(QUICK + period)
    done = command("backfill", "quick", "--end", "2025-02-03")
    assert done.code == 0, done.errors
    assert "3 ready windows, 0 complete, 3 to compute" in done.output
    versions = [row["reference_version"] for row in rows_of(watched, tables.dataset_drift)]
    assert sorted(versions) == [1, 1, 1, 2, 2, 2]


def test_every_run_is_recorded_in_dagster_with_its_range(
    command: CommandLine, watched: Database
) -> None:
    command("backfill", "quick", "--start", "2025-02-04", "--end", "2025-02-15")
    newest, before, *_ = runs(command, watched)
    assert [run.job_name for run in (newest, before)] == ["quick__monitoring"] * 2
    assert all(run.is_success for run in (newest, before))
    spans = [(run.tags[RANGE_START], run.tags[RANGE_END]) for run in (before, newest)]
    assert spans == [("2025-02-04", "2025-02-13"), ("2025-02-14", "2025-02-15")]


def test_without_a_ready_window_it_says_why(command: CommandLine) -> None:
    done = command("backfill", "quick", "--start", "2027-01-01")
    assert done.code == 0
    assert "quick: 0 ready windows" in done.output
    assert "none begins on these days: windows that have ended go from" in done.output
