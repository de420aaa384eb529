"""Metrics of classifiers: by hand, against scikit-learn, and where there is no number."""

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from monitoring_assets.metrics.decision import valid_probabilities
from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.metrics.quality.roc_auc import roc_auc_bound
from monitoring_assets.metrics.registry import QUALITY_METRICS, metrics_for
from monitoring_assets.metrics.result import Estimate, Undefined
from monitoring_assets_tests.metrics.quality.classifiers import (
    Rows,
    both_known,
    messy_rows,
    value,
)

OF_CONFUSION = ["precision", "recall", "f1"]
WITNESS: dict[str, Any] = {
    "precision": metrics.precision_score,
    "recall": metrics.recall_score,
    "f1": metrics.f1_score,
}
CASES = [
    pytest.param(messy_rows(seed, binary=binary), id=f"{'binary' if binary else 'multi'}-{seed}")
    for binary in (True, False)
    for seed in range(50)
]


def number(name: str, profile: ClassificationProfile, class_name: str = "") -> float:
    """Value of a metric, NaN where it is undefined."""
    found = QUALITY_METRICS[name].compute(profile, class_name)
    return found.value if isinstance(found, Estimate) else np.nan


def complete(rows: Rows) -> tuple[Any, Any]:
    """Labels and answers of the rows that have both, for scikit-learn."""
    known = both_known(rows)
    return rows.target[known].astype(str), rows.prediction[known].astype(str)


def with_probabilities(rows: Rows) -> tuple[Any, Any]:
    """Labels and probabilities of the rows with a listed label and valid probabilities."""
    listed = np.isin(rows.target.astype(str), rows.classes) & both_known(rows)
    used = listed & valid_probabilities(np.column_stack([*rows.probabilities.values()]))
    return rows.target[used].astype(str), rows.matrix()[used]


