"""Rows added up at once equal profiles added up one by one."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.metrics.bins import Bins, CategoricalBins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, merge, profile
from monitoring_assets.metrics.quality.classification import profile_classification
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import RegressionProfile, profile_regression
from monitoring_assets.storage.packed import pack
from monitoring_assets.storage.profiles import profile_rows
from monitoring_assets.storage.roll_up.column_sums import COLUMNS, sum_rows
from monitoring_assets.storage.roll_up.quality_sums import sum_quality
from monitoring_assets_tests.storage.samples import START

BINS: dict[str, Bins] = {
    "distance": numerical_bins(np.linspace(0, 1, 40)),
    "hour": numerical_bins(np.arange(3.0), version=3),
    "zone": CategoricalBins(categories=("north", "south", "west")),
}
Entry = tuple[int, str, ColumnProfile]
"""(group, column name, profile)."""


def as_rows(entries: Sequence[Entry]) -> pa.Table:
    """Return rows as Arrow gives them, window after window."""
    rows: list[dict[str, Any]] = [
        {**row, "window_start": START + timedelta(hours=hour), "counts": pack(row["counts"])}
        for hour, (_, column, counted) in enumerate(entries)
        for row in profile_rows({("all", column): counted})
    ]
    types = {"window_start": pa.timestamp("us", "UTC"), "counts": pa.binary()}
    types |= dict.fromkeys(("column_name", "kind"), pa.string())
    types |= dict.fromkeys(("minimum", "maximum", "moment_1", "moment_2"), pa.float64())
    return pa.Table.from_pylist(rows, pa.schema([(n, types.get(n, pa.int64())) for n in COLUMNS]))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    column = draw(st.sampled_from(sorted(BINS)))
    if column == "zone":
        length = draw(st.integers(0, 3))
        bins: Bins = CategoricalBins(categories=("north", "south", "west")[:length])
        values = np.array(draw(st.lists(st.sampled_from(["north", "west", "?", None]))), object)
    else:
        bins = BINS[column]
        values = np.array(draw(st.lists(st.floats(-1, 3) | st.just(np.nan), max_size=5)), float)
        values = np.repeat(values, draw(st.sampled_from([1, 300])))
    return draw(st.integers(0, 3)), column, profile(values, bins)


@given(st.lists(entries(), min_size=1, max_size=12))
@settings(deadline=None)
def test_sums_of_groups_are_those_of_their_profiles(given_entries: list[Entry]) -> None:
    rows, groups = as_rows(given_entries), np.array([group for group, _, _ in given_entries])
    found = {
        (group, column): one
        for group, column, one in sum_rows(rows, np.arange(len(groups)), groups)
    }
    expected: dict[tuple[int, str], list[ColumnProfile]] = {}
    for group, column, one in given_entries:
        expected.setdefault((group, column), []).append(one)
    assert found.keys() == expected.keys()
    for key, profiles in expected.items():
        whole = merge(profiles)
        assert exact(found[key]) == exact(whole)
        assert moments(found[key]) == pytest.approx(moments(whole), rel=1e-12, abs=1e-12)


def exact(counted: ColumnProfile) -> dict[str, Any]:
    inexact = dict.fromkeys(("moment_1", "moment_2", "quantiles"))
    return vars(counted) | inexact | {"counts": counted.counts.tolist()}


def moments(counted: ColumnProfile) -> list[float]:
    return [counted.moment_1, counted.moment_2]


def test_a_row_may_count_for_two_groups_and_another_for_none() -> None:
    counted = [(0, "hour", profile(np.array([float(n)]), BINS["hour"])) for n in range(3)]
    places, groups = np.array([0, 2, 2]), np.array([7, 7, 9])
    found = {g: one.counts.tolist() for g, _, one in sum_rows(as_rows(counted), places, groups)}
    assert found == {7: [0, 1, 0, 1, 0], 9: [0, 0, 0, 1, 0]}


def test_sums_do_not_depend_on_the_order_of_rows() -> None:
    generator = np.random.default_rng(3)
    counted = [(0, "distance", profile(generator.random(9), BINS["distance"])) for _ in range(40)]
    rows, zeros = as_rows(counted), np.zeros(40, np.int64)
    mixed = rows.take(generator.permutation(40))
    (first,), (second,) = ([*sum_rows(one, np.arange(40), zeros)] for one in (rows, mixed))
    assert first == second


def test_two_bins_versions_are_two_sums() -> None:
    newer = numerical_bins(np.arange(5.0), version=4)
    counted = [(0, "hour", profile(np.array([1.0]), bins)) for bins in (BINS["hour"], newer)]
    found = sum_rows(as_rows(counted), np.arange(2), np.zeros(2, np.int64))
    assert [(one.bins_version, one.rows) for _, _, one in found] == [(3, 1), (4, 1)]


def test_nothing_adds_up_to_nothing() -> None:
    none = np.array([], np.int64)
    assert [
        *sum_rows(as_rows([(0, "hour", profile(np.array([1.0]), BINS["hour"]))]), none, none)
    ] == []


def lines(profiles: Sequence[QualityProfile]) -> pa.ChunkedArray:
    return pa.chunked_array([[json.dumps(one.to_sums()) + "\n" for one in profiles]])


def errors(rows: int, centre: float = 5.0) -> RegressionProfile:
    generator = np.random.default_rng(rows)
    return profile_regression(generator.normal(5, 2, rows), generator.normal(5, 2, rows), centre)


def test_errors_added_up_at_once_equal_sums_one_by_one() -> None:
    given_sums = [errors(rows) for rows in (7, 0, 20, 3, 11)]
    groups = np.array([4, 4, 1, 4, 1])
    found = dict(sum_quality(lines(given_sums), groups))
    for group in (1, 4):
        own = [one for of, one in zip(groups, given_sums, strict=True) if of == group]
        assert found[group].to_sums() == pytest.approx(
            reduce(RegressionProfile.__add__, own).to_sums(), rel=1e-12
        )


def test_sums_that_do_not_add_up_come_in_the_order_of_their_last_row() -> None:
    classes = profile_classification(["a"], ["b"], {}, ["a", "b"], "b")
    given_sums = [errors(1, 5.0), errors(2, 6.0), classes, errors(3, 5.0), classes]
    found = [one for _, one in sum_quality(lines(given_sums), np.zeros(5, np.int64))]
    assert [one.rows for one in found] == [2, 1, 4, 1]


def test_sums_that_were_not_taken_yet_are_not_known() -> None:
    old = {k: v for k, v in errors(3).to_sums().items() if k != "cubed_target"}
    text = pa.chunked_array([[json.dumps(old) + "\n", *lines([errors(4)]).to_pylist()]])
    ((_, found),) = sum_quality(text, np.zeros(2, np.int64))
    assert isinstance(found, RegressionProfile)
    assert (found.rows, found.cubed_target) == (7, None)
