"""A plan that is killed while it is applied, or applied twice at once: the rows are the same."""

import time

import pytest

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.cli.planned_model import (
    Planned,
    by_window_and_layer,
    planned_set,
    rebuilt,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import rows_of

APPLY = ("plan", "planned", "--apply")
OTHER_FILTER = "  drift:", "  filters:\n    - {name: far, column: distance, maximum: 25}\n  drift:"

pytestmark = pytest.mark.slow


def computations(model: Planned) -> int:
    return len(rows_of(model.database, tables.computation))


def kill_in_the_middle(model: Planned) -> None:
    """Apply the plan in a process of its own; kill it once some layer of a window is written."""
    before = computations(model)
    reference = {"reference_data", "deployed_model"}
    process = model.command.start(*APPLY)
    deadline = time.monotonic() + 120
    while not [
        row
        for row in rows_of(model.database, tables.computation)[before:]
        if row["layer"] not in reference
    ]:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()


def test_killed_in_the_middle_the_same_command_goes_on_and_tells_dagster(
    model: Planned, measured: Database, new_database: NewDatabase
) -> None:
    model.rewrite(*OTHER_FILTER)
    kill_in_the_middle(model)
    assert planned_set(model)
    done = model(*APPLY)
    assert done.code == 0, done.errors
    assert "interrupted runs that are now marked as failed: 1" in done.output
    assert planned_set(model) == set()
    with rebuilt(new_database, model, measured) as expected:
        assert by_window_and_layer(model.database) == expected


def test_applied_twice_at_once_it_stores_what_is_applied_once(
    model: Planned, measured: Database, new_database: NewDatabase
) -> None:
    model.rewrite(*OTHER_FILTER)
    processes = [model.command.start(*APPLY) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors
    assert planned_set(model) == set()
    with rebuilt(new_database, model, measured) as expected:
        assert by_window_and_layer(model.database) == expected
