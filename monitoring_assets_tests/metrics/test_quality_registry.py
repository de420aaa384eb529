"""Properties that hold for every quality metric, and that each is in one class of each of them."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from monitoring_assets.metrics.entries import QualityMetric, Task
from monitoring_assets.metrics.quality.classification import profile_classification
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.registry import QUALITY_METRICS, metrics_for
from monitoring_assets.metrics.result import Estimate, Undefined
from monitoring_assets_tests.metrics.quality.classifiers import (
    Rows,
    binary_rows,
    messy_rows,
    multiclass_rows,
)

OF_THE_ANSWER = {"accuracy", "balanced_accuracy", "precision", "recall", "f1"}
"""Metrics of classifiers that look at labels and predicted classes only."""

OF_PROBABILITIES = {
    *("roc_auc", "log_loss", "brier_loss", "calibration_error", "mean_calibration_error")
}
"""Metrics of classifiers that look at labels and probabilities only."""

OF_ONE_CLASS = {"precision", "recall", "f1", "roc_auc", "calibration_error"}
"""Metrics that have a value for each class."""

OF_THE_WHOLE = {
    *("accuracy", "balanced_accuracy", "log_loss", "brier_loss", "mean_calibration_error"),
    *(one.name for one in metrics_for("regression")),
}
"""Metrics that have one value only."""

SAME_FOR_BOTH_CLASSES = {
    *("accuracy", "balanced_accuracy", "roc_auc", "log_loss", "brier_loss", "calibration_error")
}
"""Metrics that do not depend on which of two classes is the positive one."""

OF_THE_POSITIVE_CLASS = {"precision", "recall", "f1", "mean_calibration_error"}
"""Metrics that do."""

TASKS: tuple[Task, ...] = ("regression", "binary", "multiclass")
EVERY = [pytest.param(m, t, id=f"{m.name}-{t}") for t in TASKS for m in metrics_for(t)]
BINARY = binary_rows(np.random.default_rng(1), 400)
MULTICLASS = multiclass_rows(np.random.default_rng(2), 400)
CLASSIFIERS = [
    *(pytest.param(metric, BINARY, id=f"{metric.name}-binary") for metric in metrics_for("binary")),
    *(pytest.param(m, MULTICLASS, id=f"{m.name}-multiclass") for m in metrics_for("multiclass")),
]


def perfect(task: Task, rows: int) -> QualityProfile:
    """Return rows whose prediction is the label, and certain of it."""
    if task == "regression":
        target = np.random.default_rng(1).normal(size=rows)
        return profile_regression(target, target)
    classes = ("a", "b") if task == "binary" else ("a", "b", "c")
    texts = [classes[i % len(classes)] for i in range(rows)]
    certain = {one: [float(text == one) for text in texts] for one in classes}
    positive = "b" if task == "binary" else None
    return profile_classification(texts, texts, certain, classes, positive)


@pytest.mark.parametrize(("metric", "task"), EVERY)
def test_a_quality_metric_without_rows_is_undefined(metric: QualityMetric, task: Task) -> None:
    found = metric.compute(perfect(task, 0))
    assert isinstance(found, Undefined)
    assert found.reason


@pytest.mark.parametrize(("metric", "task"), EVERY)
def test_a_perfect_prediction_has_the_best_value(metric: QualityMetric, task: Task) -> None:
    found = metric.compute(perfect(task, 100))
    assert isinstance(found, Estimate)
    # Log loss clips a probability of 1, which costs 2.2e-16.
    best = 1.0 if metric.better == "higher" else 0.0
    assert found.value == pytest.approx(best, abs=1e-15)


@pytest.mark.parametrize(("metric", "task"), EVERY)
def test_a_metric_is_undefined_for_profiles_of_another_task(
    metric: QualityMetric, task: Task
) -> None:
    for other in set(TASKS) - set(metric.tasks) - {task}:
        found = metric.compute(perfect(other, 100))
        assert found == Undefined(f"{metric.label} is not defined for {other} models")


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_every_number_is_finite_and_in_range_or_says_why(seed: int, binary: bool) -> None:
    profile = messy_rows(seed, binary=binary).profile()
    for metric in metrics_for("binary" if binary else "multiclass"):
        for name in ("", *profile.classes) if metric.by_class else ("",):
            assert_sound(metric, metric.compute(profile, name))


def assert_sound(metric: QualityMetric, found: Estimate | Undefined) -> None:
    if isinstance(found, Undefined):
        assert found.reason
        return
    low, high = found.interval_low, found.interval_high
    assert (low is None) == (high is None)
    numbers = [found.value] if low is None or high is None else [low, found.value, high]
    assert all(math.isfinite(one) for one in numbers)
    assert numbers == pytest.approx(sorted(numbers), abs=1e-12)
    least = -math.inf if metric.low is None else metric.low
    most = math.inf if metric.high is None else metric.high
    assert all(least - 1e-12 <= one <= most + 1e-12 for one in numbers)


@pytest.mark.parametrize(("metric", "rows"), CLASSIFIERS)
def test_only_metrics_of_probabilities_look_at_them(metric: QualityMetric, rows: Rows) -> None:
    blurred = {
        name: 0.5 * one + 0.5 / len(rows.classes) for name, one in rows.probabilities.items()
    }
    found = metric.compute(replace(rows, probabilities=blurred).profile())
    same = found == metric.compute(rows.profile())
    # Blurring keeps the order of probabilities, which is all that the area looks at.
    assert same == (not metric.needs_probabilities) or metric.name == "roc_auc"


@pytest.mark.parametrize(("metric", "rows"), CLASSIFIERS)
def test_only_metrics_of_the_answer_look_at_it(metric: QualityMetric, rows: Rows) -> None:
    other = np.roll(rows.prediction, 1)
    same = metric.compute(replace(rows, prediction=other).profile()) == metric.compute(
        rows.profile()
    )
    assert same == metric.needs_probabilities


@pytest.mark.parametrize("metric", [m for m in metrics_for("binary") if m.needs_probabilities])
def test_without_probabilities_their_metrics_say_that_there_are_none(metric: Any) -> None:
    found = metric.compute(replace(BINARY, probabilities={}).profile())
    assert found == Undefined("the model has no probabilities")


@pytest.mark.parametrize("metric", metrics_for("multiclass"), ids=lambda metric: metric.name)
def test_the_order_of_classes_does_not_matter(metric: QualityMetric) -> None:
    turned = replace(MULTICLASS, classes=MULTICLASS.classes[::-1])
    for name in ("", "b") if metric.by_class else ("",):
        expected, found = (metric.compute(r.profile(), name) for r in (MULTICLASS, turned))
        assert [*vars(found).values()] == pytest.approx([*vars(expected).values()], rel=1e-9)


@pytest.mark.parametrize("metric", metrics_for("binary"), ids=lambda metric: metric.name)
def test_which_class_is_positive_matters_where_it_is_stated(metric: QualityMetric) -> None:
    expected = metric.compute(BINARY.profile())
    found = metric.compute(replace(BINARY, positive="no").profile())
    same = [*vars(found).values()] == pytest.approx([*vars(expected).values()], rel=1e-9)
    assert same == (metric.name in SAME_FOR_BOTH_CLASSES)


@pytest.mark.parametrize("name", sorted(OF_ONE_CLASS))
def test_the_positive_class_is_the_whole_of_a_binary_model(name: str) -> None:
    profile = BINARY.profile()
    assert QUALITY_METRICS[name].compute(profile, "yes") == QUALITY_METRICS[name].compute(profile)


def test_every_metric_is_in_exactly_one_class_of_each_property() -> None:
    of_classifiers = {one.name for one in (*metrics_for("binary"), *metrics_for("multiclass"))}
    assert of_classifiers == OF_THE_ANSWER | OF_PROBABILITIES
    assert not OF_THE_ANSWER & OF_PROBABILITIES
    assert set(QUALITY_METRICS) == OF_ONE_CLASS | OF_THE_WHOLE
    assert not OF_ONE_CLASS & OF_THE_WHOLE
    assert {m.name for m in metrics_for("binary")} == SAME_FOR_BOTH_CLASSES | OF_THE_POSITIVE_CLASS
    assert not SAME_FOR_BOTH_CLASSES & OF_THE_POSITIVE_CLASS


def test_the_registry_says_the_same_of_them() -> None:
    assert {m.name for m in QUALITY_METRICS.values() if m.by_class} == OF_ONE_CLASS
    assert {m.name for m in QUALITY_METRICS.values() if m.needs_probabilities} == OF_PROBABILITIES
