"""Properties that hold for every drift method, and the registry's own completeness.

Belongs here: what all entries share. Stays out: properties of quality metrics
(test_quality_registry.py).
"""

import math
import subprocess
import sys
from typing import Any, get_args

import numpy as np
import pytest

from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.entries import DriftMethod, Task, load
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.registry import (
    DEFAULT_METHOD,
    DEFAULT_METRIC,
    DRIFT_METHODS,
    QUALITY_METRICS,
    drift_method,
    quality_metric,
)
from monitoring_assets.metrics.result import Undefined

OF_MISSING_VALUES = {"missing_share_change"}
"""Methods that do not look at counts over bins."""

SYMMETRIC = {"kolmogorov_smirnov", "jensen_shannon", "psi", "chi_squared", "missing_share_change"}
"""Methods for which the reference and the window may change places."""

ASYMMETRIC = {"wasserstein"}
"""Methods that take a range or a scale from the reference."""

CASES = [(method, kind) for method in DRIFT_METHODS.values() for kind in method.kinds]
COUNTING = [(method, kind) for method, kind in CASES if method.name not in OF_MISSING_VALUES]


def named(one: object) -> str:
    """Name of a parameter in a test's id."""
    return one.name if isinstance(one, DriftMethod) else str(one)


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


@pytest.mark.parametrize(("method", "kind"), CASES, ids=named)
def test_a_profile_is_at_distance_zero_from_itself(method: DriftMethod, kind: Any) -> None:
    bins, reference, _ = columns(kind)
    assert method.compute(reference, reference, bins) == 0.0


@pytest.mark.parametrize(("method", "kind"), CASES, ids=named)
def test_scores_lie_in_the_stated_range(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    for values in windows:
        score = method.compute(reference, profile(values, bins), bins)
        if isinstance(score, Undefined):
            assert score.reason
        else:
            assert math.isfinite(score)
            assert method.low <= score <= (math.inf if method.high is None else method.high)


@pytest.mark.parametrize(("method", "kind"), COUNTING, ids=named)
def test_a_large_change_scores_above_the_threshold(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    score = method.compute(reference, profile(windows[2], bins), bins)
    assert isinstance(score, float)
    assert score > method.default_threshold


@pytest.mark.parametrize(("method", "kind"), COUNTING, ids=named)
def test_empty_sides_are_undefined_with_a_reason(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    empty = profile(windows[0][:0], bins)
    assert method.compute(reference, empty, bins) == Undefined(
        "the window has no values in this column"
    )
    assert method.compute(empty, reference, bins) == Undefined(
        "the reference has no values in this column"
    )


@pytest.mark.parametrize(("method", "kind"), COUNTING, ids=named)
def test_two_bins_versions_are_never_compared(method: DriftMethod, kind: Any) -> None:
    _, reference, windows = columns(kind)
    make = numerical_bins if kind == "numerical" else categorical_bins
    other = make(windows[0], version=2)
    found = method.compute(reference, profile(windows[0], other), other)
    assert isinstance(found, Undefined)
    assert found.reason.startswith("bins changed")


@pytest.mark.parametrize(("method", "kind"), CASES, ids=named)
def test_symmetry_holds_where_it_is_stated(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    window = profile(windows[1 if kind == "numerical" else 2], bins)
    there, back = (
        method.compute(*pair, bins) for pair in ((reference, window), (window, reference))
    )
    assert method.name in ASYMMETRIC or there == pytest.approx(back, rel=1e-12)


@pytest.mark.parametrize(("method", "kind"), CASES, ids=named)
def test_a_history_scores_as_its_windows_one_by_one(method: DriftMethod, kind: Any) -> None:
    bins, reference, windows = columns(kind)
    profiles = [profile(values, bins) for values in [*windows, windows[0][:0]]]
    one_by_one = [method.compute(reference, window, bins) for window in profiles]
    assert method.compute_many(reference, profiles, bins) == one_by_one


def test_every_method_is_in_exactly_one_class_of_each_property() -> None:
    assert set(DRIFT_METHODS) == SYMMETRIC | ASYMMETRIC
    assert not SYMMETRIC & ASYMMETRIC
    assert {m.name for m in DRIFT_METHODS.values() if m.grouping == "none"} == OF_MISSING_VALUES


def test_a_method_refuses_columns_of_another_kind() -> None:
    bins, reference, _ = columns("categorical")
    found = drift_method("kolmogorov_smirnov").compute(reference, reference, bins)
    assert isinstance(found, Undefined)
    assert "not defined for categorical" in found.reason


def test_unknown_names_are_answered_with_the_legal_ones() -> None:
    with pytest.raises(KeyError, match="jensen_shannon, kolmogorov_smirnov"):
        drift_method("nonsense")
    with pytest.raises(KeyError, match="mae"):
        quality_metric("nonsense")


def test_defaults_are_registered() -> None:
    for kind, name in DEFAULT_METHOD.items():
        assert kind in DRIFT_METHODS[name].kinds
    assert set(DEFAULT_METRIC) == set(get_args(Task))
    for task, name in DEFAULT_METRIC.items():
        assert task in QUALITY_METRICS[name].tasks


def test_every_function_file_is_registered() -> None:
    functions = {entry.function for entry in (*DRIFT_METHODS.values(), *QUALITY_METRICS.values())}
    for function in functions:
        module, name = function.split(":")
        assert module.endswith(name)
        assert callable(load(function))


def test_reading_the_registry_imports_nothing_heavy() -> None:
    code = (
        "import sys, monitoring_assets.metrics.registry\n"
        "print([m for m in ('scipy', 'sklearn', 'pandas', 'evidently') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
