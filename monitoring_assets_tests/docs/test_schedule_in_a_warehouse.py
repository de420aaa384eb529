"""labels-in-a-warehouse.md where Dagster runs: its schedule does what the page's `plan` does."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import monitoring_assets
from monitoring_assets.assets import names
from monitoring_assets.assets.late_labels import LABEL_LAYERS
from monitoring_assets.components.loading import load_model
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner
from monitoring_assets_tests.docs.pages import Page, read_page
from monitoring_assets_tests.docs.walking import Walked, run_steps, walked

pytestmark = pytest.mark.slow

PAGE = "labels-in-a-warehouse.md"
TOUCHED = {"2025-01-13", *[f"2025-01-{day}" for day in range(16, 27)]}
"""Windows of which the page's second `simulate` brings reports."""


NEW = {"2025-02-01", "2025-02-02", "2025-02-03", *[f"2025-01-{day}" for day in range(27, 32)]}
"""Windows that it makes ready."""

PLAN = """
```console
$ export MONITORING_DATA_FOLDER=$PWD/data; monitoring-assets plan power_outages --json
```
"""


@pytest.fixture(scope="module")
def before_plan(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walked]:
    """The page done up to its second `simulate`."""
    text = read_page(PAGE).text
    page = Page(PAGE, text[: text.index("$ monitoring-assets plan")] + "```\n")
    folder = tmp_path_factory.mktemp("page")
    with (
        new_database() as warehouse,
        walked(page, folder, WAREHOUSE_URL=warehouse.url) as done,
    ):
        yield done


@contextmanager
def runner_of(page: Walked) -> Iterator[Runner]:
    file = Path(monitoring_assets.__file__).parent / "defs" / "power_outages" / "defs.yaml"
    with Runner(load_model(file), page.database, page.folder / "data") as runner:
        yield runner


def tick(runner: Runner) -> Any:
    with ExitStack() as stack:
        instance = stack.enter_context(dg.DagsterInstance.local_temp())
        context = dg.build_schedule_context(instance, resources=runner.resources)
        schedule = runner.definitions.resolve_schedule_def(names.labels_schedule("power_outages"))
        return schedule.evaluate_tick(stack.enter_context(context))


def run(runner: Runner) -> set[tuple[str, str | None]]:
    """Return the layers and windows that the job of late labels has computed."""
    job = runner.definitions.resolve_job_def(names.labels_job("power_outages"))
    result = job.execute_in_process(instance=runner.instance, run_config=QUIET)
    events = [event for event in result.all_events if event.is_step_materialization]
    done = [event.step_materialization_data.materialization for event in events]
    return {(one.asset_key.path[-1], one.partition) for one in done}


def test_the_schedule_asks_for_exactly_the_windows_of_the_new_reports(before_plan: Walked) -> None:
    with runner_of(before_plan) as runner:
        asked = tick(runner)
        done = run(runner)
        afterwards = tick(runner)
    assert len(asked.run_requests) == 1
    assert done == {(layer.value, day) for layer in LABEL_LAYERS for day in TOUCHED}
    assert "have been read" in str(afterwards.skip_message)


def test_plan_finds_no_label_that_the_schedule_has_missed(before_plan: Walked) -> None:
    with runner_of(before_plan) as runner:
        run(runner)
    (done,) = run_steps(Page(PAGE, PLAN), before_plan.folder, before_plan.given)
    found = json.loads(done.printed)["out_of_date"]
    windows = {key for one in found if one["layer"] == "labels" for key in one["windows"]}
    assert windows == NEW
