"""What is predicted: task, target, prediction, classes and probabilities."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets_tests.onboarding.data import ROWS, binary_rows, proposed_for, roles, times

HALF = np.arange(ROWS) % 2
THIRD = np.arange(ROWS) % 3
REAL = np.linspace(1.5, 60.25, ROWS)
PLAIN: dict[str, Any] = {"score": None, "label": None}


@pytest.mark.parametrize(
    ("columns", "task"),
    [
        ({"actual_minutes": REAL, "predicted_minutes": REAL}, "regression"),
        ({"y": np.arange(ROWS), "y_pred": REAL}, "regression"),
        ({"target": HALF, "y_pred": REAL}, "regression"),
        ({"target": HALF}, "binary"),
        ({"target": HALF == 1}, "binary"),
        ({"outcome": np.where(HALF, "yes", "no"), "probability": HALF * 0.5}, "binary"),
        ({"y": HALF, "prediction": HALF * 0.9}, "binary"),
        ({"score": REAL / 100}, "binary"),
        ({"target": THIRD}, "multiclass"),
        ({"target": THIRD * 10, "pred": THIRD * 10}, "multiclass"),
        ({"label": np.array(["a", "b", "c"])[THIRD]}, "multiclass"),
        ({"target": THIRD * 10}, "regression"),
        ({"p_a": REAL / 90, "p_b": REAL / 91, "p_c": REAL / 92}, "multiclass"),
    ],
)
def test_the_task_follows_from_the_values(
    tmp_path: Path, columns: dict[str, Any], task: str
) -> None:
    answers = proposed_for(binary_rows(**PLAIN | columns), tmp_path).answers
    assert answers.task == task
    assert answers.task_why


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("is_fraud", "fraud_probability"),
        ("has_churned", "score"),
        ("converted", "prediction"),
        ("was_late", "late_probability"),
        ("is_good", "score"),
    ],
)
def test_a_flag_beside_probabilities_is_the_target(tmp_path: Path, name: str, score: str) -> None:
    other = {} if name == "is_good" else {"is_weekend": 1 - HALF}
    rows = binary_rows(**PLAIN | {name: HALF, score: REAL / 100}, **other)
    proposal = proposed_for(rows, tmp_path)
    assert roles(proposal)[name] == "target"
    assert proposal.answers.task == "binary"


@pytest.mark.parametrize(
    "columns",
    [
        {"is_weekend": HALF, "is_new": HALF, "score": REAL / 100},
        {"is_weekend": HALF, "predicted_minutes": REAL},
        {"is_good": THIRD, "score": REAL / 100},
    ],
)
def test_a_flag_that_may_be_a_feature_is_no_target(tmp_path: Path, columns: dict[str, Any]) -> None:
    assert proposed_for(binary_rows(**PLAIN | columns), tmp_path).answers.target is None


def test_one_column_of_probabilities_is_one(tmp_path: Path) -> None:
    answers = proposed_for(binary_rows(label=None), tmp_path).answers
    assert answers.task_why == "1 column of probabilities"


@pytest.mark.parametrize("prediction", ["predicted_minutes", "minutes_pred", "Minutes Forecast"])
def test_a_prediction_tells_by_its_name_what_the_target_is(tmp_path: Path, prediction: str) -> None:
    rows = binary_rows(**PLAIN | {"minutes": REAL, prediction: REAL + 1})
    found = roles(proposed_for(rows, tmp_path))
    assert (found["minutes"], found[prediction]) == ("target", "prediction")


def test_the_user_knows_the_task_better(tmp_path: Path) -> None:
    rows = binary_rows(**PLAIN | {"target": THIRD})
    assert proposed_for(rows, tmp_path, task="regression").answers.task == "regression"


def test_a_prediction_between_0_and_1_is_the_positive_class_probability(tmp_path: Path) -> None:
    rows = binary_rows(score=None, prediction=REAL / 100)
    proposal = proposed_for(rows, tmp_path)
    assert roles(proposal)["prediction"] == "probability"
    assert proposal.answers.prediction is None
    assert not proposal.answers.none_given


def test_classes_are_those_of_target_and_prediction_in_order(tmp_path: Path) -> None:
    classes = np.array(["10", "9", "2"])
    rows = binary_rows(score=None, label=classes[HALF], prediction=classes[THIRD])
    found = proposed_for(rows, tmp_path, task="multiclass").answers.classes
    assert found is not None
    assert found.names == ("2", "9", "10")


@pytest.mark.parametrize(
    ("names", "positive"),
    [(("no", "yes"), "yes"), (("bad", "ok"), "bad"), (("0", "1"), "1"), (("a", "b"), "b")],
)
def test_the_positive_class_is_known_by_name_else_the_rarer_one(
    tmp_path: Path, names: tuple[str, str], positive: str
) -> None:
    label = np.where(np.arange(ROWS) % 4 == 0, names[1], names[0])
    found = proposed_for(binary_rows(label=label), tmp_path).answers.classes
    assert found is not None
    assert found.positive == positive


def test_an_empty_text_is_no_class(tmp_path: Path) -> None:
    label = np.array(["", "good", "bad"])[THIRD]
    answers = proposed_for(binary_rows(label=label), tmp_path).answers
    assert answers.classes is not None
    assert (answers.task, answers.classes.names) == ("binary", ("bad", "good"))


def test_one_class_alone_has_its_opposite(tmp_path: Path) -> None:
    found = proposed_for(binary_rows(label=["no"] * ROWS), tmp_path).answers.classes
    assert found is not None
    assert (found.names, found.positive) == (("no", "yes"), "yes")


def test_probabilities_are_matched_to_classes_by_name(tmp_path: Path) -> None:
    label = np.array(["Iris-setosa", "Iris-virginica", "Iris versicolor"])[THIRD]
    shares = {f"proba_{name}": REAL / 200 for name in ("iris_virginica", "iris_setosa")}
    rows = binary_rows(score=None, label=label, **shares, **{"proba_Iris versicolor": REAL / 300})
    found = proposed_for(rows, tmp_path).answers.classes
    assert found is not None
    assert {name: one.name for name, one in found.probabilities.items()} == {
        "Iris versicolor": "proba_Iris versicolor",
        "Iris-setosa": "proba_iris_setosa",
        "Iris-virginica": "proba_iris_virginica",
    }


def test_numbered_probabilities_are_matched_to_named_classes_by_place(tmp_path: Path) -> None:
    label = np.array(["a", "b", "c"])[THIRD]
    shares = {f"proba_{place}": REAL / 200 for place in range(3)}
    found = proposed_for(binary_rows(score=None, label=label, **shares), tmp_path).answers.classes
    assert found is not None
    assert [one.name for one in found.probabilities.values()] == ["proba_0", "proba_1", "proba_2"]


def test_both_probabilities_of_a_binary_model_are_used(tmp_path: Path) -> None:
    shares = {"p_0": 1 - REAL / 100, "p_1": REAL / 100}
    proposal = proposed_for(binary_rows(score=None, **shares), tmp_path)
    assert roles(proposal)["p_0"] == roles(proposal)["p_1"] == "probability"


def test_probabilities_of_some_classes_only_are_features(tmp_path: Path) -> None:
    label = np.array(["a", "b", "c"])[THIRD]
    rows = binary_rows(score=None, label=label, p_a=REAL / 200, prediction=label)
    assert roles(proposed_for(rows, tmp_path))["p_a"] == "numerical"


def test_a_target_without_predictions_means_training(tmp_path: Path) -> None:
    assert proposed_for(binary_rows(score=None), tmp_path).answers.none_given


@pytest.mark.parametrize(
    ("columns", "wishes", "message"),
    [
        (PLAIN, {}, "found neither a prediction nor a target.*Columns: id, amount, country"),
        ({}, {"task": "multiclass"}, "three classes or more, found: '0', '1'"),
        ({"score": None}, {"target": "country", "task": "binary"}, "but 3 were seen in 'country'"),
        ({"score": None}, {"target": "country", "task": "regression"}, "holds texts such as"),
        ({"label": ["a"] * ROWS}, {}, "but only 'a' was seen in 'label'"),
        ({"label": ["{{ a }}", "b"] * (ROWS // 2)}, {}, "a YAML cannot name it"),
        ({"x": pa.nulls(ROWS)}, {"target": "x"}, r"'x' has no value \(null\)"),
        ({"at": times()}, {"prediction": "scored_at"}, "'scored_at' holds times"),
        ({}, {"prediction": "score", "target": "score"}, "--target and --prediction both name"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, columns: dict[str, Any], wishes: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        proposed_for(binary_rows(**columns), tmp_path, **wishes)
