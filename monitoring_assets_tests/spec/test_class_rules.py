"""Rules about classes: what they refuse, where, and what they let pass."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from monitoring_assets.spec.classification import ClassificationSpec
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.spec.broken_rules import Place, mistakes
from monitoring_assets_tests.specs import binary_spec, multiclass_spec, small_columns, small_spec

TWO: dict[str, Any] = {"classes": ["no", "yes"]}
THREE: dict[str, Any] = {"classes": ["red", "green", "blue"]}
DELIVERED = small_columns(target="answer")
LIMIT = {"absolute": 0.5}


def named(**probabilities: str) -> dict[str, Any]:
    return small_columns(target="answer", probabilities=probabilities)


BROKEN: list[tuple[Callable[..., ModelSpec], dict[str, Any], Place, str]] = [
    (small_spec, {"classification": TWO}, ("classification",), "a regression has no classes"),
    (
        small_spec,
        {"columns": small_columns(probabilities={"yes": "p"})},
        ("columns", "probabilities"),
        "leave it out: a regression has none",
    ),
    (
        small_spec,
        {"quality": {"by_class": {"yes": {"f1": LIMIT}}}},
        ("quality", "by_class"),
        "leave it out: a regression has no classes",
    ),
    (
        small_spec,
        {"quality": {"main_metric": "accuracy"}},
        ("quality", "main_metric"),
        "'accuracy' is no metric of regression; legal: mae, mape, mean_error, r2, rmse",
    ),
    (
        binary_spec,
        {"classification": None, "columns": DELIVERED},
        ("classification",),
        "is needed for task binary: name the classes",
    ),
    (
        binary_spec,
        {"classification": {"classes": ["a", "b", "yes"]}},
        ("classification", "classes"),
        "a binary model has two classes, here are 3; write task: multiclass",
    ),
    (
        multiclass_spec,
        {"classification": TWO, "columns": DELIVERED},
        ("classification", "classes"),
        "a multiclass model has three or more, here are 2; write task: binary",
    ),
    (
        multiclass_spec,
        {"classification": THREE | {"positive_class": "red"}},
        ("classification", "positive_class"),
        "leave it out: it is for task binary",
    ),
    (
        multiclass_spec,
        {"classification": THREE | {"decision_threshold": 0.4}},
        ("classification", "decision_threshold"),
        "leave it out: it is for task binary",
    ),
    (
        binary_spec,
        {"classification": TWO | {"decision_threshold": 0.4}, "columns": DELIVERED},
        ("classification", "decision_threshold"),
        "needs columns.probabilities",
    ),
    (
        binary_spec,
        {
            "classification": TWO | {"decision_threshold": 0.4},
            "columns": named(yes="p") | {"prediction": "said"},
        },
        ("classification", "decision_threshold"),
        "leave it out, or columns.prediction",
    ),
    (
        binary_spec,
        {"columns": named(yes="p", perhaps="q")},
        ("columns", "probabilities", "perhaps"),
        "'perhaps' is none of the classes; legal: 'no', 'yes'",
    ),
    (
        binary_spec,
        {"columns": named(no="p")},
        ("columns", "probabilities"),
        "lacks the probability of 'yes'",
    ),
    (
        multiclass_spec,
        {"columns": named(red="p")},
        ("columns", "probabilities"),
        "lacks the probability of 'green', 'blue'",
    ),
    (
        binary_spec,
        {"columns": named(yes="p", no="p")},
        ("columns", "probabilities", "no"),
        "'p' is named 2 times; a column has one role",
    ),
    (
        binary_spec,
        {"quality": {"thresholds": {"mae": LIMIT}}},
        ("quality", "thresholds", "mae"),
        "'mae' is no metric of binary; legal: accuracy,",
    ),
    (
        multiclass_spec,
        {"quality": {"main_metric": "mean_calibration_error"}},
        ("quality", "main_metric"),
        "'mean_calibration_error' is no metric of multiclass",
    ),
    (
        binary_spec,
        {"columns": DELIVERED, "quality": {"main_metric": "roc_auc"}},
        ("quality", "main_metric"),
        "'roc_auc' needs `columns.probabilities`",
    ),
    (
        binary_spec,
        {"quality": {"by_class": {"perhaps": {"f1": LIMIT}}}},
        ("quality", "by_class", "perhaps"),
        "'perhaps' is none of the classes; legal: 'no', 'yes'",
    ),
    (
        binary_spec,
        {"quality": {"by_class": {"yes": {"accuracy": LIMIT}}}},
        ("quality", "by_class", "yes", "accuracy"),
        "'accuracy' is no metric of a single class; legal: calibration_error, f1,",
    ),
    (
        binary_spec,
        {"quality": {"by_class": {"yes": {"mae": LIMIT}}}},
        ("quality", "by_class", "yes", "mae"),
        "'mae' is no metric of binary",
    ),
    (
        binary_spec,
        {"columns": DELIVERED, "quality": {"by_class": {"yes": {"roc_auc": LIMIT}}}},
        ("quality", "by_class", "yes", "roc_auc"),
        "'roc_auc' needs `columns.probabilities`",
    ),
    (
        binary_spec,
        {
            "columns": DELIVERED | {"target": None},
            "quality": {"by_class": {"yes": {"f1": LIMIT}}},
        },
        ("quality", "by_class"),
        "needs columns.target",
    ),
    (
        binary_spec,
        {"columns": named(yes="p"), "derived": {"prediction": {"kind": "hour_of_day"}}},
        ("derived", "prediction"),
        "'prediction' is the prediction, which is made here; leave it out",
    ),
    (
        binary_spec,
        {"columns": small_columns(target="answer", numerical=["probability_yes"])}
        | {
            "model": {
                "estimator": "linear",
                "training": {"start": "2023-01-01", "end": "2023-02-01"},
            }
        },
        ("columns", "numerical", 0),
        "'probability_yes' is what the probability is called without columns.probabilities",
    ),
]


@pytest.mark.parametrize(("make", "changes", "path", "says"), BROKEN, ids=[b[3] for b in BROKEN])
def test_a_broken_rule_about_classes_says_where_and_why(
    make: Callable[..., ModelSpec], changes: dict[str, Any], path: Place, says: str
) -> None:
    [mistake] = mistakes(make, **changes)
    assert mistake.path == path
    assert says in mistake.text


INSIDE: list[tuple[dict[str, Any], Place, str]] = [
    ({"classes": ["a", "b", "a"]}, ("classes", 2), "'a' is named 2 times; name it once"),
    ({"classes": ["1", 1]}, ("classes", 1), "'1' is named 2 times"),
    (TWO | {"positive_class": "Yes"}, ("positive_class",), "'Yes' is none of the classes; legal:"),
]


@pytest.mark.parametrize(("section", "path", "says"), INSIDE, ids=[one[2] for one in INSIDE])
def test_a_list_of_classes_that_cannot_be_is_refused_at_the_field(
    section: dict[str, Any], path: Place, says: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        ClassificationSpec(**section)
    [error] = caught.value.errors()
    [mistake] = error.get("ctx", {})["error"].mistakes
    assert mistake.path == path
    assert says in mistake.text


@pytest.mark.parametrize("wrong", [[True, False], [False, "yes"]])
def test_yes_and_no_without_quotation_marks_are_refused_as_what_yaml_makes_of_them(
    wrong: list[Any],
) -> None:
    with pytest.raises(ValidationError, match=r"YAML reads this as (true|false); put the class in"):
        ClassificationSpec(classes=tuple(wrong))


def test_classes_that_are_whole_numbers_are_text_everywhere() -> None:
    spec = binary_spec(
        classification={"classes": [0, 1], "positive_class": 1, "decision_threshold": 0.3},
        columns=small_columns(target="answer", probabilities={1: "p"}),
        quality={"by_class": {1: {"recall": LIMIT}}},
    )
    assert spec.classification is not None
    assert (spec.classification.classes, spec.classification.positive) == (("0", "1"), "1")
    assert spec.probability_columns == {"1": "p"}
    assert spec.quality_threshold("recall", "1") is not None


def test_a_binary_model_may_name_both_probabilities() -> None:
    spec = binary_spec(columns=named(no="p_no", yes="p_yes"))
    assert spec.probability_columns == {"no": "p_no", "yes": "p_yes"}


def test_a_threshold_counts_for_a_model_that_is_trained_here_without_named_probabilities() -> None:
    training = {"estimator": "linear", "training": {"start": "2023-01-01", "end": "2023-02-01"}}
    section = TWO | {"decision_threshold": 0.2}
    spec = binary_spec(classification=section, columns=DELIVERED, model=training)
    assert spec.classification is not None
    assert spec.classification.threshold == 0.2
