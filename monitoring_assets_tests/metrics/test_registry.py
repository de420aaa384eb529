"""Properties that hold for every entry of the registry, and the registry's own completeness."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from monitoring_assets.metrics import registry
from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.registry import (
    DEFAULT_METHOD,
    DEFAULT_METRIC,
    DRIFT_METHODS,
    QUALITY_METRICS,
    DriftMethod,
    drift_method,
    quality_metric,
)
from monitoring_assets.metrics.result import Estimate, Undefined

CASES = [
    pytest.param(method, kind, id=f"{method.name}-{kind}")
    for method in DRIFT_METHODS.values()
    for kind in method.kinds
]


def columns(kind: str) -> tuple[Bins, ColumnProfile, list[Any]]:
    """Bins, reference profile and windows of one kind."""
    generator = np.random.default_rng(5)
    if kind == "numerical":
        values: Any = generator.normal(size=4_000)
        return (
            numerical_bins(values),
            profile(values, numerical_bins(values)),
            [
                values,
                values[:200],
                values[:500] + 1,
                values[:100] * 1e6,
                np.array([0.0]),
            ],
        )
    values = generator.choice(list("abcdefgh"), 4_000)
    bins = categorical_bins(values)
    windows = [values, values[:200], np.array(["z"] * 100), np.array(["a", None], object)]
    return bins, profile(values, bins), windows


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_a_profile_is_at_distance_zero_from_itself(method: DriftMethod, kind: Any) -> None:
    bins, reference, _ = columns(kind)
    assert method.compute(reference, reference, bins) == 0.0


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_scores_lie_in_the_stated_range(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    for values in windows:
        score = method.compute(reference, profile(values, bins), bins)
        if isinstance(score, Undefined):
            assert score.reason
        else:
            assert math.isfinite(score)
            assert method.low <= score <= (math.inf if method.high is None else method.high)


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_a_large_change_scores_above_the_threshold(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    score = method.compute(reference, profile(windows[2], bins), bins)
    assert isinstance(score, float)
    assert score > method.default_threshold


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_empty_sides_are_undefined_with_a_reason(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    empty = profile(windows[0][:0], bins)
    assert method.compute(reference, empty, bins) == Undefined(
        "the window has no values in this column"
    )
    assert method.compute(empty, reference, bins) == Undefined(
        "the reference has no values in this column"
    )


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_two_bins_versions_are_never_compared(method: DriftMethod, kind: Any) -> None:
    _, reference, windows = columns(kind)
    make = numerical_bins if kind == "numerical" else categorical_bins
    other = make(windows[0], version=2)
    found = method.compute(reference, profile(windows[0], other), other)
    assert isinstance(found, Undefined)
    assert found.reason.startswith("bins changed")


def test_a_method_refuses_columns_of_another_kind() -> None:
    bins, reference, _ = columns("categorical")
    found = drift_method("kolmogorov_smirnov").compute(reference, reference, bins)
    assert isinstance(found, Undefined)
    assert "not defined for categorical" in found.reason


@pytest.mark.parametrize("metric", QUALITY_METRICS.values(), ids=lambda metric: metric.name)
def test_a_quality_metric_without_rows_is_undefined(metric: registry.QualityMetric) -> None:
    found = metric.compute(profile_regression(np.array([np.nan]), np.array([1.0])))
    assert isinstance(found, Undefined)
    assert found.reason


@pytest.mark.parametrize("metric", QUALITY_METRICS.values(), ids=lambda metric: metric.name)
def test_a_perfect_prediction_has_the_best_value(metric: registry.QualityMetric) -> None:
    target = np.random.default_rng(1).normal(size=100)
    found = metric.compute(profile_regression(target, target))
    assert isinstance(found, Estimate)
    assert found.value == (1.0 if metric.better == "higher" else 0.0)


def test_unknown_names_are_answered_with_the_legal_ones() -> None:
    with pytest.raises(KeyError, match="jensen_shannon, kolmogorov_smirnov"):
        drift_method("nonsense")
    with pytest.raises(KeyError, match="mae"):
        quality_metric("nonsense")


def test_defaults_are_registered() -> None:
    for kind, name in DEFAULT_METHOD.items():
        assert kind in DRIFT_METHODS[name].kinds
    for task, name in DEFAULT_METRIC.items():
        assert QUALITY_METRICS[name].task == task


def test_every_function_file_is_registered() -> None:
    functions = {entry.function for entry in (*DRIFT_METHODS.values(), *QUALITY_METRICS.values())}
    for function in functions:
        module, name = function.split(":")
        assert module.endswith(name)
        assert callable(registry.load(function))


def test_reading_the_registry_imports_nothing_heavy() -> None:
    code = (
        "import sys, monitoring_assets.metrics.registry\n"
        "print([m for m in ('scipy', 'sklearn', 'pandas', 'evidently') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert found.stdout.strip() == "[]"
