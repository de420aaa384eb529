"""Classifiers of two and of three classes go through the loop, each by metrics of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from monitoring_assets.records import RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    CLASSES,
    JANUARY,
    LABEL,
    Task,
    answers,
    classifier_spec,
    write_answers,
)
from monitoring_assets_tests.assets.retraining.loop_model import Loop
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.stored import stored_rows

pytestmark = pytest.mark.slow

GOOD: Final = ("2023-02-01", "2023-02-02")
BAD: Final = ("2023-02-03", "2023-02-04", "2023-02-05")
AFTER: Final = ("2023-02-06", "2023-02-07")
SOON: Final = "2023-02-06T12:00:00+00:00"
LATER: Final = "2023-02-09T12:00:00+00:00"
FEATURES: Final = ["distance", "zone"]

Measured = Callable[[list[str], Any, Any], float]
"""Labels, predicted classes and probabilities in sorted order of the classes -> scikit-learn's."""


@dataclass(frozen=True)
class Case:
    """A classifier: by what it alarms, by what a challenger is judged, and by whom we check that.

    Parameters
    ----------
    bound
        Threshold of the metric that alarms.
    """

    task: Task
    alarms: str
    bound: float
    decides: str
    witness: Measured


def are_yes(classes: Sequence[str]) -> list[bool]:
    """Return which of these are the positive class."""
    return [one == "yes" for one in classes]


CASES: Final = (
    Case("multiclass", "accuracy", 0.2, "accuracy", lambda y, said, _: accuracy_score(y, said)),
    Case("multiclass", "log_loss", 0.2, "log_loss", lambda y, _, p: log_loss(y, p)),
    Case(
        "multiclass", "accuracy", 0.2, "f1", lambda y, said, _: f1_score(y, said, average="macro")
    ),
    Case("binary", "roc_auc", 0.2, "f1", lambda y, said, _: f1_score(are_yes(y), are_yes(said))),
)


@dataclass(frozen=True)
class Lived:
    """A case after its promotion."""

    case: Case
    loop: Loop


@pytest.fixture(scope="module", params=CASES, ids=lambda one: f"{one.task}-{one.decides}")
def lived(
    request: pytest.FixtureRequest,
    new_database: NewDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lived]:
    """The classifier after its promotion, with two windows of the new version."""
    case: Case = request.param
    folder = tmp_path_factory.mktemp(case.task)
    for day in (*JANUARY, *GOOD):
        write_answers(folder, case.task, day)
    for day in (*BAD, *AFTER):
        write_answers(folder, case.task, day, **turned(case.task, day))
    with new_database() as database, Runner(spec_of(case), database, folder, SOON) as runner:
        runner.set_up()
        runner.span(GOOD[0], BAD[-1])
        Loop(runner).carry_out()
        with Loop(runner).at(LATER) as later:
            later.runner.span(*AFTER)
            yield Lived(case, later)


def spec_of(case: Case) -> Any:
    """Return the model's YAML."""
    return classifier_spec(
        case.task,
        {},
        model={"estimator": "linear", "training": {"start": "2023-01-01", "end": "2023-02-01"}},
        reference=None,
        quality={
            "main_metric": case.alarms,
            "thresholds": {case.alarms: {"relative": case.bound}},
        },
        drift={
            "numerical": {"method": "kolmogorov_smirnov"},
            "categorical": {"method": "chi_squared"},
        },
        retraining={
            "minimum_labelled_rows": 300,
            "promotion": {"minimum_rows": 50, "metric": case.decides, "resamples": 200},
        },
    )


def turned(task: Task, day: str) -> dict[str, Any]:
    """Return the labels of a day, each class in the place of the one before it."""
    classes, name = CLASSES[task], LABEL[task]
    places = [classes.index(one) for one in answers(task, day)[name]]
    return {name: np.array(classes)[[(one + 1) % len(classes) for one in places]]}


def labelled(lived: Lived, days: tuple[str, ...]) -> Any:
    """Return the stored rows of days with their labels."""
    database = lived.loop.database
    rows = stored_rows(database, "small", "predictions").to_pandas()
    labels = stored_rows(database, "small", "labels").to_pandas()
    rows = rows.merge(labels[["row_id", "target"]], on="row_id")
    return rows[rows["event_time"].dt.strftime("%Y-%m-%d").isin(days)]


def held_out(lived: Lived) -> Any:
    """Return the rows that champion and challenger were compared on: those not learned from."""
    learned = stored_rows(lived.loop.database, "small", "reference").to_pandas()
    own = learned[learned["model_version"] == "2"]["row_id"]
    rows = labelled(lived, BAD)
    return rows[~rows["row_id"].isin(own)]


def witnessed(lived: Lived, version: str, rows: Any) -> float:
    """Return the deciding metric of a version on rows, by its stored file and scikit-learn."""
    pipeline = lived.loop.pipeline(version)
    probabilities = pipeline.predict_proba(rows[FEATURES])
    said = pipeline.classes_[np.argmax(probabilities, axis=1)]
    return lived.case.witness(list(rows["target"]), said, probabilities)


def test_the_challenger_is_promoted_by_the_metric_that_decides(lived: Lived) -> None:
    made = lived.loop.decision()
    assert made.cause == f"quality/{lived.case.alarms}"
    assert made.result is RetrainingResult.PROMOTED
    assert str(made.result_reason).startswith(lived.case.decides.replace("_", " ")[:2])
    assert "better" in str(made.result_reason)


def test_both_are_measured_on_the_rows_held_out_as_scikit_learn_measures_them(
    lived: Lived,
) -> None:
    rows, case = held_out(lived), lived.case
    (compared,) = lived.loop.rows(tables.model_comparison, segment="all", metric=case.decides)
    assert compared["rows"] == len(rows) > 50
    assert compared["champion"] == pytest.approx(witnessed(lived, "1", rows), rel=1e-6)
    assert compared["challenger"] == pytest.approx(witnessed(lived, "2", rows), rel=1e-6)
    assert compared["gain_low"] > 0


def test_every_metric_of_the_task_is_compared(lived: Lived) -> None:
    compared = {row["metric"] for row in lived.loop.rows(tables.model_comparison, segment="all")}
    assert {"accuracy", "f1", "log_loss", "brier_loss"} <= compared
    assert not compared & {"mae", "rmse"}


def test_what_alarmed_is_as_good_again_as_it_was(lived: Lived) -> None:
    before, bad, after = (quality(lived, days) for days in (GOOD, BAD, AFTER))
    assert {row["verdict"] for row in bad} == {"alarm"}
    assert {row["verdict"] for row in after} == {"ok"}
    usual, now = (np.mean([row["value"] for row in rows]) for rows in (before, after))
    assert now == pytest.approx(usual, rel=0.15)


def quality(lived: Lived, days: tuple[str, ...]) -> list[Any]:
    key = {"metric": lived.case.alarms, "segment": "all", "class_name": "", "kind": "realised"}
    return [lived.loop.of_day(tables.model_quality, day, **key) for day in days]


def test_the_windows_after_it_are_answered_by_the_new_version(lived: Lived) -> None:
    rows = labelled(lived, AFTER)
    assert {*rows["model_version"]} == {"2"}
    pipeline = lived.loop.pipeline("2")
    probabilities = pipeline.predict_proba(rows[FEATURES])
    for place, name in enumerate(pipeline.classes_):
        column = f"probability_{name}"
        if column in rows:
            assert rows[column].to_numpy() == pytest.approx(probabilities[:, place], rel=1e-12)
    assert {*rows["prediction"]} == {*CLASSES[lived.case.task]}
