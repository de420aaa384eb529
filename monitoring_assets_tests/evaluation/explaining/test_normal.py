"""What is normal, segment by segment: the segments are of the same rows as `all`."""

import numpy as np
import pytest

from monitoring_assets.evaluation.explaining.normal import compared, normal_sums
from monitoring_assets.metrics.bins import NumericalBins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.quality.regression import RegressionProfile, profile_regression
from monitoring_assets.records import ALL
from monitoring_assets_tests.specs import small_spec

VALUES = np.arange(100.0)
BINS = numerical_bins(VALUES)
CENTRE = 3.0


def profiles(
    rare: int, common: int, bins: NumericalBins = BINS
) -> dict[tuple[str, str], ColumnProfile]:
    sizes = {ALL: rare + common, "rare": rare, "common": common}
    return {(name, "x"): profile(VALUES[:size], bins) for name, size in sizes.items()}


def sums(rows: int) -> RegressionProfile:
    return profile_regression(np.full(rows, 2.0), np.full(rows, 3.0), CENTRE)


QUALITY = {
    "centre": CENTRE,
    "metrics": {},
    "sums": sums(90).to_sums(),
    "segments": {"rare": {"metrics": {}, "sums": sums(9).to_sums()}},
}


def test_the_fixed_reference_serves_for_both() -> None:
    fixed = profiles(10, 90)
    found = compared(fixed, profiles(2, 8), {"x": BINS})
    assert found.before == found.slices == fixed


def test_a_rare_segment_is_judged_by_the_fixed_reference_but_split_by_the_windows() -> None:
    fixed, history = profiles(10, 90), [profiles(2, 60), profiles(3, 70)]
    found = compared(fixed, profiles(2, 8), {"x": BINS}, history)
    assert found.before[ALL, "x"].rows == found.slices[ALL, "x"].rows == 135
    assert found.before["rare", "x"] == fixed["rare", "x"]
    assert found.slices["rare", "x"].rows == 5
    assert found.slices["common", "x"].rows == 130


def test_windows_counted_by_other_bins_are_no_part_of_it() -> None:
    other = numerical_bins(VALUES, 2)
    history = [profiles(20, 60), profiles(20, 60), profiles(50, 50, other)]
    found = compared(profiles(10, 90), profiles(2, 8), {"x": BINS}, history)
    assert found.slices["rare", "x"].rows == 40


def test_a_column_without_history_stays_with_the_fixed_reference() -> None:
    fixed = profiles(10, 90)
    found = compared(fixed, profiles(2, 8), {"x": BINS}, [profiles(1, 1)])
    assert found.before == found.slices == fixed


def test_sums_of_the_fixed_reference_are_those_of_all_and_of_its_segments() -> None:
    found = normal_sums(small_spec(), QUALITY)
    assert {name: one.rows for name, one in found.items()} == {ALL: 90, "rare": 9}
    without = normal_sums(small_spec(), {"centre": 0.0, "metrics": {}, "sums": {}})
    assert without == {}


def test_sums_of_windows_before_are_over_the_same_windows_for_every_segment() -> None:
    history = [
        {(ALL, "1"): sums(40), (ALL, "2"): sums(5), ("rare", "1"): sums(4)},
        {(ALL, "2"): sums(30), ("rare", "2"): sums(3)},
    ]
    found = normal_sums(small_spec(), QUALITY, history=history)
    assert {name: one.rows for name, one in found.items()} == {ALL: 75, "rare": 7}


@pytest.mark.parametrize("segment", [ALL, "rare"])
def test_few_labels_before_leave_the_fixed_reference(segment: str) -> None:
    history = [{(ALL, "1"): sums(20), ("rare", "1"): sums(2)}]
    found = normal_sums(small_spec(), QUALITY, segment, history)
    assert {name: one.rows for name, one in found.items()} == {ALL: 90, "rare": 9}
