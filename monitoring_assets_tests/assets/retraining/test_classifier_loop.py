"""A classifier goes once through the loop: the meaning of its classes and its numbers change."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from monitoring_assets.records import RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    JANUARY,
    answers,
    classifier_spec,
    write_answers,
)
from monitoring_assets_tests.assets.retraining.loop_model import Loop
from monitoring_assets_tests.assets.small_model import good_rows
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.stored import stored_rows

pytestmark = pytest.mark.slow

GOOD: Final = ("2023-02-01", "2023-02-02")
BAD: Final = ("2023-02-03", "2023-02-04", "2023-02-05")
AFTER: Final = ("2023-02-06", "2023-02-07")
SOON: Final = "2023-02-06T12:00:00+00:00"
LATER: Final = "2023-02-09T12:00:00+00:00"

SPEC: Final = classifier_spec(
    "binary",
    {},
    model={"estimator": "linear", "training": {"start": "2023-01-01", "end": "2023-02-01"}},
    reference=None,
    quality={"main_metric": "log_loss"},
    drift={
        "numerical": {"method": "kolmogorov_smirnov"},
        "categorical": {"method": "chi_squared"},
    },
    retraining={
        "blocked_by": "none",
        "minimum_labelled_rows": 300,
        "promotion": {"minimum_rows": 50},
    },
)


def turned(day: str) -> dict[str, Any]:
    """Return columns of a day: distances lie elsewhere, yes and no have changed places."""
    said = answers("binary", day)["answer"]
    return {
        "distance": good_rows(day)["distance"] + 40,
        "answer": np.where(said == "yes", "no", "yes"),
    }


@pytest.fixture(scope="module")
def loop(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """The classifier after its promotion, with two windows of the new version."""
    folder = tmp_path_factory.mktemp("classifier")
    for day in (*JANUARY, *GOOD):
        write_answers(folder, "binary", day)
    for day in (*BAD, *AFTER):
        write_answers(folder, "binary", day, **turned(day))
    with new_database() as database, Runner(SPEC, database, folder, SOON) as runner:
        loop = Loop(runner)
        runner.set_up()
        runner.span(GOOD[0], BAD[-1])
        loop.carry_out()
        with loop.at(LATER) as later:
            later.runner.span(*AFTER)
            yield later


def scored(loop: Loop, day: str) -> Any:
    """Return the stored rows of a day with their labels."""
    rows = stored_rows(loop.database, "small", "predictions").to_pandas()
    labels = stored_rows(loop.database, "small", "labels").to_pandas()
    rows = rows.merge(labels[["row_id", "target"]], on="row_id")
    return rows[rows["event_time"].dt.strftime("%Y-%m-%d") == day]


def quality(loop: Loop, day: str, metric: str) -> Any:
    key = {"metric": metric, "segment": "all", "class_name": "", "kind": "realised"}
    return loop.of_day(tables.model_quality, day, **key)


def bins_of(loop: Loop, day: str) -> int:
    row = loop.of_day(tables.window_profile, day, column_name="distance", segment="all")
    return row["bins_version"]


def test_the_challenger_is_promoted_on_the_main_metric(loop: Loop) -> None:
    made = loop.decision()
    assert made.result is RetrainingResult.PROMOTED
    assert str(made.result_reason).startswith(SPEC.main_metric)
    compared = loop.rows(tables.model_comparison, segment="all", metric=SPEC.main_metric)
    assert [(one["champion_version"], one["challenger_version"]) for one in compared] == [
        ("1", "2")
    ]


def test_the_stored_answers_are_those_of_the_new_version(loop: Loop) -> None:
    rows = scored(loop, AFTER[0])
    probabilities = loop.pipeline("2").predict_proba(rows[["distance", "zone"]])[:, 1]
    assert {*rows["model_version"]} == {"2"}
    assert rows["probability_yes"].to_numpy() == pytest.approx(probabilities, rel=1e-12)


def test_the_quality_recovers_and_is_that_of_scikit_learn(loop: Loop) -> None:
    assert quality(loop, BAD[-1], SPEC.main_metric)["verdict"] == "alarm"
    assert quality(loop, AFTER[0], SPEC.main_metric)["verdict"] == "ok"
    rows = scored(loop, AFTER[0])
    expected = roc_auc_score(rows["target"] == "yes", rows["probability_yes"])
    assert quality(loop, AFTER[0], "roc_auc")["value"] == pytest.approx(expected, abs=0.01)


def test_each_window_is_counted_by_the_bins_of_its_reference(loop: Loop) -> None:
    before = {day: bins_of(loop, day) for day in (*GOOD, *BAD, *AFTER)}
    assert before == dict.fromkeys((*GOOD, *BAD), 1) | dict.fromkeys(AFTER, 2)


def test_computed_again_every_window_is_what_it_was(loop: Loop) -> None:
    assert [loop.references_of(day) for day in (BAD[0], AFTER[0])] == [{1}, {2}]
    before = loop.until(AFTER[-1])
    loop.runner.span(GOOD[0], AFTER[-1])
    assert loop.until(AFTER[-1]) == before
    assert bins_of(loop, BAD[0]) == 1


def test_the_new_windows_have_not_drifted_from_the_new_reference(loop: Loop) -> None:
    key = {"column_name": "distance", "segment": "all", "deciding": True}
    verdicts = {day: loop.of_day(tables.drift_score, day, **key) for day in (BAD[0], AFTER[0])}
    assert verdicts[BAD[0]]["verdict"] == "alarm"
    assert verdicts[AFTER[0]]["verdict"] == "ok"
