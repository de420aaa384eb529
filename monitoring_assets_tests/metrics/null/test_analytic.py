"""Laws by formula, held to simulated quiet windows and to SciPy."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from monitoring_assets.metrics.arrays import IntArray
from monitoring_assets.metrics.bins import numerical_bins
from monitoring_assets.metrics.null.analytic import LAWS, table_p_values
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.registry import DRIFT_METHODS

MARGINS = {
    "ten deciles, 50 rows": ([1_005] * 10, 50),
    "ten deciles, 100 rows": ([1_010] * 10, 100),
    "long tail": ([3_000, 2_000, 1_500, 1_000, 800, 700, 600, 250, 150], 200),
    "thin groups": ([6_000, 3_000, 900, 80, 15, 5], 100),
    "two even samples": ([60, 80, 40, 20], 100),
}


def quiet_tables(margins: list[int], rows: int) -> tuple[IntArray, IntArray]:
    """Draw quiet windows out of common rows."""
    generator = np.random.default_rng(8)
    drawn = generator.multivariate_hypergeometric(margins, rows, 20_000, method="marginals")
    return np.array(margins) - drawn, drawn


@pytest.mark.parametrize("name", MARGINS)
def test_chi_squared_p_values_are_uniform_or_larger(name: str) -> None:
    p_values, _ = table_p_values(*quiet_tables(*MARGINS[name]))
    for level, most in ((0.05, 1.15), (0.01, 1.3), (0.0033, 1.6), (0.001, 2.2)):
        assert np.mean(p_values <= level) <= most * level


def test_the_median_of_chi_squared_is_that_of_quiet_windows() -> None:
    left, right = quiet_tables(*MARGINS["ten deciles, 100 rows"])
    _, medians = table_p_values(left, right)
    rows = left.sum(axis=-1, keepdims=True), right.sum(axis=-1, keepdims=True)
    expected = (left + right) * rows[1] / (rows[0] + rows[1])
    found = ((right - expected) ** 2 / expected).sum(axis=-1)
    found += ((right - expected) ** 2 / (left + right - expected)).sum(axis=-1)
    assert np.median(found) == pytest.approx(medians[0], rel=0.03)


def test_kolmogorov_smirnov_p_equals_scipys_asymptotic_one() -> None:
    generator = np.random.default_rng(2)
    reference, window = generator.integers(0, 50, 4_000), generator.integers(0, 55, 300)
    bins = numerical_bins(reference)
    sides = profile(reference, bins), profile(window, bins)
    # reference/evidently.md 1.6: kstwo.sf(d, round(n1 * n2 / (n1 + n2)))
    expected: Any = stats.ks_2samp(reference, window, method="asymp")
    ladder = NullLadder(method="kolmogorov_smirnov", reference_rows=4_000)
    quiet = ladder.quiet(sides[0], [sides[1]], bins, [float(expected.statistic)])
    assert quiet[0].p_value == pytest.approx(float(expected.pvalue), rel=1e-9)


def test_kolmogorov_smirnov_expects_the_median_of_quiet_windows() -> None:
    generator = np.random.default_rng(3)
    reference = np.arange(10_000) / 10_000
    bins = numerical_bins(reference)
    side = profile(reference, bins)
    windows = [profile(generator.random(500), bins) for _ in range(400)]
    scores = DRIFT_METHODS["kolmogorov_smirnov"].compute_many(side, windows, bins)
    ladder = NullLadder(method="kolmogorov_smirnov", reference_rows=10_000)
    quiet = ladder.quiet(side, windows[:1], bins, [0.1])
    assert quiet[0].expected == pytest.approx(float(np.median(np.array(scores))), rel=0.1)


def test_laws_by_formula_are_those_of_registered_methods() -> None:
    assert set(LAWS) < set(DRIFT_METHODS)