def quietly(function: Any, *arguments: Any, **options: Any) -> Any:
    """Return what scikit-learn has to say, without its warnings about absent classes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **options)


@pytest.mark.parametrize("rows", CASES)
def test_metrics_of_classes_equal_scikit_learn(rows: Rows) -> None:
    target, prediction = complete(rows)
    profile = rows.profile()
    assert value("accuracy", profile) == pytest.approx(
        metrics.accuracy_score(target, prediction), abs=1e-9
    )
    named: dict[str, Any] = {"labels": list(rows.classes), "zero_division": np.nan}
    for name, witness in WITNESS.items():
        each = quietly(witness, target, prediction, average=None, **named)
        found = [number(name, profile, one) for one in rows.classes]
        assert found == pytest.approx(each.tolist(), abs=1e-9, nan_ok=True)
        macro = quietly(witness, target, prediction, average="macro", **named)
        whole = each[1] if rows.positive else macro
        assert number(name, profile) == pytest.approx(whole, abs=1e-9, nan_ok=True)
    recalls = quietly(metrics.recall_score, target, prediction, average="macro", **named)
    assert number("balanced_accuracy", profile) == pytest.approx(recalls, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("rows", CASES[::2])
def test_balanced_accuracy_equals_scikit_learn_where_all_classes_are_listed(rows: Rows) -> None:
    target, prediction = complete(rows)
    if set(target) | set(prediction) <= set(rows.classes):
        expected = quietly(metrics.balanced_accuracy_score, target, prediction)
        assert value("balanced_accuracy", rows.profile()) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("rows", CASES)
def test_losses_of_probabilities_equal_scikit_learn(rows: Rows) -> None:
    target, matrix = with_probabilities(rows)
    profile = rows.profile()
    assert profile.probability_rows == target.size > 0
    labels = list(rows.classes)
    losses = {
        "log_loss": quietly(metrics.log_loss, target, matrix, labels=labels),
        "brier_loss": quietly(metrics.brier_score_loss, target, matrix, labels=labels),
    }
    for name, expected in losses.items():
        assert value(name, profile) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("rows", CASES)
def test_the_area_lies_within_its_bound_of_the_exact_one(rows: Rows) -> None:
    target, matrix = with_probabilities(rows)
    profile = rows.profile()
    for place, name in enumerate(rows.classes):
        own = target == name
        if 0 < own.sum() < own.size:
            exact, bound = (
                metrics.roc_auc_score(own, matrix[:, place]),
                roc_auc_bound(profile, name),
            )
            found = QUALITY_METRICS["roc_auc"].compute(profile, name)
            assert isinstance(found, Estimate)
            assert isinstance(bound, float)
            assert abs(found.value - exact) <= bound + 1e-12
            assert (
                (found.interval_low or 0.0) - 1e-12 <= exact <= (found.interval_high or 1) + 1e-12
            )
        else:
            assert np.isnan(number("roc_auc", profile, name))


@pytest.mark.parametrize("seed", range(0, 50, 3))
def test_the_average_area_lies_within_its_bound_of_the_exact_one(seed: int) -> None:
    rows = messy_rows(seed, binary=False)
    target, matrix = with_probabilities(rows)
    present = [i for i, name in enumerate(rows.classes) if 0 < (target == name).sum() < target.size]
    exact = np.mean(
        [metrics.roc_auc_score(target == rows.classes[i], matrix[:, i]) for i in present]
    )
    bound = roc_auc_bound(rows.profile())
    assert isinstance(bound, float)
    assert value("roc_auc", rows.profile()) == pytest.approx(exact, abs=bound + 1e-12)


@pytest.mark.parametrize("rows", CASES)
def test_calibration_errors_are_those_of_the_definition(rows: Rows) -> None:
    target, matrix = with_probabilities(rows)
    profile = rows.profile()
    errors: list[float] = []
    for place, name in enumerate(rows.classes):
        residual, part = (
            matrix[:, place] - (target == name),
            np.floor(matrix[:, place] * 500 + 1e-9),
        )
        within = [abs(residual[np.minimum(part, 499) // 50 == k].sum()) for k in range(10)]
        errors.append(sum(within) / target.size)
    found = [value("calibration_error", profile, name) for name in rows.classes]
    if rows.positive is None:
        assert found == pytest.approx(errors, abs=1e-9)
        assert value("calibration_error", profile) == pytest.approx(np.mean(errors), abs=1e-9)
    else:
        assert found == pytest.approx([errors[1]] * 2, abs=1e-9)
        mean = float((matrix[:, 1] - (target == rows.positive)).mean())
        assert value("mean_calibration_error", profile) == pytest.approx(mean, abs=1e-9)


BINARY_BY_HAND = {
    # 3 true positives, 1 false positive, 2 false negatives, 4 true negatives
    "accuracy": 0.7,
    "balanced_accuracy": (0.6 + 0.8) / 2,
    "precision": 0.75,
    "recall": 0.6,
    "f1": 6 / 9,
    "roc_auc": (3 * 4 + 0.5 * 3 * 1 + 0.5 * 2 * 4) / 25,
    "log_loss": -(7 * np.log(0.75) + 3 * np.log(0.25)) / 10,
    "brier_loss": (7 * 0.0625 + 3 * 0.5625) / 10,
    "calibration_error": (abs(3 - 3) + abs(1.5 - 2)) / 10,
    "mean_calibration_error": (4.5 - 5) / 10,
}
MULTICLASS_BY_HAND = {
    "accuracy": 4 / 6,
    "balanced_accuracy": (2 / 3 + 1 + 0) / 3,
    "precision": (1 + 0.5) / 2,  # nobody predicts c
    "recall": (2 / 3 + 1 + 0) / 3,
    "f1": (4 / 5 + 4 / 6 + 0) / 3,
    "roc_auc": ((6 + 1.5) / 9 + (4 + 2) / 8 + 0.5) / 3,
    "log_loss": -(4 * np.log(0.5) + 2 * np.log(0.25)) / 6,
    "brier_loss": (4 * 0.375 + 0.875 + 0.875) / 6,
    "calibration_error": ((1 + 0) / 6 + (0.5 + 0) / 6 + 0.5 / 6) / 3,
}


@pytest.mark.parametrize("name", [one.name for one in metrics_for("binary")])
def test_metrics_of_two_classes_worked_by_hand(name: str) -> None:
    target, prediction = list("yyynyynnnn"), list("yyyynnnnnn")
    probability = {"y": [0.75] * 4 + [0.25] * 6}
    profile = profile_classification(target, prediction, probability, "ny", "y")
    assert value(name, profile) == pytest.approx(BINARY_BY_HAND[name])


@pytest.mark.parametrize("name", [one.name for one in metrics_for("multiclass")])
def test_metrics_of_three_classes_worked_by_hand(name: str) -> None:
    matrix = {"a": [0.5] * 2 + [0.25] * 4, "b": [0.25] * 2 + [0.5] * 4, "c": [0.25] * 6}
    profile = profile_classification(list("aaabbc"), list("aabbbb"), matrix, "abc", None)
    assert value(name, profile) == pytest.approx(MULTICLASS_BY_HAND[name])


NO_A = profile_classification(list("bbb"), list("bab"), {}, "ab", "a")
ONLY_UNLISTED = profile_classification(["x"] * 3, ["y"] * 3, {}, "abc", None)
WITHOUT_VALID = profile_classification(["a"], ["a"], {"a": [np.nan]}, "ab", "a")
ONE_CLASS = profile_classification(list("bbb"), list("bab"), {"a": [0.1, 0.6, 0.2]}, "ab", "a")


@pytest.mark.parametrize(
    ("name", "profile", "class_name", "reason"),
    [
        ("recall", NO_A, "", "no label is 'a'"),
        ("precision", profile_classification("b", "b", {}, "ab", "a"), "", "no prediction is 'a'"),
        (
            "f1",
            profile_classification("b", "b", {}, "ab", "a"),
            "a",
            "neither a label nor a prediction is 'a'",
        ),
        (
            "balanced_accuracy",
            ONLY_UNLISTED,
            "",
            "it is defined for no class: no label is 'a'; no label is 'b'; no label is 'c'",
        ),
        ("roc_auc", NO_A, "", "the model has no probabilities"),
        ("log_loss", NO_A, "", "the model has no probabilities"),
        (
            "brier_loss",
            WITHOUT_VALID,
            "",
            "of 1 rows none has a label of a known class and valid probabilities",
        ),
        ("roc_auc", ONE_CLASS, "", "no label is 'a' among the rows with valid probabilities"),
        ("roc_auc", ONE_CLASS, "b", "no label is 'a' among the rows with valid probabilities"),
    ],
)
def test_what_has_no_number_says_why(
    name: str, profile: ClassificationProfile, class_name: str, reason: str
) -> None:
    assert QUALITY_METRICS[name].compute(profile, class_name) == Undefined(reason)


def test_a_class_that_is_never_predicted_and_one_that_never_was_have_numbers() -> None:
    assert value("recall", NO_A, "b") == pytest.approx(2 / 3)
    assert value("precision", NO_A, "a") == 0.0
    assert value("f1", NO_A, "a") == 0.0
    assert value("balanced_accuracy", NO_A) == pytest.approx(2 / 3)
    assert value("accuracy", ONLY_UNLISTED) == 0.0
    assert value("log_loss", ONE_CLASS) == pytest.approx(-np.log([0.9, 0.4, 0.8]).mean())


def test_a_window_of_one_class_has_an_undefined_bound_too() -> None:
    assert roc_auc_bound(ONE_CLASS) == Undefined(
        "the area is not defined, of which this is the bound"
    )
    assert roc_auc_bound(NO_A) == Undefined("the model has no probabilities")


def test_the_bound_is_half_the_share_of_pairs_in_one_bin() -> None:
    probability = {"y": [0.3, 0.3, 0.301, 0.5]}
    profile = profile_classification(list("ynny"), list("nnny"), probability, "ny", "y")
    assert roc_auc_bound(profile) == 2 / 8


@pytest.mark.parametrize("name", [*OF_CONFUSION, "roc_auc", "calibration_error"])
def test_an_unknown_class_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no class 'z'"):
        QUALITY_METRICS[name].compute(ONE_CLASS, "z")


def test_a_metric_of_the_whole_is_refused_for_one_class() -> None:
    with pytest.raises(ValueError, match="accuracy has no value of one class"):
        QUALITY_METRICS["accuracy"].compute(ONE_CLASS, "a")
