"""Jensen-Shannon distance: by hand, against SciPy and NannyML's published values, pooling."""

import numpy as np
import pytest
from scipy.spatial import distance

from monitoring_assets.metrics.bins import categorical_bins, numerical_bins
from monitoring_assets.metrics.drift.jensen_shannon import jensen_shannon
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.result import Undefined


def score(reference: np.ndarray, window: np.ndarray) -> float | Undefined:
    """Distance of two samples of categories."""
    bins = categorical_bins(reference)
    return jensen_shannon(profile(reference, bins), profile(window, bins), bins)


def test_disjoint_categories_are_at_distance_one() -> None:
    assert score(np.repeat("a", 20), np.repeat("b", 20)) == 1.0


def test_one_of_four_categories_replaced_is_one_half() -> None:
    # reference/field.md C, NannyML's unit test: abcd against abce is 0.5.
    found = score(np.repeat(list("abcd"), 50), np.repeat(list("abce"), 50))
    assert found == pytest.approx(0.5, abs=1e-12)


def test_it_equals_scipy_to_base_two() -> None:
    reference, window = np.repeat(list("abc"), [50, 30, 20]), np.repeat(list("abc"), [20, 30, 51])
    expected = distance.jensenshannon([0.5, 0.3, 0.2], np.array([20, 30, 51]) / 101, base=2)
    assert score(reference, window) == pytest.approx(float(expected), abs=1e-12)


def test_it_is_evidently_divided_by_the_root_of_ln_2() -> None:
    # reference/field.md D: Evidently's 0.068048 (natural logarithm) on these six levels.
    levels = np.arange(1, 7)
    reference, window = levels.repeat([16, 18, 16, 14, 12, 12]), levels.repeat([16] * 5 + [8])
    found = score(reference, window)
    assert isinstance(found, float)
    assert found * np.sqrt(np.log(2)) == pytest.approx(0.068048, abs=1e-6)


def test_numbers_are_compared_by_reference_deciles() -> None:
    values = np.arange(1_000)
    bins = numerical_bins(values)
    window = values[values < 500]
    expected = distance.jensenshannon([0.1] * 10, [0.2] * 5 + [0.0] * 5, base=2)
    found = jensen_shannon(profile(values, bins), profile(window, bins), bins)
    assert found == pytest.approx(float(expected), abs=2e-2)


def test_rare_categories_are_pooled_with_new_ones() -> None:
    reference = np.repeat(["a", "b", "r", "s"], [50, 46, 2, 2])
    window = np.repeat(["a", "b", "new"], [50, 46, 4])
    assert score(reference, window) == 0.0


def test_nothing_but_rare_categories_is_undefined() -> None:
    found = score(np.arange(1_000), np.arange(100))
    assert isinstance(found, Undefined)
    assert "five rows" in found.reason
