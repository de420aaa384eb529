"""Classifiers trained here: stored answers are those of the stored model, the reference's are not.

The reference's are out-of-fold: from models that did not learn from the row they answer for.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import skops.io
from sklearn import base, model_selection
from threadpoolctl import threadpool_limits

from monitoring_assets.assets import names
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    CLASSES,
    JANUARY,
    LABEL,
    Classifier,
    Task,
    classifier_spec,
    measured,
)
from monitoring_assets_tests.assets.classifier_witness import Witness
from monitoring_assets_tests.assets.small_model import ROWS
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, failures_of
from monitoring_assets_tests.specs import small_columns, small_spec
from monitoring_assets_tests.stored import rows_of, stored_rows

pytestmark = pytest.mark.slow

FIRST, SECOND = "2023-02-01", "2023-02-02"
PARAMETERS: dict[str, dict[str, Any]] = {"hist_gradient_boosting": {"max_iter": 5}, "linear": {}}
CASES = [(task, estimator) for task in CLASSES for estimator in PARAMETERS]
FEATURES = ["distance", "zone"]


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def trained(
    request: pytest.FixtureRequest,
    new_database: NewDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Classifier]:
    """Two days of a classifier that learned from January; on the second, no distance is known."""
    task, estimator = request.param
    learned = {"start": "2023-01-01", "end": "2023-02-01"}
    model = {"estimator": estimator, "training": learned, "parameters": PARAMETERS[estimator]}
    spec = classifier_spec(task, {}, model=model, reference=None)
    with measured(new_database, tmp_path_factory.mktemp("trained"), spec) as classifier:
        classifier.write(FIRST)
        classifier.write(SECOND, distance=[None] * ROWS, zone=["moon"] * ROWS)
        classifier.runner.span(FIRST, SECOND)
        yield classifier


def names_of(trained: Classifier) -> list[str]:
    task: Task = "binary" if trained.spec.task == "binary" else "multiclass"
    return CLASSES[task]


def label_of(trained: Classifier) -> str:
    return LABEL["binary" if trained.spec.task == "binary" else "multiclass"]


def pipeline_of(trained: Classifier) -> Any:
    (file,) = rows_of(trained.database, tables.artifact)
    content = bytes(file["content"])
    return skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))


def features(trained: Classifier, *days: str) -> pd.DataFrame:
    """Return what the model sees, read from the files."""
    rows = trained.frame(*days)[FEATURES]
    return rows.assign(distance=rows["distance"].astype(float))


def out_of_fold(trained: Classifier) -> npt.NDArray[np.float64]:
    """Fit the stored model's like anew, five times, each time without the rows it answers for."""
    labels = trained.frame(*JANUARY)[label_of(trained)]
    folds = model_selection.StratifiedKFold(5, shuffle=True, random_state=0)
    found = model_selection.cross_val_predict(
        base.clone(pipeline_of(trained)),
        features(trained, *JANUARY),
        labels,
        cv=folds,
        method="predict_proba",
    )
    return np.asarray(found, dtype=np.float64)


@cache
def witness(trained: Classifier, *days: str) -> Witness:
    """Return labels, classes and probabilities of a day, or out-of-fold those of January."""
    classes = names_of(trained)
    with threadpool_limits(1):  # spinning threads make it slow on shared cores
        if days == tuple(JANUARY):
            found = out_of_fold(trained)
        else:
            found = pipeline_of(trained).predict_proba(features(trained, *days))
    rows = pd.DataFrame(found, columns=sorted(classes))
    said = rows[classes].idxmax(axis=1)
    rows = rows.assign(label=trained.frame(*days)[label_of(trained)], said=said)
    return Witness(rows, classes, "yes" if "yes" in classes else None)


def stored(trained: Classifier, kind: str, days: list[str]) -> pd.DataFrame:
    rows = stored_rows(trained.database, "small", kind).to_pandas()
    rows = rows[rows["event_time"].dt.strftime("%Y-%m-%d").isin(days)]
    return rows.sort_values("event_time", ignore_index=True)


@pytest.mark.parametrize(
    ("kind", "days"), [("predictions", [FIRST]), ("predictions", [SECOND]), ("reference", JANUARY)]
)
def test_stored_answers_are_found_again(trained: Classifier, kind: str, days: list[str]) -> None:
    found, rows = witness(trained, *days).rows, stored(trained, kind, days)
    assert len(rows) == len(days) * ROWS
    assert rows["prediction"].tolist() == found["said"].tolist()
    for name, column in trained.spec.probability_columns.items():
        assert column == f"probability_{name}"
        assert rows[column].tolist() == pytest.approx(found[name].tolist(), rel=0, abs=1e-9)
    assert set(rows["model_version"]) == {"1"}


