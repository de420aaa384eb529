"""Windows judged by earlier ones that have changed since: found, and judged anew without rows."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitoring_assets.assets import data_drift, names
from monitoring_assets.assets.jobs import JUDGING_LAYERS, RANGE_END, RANGE_START
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.classifier_model import SAID, Classifier
from monitoring_assets_tests.assets.rolling_model import (
    CHANGED,
    DAYS,
    FOLLOWERS,
    backfill,
    change,
    judge,
    number,
    opened,
    stale,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.stored import everything, rows_of

pytestmark = pytest.mark.slow


def computations(model: Classifier, layer: str) -> dict[str, int]:
    """Return how often a layer has been computed, by window."""
    found = [
        row["window_start"] for row in rows_of(model.database, tables.computation, layer=layer)
    ]
    return {day: sum(f"{one:%Y-%m-%d}" == day for one in found) for day in DAYS}


def in_one_run(
    new_database: NewDatabase, folder: Path, rolling_empty: Database
) -> dict[str, list[str]]:
    """Return all that is stored when the changed days are computed in one run."""
    with opened(new_database, folder, rolling_empty) as model:
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
    rolling: Classifier, new_database: NewDatabase, tmp_path: Path, rolling_empty: Database
) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    counted = computations(rolling, "window_profiles")
    shutil.rmtree(rolling.folder / "small")
    assert judge(rolling, *FOLLOWERS).success
    assert stale(rolling) == []
    assert computations(rolling, "window_profiles") == counted
    assert everything(rolling.database) == in_one_run(
        new_database, tmp_path / "other", rolling_empty
    )


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
    rolling: Classifier, new_database: NewDatabase, tmp_path: Path, rolling_empty: Database
) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    done = backfill(rolling)
    assert done.code == 0, done.errors
    assert "7 ready windows, 7 complete, 0 to compute" in done.output
    assert "small: 2 windows judged anew" in done.output
    assert stale(rolling) == []
    assert everything(rolling.database) == in_one_run(
        new_database, tmp_path / "other", rolling_empty
    )
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


def test_a_window_that_is_missing_does_not_keep_others_from_being_judged(
    rolling: Classifier,
) -> None:
    change(rolling)
    rolling.runner.one(CHANGED)
    rolling.runner.one(DAYS[-1], [Layer.PREDICTIONS])
    missing, outdated = requests(rolling)
    assert missing.tags[RANGE_START] == missing.tags[RANGE_END] == DAYS[-1]
    assert names.asset_key("small", Layer.WINDOW_PROFILES) in missing.asset_selection
    assert names.asset_key("small", Layer.PREDICTIONS) not in missing.asset_selection
    assert len(outdated.asset_selection) == len(JUDGING_LAYERS)
    assert (outdated.tags[RANGE_START], outdated.tags[RANGE_END]) == tuple(FOLLOWERS)


def requests(model: Classifier) -> list[Any]:
    """Return the runs that the schedule asks for."""
    return list(model.runner.tick().run_requests or ())


def test_the_first_windows_are_compared_with_the_fixed_reference_whatever_changed(
    rolling: Classifier,
) -> None:
    scores = rows_of(rolling.database, tables.drift_score)
    target = rolling.spec.columns.target
    before = [row for row in scores if row["column_name"] != target]
    assert {row["n_reference"] for row in scores if row["column_name"] == target} == {1200}
    rolling.runner.one(DAYS[0])
    assert stale(rolling) == DAYS[3:4]
    assert not {*DAYS[:3]} & {*stale(rolling)}
    assert {row["n_reference"] for row in before if row["window_start"].day <= 3} == {1200}
    assert {row["n_reference"] for row in before if row["window_start"].day > 3} == {360}


def test_what_another_run_counts_meanwhile_is_what_a_window_is_judged_by_in_the_end(
    rolling: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_segments, meanwhile = data_drift.judge_segments, [CHANGED]

    def interrupted(*arguments: Any) -> Any:
        if meanwhile:
            change(rolling)
            with Runner(rolling.spec, rolling.database, rolling.folder) as other:
                other.one(meanwhile.pop())
        return judge_segments(*arguments)

    monkeypatch.setattr(data_drift, "judge_segments", interrupted)
    judge(rolling, DAYS[3], DAYS[-1])
    found = everything(rolling.database)["drift_score"]
    judge(rolling, DAYS[3], DAYS[-1])
    assert (meanwhile, everything(rolling.database)["drift_score"]) == ([], found)
