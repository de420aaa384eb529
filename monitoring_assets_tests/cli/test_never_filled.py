"""The shipped model where nobody has filled its warehouse: it says so, and breaks nobody."""

from pathlib import Path
from unittest.mock import patch

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.components.loading import load_model
from monitoring_assets.definitions import defs
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.defs.power_outages.warehouse import DEFINITION

NOBODYS = "monitoring:///test_filled_by_nobody"
SAID = (
    "there is no database 'test_filled_by_nobody' on the server of the monitoring database",
    "`monitoring-assets simulate",
)


@pytest.fixture(autouse=True)
def _nobodys_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWER_OUTAGES_URL", NOBODYS)


def ticked(runner: Runner, name: str) -> str:
    """Evaluate a schedule, which has to skip; return why."""
    schedule = runner.definitions.resolve_schedule_def(name)
    with (
        dg.DagsterInstance.local_temp() as instance,
        dg.build_schedule_context(instance, resources=runner.resources) as context,
    ):
        tick = schedule.evaluate_tick(context)
    assert not tick.run_requests
    return str(tick.skip_message)


def test_its_schedules_skip_and_name_the_command(database: Database, tmp_path: Path) -> None:
    with Runner(load_model(DEFINITION), database, tmp_path) as runner:
        ready = ticked(runner, names.ready_windows_schedule("power_outages"))
        late = ticked(runner, names.labels_schedule("power_outages"))
    assert all(words in ready for words in SAID)
    assert late == "no window has been computed yet"


@pytest.mark.parametrize("name", ["backfill", "check"])
def test_who_asks_for_it_by_name_is_told_what_to_do(command: CommandLine, name: str) -> None:
    done = command(name, "power_outages")
    assert done.code == 1
    assert all(words in done.errors for words in SAID)
    assert "Traceback" not in done.errors


def test_a_plan_notes_it(command: CommandLine) -> None:
    done = command("plan", "power_outages")
    assert (done.code, done.errors) == (0, "")
    assert all(words in done.output for words in SAID)


def test_other_models_are_computed_and_shown_as_ever(command: CommandLine) -> None:
    done = command("backfill", "quick", "--end", "2025-02-03")
    assert (done.code, done.errors) == (0, "")
    shown = command("status")
    assert (shown.code, shown.errors) == (0, "")
    assert "quick " in shown.output
    assert "power_outages" not in shown.output


def test_loading_the_definitions_asks_no_server() -> None:
    with patch.dict("os.environ", MONITORING_DATABASE_URL="postgresql://nobody@127.0.0.1:1/no"):
        assert defs()
