"""Labels that come while history is computed again under a YAML that gives rows another shape."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from logging import WARNING
from pathlib import Path
from typing import Any, Final

import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.label_jobs import nothing_to_read
from monitoring_assets.assets.waiting_labels import LONGEST_WAIT, WaitingLabels
from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.storage.label_progress import advance_watermark, read_watermark
from monitoring_assets_tests.assets.late_model import (
    DAYS,
    JANUARY,
    SEEN,
    LateModel,
    labels_of,
    late_model,
    late_spec,
    mean_absolute_error,
    moment,
    said,
)
from monitoring_assets_tests.assets.small_model import write_day
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner
from monitoring_assets_tests.specs import small_columns

pytestmark = pytest.mark.slow

DONE, TO_DO = DAYS[1], DAYS[0]
"""A window that has been computed again under the other YAML, and one that has not."""

EARLY, LATE = moment("2023-02-08"), moment("2023-02-09")
"""When labels of `TO_DO` became known, and those of `DONE`."""

NOW, HOUR = moment("2023-02-10"), timedelta(hours=1)

OVERLAP: Final = {"overlap": "1 hour"}

NOT_LABELS: Final = [layer for layer in WINDOW_LAYERS if layer is not Layer.LABELS]
"""What is out of date where the shape of rows has changed; `labels` is not."""


@pytest.fixture
def old(new_database: NewDatabase, tmp_path: Path) -> Iterator[LateModel]:
    """The model under its first YAML."""
    with late_model(new_database, tmp_path, labels=OVERLAP) as model:
        yield model


@pytest.fixture
def model(old: LateModel) -> LateModel:
    """The model without a feature, one window computed again; late labels of two are there."""
    return with_late_labels(changed(old, categorical=None))


def changed(model: LateModel, **columns: Any) -> LateModel:
    """Return the model with these entries of `columns` instead, one window computed again."""
    entries = small_columns(**{"prediction": "said", "knowledge_time": "known"} | columns)
    spec = late_spec(model.database.url, columns=entries, labels=OVERLAP)
    found = LateModel(replace(model.runner, spec=spec, recorded_in=model.runner.instance))
    for day in (*JANUARY, *DAYS):
        write_day(model.runner.folder, day, minutes=None, said=said(day), told=said(day))
    found.runner.set_up()
    found.runner.one(DONE)
    return found


def with_late_labels(model: LateModel) -> LateModel:
    """Report labels of two windows, and one of nobody; earlier ones had been read until `SEEN`."""
    advance_watermark(model.database, model.spec.model_id, SEEN, 0, SEEN)
    model.report([*labels_of(TO_DO, EARLY), *labels_of(DONE, LATE), ("nobody", 1.0, EARLY)])
    return model


def read_until(model: LateModel) -> Any:
    watermark = read_watermark(model.database, model.spec.model_id)
    return watermark and watermark.knowledge_time


def is_right(model: LateModel, day: str, known: datetime) -> bool:
    """Say whether a day's error is that of all labels it has."""
    (row,) = model.quality(metric="mae", segment="all", window_start=moment(day))
    right = mean_absolute_error(labels_of(day, known), day)
    return row["coverage"] == 1.0 and row["value"] == pytest.approx(right, rel=1e-12)


def touched(model: LateModel, now: datetime) -> list[str]:
    return [one.partition_key for one in model.read(now).touched]


def run(model: LateModel, now: datetime) -> tuple[str, dict[str, Any]]:
    """Run the job; return what it logged as a warning and what the UI shows of it."""
    job = at(model, now).definitions.resolve_job_def(names.labels_job(model.spec.model_id))
    instance = model.runner.instance
    result = job.execute_in_process(instance=instance, run_config=QUIET)
    (output,) = [event for event in result.all_events if event.is_successful_output]
    lines = [one.user_message for one in instance.all_logs(result.run_id) if one.level == WARNING]
    shown = {key: one.value for key, one in output.step_output_data.metadata.items()}
    return " ".join(lines), shown


def asks(model: LateModel, now: datetime) -> bool:
    """Say whether the schedule asks for a run."""
    runner = at(model, now)
    reason = nothing_to_read(
        model.spec,
        model.database,
        runner.resources["runtime"].label_feed(model.spec),
        runner.resources["runtime"],
    )
    return reason is None


def at(model: LateModel, now: datetime) -> Runner:
    return replace(model.runner, now=now.isoformat(), recorded_in=model.runner.instance)


@pytest.mark.parametrize("columns", [{"categorical": None}, {"prediction": "told"}])
def test_labels_of_a_window_still_to_be_computed_again_are_found_once_it_is(
    old: LateModel, columns: dict[str, Any]
) -> None:
    model = with_late_labels(changed(old, **columns))
    assert touched(model, NOW) == [DONE]
    assert read_until(model) < EARLY
    model.runner.one(TO_DO, NOT_LABELS)
    assert not is_right(model, TO_DO, EARLY), "its labels have not been read yet"
    assert touched(model, NOW + HOUR) == [TO_DO]
    assert is_right(model, TO_DO, EARLY)
    assert is_right(model, DONE, LATE)
    assert read_until(model) == LATE, "what belongs to no prediction at all is not waited for"


def test_a_run_says_why_labels_are_read_again_and_the_schedule_asks_for_the_next_one(
    model: LateModel,
) -> None:
    for hour in range(3):
        said_by_run, shown = run(model, NOW + hour * HOUR)
        assert (shown["labels_waiting"], shown["why_labels_wait"]) == (120, said_by_run)
        assert f"labels from {EARLY:%Y-%m-%d %H:%M} UTC on are read again" in said_by_run
        assert f"of windows {TO_DO}, whose predictions" in said_by_run
        assert asks(model, NOW + hour * HOUR + HOUR / 2)


def test_a_window_that_nobody_computes_again_is_waited_for_a_week_only(model: LateModel) -> None:
    run(model, NOW)
    said_by_run, shown = run(model, EARLY + LONGEST_WAIT + HOUR)
    assert "120 labels of windows" in said_by_run
    assert "not waited for any longer" in said_by_run
    assert (shown["labels_waiting"], read_until(model)) == (0, LATE)
    assert not asks(model, EARLY + LONGEST_WAIT + 2 * HOUR)
    at(model, EARLY + LONGEST_WAIT + 2 * HOUR).one(TO_DO)  # all layers, as `backfill --again` does
    assert is_right(model, TO_DO, EARLY)


def test_labels_that_were_stored_before_the_yaml_was_changed_are_not_waited_for(
    old: LateModel,
) -> None:
    with_late_labels(old)
    assert touched(old, EARLY + HOUR) == [TO_DO]
    model = changed(old, categorical=None)
    again = model.read(EARLY + HOUR)
    assert (again.read, again.orphans, again.touched) == (121, 121, ())
    assert (again.waiting, read_until(model)) == (WaitingLabels(), EARLY)
