"""Classifiers trained here: probabilities in the order of the YAML, deciding, odd targets."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.errors import DataError
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.training import artifacts
from monitoring_assets.training.fit import (
    answer_columns,
    fit,
    out_of_fold_predictions,
    predict,
    unanswered,
)
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.training.trips import ESTIMATORS, FEW_TREES, features, trips

SPEEDS = ("slow", "quick", "medium")
"""Not in alphabetical order: scikit-learn's order must not shine through."""


def classifier(
    estimator: str = "linear", classes: tuple[str, ...] = SPEEDS, **of: Any
) -> ModelSpec:
    task = "binary" if len(classes) == 2 else "multiclass"
    section = {
        "estimator": estimator,
        "training": {"start": "2023-01-01", "end": "2023-02-01"},
        "parameters": FEW_TREES[estimator],
    }
    return small_spec(task=task, classification={"classes": list(classes)} | of, model=section)


def rows_of(spec: ModelSpec, n: int = 400) -> pa.Table:
    """Return trips whose class follows from their distance: short ones are of the last class."""
    rows, classes = trips(n), spec.classification
    assert classes is not None
    distance = rows.column("distance").to_numpy()
    edges = np.quantile(distance, np.arange(1, len(classes.classes)) / len(classes.classes))
    codes = len(classes.classes) - 1 - np.digitize(distance, edges)
    names = pa.array([classes.classes[code] for code in codes], pa.string())
    return rows.set_column(rows.column_names.index("minutes"), "minutes", names)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("classes", [SPEEDS, ("slow", "quick")])
def test_probabilities_stand_in_the_order_of_the_class_list(
    estimator: str, classes: tuple[str, ...]
) -> None:
    spec = classifier(estimator, classes)
    rows = rows_of(spec)
    shortest, longest = predict(fit(spec, rows), spec, features([0.1, 12.0], ["west", "west"]))
    assert shortest.argmax() == len(classes) - 1
    assert longest.argmax() == 0
    assert np.allclose(shortest.sum(), 1)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_out_of_fold_probabilities_have_the_same_order(estimator: str) -> None:
    spec = classifier(estimator)
    rows = rows_of(spec)
    decided = answer_columns(spec, out_of_fold_predictions(spec, rows))["prediction"]
    truth = rows.column("minutes").to_pylist()
    right = np.mean([a == b for a, b in zip(decided.to_pylist(), truth, strict=True)])
    assert right > 0.8


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_stored_classifier_answers_as_it_did(estimator: str) -> None:
    spec = classifier(estimator)
    rows = rows_of(spec)
    pipeline = fit(spec, rows)
    opened = artifacts.load(*artifacts.dump(pipeline), artifacts.library_versions())
    assert np.array_equal(predict(opened, spec, rows), predict(pipeline, spec, rows))


def test_a_binary_answer_follows_the_threshold() -> None:
    spec = classifier(classes=("no", "yes"), decision_threshold=0.3)
    columns = answer_columns(spec, np.array([[0.71, 0.29], [0.7, 0.3], [np.nan, np.nan]]))
    assert columns["prediction"].to_pylist() == ["no", "yes", None]
    assert columns["probability_yes"].to_pylist() == [0.29, 0.3, None]
    assert [*columns] == ["prediction", "probability_yes"]


def test_of_equal_probabilities_the_first_class_wins() -> None:
    columns = answer_columns(classifier(), np.array([[0.2, 0.4, 0.4]]))
    assert columns["prediction"].to_pylist() == ["quick"]
    assert columns["probability_medium"].to_pylist() == [0.4]


def test_rows_without_a_model_have_no_answer() -> None:
    spec = classifier()
    columns = answer_columns(spec, unanswered(spec, 2))
    assert all(column.null_count == 2 for column in columns.values())


def test_no_rows_have_no_predictions() -> None:
    spec = classifier()
    assert predict(fit(spec, rows_of(spec)), spec, features([], [])).shape == (0, 3)


def test_a_class_that_is_not_listed_is_named() -> None:
    spec = classifier(classes=("slow", "quick"))
    with pytest.raises(DataError, match=r"holds 'medium', which classification\.classes"):
        fit(spec, rows_of(classifier()))


def test_a_class_with_too_few_rows_for_the_folds_is_named() -> None:
    spec = classifier(classes=(*SPEEDS, "standing"))
    with pytest.raises(DataError, match=r"too few of 'standing' \(0\)"):
        fit(spec, rows_of(classifier()))
