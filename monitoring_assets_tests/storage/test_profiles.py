"""Profiles as rows: what was counted comes back exactly."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.profiles import (
    profile_of,
    profile_rows,
    quality_profile_write,
    read_quality_profiles,
    read_window_profiles,
    window_profile_write,
)
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import a_computation, a_window, rows_of

NUMBERS = np.array([0.1, 0.2, 1e300, -5.0, np.nan, np.inf, -np.inf])


def assert_same(found: ColumnProfile, expected: ColumnProfile) -> None:
    assert np.array_equal(found.counts, expected.counts)
    assert vars(found) | {"counts": None} == vars(expected) | {"counts": None}


@pytest.mark.parametrize(
    ("values", "bins"),
    [
        (NUMBERS, numerical_bins(np.arange(1000.0))),
        (NUMBERS, numerical_bins(np.array([]))),
        (NUMBERS[:0], numerical_bins(NUMBERS)),
        (NUMBERS[4:5], numerical_bins(NUMBERS)),
        (np.array(["a", "?"], dtype=object), categorical_bins(np.array(["a"], dtype=object))),
    ],
    ids=["usual", "no reference", "empty", "all missing", "categories"],
)
def test_a_profile_comes_back_as_it_was(database: Database, values: np.ndarray, bins: Bins) -> None:
    counted = {("all", "x"): profile(values, bins), ("unfiltered", "it's"): profile(values, bins)}
    computation = a_computation(Layer.WINDOW_PROFILES)
    replace_window(database, computation, [window_profile_write(counted)])
    found = read_window_profiles(database, a_window())
    assert list(found) == list(counted)
    for key, one in counted.items():
        assert_same(found[key], one)
    assert read_window_profiles(database, a_window(1)) == {}


@given(st.lists(st.floats(width=64)))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_profile_survives_being_a_row(values: list[float]) -> None:
    counted = profile(np.array(values), numerical_bins(np.array(values)))
    assert_same(profile_of(profile_rows({("all", "x"): counted})[0]), counted)


def test_values_outside_the_reference_can_be_read_off_the_row(database: Database) -> None:
    counted = {("all", "x"): profile(np.array([5.0, 99.0, -1.0]), numerical_bins(np.arange(10.0)))}
    computation = a_computation(Layer.WINDOW_PROFILES)
    replace_window(database, computation, [window_profile_write(counted)])
    assert [row["outside"] for row in rows_of(database, tables.window_profile)] == [2]


def test_quality_sums_come_back_exactly(database: Database) -> None:
    rng = np.random.default_rng(1)
    sums = {
        "1": profile_regression(rng.normal(size=99), rng.normal(size=99), 0.1),
        "2": profile_regression(np.array([]), np.array([]), 0.1),
    }
    computation = a_computation(Layer.QUALITY_PROFILES)
    replace_window(database, computation, [quality_profile_write(sums)])
    assert read_quality_profiles(database, a_window()) == sums
    assert read_quality_profiles(database, a_window(1)) == {}
    labels = {
        row["model_version"]: row["labels"] for row in rows_of(database, tables.quality_profile)
    }
    assert labels == {"1": 99, "2": 0}
