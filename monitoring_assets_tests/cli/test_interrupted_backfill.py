"""A backfill that is killed, or started twice: the rows are those of an undisturbed one."""

import signal
import time

import dagster as dg
import pytest

from monitoring_assets.resources.dagster_home import open_instance
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import write_model
from monitoring_assets_tests.stored import complete_keys, everything, rows_of

BACKFILL = ("backfill", "quick", "--start", "2025-02-01", "--end", "2025-02-18")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(
    new_database: NewDatabase, backfilled: Database, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """Return all that is stored after the command, if nothing happens to it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_model(folder / "models")
    with new_database(backfilled) as database:
        command = command_line(database, folder, MONITORING_MODELS=str(folder / "models"))
        assert command(*BACKFILL).code == 0
        return everything(database)


def runs(command: CommandLine, database: Database, status: dg.DagsterRunStatus) -> list[str]:
    """Return the ids of runs that Dagster shows in this state."""
    with command.applied(), open_instance(database) as instance:
        return [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[status]))]


def killed_in_the_middle(command: CommandLine, database: Database) -> None:
    """Start the command in a process of its own; kill it in the middle of its second run."""
    process = command.start(*BACKFILL)
    deadline = time.monotonic() + 60
    while len(rows_of(database, tables.window)) < 3 + 10 + 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_killed_in_the_middle_the_same_command_goes_on_and_leaves_the_same_rows(
    command: CommandLine, watched: Database, undisturbed: dict[str, list[str]]
) -> None:
    killed_in_the_middle(command, watched)
    (orphan,) = runs(command, watched, dg.DagsterRunStatus.STARTED)
    finished = len(complete_keys(watched, "quick"))
    assert 13 <= finished < 18
    done = command(*BACKFILL)
    assert done.code == 0, done.errors
    assert f"18 ready windows, {finished} complete, {18 - finished} to compute" in done.output
    assert everything(watched) == undisturbed
    assert "interrupted runs that are now marked as failed: 1" in done.output
    assert runs(command, watched, dg.DagsterRunStatus.FAILURE) == [orphan]


def test_started_twice_at_once_it_stores_every_row_once(
    command: CommandLine, watched: Database, undisturbed: dict[str, list[str]]
) -> None:
    processes = [command.start(*BACKFILL) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert everything(watched) == undisturbed
