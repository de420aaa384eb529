"""Column profiles: counting by hand, adding up, moments, quantiles, renewal of bins."""

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.metrics.arrays import FloatArray
from monitoring_assets.metrics.bins import CategoricalBins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import (
    QUANTILE_LEVELS,
    BinsChangedError,
    merge,
    needs_renewal,
    profile,
    profile_numerical,
    unseen_categories,
)

REFERENCE = np.random.default_rng(0).normal(size=5_000)


def messy(rows: int, seed: int) -> FloatArray:
    """Normal values with missing and infinite ones among them."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=rows)
    values[generator.random(rows) < 0.1] = np.nan
    values[generator.random(rows) < 0.05] = np.inf
    values[generator.random(rows) < 0.05] = -np.inf
    return values


def test_a_window_counted_by_hand() -> None:
    bins = numerical_bins(np.array([1.0, 2.0, 4.0]))
    found = profile(np.array([0.5, 1.0, 3.0, 9.0, np.nan, np.inf, -np.inf, -1e141]), bins)
    assert (found.rows, found.missing, found.finite) == (8, 1, 4)
    assert (found.positive_infinite, found.negative_infinite) == (1, 2)
    assert found.counts.tolist() == [1, 1, 0, 1, 1]
    assert (found.minimum, found.maximum, found.missing_share) == (0.5, 9.0, 0.125)
    assert (found.moment_1, found.moment_2) == (5.5, 53.25)
    assert (found.mean(bins), found.variance) == (3.375, pytest.approx(15.229166666666666))
    assert (found.outside, found.outside_share) == (2, 0.5)


def test_an_empty_window_has_a_profile() -> None:
    bins = numerical_bins(REFERENCE)
    found = profile(np.array([]), bins)
    assert (found.rows, found.finite, found.counts.sum()) == (0, 0, 0)
    assert found.missing_share is found.outside_share is found.minimum is found.quantiles is None
    assert found.mean(bins) is found.variance is None


def test_profiles_add_up_bit_for_bit_in_any_order() -> None:
    bins = numerical_bins(REFERENCE)
    values = [messy(rows, seed) for seed, rows in enumerate((1, 0, 10, 1_000, 5_000))]
    whole = profile(np.concatenate(values), bins)
    for order in ((0, 1, 2, 3, 4), (4, 2, 0, 3, 1)):
        total = merge(profile(values[i], bins) for i in order)
        assert np.array_equal(total.counts, whole.counts)
        assert (total.minimum, total.maximum) == (whole.minimum, whole.maximum)
        assert total.moment_1 == pytest.approx(whole.moment_1, rel=1e-12, abs=1e-12 * 5_000)
        assert total.moment_2 == pytest.approx(whole.moment_2, rel=1e-12)
        assert total.quantiles is None


def test_the_order_of_rows_does_not_matter() -> None:
    bins = numerical_bins(REFERENCE)
    values = messy(3_000, 7)
    again = profile(np.random.default_rng(8).permutation(values), bins)
    first = profile(values, bins)
    assert np.array_equal(first.counts, again.counts)
    assert first.quantiles == again.quantiles
    assert first.moment_2 == pytest.approx(again.moment_2, rel=1e-12)


def test_variance_is_right_at_a_mean_of_a_hundred_million() -> None:
    values = 1e8 + np.random.default_rng(1).normal(size=10_000)
    found = profile(values, numerical_bins(values))
    assert found.variance == pytest.approx(float(np.var(values - 1e8, ddof=1)), rel=1e-6)
    assert found.mean(numerical_bins(values)) == pytest.approx(values.mean(), rel=1e-12)


@pytest.mark.parametrize("rows", [1, 2, 3, 1_000, 10_001])
def test_quantiles_equal_numpy(rows: int) -> None:
    values = np.random.default_rng(rows).lognormal(size=rows)
    found = profile(values, numerical_bins(REFERENCE)).quantiles
    expected = np.quantile(values, tuple(QUANTILE_LEVELS.values()))
    assert found is not None
    assert list(found.values()) == pytest.approx(expected.tolist(), rel=1e-14)


def test_values_are_left_as_they_were() -> None:
    values = messy(100, 3)
    before = values.copy()
    profile_numerical(values, numerical_bins(REFERENCE))
    assert np.array_equal(values, before, equal_nan=True)


def test_categories_counted_by_hand() -> None:
    bins = CategoricalBins(categories=("a", "b"))
    found = profile(pa.array(["b", "x", None, "b", "y"]), bins)
    assert found.counts.tolist() == [0, 2, 2]
    assert (found.rows, found.missing, found.outside_share) == (5, 1, 0.5)
    assert found.minimum is found.quantiles is found.variance is None


def test_counts_over_a_shorter_dictionary_add_to_those_over_a_longer_one() -> None:
    short = CategoricalBins(categories=("a",), cap=2)
    values = np.array(["b", "a", "c"])
    longer = short.extended(unseen_categories(values, short))
    total = profile(np.array(["a", "a"]), short) + profile(values, longer)
    assert longer.categories == ("a", "b")
    assert total.counts.tolist() == [3, 1, 1]


def test_profiles_over_different_bins_do_not_add() -> None:
    first = profile(REFERENCE, numerical_bins(REFERENCE))
    with pytest.raises(BinsChangedError, match="version 2"):
        _ = first + profile(REFERENCE, numerical_bins(REFERENCE, version=2))


def test_bins_need_renewal_above_five_percent_outside() -> None:
    bins = numerical_bins(np.arange(100))
    most = np.full(95, 50.0)
    assert not needs_renewal(bins, profile(np.append(most, [-1, -1, 500, 500, 500]), bins))
    assert needs_renewal(bins, profile(np.append(most, [-1, -1, -1, 500, 500, 500]), bins))
    assert needs_renewal(numerical_bins(np.array([])), profile(most, numerical_bins(np.array([]))))


def test_a_shift_inside_the_range_needs_no_new_bins() -> None:
    bins = numerical_bins(REFERENCE)
    assert not needs_renewal(bins, profile(REFERENCE + 0.5, bins))


def test_a_full_dictionary_with_a_full_overflow_bucket_needs_renewal() -> None:
    bins = categorical_bins(np.array(["a", "b"]), cap=2)
    assert not needs_renewal(bins, profile(np.repeat(["a", "c"], [95, 5]), bins))
    assert needs_renewal(bins, profile(np.repeat(["a", "c"], [94, 6]), bins))
