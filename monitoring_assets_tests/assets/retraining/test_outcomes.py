"""What comes of a retraining that is not simply promoted: refused, waiting, begun by a person."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining.steps import run_tags
from monitoring_assets.records import DecisionCode, RetrainingResult, RetrainingStep
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.retraining.loop_model import AFTER, BAD, LATER, Loop, opened
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import failures_of
from monitoring_assets_tests.stored import comparable
from monitoring_assets_tests.waiting import wait_for_waiters

pytestmark = pytest.mark.slow

POLICY = "promotion: {minimum_rows: 50}"
GREEDY = {POLICY: "promotion: {minimum_rows: 50, gain: 0.9}"}
CAUTIOUS = {POLICY: "promotion: {minimum_rows: 5000}"}
MANUAL = {POLICY: "promotion: {minimum_rows: 50, mode: manual}"}


@pytest.fixture
def manual(new_database: NewDatabase, alarmed_template: Database, tmp_path: Path) -> Iterator[Loop]:
    """Three bad windows of a model whose challengers wait for a person."""
    with opened(new_database, alarmed_template, tmp_path, MANUAL) as loop:
        yield loop


def serving(loop: Loop) -> list[str]:
    """Return the versions that serve, in the order of event time."""
    found = sorted(loop.rows(tables.deployment), key=lambda row: row["valid_from"])
    return [row["model_version"] for row in found]


@pytest.mark.parametrize(
    ("changes", "reason"), [(GREEDY, "27 % better"), (CAUTIOUS, "189 rows held out")]
)
def test_a_challenger_that_does_not_win_is_refused_with_the_reason(
    new_database: NewDatabase,
    alarmed_template: Database,
    tmp_path: Path,
    changes: dict[str, str],
    reason: str,
) -> None:
    with opened(new_database, alarmed_template, tmp_path, changes) as loop:
        made = loop.carry_out()
        assert (made.result, made.model_version) == (RetrainingResult.REFUSED, "2")
        assert reason in str(made.result_reason)
        assert serving(loop) == ["1"]
        assert len(loop.rows(tables.reference)) == 1
        assert {one["closed_at"] for one in loop.rows(tables.episode)} == {None}


def test_a_winner_waits_where_a_person_promotes(manual: Loop) -> None:
    made = manual.carry_out()
    assert (made.result, made.model_version) == (RetrainingResult.AWAITS_APPROVAL, "2")
    assert serving(manual) == ["1"]
    assert len(manual.rows(tables.reference)) == 1


def test_promoted_by_hand_it_gets_the_reference_it_would_have_got_at_once(
    manual: Loop, promoted: Loop, tmp_path: Path
) -> None:
    manual.carry_out()
    done = manual.command(tmp_path / "line")("promote", "quick", "2", "--reason", "looks good")
    assert done.code == 0, done.errors
    assert serving(manual) == ["1", "2"]
    assert manual.decision().result is RetrainingResult.PROMOTED
    for table in (tables.reference, tables.reference_profile, tables.bins):
        assert comparable(manual.rows(table)) == comparable(promoted.rows(table)), table.name


def test_windows_after_a_promotion_by_hand_are_compared_with_its_reference(
    manual: Loop, tmp_path: Path
) -> None:
    manual.carry_out()
    manual.command(tmp_path / "line")("promote", "quick", "2")
    with manual.at(LATER) as later:
        later.runner.one(AFTER[0])
    assert {*manual.predictions(AFTER[0])["model_version"]} == {"2"}
    assert manual.references_of(AFTER[0]) == {2}
    assert {one["closed_by"] for one in manual.rows(tables.episode)} == {"promotion"}


@pytest.mark.parametrize(
    ("version", "error"), [("1", "version 1 serves already"), ("7", "has no version '7'")]
)
def test_what_cannot_be_promoted_is_refused(
    alarmed: Loop, tmp_path: Path, version: str, error: str
) -> None:
    done = alarmed.command(tmp_path / "line")("promote", "quick", version)
    assert done.code == 1
    assert error in done.errors
    assert serving(alarmed) == ["1"]


def test_a_person_trains_with_other_parameters(alarmed: Loop, tmp_path: Path) -> None:
    chosen = {"fit_intercept": False}
    arguments = ("--estimator", "linear", "--params", json.dumps(chosen))
    done = alarmed.command(tmp_path / "line")("train", "quick", *arguments)
    assert done.code == 0, done.errors
    (version,) = alarmed.rows(tables.model_version, model_version="2")
    assert (version["estimator"], version["parameters"]) == ("linear", chosen)
    assert alarmed.pipeline("2").named_steps["estimator"].fit_intercept is False
    assert alarmed.decision().code is DecisionCode.BY_HAND


def test_a_person_names_the_days_to_learn_from(alarmed: Loop, tmp_path: Path) -> None:
    days = ("--start", BAD[0], "--end", BAD[1])
    done = alarmed.command(tmp_path / "line")("train", "quick", *days)
    assert done.code == 0, done.errors
    (used,) = alarmed.rows(tables.training_set)
    assert used["windows"] == [
        alarmed.of_day(tables.window, day)["window_start"] for day in BAD[:2]
    ]
    assert "promoted" in done.output


@pytest.mark.parametrize(
    ("parameters", "error"), [("[1]", "JSON object"), ("{", "no JSON"), ('{"x": 1}', "x")]
)
def test_parameters_that_are_none_are_refused(
    alarmed: Loop, tmp_path: Path, parameters: str, error: str
) -> None:
    arguments = ("--estimator", "linear", "--params", parameters)
    done = alarmed.command(tmp_path / "line")("train", "quick", *arguments)
    assert done.code != 0
    assert error in done.errors
    assert serving(alarmed) == ["1"]
    assert not [one for one in alarmed.rows(tables.retraining_decision) if not one["result"]]


def test_a_training_that_is_stopped_has_failed_and_another_may_begin(
    alarmed: Loop, tmp_path: Path
) -> None:
    command = alarmed.command(tmp_path / "line")
    with alarmed.database.begin() as connection:
        # What the first step writes, once it is decided: it is stopped there, however fast it is.
        connection.execute(sa.text("LOCK TABLE monitoring.training_set IN SHARE MODE"))
        process = command.start("train", "quick")
        wait_for_waiters(alarmed.database, 1)
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    (made,) = alarmed.rows(tables.retraining_decision)
    assert (made["result"], made["result_reason"]) == ("failed", "stopped by hand")
    assert command("train", "quick").code == 0
    assert serving(alarmed) == ["1", "2"]


def test_a_person_launches_the_job_in_the_ui(alarmed: Loop) -> None:
    result = alarmed.retrain(None)
    made = alarmed.decision()
    assert (made.code, made.run_id) == (DecisionCode.BY_HAND, result.run_id)
    assert made.result is RetrainingResult.PROMOTED
    assert serving(alarmed) == ["1", "2"]


def test_what_does_a_run_launched_in_the_ui_again_finds_its_decision_by_its_tags(
    alarmed: Loop,
) -> None:
    launched = alarmed.runner.instance.get_run_by_id(alarmed.retrain(None).run_id)
    assert launched is not None
    assert launched.tags.items() >= run_tags(alarmed.decision(), 1).items()
    alarmed.retrain(alarmed.decision(), 1)  # as the UI does: with the tags of the run
    assert len(alarmed.rows(tables.retraining_decision)) == 1
    assert serving(alarmed) == ["1", "2"]


@pytest.mark.parametrize(("named", "learned"), [((), False), (("--start", BAD[0]), True)])
def test_a_broken_window_is_learned_from_only_where_a_person_names_the_span(
    alarmed: Loop, tmp_path: Path, named: tuple[str, ...], *, learned: bool
) -> None:
    broken = alarmed.of_day(tables.window, BAD[1])["window_start"]
    of_zone = {"window_start": broken, "column_name": "pickup_zone", "metric": "missing_share"}
    with alarmed.database.begin() as connection:
        statement = sa.update(tables.data_quality).filter_by(**of_zone)
        connection.execute(statement.values(verdict="alarm", expectation="at most 0.05"))
    done = alarmed.command(tmp_path / "line")("train", "quick", *named)
    assert done.code == 0, done.errors
    (used,) = alarmed.rows(tables.training_set)
    assert (broken in used["windows"]) is learned


def test_a_second_launch_while_one_is_underway_is_told_why(alarmed: Loop) -> None:
    alarmed.decide()
    result = alarmed.retrain(None, raises=False)
    (failure, *_) = failures_of(result)
    assert "retraining number 1 is underway" in failure
    assert len(alarmed.rows(tables.retraining_decision)) == 1


def test_a_later_step_alone_belongs_to_no_decision(alarmed: Loop) -> None:
    key = names.step_key("quick", RetrainingStep.PROMOTION)
    job = alarmed.runner.definitions.resolve_job_def(names.retraining_job("quick"))
    result = job.execute_in_process(
        instance=alarmed.runner.instance, asset_selection=[key], raise_on_error=False
    )
    (failure,) = failures_of(result)
    assert "launch the whole job quick__retraining" in failure


def job_of(url: str, folder: str, now: str) -> dg.JobDefinition:
    """Return the job, for a run that Dagster has to find again by name."""
    from monitoring_assets.components.loading import load_model
    from monitoring_assets_tests.dagster_runs import Runner

    spec = load_model(Path(folder) / "models" / "quick" / "defs.yaml")
    runner = Runner(spec, Database(url), Path(folder), now)
    return runner.definitions.resolve_job_def(names.retraining_job("quick"))


def test_a_run_launched_in_the_ui_is_executed_again_from_its_failure(
    alarmed: Loop, tmp_path: Path
) -> None:
    with dg.DagsterInstance.local_temp() as instance:
        job = dg.build_reconstructable_job(
            "monitoring_assets_tests.assets.retraining.test_outcomes",
            "job_of",
            reconstructable_kwargs={
                "url": alarmed.database.url,
                "folder": str(tmp_path),
                "now": alarmed.runner.now,
            },
        )
        with alarmed.database.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE monitoring.model_comparison RENAME TO away")
        first = dg.execute_job(job, instance)
        with alarmed.database.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE monitoring.away RENAME TO model_comparison")
        again = dg.ReexecutionOptions.from_failure(first.run_id, instance)
        second = dg.execute_job(job, instance, reexecution_options=again)
        assert (first.success, second.success) == (False, True)
    (made,) = alarmed.rows(tables.retraining_decision)
    assert (made["run_id"], made["result"]) == (first.run_id, "promoted")
    assert serving(alarmed) == ["1", "2"]
