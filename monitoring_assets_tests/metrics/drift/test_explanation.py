"""Parts of a score: they sum to it, and name what changed."""

import numpy as np
import pytest

from monitoring_assets.metrics.bins import categorical_bins, numerical_bins
from monitoring_assets.metrics.drift.explanation import explain
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets.metrics.result import Undefined

GENERATOR = np.random.default_rng(7)
NUMBERS = GENERATOR.normal(size=3_000), GENERATOR.normal(0.4, 2, 400)
CATEGORIES = GENERATOR.choice(list("abcd"), 3_000), GENERATOR.choice(list("abcz"), 400)
CASES = [(method.name, kind) for method in DRIFT_METHODS.values() for kind in method.kinds]


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_the_parts_sum_to_the_score(method: str, kind: str) -> None:
    left, right = NUMBERS if kind == "numerical" else CATEGORIES
    bins = numerical_bins(left) if kind == "numerical" else categorical_bins(left)
    sides = profile(left, bins), profile(right, bins)
    parts = explain(method, sides[0], sides[1], bins)
    assert not isinstance(parts, Undefined)
    score = DRIFT_METHODS[method].compute(sides[0], sides[1], bins)
    assert sum(part.part for part in parts) == pytest.approx(score, abs=1e-9)


def test_the_category_that_changed_most_comes_first() -> None:
    left, right = np.repeat(["a", "b", "c"], [50, 40, 10]), np.repeat(["a", "b", "c"], [50, 10, 40])
    bins = categorical_bins(left)
    parts = explain("chi_squared", profile(left, bins), profile(right, bins), bins)
    assert isinstance(parts, list)
    assert {parts[0].label, parts[1].label} == {"b", "c"}
    assert (parts[0].reference_share + parts[0].window_share) == pytest.approx(0.5)


def test_what_lies_outside_the_range_is_named() -> None:
    bins = numerical_bins(NUMBERS[0])
    parts = explain(
        "wasserstein", profile(NUMBERS[0], bins), profile(np.full(50, 99.0), bins), bins
    )
    assert isinstance(parts, list)
    outside = next(part for part in parts if part.label == "outside the reference's range")
    assert (outside.window_share, outside.part) == (1.0, pytest.approx(1.0))


def test_what_has_no_score_has_no_parts() -> None:
    bins = numerical_bins(NUMBERS[0])
    empty, full = profile(np.array([]), bins), profile(NUMBERS[0], bins)
    assert isinstance(explain("psi", full, empty, bins), Undefined)
    assert isinstance(explain("missing_share_change", full, empty, bins), Undefined)
    rare = categorical_bins(np.arange(1_000))
    sides = profile(np.arange(1_000), rare), profile(np.arange(90), rare)
    assert isinstance(explain("jensen_shannon", *sides, rare), Undefined)
