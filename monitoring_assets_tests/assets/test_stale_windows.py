"""Windows judged by earlier ones that have changed since: found, and judged anew without rows."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

from monitoring_assets.assets import data_drift, names
from monitoring_assets.assets.jobs import JUDGING_LAYERS, RANGE_END, RANGE_START
from monitoring_assets.assets.moving import stale_windows
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.classifier_model import (
    SAID,
    Classifier,
    classifier_spec,
    measured,
    probabilities_of,
)
from monitoring_assets_tests.assets.small_model import good_rows
from monitoring_assets_tests.command_line import Outcome, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner, failures_of, write_model, yaml_of
from monitoring_assets_tests.stored import Row, everything, rows_of

pytestmark = pytest.mark.slow

DAYS = [f"2023-02-{day:02}" for day in range(1, 8)]
CHANGED = DAYS[1]
FOLLOWERS = DAYS[3:5]
"""Compared with three days of which the changed one is one."""

SPEC = classifier_spec(
    "binary",
    {"prediction": SAID, "probabilities": probabilities_of("binary")},
    reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}, "rolling_windows": 3},
    windows={"granularity": "day", "start": "2023-02-01", "end": "2023-02-08"},
)


@pytest.fixture(scope="module")
def empty(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The reference is measured; no window has been computed."""
    with measured(new_database, tmp_path_factory.mktemp("empty"), SPEC) as model:
        yield model.database


@pytest.fixture(scope="module")
def full(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, empty: Database
) -> Iterator[Database]:
    """All seven windows have been computed, in one run."""
    with opened(new_database, tmp_path_factory.mktemp("full"), empty) as model:
        model.runner.span(DAYS[0], DAYS[-1])
        yield model.database


@pytest.fixture
def rolling(new_database: NewDatabase, tmp_path: Path, full: Database) -> Iterator[Classifier]:
    """All seven windows, on a copy."""
    with opened(new_database, tmp_path, full) as model:
        yield model


@pytest.fixture
def unbegun(new_database: NewDatabase, tmp_path: Path, empty: Database) -> Iterator[Classifier]:
    """No window yet, on a copy."""
    with opened(new_database, tmp_path, empty) as model:
        yield model


@contextmanager
def opened(new_database: NewDatabase, folder: Path, template: Database) -> Iterator[Classifier]:
    with measured(new_database, folder, SPEC, template=template) as model:
        for day in DAYS:
            model.write(day)
        yield model


def change(model: Classifier) -> None:
    """Write other rows of one day: longer distances, and labels that are mostly no."""
    far = good_rows(CHANGED)["distance"] + 3
    model.write(CHANGED, distance=far, answer=["no"] * 100 + ["yes"] * 20)


def stale(model: Classifier) -> list[str]:
    windows = windows_for_keys(model.spec, DAYS)
    return [one.partition_key for one in stale_windows(model.database, model.spec, windows)]


def judge(model: Classifier, first: str, last: str) -> dg.ExecuteInProcessResult:
    """Run the job that judges windows anew."""
    job = model.runner.definitions.resolve_job_def(names.judging_job("small"))
    return job.execute_in_process(
        instance=model.runner.instance,
        run_config=QUIET,
        tags={RANGE_START: first, RANGE_END: last},
    )


def backfill(model: Classifier, *arguments: str) -> Outcome:
    """Call `monitoring-assets backfill small` with these arguments."""
    models = model.folder / "models"
    if not models.exists():
        write_model(models, yaml_of(model.spec), "small")
    command = command_line(model.database, model.folder, MONITORING_MODELS=str(models))
    return command("backfill", "small", *arguments)


def number(model: Classifier, day: str, table: Any, **key: Any) -> Row:
    """Return one number of a day."""
    rows = rows_of(model.database, table, **key)
    (found,) = (row for row in rows if f"{row['window_start']:%Y-%m-%d}" == day)
    return found


def computations(model: Classifier, layer: str) -> dict[str, int]:
    """Return how often a layer has been computed, by window."""
    found = [
        row["window_start"] for row in rows_of(model.database, tables.computation, layer=layer)
    ]
    return {day: sum(f"{one:%Y-%m-%d}" == day for one in found) for day in DAYS}


def in_one_run(new_database: NewDatabase, folder: Path, empty: Database) -> dict[str, list[str]]:
    """Return all that is stored when the changed days are computed in one run."""
    with opened(new_database, folder, empty) as model:
        change(model)
        model.runner.span(DAYS[0], DAYS[-1])
        return everything(model.database)


def test_windows_computed_in_one_run_are_not_stale(rolling: Classifier) -> None:
    assert stale(rolling) == []


def test_a_window_computed_again_makes_those_compared_with_it_stale(rolling: Classifier) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    assert stale(rolling) == FOLLOWERS
    assert number(rolling, FOLLOWERS[0], tables.window)["status"] == "complete", (
        "of its own rows nothing has changed"
    )


def test_judging_them_anew_reads_no_row_and_leaves_nothing_stale(
    rolling: Classifier, new_database: NewDatabase, tmp_path: Path, empty: Database
) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    counted = computations(rolling, "window_profiles")
    shutil.rmtree(rolling.folder / "small")
    assert judge(rolling, *FOLLOWERS).success
    assert stale(rolling) == []
    assert computations(rolling, "window_profiles") == counted
    assert everything(rolling.database) == in_one_run(new_database, tmp_path / "other", empty)


