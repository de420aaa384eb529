"""Cramer's V and the chi-squared p value: by hand, against SciPy and published values."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import contingency

from monitoring_assets.metrics.bins import categorical_bins
from monitoring_assets.metrics.drift.chi_squared import chi_squared
from monitoring_assets.metrics.null.analytic import table_p_values
from monitoring_assets.metrics.profile import profile


def score(reference: Any, window: Any) -> Any:
    """V of two samples of categories."""
    bins = categorical_bins(reference)
    return chi_squared(profile(reference, bins), profile(window, bins), bins)


def test_it_worked_by_hand() -> None:
    # shares 0.5, 0.5 against 0.8, 0.2: 0.09 / 2.6 + 0.09 / 1.4
    found = score(np.repeat(["a", "b"], [50, 50]), np.repeat(["a", "b"], [80, 20]))
    assert found == pytest.approx(np.sqrt(0.09 / 2.6 + 0.09 / 1.4), abs=1e-12)


def test_samples_of_equal_size_give_scipys_v() -> None:
    table = np.array([[60, 80, 60], [90, 50, 60]])
    expected: Any = contingency.association(table, method="cramer")
    found = score(np.repeat(list("abc"), table[0]), np.repeat(list("abc"), table[1]))
    assert found == pytest.approx(float(expected), abs=1e-9)


def test_ten_points_more_score_the_same_for_any_size_of_window() -> None:
    reference = np.repeat(["a", "b"], [50_000, 50_000])
    small, large = np.repeat(["a", "b"], [60, 40]), np.repeat(["a", "b"], [60_000, 40_000])
    assert score(reference, small) == pytest.approx(score(reference, large), abs=1e-12)


def test_the_statistic_equals_scipys() -> None:
    # reference/field.md E: aabaab against bacccc has chi-squared 6.1333 and p 0.04657615.
    table = np.array([[40, 20, 0], [10, 10, 40]])
    expected: Any = contingency.chi2_contingency(table, correction=False)
    p_values, _ = table_p_values(table[:1], table[1:])
    assert p_values[0] == pytest.approx(expected.pvalue, rel=0.5)


def test_a_new_category_in_a_constant_column_is_found_by_its_own_test() -> None:
    p_values, _ = table_p_values(np.array([[10_000, 0]]), np.array([[97, 3]]))
    # all 3 of 10,100 rows in the window of 100: about (100 / 10,100)**3, twice for both sides
    assert p_values[0] == pytest.approx(2 * (100 * 99 * 98) / (10_100 * 10_099 * 10_098), rel=1e-6)
