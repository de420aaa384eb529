"""Kolmogorov-Smirnov distance: by hand, against SciPy, and its stated error."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from monitoring_assets.metrics.bins import numerical_bins
from monitoring_assets.metrics.drift.kolmogorov_smirnov import kolmogorov_smirnov
from monitoring_assets.metrics.profile import profile


def exact_distance(reference: Any, window: Any) -> float:
    """Unbinned distance by SciPy."""
    result: Any = stats.ks_2samp(reference, window)
    return float(result.statistic)


def test_the_distance_worked_by_hand() -> None:
    reference, window = np.array([1, 2, 3, 4]), np.array([2, 4, 4, 9])
    bins = numerical_bins(reference)
    # F = 1/4 1/2 3/4 1 and G = 0 1/4 1/4 3/4 at 1, 2, 3, 4: the largest difference is 1/2 at 3.
    assert kolmogorov_smirnov(profile(reference, bins), profile(window, bins), bins) == 0.5


def test_discrete_columns_equal_scipy() -> None:
    generator = np.random.default_rng(1)
    reference, window = generator.poisson(5, 20_000), generator.poisson(5.3, 1_500)
    bins = numerical_bins(reference)
    found = kolmogorov_smirnov(profile(reference, bins), profile(window, bins), bins)
    # reference/evidently.md 1.6: D is the largest difference of ECDFs at pooled points.
    assert found == pytest.approx(exact_distance(reference, window), abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_binned_distance_is_at_most_one_bin_below_the_exact_one(seed: int) -> None:
    generator = np.random.default_rng(seed)
    reference = np.append(generator.lognormal(size=8_000), np.zeros(seed * 100))
    window = generator.lognormal(0.1, 1.0 + seed / 50, size=400)
    bins = numerical_bins(reference)
    found = kolmogorov_smirnov(profile(reference, bins), profile(window, bins), bins)
    exact = exact_distance(reference, window)
    assert isinstance(found, float)
    assert exact - 1 / 256 - 1 / reference.size <= found <= exact + 1e-12
