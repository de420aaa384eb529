"""The job of late labels in real Dagster: what the UI sees of it, and when it is asked for."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.late_labels import LABEL_LAYERS
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.late_model import (
    DAYS,
    LateModel,
    labels_of,
    late_model,
    moment,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner
from monitoring_assets_tests.stored import rows_of

pytestmark = pytest.mark.slow

KNOWN = moment("2023-02-11")
"""After the windows were computed, before their labels are read."""


@pytest.fixture(scope="module")
def opened(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LateModel]:
    folder = tmp_path_factory.mktemp("late")
    with late_model(new_database, folder, labels={"overlap": "1 hour"}) as model:
        yield model


@pytest.fixture
def model(opened: LateModel) -> LateModel:
    opened.forget()
    return opened


def at(model: LateModel, text: str) -> Runner:
    """Return the model's runner at another time, on the same instance."""
    now = moment(text).isoformat()
    return replace(model.runner, now=now, recorded_in=model.runner.instance)


def run(model: LateModel, text: str) -> dg.ExecuteInProcessResult:
    runner = at(model, text)
    job = runner.definitions.resolve_job_def(names.labels_job(model.spec.model_id))
    return job.execute_in_process(instance=runner.instance, run_config=QUIET, raise_on_error=False)


def tick(model: LateModel, text: str) -> Any:
    runner = at(model, text)
    with ExitStack() as stack:
        instance = stack.enter_context(dg.DagsterInstance.local_temp())
        context = dg.build_schedule_context(instance, resources=runner.resources)
        schedule = runner.definitions.resolve_schedule_def(
            names.labels_schedule(model.spec.model_id)
        )
        return schedule.evaluate_tick(stack.enter_context(context))


def test_the_run_materializes_the_touched_windows_of_three_layers_and_no_other(
    model: LateModel,
) -> None:
    model.report([*labels_of(DAYS[0], KNOWN), *labels_of(DAYS[5], KNOWN)])
    result = run(model, "2023-02-12")
    events = [
        event.step_materialization_data.materialization
        for event in result.all_events
        if event.is_step_materialization
    ]
    found = {(one.asset_key.path[-1], one.partition) for one in events}
    assert result.success
    assert found == {(layer.value, day) for layer in LABEL_LAYERS for day in (DAYS[0], DAYS[5])}


def test_the_run_reports_the_verdict_of_touched_windows_on_their_newest_materialization(
    model: LateModel,
) -> None:
    model.report(labels_of(DAYS[3], KNOWN))
    result = run(model, "2023-02-12")
    evaluations = result.get_asset_check_evaluations()
    assert {(one.check_name, one.partition, one.passed) for one in evaluations} == {
        (names.MODEL_QUALITY_HOLDS, DAYS[3], True),
        (names.WINDOW_IS_COMPLETE, DAYS[3], True),
    }
    assert all(one.target_materialization_data is not None for one in evaluations)


def test_the_ui_shows_what_a_run_read(model: LateModel) -> None:
    model.report([*labels_of(DAYS[2], KNOWN), ("nobody", 1.0, KNOWN)])
    result = run(model, "2023-02-12")
    (output,) = [event for event in result.all_events if event.is_successful_output]
    shown = {key: one.value for key, one in output.step_output_data.metadata.items()}
    assert shown["windows"] == DAYS[2]
    assert (shown["windows_touched"], shown["labels_without_prediction"]) == (1, 1)


def test_the_schedule_asks_once_there_are_labels_and_stops_once_all_are_read(
    model: LateModel,
) -> None:
    before = tick(model, "2023-02-12")
    model.report(labels_of(DAYS[0], moment("2023-02-12")))
    asked = tick(model, "2023-02-12T00:10")
    run(model, "2023-02-12T00:10")
    within_the_overlap = tick(model, "2023-02-12T00:20")
    run(model, "2023-02-12T02:00")
    after = tick(model, "2023-02-12T02:10")
    assert [len(one.run_requests or ()) for one in (before, asked, within_the_overlap)] == [0, 1, 1]
    assert "have been read" in str(after.skip_message)


def test_a_window_whose_labels_cannot_be_taken_in_keeps_no_other_from_it(model: LateModel) -> None:
    model.report([*labels_of(DAYS[1], KNOWN), *labels_of(DAYS[2], KNOWN)])
    lost = {"model_id": model.spec.model_id, "window_start": moment(DAYS[1])}
    with model.database.begin() as connection:
        where = [tables.window.c[name] == value for name, value in lost.items()]
        connection.execute(tables.window.update().where(*where).values(rows_read=None))
    result = run(model, "2023-02-12")
    with model.database.begin() as connection:
        connection.execute(tables.window.update().where(*where).values(rows_read=120))
    assert not result.success
    assert rows_of(model.database, tables.label_watermark) == []
    again = run(model, "2023-02-13")
    assert again.success
    assert len(rows_of(model.database, tables.label_watermark)) == 1


def test_a_model_whose_labels_have_no_time_has_no_such_job(model: LateModel) -> None:
    spec = replace(model.spec, columns=replace(model.spec.columns, knowledge_time=None), joined=())
    definitions = Runner(spec, model.database, model.runner.folder).definitions
    with pytest.raises(dg.DagsterInvariantViolationError, match=names.labels_job(spec.model_id)):
        definitions.resolve_job_def(names.labels_job(spec.model_id))
    assert Layer.LABELS in LABEL_LAYERS
