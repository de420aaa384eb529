"""The job of late labels in real Dagster: what the UI sees of it, and when it is asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from monitoring_assets.assets import label_jobs, names
from monitoring_assets.assets.late_labels import LABEL_LAYERS
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.retraining.locking import REPLAYED, is_replayed, replaying
from monitoring_assets_tests.assets.late_model import (
    DAYS,
    SEEN,
    LateModel,
    labels_of,
    late_model,
    moment,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner
from monitoring_assets_tests.stored import rows_of
from monitoring_assets_tests.waiting import wait_until

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


@contextmanager
def lost_count(model: LateModel, day: str) -> Iterator[None]:
    """Take away how many rows a window has, without which its quality cannot be judged."""
    lost = {"model_id": model.spec.model_id, "window_start": moment(day)}
    where = [tables.window.c[name] == value for name, value in lost.items()]
    for number in (None, 120):
        with model.database.begin() as connection:
            connection.execute(tables.window.update().where(*where).values(rows_read=number))
        if number is None:
            yield


def read_until(model: LateModel) -> Any:
    (watermark,) = rows_of(model.database, tables.label_watermark)
    return watermark["knowledge_time"]


def judged(model: LateModel, result: dg.ExecuteInProcessResult) -> set[str | None]:
    """Return the windows that the UI shows as computed and checked by a run, failed or not."""
    logs = model.runner.instance.all_logs(result.run_id)
    events = [one.dagster_event for one in logs if one.dagster_event is not None]
    steps = [one for one in events if one.is_step_materialization]
    found = {one.step_materialization_data.materialization.partition for one in steps}
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
    checks = [one.asset_check_evaluation_data for one in events if one.event_type is kind]
    assert {one.partition for one in checks} == found
    return found


def test_while_the_past_is_replayed_no_labels_of_the_present_are_read(model: LateModel) -> None:
    model.report(labels_of(DAYS[0], KNOWN))
    with replaying(model.database, model.spec.model_id):
        assert tick(model, "2023-02-12").skip_message == REPLAYED
    wait_until(lambda: not is_replayed(model.database, model.spec.model_id))
    assert tick(model, "2023-02-12").run_requests


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


def test_a_label_dated_far_in_the_future_asks_for_no_run_until_then(model: LateModel) -> None:
    model.report(
        [*labels_of(DAYS[0], moment("2023-02-12")), *labels_of(DAYS[1], moment("2123-01-01"))]
    )
    asked = tick(model, "2023-02-12T00:10")
    run(model, "2023-02-12T02:00")
    after = tick(model, "2023-02-12T02:10")
    then = tick(model, "2123-01-01T00:10")
    assert [len(one.run_requests or ()) for one in (asked, after, then)] == [1, 0, 1]
    assert "have been read" in str(after.skip_message)


def test_a_window_whose_labels_cannot_be_taken_in_keeps_no_other_from_it(model: LateModel) -> None:
    model.report([*labels_of(DAYS[1], KNOWN), *labels_of(DAYS[2], KNOWN)])
    with lost_count(model, DAYS[1]):
        result = run(model, "2023-02-12")
    assert not result.success
    assert read_until(model) == SEEN
    again = run(model, "2023-02-13")
    assert again.success
    assert read_until(model) == KNOWN


def test_the_next_run_reports_windows_that_a_killed_one_brought_up_to_date(
    model: LateModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.report(labels_of(DAYS[1], KNOWN))
    with monkeypatch.context() as patch:
        patch.setattr(label_jobs, "log_quality_verdicts", killed)
        assert not run(model, "2023-02-12").success
    model.report(labels_of(DAYS[2], KNOWN))
    found = [judged(model, run(model, f"2023-02-12T{hour:02}:00")) for hour in (1, 2)]
    assert found == [{DAYS[1], DAYS[2]}, set()]


def killed(*_: Any) -> None:
    raise dg.DagsterExecutionInterruptedError


def test_a_run_that_failed_for_one_window_has_reported_the_others(model: LateModel) -> None:
    model.report([*labels_of(DAYS[1], KNOWN), *labels_of(DAYS[2], KNOWN)])
    with lost_count(model, DAYS[1]):
        first, second = (run(model, f"2023-02-12T0{hour}:00") for hour in (1, 2))
    assert not second.success
    assert (judged(model, first), judged(model, second)) == ({DAYS[2]}, set())


def test_labels_that_a_nightly_load_brings_are_found_though_they_were_known_before_it(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    with late_model(new_database, tmp_path, labels={"overlap": "1 hour"}) as model:
        assert read_until(model) == moment("2022-11-01")  # January's, all that there was then
        model.report(labels_of(DAYS[0], SEEN - timedelta(hours=12)))
        model.report(labels_of(DAYS[1], SEEN - timedelta(hours=20)))
        asked = tick(model, "2023-02-08")
        result = run(model, "2023-02-08")
        assert len(asked.run_requests) == 1
        assert judged(model, result) == {DAYS[0], DAYS[1]}


def test_labels_of_another_source_are_read_from_where_that_one_stood(model: LateModel) -> None:
    other = (
        "CREATE TABLE IF NOT EXISTS elsewhere AS SELECT * FROM outcomes WHERE known < '2023-01-01'"
    )
    with model.database.begin() as connection:
        connection.exec_driver_sql(other)
    outcomes = model.spec.joined[0]
    source = replace(outcomes.source, table="elsewhere")
    spec = replace(model.spec, joined=(replace(outcomes, source=source),))
    moved = replace(model.runner, spec=spec, recorded_in=model.runner.instance)
    moved.one(DAYS[0], [Layer.LABELS])
    assert read_until(model) == moment("2022-11-01")
    model.runner.one(DAYS[0], LABEL_LAYERS)


def test_a_model_whose_labels_have_no_time_has_no_such_job(model: LateModel) -> None:
    spec = replace(model.spec, columns=replace(model.spec.columns, knowledge_time=None), joined=())
    definitions = Runner(spec, model.database, model.runner.folder).definitions
    with pytest.raises(dg.DagsterInvariantViolationError, match=names.labels_job(spec.model_id)):
        definitions.resolve_job_def(names.labels_job(spec.model_id))
    assert Layer.LABELS in LABEL_LAYERS