def test_the_reference_does_not_repeat_what_the_model_has_learned(trained: Classifier) -> None:
    fitted = pipeline_of(trained).predict_proba(features(trained, *JANUARY))
    place = sorted(names_of(trained)).index(names_of(trained)[-1])
    ours = stored(trained, "reference", JANUARY)[f"probability_{names_of(trained)[-1]}"]
    assert np.abs(fitted[:, place] - ours).max() > 0.005


def test_every_quality_number_agrees_with_scikit_learn(trained: Classifier) -> None:
    found, usual = witness(trained, FIRST), witness(trained, *JANUARY)
    rows = rows_of(trained.database, tables.model_quality)
    rows = [row for row in rows if f"{row['window_start']:%Y-%m-%d}" == FIRST]
    whole = {row["metric"] for row in rows if not row["class_name"]}
    assert len(whole) == (10 if trained.spec.task == "binary" else 9)
    for row in rows:
        asked, exact = (row["metric"], row["class_name"]), row["metric"] != "roc_auc"
        off = 1e-9 + (0 if exact else found.near_pairs(row["class_name"]))
        assert row["value"] == pytest.approx(found.value(*asked), rel=0, abs=off), asked
        off = 1e-9 + (0 if exact else usual.near_pairs(row["class_name"]))
        assert row["reference_value"] == pytest.approx(usual.value(*asked), rel=0, abs=off), asked
        assert row["model_version"] == "1"


def test_drift_of_answers_is_measured_from_those_out_of_fold(trained: Classifier) -> None:
    both = stored(trained, "predictions", [FIRST]), stored(trained, "reference", JANUARY)
    one, other = (part["prediction"].value_counts(normalize=True) for part in both)
    v = (((one - other) ** 2 / (one + other)).sum() / 2) ** 0.5
    assert score_of(trained, "prediction") == pytest.approx(v, rel=1e-9)
    for name in trained.spec.probability_columns.values():
        (bins,) = rows_of(trained.database, tables.bins, column_name=name)
        edges = np.array(bins["edges"])
        below = [np.mean(part[name].to_numpy()[:, None] <= edges, 0) for part in both]
        distance = np.abs(below[0] - below[1]).max()
        assert score_of(trained, name) == pytest.approx(distance, rel=1e-9)


def score_of(trained: Classifier, column: str) -> float:
    rows = rows_of(trained.database, tables.drift_score, column_name=column, deciding=True)
    (row,) = (row for row in rows if f"{row['window_start']:%Y-%m-%d}" == FIRST)
    return row["score"]


def test_the_version_says_what_it_learned_from(trained: Classifier) -> None:
    (version,) = rows_of(trained.database, tables.model_version)
    assert (version["training_rows"], version["model_version"]) == (len(JANUARY) * ROWS, "1")
    (deployment,) = rows_of(trained.database, tables.deployment)
    assert f"{deployment['valid_from']:%Y-%m-%d}" == FIRST


def test_a_day_of_which_every_feature_is_missing_has_answers_and_alarms(
    trained: Classifier,
) -> None:
    (window,) = rows_of(trained.database, tables.window, partition_key=SECOND)
    assert (window["status"], window["rows_scored"]) == ("complete", ROWS)
    alarms = {
        (row["column_name"], row["metric"])
        for row in rows_of(trained.database, tables.data_quality, verdict="alarm")
    }
    assert alarms == {("distance", "missing_share"), ("zone", "unseen_share")}


SCORED: dict[str, Any] = {
    "model": {"estimator": "linear", "training": {"start": "2023-01-05", "end": "2023-02-01"}},
    "reference": {"period": {"start": "2023-01-01", "end": "2023-01-05"}},
}
"""A reference that the model did not learn from: it answers for it."""

THREE = {"classes": ["no", "yes", "maybe"]}
CHANGES = {
    "answers 'no', 'yes', the YAML asks for 'maybe', 'no', 'yes'": classifier_spec(
        "multiclass", {"target": "answer"}, classification=THREE, **SCORED
    ),
    "answers 'no', 'yes', the YAML asks for a number": small_spec(
        columns=small_columns(target="tip"), **SCORED
    ),
    "needs 'distance', no features any more": classifier_spec(
        "binary", {"numerical": []}, **SCORED
    ),
}


@pytest.mark.parametrize("words", CHANGES)
def test_a_version_that_does_not_fit_the_yaml_any_more_is_refused_with_what_to_do(
    new_database: NewDatabase, tmp_path: Path, words: str
) -> None:
    with measured(new_database, tmp_path, classifier_spec("binary", {}, **SCORED)) as trained:
        own = trained.runner
        changed = replace(own, spec=CHANGES[words], recorded_in=own.instance)
        job = changed.definitions.resolve_job_def(names.setup_job("small"))
        result = job.execute_in_process(
            instance=changed.instance, run_config=QUIET, raise_on_error=False
        )
    (said,) = failures_of(result)
    assert f"model 'small': the deployed version {words}; undo the change of the YAML" in said
