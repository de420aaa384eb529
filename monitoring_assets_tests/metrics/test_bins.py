"""Frozen bins: edges, outer bins, groups, scale, dictionaries."""

import numpy as np
import pytest

from monitoring_assets.metrics.bins import (
    CategoricalBins,
    NumericalBins,
    categorical_bins,
    numerical_bins,
)
from monitoring_assets.metrics.profile import profile


def test_a_continuous_reference_gets_at_least_256_bins_each_with_at_most_its_share() -> None:
    values = np.random.default_rng(1).lognormal(size=20_000)
    bins = numerical_bins(values)
    counts = profile(values, bins).counts
    assert bins.size >= 256
    assert not bins.is_discrete
    assert counts.max() <= np.ceil(20_000 / 256)


def test_outer_bins_hold_none_of_the_reference_and_all_beyond_it() -> None:
    values = np.random.default_rng(2).normal(size=5_000)
    bins = numerical_bins(values)
    inside = profile(values, bins)
    beyond = profile(np.array([values.min() - 1e-9, values.max() + 1e-9, 1e9]), bins)
    assert inside.outside == 0
    assert (beyond.counts[0], beyond.counts[-1], beyond.outside_share) == (1, 2, 1.0)


def test_few_values_get_one_bin_each() -> None:
    bins = numerical_bins(np.array([3, 1, 1, 2]))
    assert bins.is_discrete
    assert bins.edges.tolist()[1:] == [1.0, 2.0, 3.0]
    assert bins.coarse_groups.tolist() == [0, 0, 1, 2, 2]


def test_a_heavy_value_in_a_continuous_column_gets_a_bin_for_itself() -> None:
    values = np.concatenate((np.zeros(6_000), np.random.default_rng(3).normal(size=4_000)))
    counts = profile(values, numerical_bins(values)).counts
    assert (counts > 4_000 / 40).sum() == 1
    assert counts.max() == 6_000


def test_coarse_groups_are_the_reference_deciles() -> None:
    values = np.random.default_rng(4).normal(size=10_000)
    bins = numerical_bins(values)
    by_group = np.bincount(bins.coarse_groups, weights=profile(values, bins).counts)
    assert by_group.size == 10
    assert np.all(np.abs(by_group - 1_000) <= 10_000 / 256 + 1)


def test_coarse_groups_part_a_heavy_value_from_the_light_ones_beside_it() -> None:
    values = np.repeat([1, 2, 3, 4], [30, 900, 40, 30])
    bins = numerical_bins(values)
    groups = dict(zip(bins.edges.tolist(), bins.coarse_groups.tolist(), strict=False))
    assert groups[1.0] < groups[2.0] < groups[3.0]


def test_scale_is_robust_against_one_wild_value() -> None:
    values = np.random.default_rng(5).normal(size=10_000)
    wild = numerical_bins(np.append(values, 120_098.0))
    assert wild.scale == pytest.approx(1.0, abs=0.03)
    assert wild.scale == pytest.approx(numerical_bins(values).scale, rel=1e-3)


def test_scale_falls_back_to_the_inner_deviation_and_then_to_one() -> None:
    mostly_zero = np.concatenate((np.zeros(900), np.full(99, 10.0), [1e9]))
    inner = np.concatenate((np.zeros(900), np.full(99, 10.0)))
    assert numerical_bins(mostly_zero).scale == pytest.approx(inner.std())
    assert numerical_bins(np.full(10, 3.0)).scale == 1.0


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [np.inf, -np.inf, np.nan]])
def test_a_reference_without_finite_values_gets_bins_without_edges(values: list[float]) -> None:
    bins = numerical_bins(np.array(values, dtype=np.float64))
    found = profile(np.array([1.0, np.nan]), bins)
    assert (bins.edges.size, bins.size, bins.scale) == (0, 1, 1.0)
    assert (found.counts.tolist(), found.outside_share) == ([1], 1.0)


def test_zero_as_smallest_value_makes_no_subnormal_edge() -> None:
    bins = numerical_bins(np.array([0.0, 1.0]))
    assert bins.edges[0] == -np.finfo(np.float64).tiny


def test_edges_that_do_not_increase_are_refused() -> None:
    with pytest.raises(ValueError, match="strictly increasing"):
        NumericalBins(
            edges=np.array([1.0, 1.0]),
            centre=0.0,
            scale=1.0,
            coarse_groups=np.zeros(3, dtype=np.int64),
            is_discrete=False,
        )


def test_bins_are_values() -> None:
    values = np.random.default_rng(6).normal(size=1_000)
    bins = numerical_bins(values)
    assert bins == numerical_bins(values)
    assert bins != numerical_bins(values, version=2)
    with pytest.raises(ValueError, match="read-only"):
        bins.edges[0] = 0.0


def test_categories_come_by_frequency_and_stop_at_the_cap() -> None:
    values = np.repeat(["b", "a", "c", "d"], [5, 3, 3, 1])
    assert categorical_bins(values).categories == ("b", "a", "c", "d")
    assert categorical_bins(values, cap=2).categories == ("b", "a")


def test_a_dictionary_only_grows_and_keeps_its_version() -> None:
    bins = CategoricalBins(categories=("a",), cap=3, version=4)
    longer = bins.extended(["b", "a", "b", "c", "d"])
    assert longer == CategoricalBins(categories=("a", "b", "c"), cap=3, version=4)
    assert longer.extended(["a", "c"]) is longer
