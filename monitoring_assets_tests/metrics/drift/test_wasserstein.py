"""Wasserstein distance: against SciPy, its stated error, robust against wild values."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from monitoring_assets.metrics.bins import numerical_bins
from monitoring_assets.metrics.drift.wasserstein import (
    error_bound,
    much_coarser,
    trimmed_range,
    wasserstein,
)
from monitoring_assets.metrics.profile import profile


def score(reference: Any, window: Any) -> Any:
    """Distance of two samples of numbers."""
    bins = numerical_bins(reference)
    return wasserstein(profile(reference, bins), profile(window, bins), bins)


def test_a_discrete_column_inside_the_range_equals_scipy() -> None:
    generator = np.random.default_rng(1)
    reference, window = generator.integers(0, 9, 5_000), generator.integers(1, 8, 700)
    expected = stats.wasserstein_distance(reference, window) / numerical_bins(reference).scale
    assert score(reference, window) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize("seed", range(15))
def test_binning_changes_it_by_no_more_than_stated(seed: int) -> None:
    generator = np.random.default_rng(seed)
    reference = generator.gamma(2 + seed / 5, size=6_000)
    bins = numerical_bins(reference)
    counted = profile(reference, bins)
    ends = bins.edges[list(trimmed_range(np.cumsum(counted.counts)[:-1] / 6_000))]
    window = np.clip(generator.gamma(2.2 + seed / 5, size=500), *ends)
    exact = float(stats.wasserstein_distance(np.clip(reference, *ends), window)) / bins.scale
    found = wasserstein(counted, profile(window, bins), bins)
    bound = error_bound(counted, profile(window, bins), bins)
    assert isinstance(found, float)
    assert abs(found - exact) <= bound + 1e-12
    assert bound < 0.05


def test_a_shift_of_half_a_deviation_scores_one_half() -> None:
    generator = np.random.default_rng(2)
    reference = generator.normal(size=50_000)
    assert score(reference, generator.normal(0.5, 1, 50_000)) == pytest.approx(0.5, abs=0.02)


def test_one_wild_value_leaves_it_unchanged() -> None:
    generator = np.random.default_rng(3)
    reference, window = generator.normal(size=10_000), generator.normal(0.5, 1, 10_000)
    before = score(reference, window)
    assert score(reference, np.append(window, 1e6)) == pytest.approx(before, abs=5e-4)
    assert score(np.append(reference, 1e6), window) == pytest.approx(before, abs=5e-3)


def test_a_constant_column_that_became_another_constant_scores_one() -> None:
    assert score(np.full(100, 5.0), np.full(100, 5.0)) == 0.0
    assert score(np.full(100, 5.0), np.full(100, 7.0)) == pytest.approx(1.0)


def test_it_does_not_change_with_the_unit() -> None:
    generator = np.random.default_rng(4)
    reference, window = generator.gamma(2, size=4_000), generator.gamma(3, size=900)
    expected = score(reference, window)
    assert score(60 * reference + 7, 60 * window + 7) == pytest.approx(expected, rel=1e-9)


def with_wild(wild: int, *, seed: int, rows: int = 10_000) -> Any:
    values = np.random.default_rng(seed).gamma(2, 1.5, rows)
    values[:wild] = np.linspace(40, 6_000, wild)
    return values


@pytest.mark.parametrize(
    ("before", "after", "coarser"), [(0, 8, False), (2, 0, False), (8, 0, False), (12, 8, True)]
)
def test_bins_are_too_coarse_where_the_end_of_new_values_lies_in_a_bin_of_wild_ones(
    before: int, after: int, *, coarser: bool
) -> None:
    bins, values = numerical_bins(with_wild(before, seed=1)), with_wild(after, seed=2)
    assert much_coarser(bins, numerical_bins(values), values) is coarser


def test_what_chance_scores_over_bins_that_are_too_coarse_it_does_not_over_fresh_ones() -> None:
    values, window = with_wild(8, seed=2), with_wild(1, seed=3, rows=1000)
    scores: list[Any] = [
        wasserstein(profile(values, bins), profile(window, bins), bins)
        for bins in (numerical_bins(with_wild(12, seed=1)), numerical_bins(values))
    ]
    # A tenth is what alarms where nothing else is said.
    assert scores[0] > 0.1 > scores[1]
