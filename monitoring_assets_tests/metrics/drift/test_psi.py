"""Population stability index: by hand, against published values, robust against one wild value."""

import numpy as np
import pytest

from monitoring_assets.metrics.bins import categorical_bins, numerical_bins
from monitoring_assets.metrics.drift.psi import psi
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.result import Undefined


def test_the_index_worked_by_hand() -> None:
    reference, window = np.repeat(["a", "b"], [80, 20]), np.repeat(["a", "b"], [40, 60])
    bins = categorical_bins(reference)
    expected = 0.4 * np.log(0.8 / 0.4) + (0.2 - 0.6) * np.log(0.2 / 0.6)
    found = psi(profile(reference, bins), profile(window, bins), bins)
    assert found == pytest.approx(expected, abs=1e-12)


def test_it_equals_evidently_where_no_group_is_empty() -> None:
    # reference/field.md D: 0.037218 on these six levels, reproduced with Evidently 0.7.23.
    levels = np.arange(1, 7)
    reference, window = levels.repeat([16, 18, 16, 14, 12, 12]), levels.repeat([16] * 5 + [8])
    bins = categorical_bins(reference)
    found = psi(profile(reference, bins), profile(window, bins), bins)
    assert found == pytest.approx(0.037218, abs=1e-6)


def test_an_empty_group_counts_as_half_a_row() -> None:
    reference, window = np.repeat(["a", "b"], [50, 50]), np.repeat(["a"], 100)
    bins = categorical_bins(reference)
    expected = (0.5 - 1) * np.log(0.5) + (0.5 - 0.005) * np.log(0.5 / 0.005)
    # half a row of 100 is a share of 0.005
    found = psi(profile(reference, bins), profile(window, bins), bins)
    assert found == pytest.approx(expected, abs=1e-12)


def test_one_wild_value_moves_it_by_under_one_percent() -> None:
    # reference/field.md, first defect: Evidently's PSI falls from 0.251 to 0.038.
    generator = np.random.default_rng(0)
    reference, window = generator.normal(size=10_000), generator.normal(0.5, 1, 10_000)
    bins = numerical_bins(reference)
    side = profile(reference, bins)
    before = psi(side, profile(window, bins), bins)
    after = psi(side, profile(np.append(window, 1e6), bins), bins)
    assert isinstance(before, float)
    assert before > 0.2
    assert after == pytest.approx(before, rel=0.01)


def test_nothing_but_rare_categories_is_undefined() -> None:
    bins = categorical_bins(np.arange(1_000))
    found = psi(profile(np.arange(1_000), bins), profile(np.arange(100), bins), bins)
    assert isinstance(found, Undefined)
