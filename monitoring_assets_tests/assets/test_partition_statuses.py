"""The UI shows the right status of every check for every window, however it was computed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import RANGE_END, RANGE_START
from monitoring_assets.records import Layer, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner, quick_spec
from monitoring_assets_tests.dagster_ui import UserInterface, user_interface
from monitoring_assets_tests.stored import rows_of

pytestmark = [
    pytest.mark.slow,
    # Dagster itself calls what it has declared deprecated, and leaves a coroutine behind.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:coroutine 'BaseEventLoop.shutdown_asyncgens'"),
]

NEIGHBOURS = [f"2025-02-{day:02}" for day in range(18, 24)]
APART = "2025-03-04"
ALONE, ALARMING = "2025-03-06", "2025-03-07"
RANGE = ["2025-03-08", "2025-03-09", "2025-03-10"]
COMPUTED = [*NEIGHBOURS, APART, ALONE, ALARMING, *RANGE]


@pytest.fixture(scope="module")
def watched(new_database: NewDatabase, quick_template: Database) -> Iterator[Database]:
    with new_database(quick_template) as database:
        yield database


@pytest.fixture(scope="module")
def ui(watched: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UserInterface]:
    """Windows of a backfill from the UI, two in runs of their own, three in one run."""
    folder = tmp_path_factory.mktemp("statuses")
    spec = quick_spec(folder)
    environment = {"MONITORING_MODELS": str(folder / "models"), "DAGSTER_EVENT_BATCH_SIZE": "100"}
    command = command_line(watched, folder, **environment)
    with command.applied(), user_interface(watched) as opened:
        opened.backfill("quick", [*NEIGHBOURS, APART])
        opened.run_backfills()
        runner = Runner(spec, watched, folder, recorded_in=opened.instance)
        runner.one(ALONE)
        runner.one(ALARMING)
        runner.span(RANGE[0], RANGE[-1])
        yield opened


def statuses(ui: UserInterface, layer: Layer, check: str) -> dict[str, str]:
    return ui.check_statuses("quick", layer)[check]


def expected(database: Database, passed: dict[Any, bool]) -> dict[str, str]:
    keys = {row["window_start"]: row["partition_key"] for row in rows_of(database, tables.window)}
    return {keys[start]: "SUCCEEDED" if ok else "FAILED" for start, ok in passed.items()}


def test_a_backfill_is_one_run_for_all_neighbours(ui: UserInterface) -> None:
    runs = ui.instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": ui.backfills[0]}))
    spans = {(run.tags[RANGE_START], run.tags[RANGE_END]) for run in runs if run.is_success}
    assert spans == {(NEIGHBOURS[0], NEIGHBOURS[-1]), (APART, APART)}


def test_every_computed_window_has_the_status_of_its_drift_verdict(
    ui: UserInterface, watched: Database
) -> None:
    verdicts = {
        row["window_start"]: row["verdict"] for row in rows_of(watched, tables.dataset_drift)
    }
    assert set(verdicts.values()) == {Verdict.OK, Verdict.ALARM}
    shown = statuses(ui, Layer.DATA_DRIFT, names.NO_DATASET_DRIFT)
    assert shown == expected(watched, {s: v == Verdict.OK for s, v in verdicts.items()})
    assert {*shown} == {*COMPUTED}


def test_every_computed_window_has_the_status_of_its_data_quality(
    ui: UserInterface, watched: Database
) -> None:
    passed: dict[Any, bool] = {}
    for row in rows_of(watched, tables.data_quality):
        start = row["window_start"]
        passed[start] = passed.get(start, True) and row["verdict"] != Verdict.ALARM
    shown = statuses(ui, Layer.DATA_QUALITY, names.DATA_QUALITY_HOLDS)
    assert shown == expected(watched, passed)
    assert {shown[ALONE], shown[ALARMING]} == {"FAILED"}, "40 % of the pick-up zones are missing"


def test_every_computed_window_has_the_status_of_its_main_quality_metric(
    ui: UserInterface, watched: Database
) -> None:
    rows = rows_of(watched, tables.model_quality, metric="mae")
    passed = {row["window_start"]: row["verdict"] == Verdict.OK for row in rows}
    shown = statuses(ui, Layer.MODEL_QUALITY, names.MODEL_QUALITY_HOLDS)
    assert shown == expected(watched, passed)


def test_every_computed_window_is_shown_as_complete(ui: UserInterface) -> None:
    shown = statuses(ui, Layer.PREDICTIONS, names.WINDOW_IS_COMPLETE)
    assert shown == dict.fromkeys(COMPUTED, "SUCCEEDED")


def test_a_window_of_which_one_layer_was_computed_again_is_shown_as_incomplete(
    ui: UserInterface, watched: Database, tmp_path: Path
) -> None:
    runner = Runner(quick_spec(tmp_path), watched, tmp_path, recorded_in=ui.instance)
    runner.one(ALONE, [Layer.PREDICTIONS])
    assert statuses(ui, Layer.PREDICTIONS, names.WINDOW_IS_COMPLETE)[ALONE] == "FAILED"
    runner.one(ALONE)
    assert statuses(ui, Layer.PREDICTIONS, names.WINDOW_IS_COMPLETE)[ALONE] == "SUCCEEDED"
