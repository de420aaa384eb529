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


def labels(method: str, left: object, right: object) -> list[str]:
    values = np.asarray(left)
    bins = numerical_bins(values)
    parts = explain(method, profile(values, bins), profile(np.asarray(right), bins), bins)
    assert isinstance(parts, list)
    return [part.label for part in parts]


def test_ranges_of_whole_numbers_go_from_one_to_another() -> None:
    hours, morning = np.arange(24).repeat(50), np.arange(6, 12).repeat(50)
    assert {"up to 1", "2 to 4", "7 to 9", "above 21"} <= {*labels("psi", hours, morning)}
    assert all(" to " in one for one in labels("wasserstein", hours, morning))


def test_a_column_of_few_values_is_explained_value_by_value() -> None:
    before, now = np.repeat([0, 1, 2.5], [50, 40, 10]), np.repeat([0, 1, 2.5], [20, 40, 40])
    assert labels("wasserstein", before, now) == ["1", "0"]  # the way from 1 to 2.5 is longer
    assert labels("chi_squared", before, now) == ["above 1", "up to 0"]


def test_the_largest_gap_is_named_with_the_shares_below_it() -> None:
    before, now = np.arange(1.0, 101.0), np.arange(51.0, 101.0)
    bins = numerical_bins(before)
    parts = explain("kolmogorov_smirnov", profile(before, bins), profile(now, bins), bins)
    assert isinstance(parts, list)
    (part,) = parts
    assert (part.label, part.reference_share, part.window_share) == ("up to 50", 0.5, 0.0)
    assert (part.part, part.low, part.high) == (0.5, None, 50.0)


def test_a_gap_below_the_smallest_value_is_named_so() -> None:
    before, now = np.arange(1.0, 101.0), np.zeros(50)
    assert labels("kolmogorov_smirnov", before, now) == ["below the reference's range"]


def test_ranges_are_told_apart_in_as_few_digits_as_that_takes() -> None:
    near, far = np.linspace(1.0001, 1.0009, 900), np.linspace(1.0004, 1.0009, 900)
    assert labels("psi", near, far)[0] == "1.00018 to 1.00026"
    assert labels("psi", near * 1e4, far * 1e4)[0] == "10001.8 to 10002.6"


def test_a_heavy_value_is_named_alone() -> None:
    heavy = np.concatenate([np.zeros(400), GENERATOR.gamma(2, 2, 600)])
    lighter = np.concatenate([np.zeros(100), GENERATOR.gamma(2, 2, 600)])
    assert "up to 0" in labels("psi", heavy, lighter)
    assert "0" in labels("wasserstein", heavy, lighter)


def test_the_ends_of_a_range_are_given_as_numbers_too() -> None:
    hours, morning = np.arange(24).repeat(50), np.arange(6, 12)
    bins = numerical_bins(hours)
    parts = explain("chi_squared", profile(hours, bins), profile(morning, bins), bins)
    assert isinstance(parts, list)
    ends = {part.label: (part.low, part.high) for part in parts}
    assert (ends["up to 1"], ends["7 to 9"]) == ((None, 1.0), (6.0, 9.0))