@pytest.mark.parametrize("place", [3, 4])
def test_drift_and_quality_are_then_those_against_the_new_rows(
    rolling: Classifier, place: int
) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    judge(rolling, *FOLLOWERS)
    usual, window = rolling.frame(*DAYS[place - 3 : place]), rolling.frame(DAYS[place])
    accuracy = number(rolling, DAYS[place], tables.model_quality, metric="accuracy")
    assert accuracy["reference_value"] == pytest.approx((usual["answer"] == usual[SAID]).mean())
    (bins,) = rows_of(rolling.database, tables.bins, column_name="distance")
    edges = np.array(bins["edges"])
    below = [np.mean(one["distance"].to_numpy()[:, None] <= edges, 0) for one in (window, usual)]
    drift = number(rolling, DAYS[place], tables.drift_score, column_name="distance")
    assert drift["score"] == pytest.approx(np.abs(below[0] - below[1]).max())


def test_the_backfill_command_judges_them_anew(
    rolling: Classifier, new_database: NewDatabase, tmp_path: Path, empty: Database
) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    done = backfill(rolling)
    assert done.code == 0, done.errors
    assert "7 ready windows, 7 complete, 0 to compute" in done.output
    assert "small: 2 windows judged anew" in done.output
    assert stale(rolling) == []
    assert everything(rolling.database) == in_one_run(new_database, tmp_path / "other", empty)
    assert "judged anew" not in backfill(rolling).output


def test_a_backfill_of_one_window_also_judges_those_that_follow_it(rolling: Classifier) -> None:
    change(rolling)
    done = backfill(rolling, "--again", "--start", CHANGED, "--end", CHANGED)
    assert done.code == 0, done.errors
    assert "1 ready windows, 1 complete, 1 to compute" in done.output
    assert "small: 2 windows judged anew" in done.output
    assert stale(rolling) == []


def test_the_schedule_asks_for_their_judging_layers_only(rolling: Classifier) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    (request,) = requests(rolling)
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == tuple(FOLLOWERS)
    wanted = {names.asset_key("small", layer) for layer in JUDGING_LAYERS}
    assert {*request.asset_selection} == wanted
    judge(rolling, *FOLLOWERS)
    assert requests(rolling) == []


def requests(model: Classifier) -> list[Any]:
    """Return the runs that the schedule asks for."""
    name = names.ready_windows_schedule("small")
    schedule = model.runner.definitions.resolve_schedule_def(name)
    with dg.build_schedule_context(
        model.runner.instance, resources=model.runner.resources
    ) as context:
        return list(schedule.evaluate_tick(context).run_requests or ())


def test_over_a_hole_it_says_which_windows_to_compute_first(unbegun: Classifier) -> None:
    (said,) = failures_of(unbegun.runner.one(DAYS[5], raises=False))
    assert "'small'" in said
    assert f"window {DAYS[5]} is compared with the 3 windows before it, of which 0 have" in said
    assert f"compute windows from {DAYS[2]} 00:00 UTC on first" in said
    assert rows_of(unbegun.database, tables.drift_score) == []
    (window,) = rows_of(unbegun.database, tables.window)
    assert (window["partition_key"], window["status"]) == (DAYS[5], "incomplete")


def test_the_backfill_command_over_a_hole_says_it_too_and_then_fills_it(
    unbegun: Classifier, full: Database
) -> None:
    failed = backfill(unbegun, "--start", DAYS[5], "--end", DAYS[6])
    assert failed.code == 1
    assert f"{DAYS[5]} to {DAYS[6]}" in failed.errors
    assert f"compute windows from {DAYS[2]} 00:00 UTC on first" in failed.errors
    done = backfill(unbegun)
    assert done.code == 0, done.errors
    assert stale(unbegun) == []
    assert everything(unbegun.database) == everything(full)


def test_a_window_judged_by_most_of_the_windows_before_it_is_judged_anew_by_all(
    unbegun: Classifier, full: Database
) -> None:
    unbegun.runner.span(DAYS[0], DAYS[1])
    unbegun.runner.one(DAYS[3])
    (row,) = rows_of(unbegun.database, tables.drift_score, column_name="distance", n_window=120)[
        -1:
    ]
    assert row["n_reference"] == 2 * 120
    assert backfill(unbegun).code == 0
    assert everything(unbegun.database) == everything(full)


def test_the_first_windows_are_compared_with_the_fixed_reference_whatever_changed(
    rolling: Classifier,
) -> None:
    before = rows_of(rolling.database, tables.drift_score)
    rolling.runner.one(DAYS[0])
    assert stale(rolling) == DAYS[3:4]
    assert not {*DAYS[:3]} & {*stale(rolling)}
    assert {row["n_reference"] for row in before if row["window_start"].day <= 3} == {1200}
    assert {row["n_reference"] for row in before if row["window_start"].day > 3} == {360}


def test_what_another_run_counts_meanwhile_is_what_a_window_is_judged_by_in_the_end(
    rolling: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_drift, meanwhile = data_drift.judge_drift, [CHANGED]

    def interrupted(*arguments: Any) -> Any:
        if meanwhile:
            change(rolling)
            with Runner(rolling.spec, rolling.database, rolling.folder) as other:
                other.one(meanwhile.pop())
        return judge_drift(*arguments)

    monkeypatch.setattr(data_drift, "judge_drift", interrupted)
    judge(rolling, DAYS[3], DAYS[-1])
    found = everything(rolling.database)["drift_score"]
    judge(rolling, DAYS[3], DAYS[-1])
    assert (meanwhile, everything(rolling.database)["drift_score"]) == ([], found)
