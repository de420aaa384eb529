"""Profiles as rows: what was counted comes back exactly."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.profiles import (
    profile_of,
    profile_rows,
    quality_profile_write,
    read_profiles_between,
    read_quality_profiles,
    read_quality_profiles_between,
    read_scored_rows,
    read_window_profiles,
    target_profile_write,
    window_profile_write,
)
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import START, a_computation, a_window, rows_of

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


def test_profiles_of_the_target_stay_when_those_of_other_columns_are_replaced(
    database: Database,
) -> None:
    bins = numerical_bins(NUMBERS)
    own = {(segment, "minutes"): profile(NUMBERS, bins) for segment in ("all", "card")}
    target = target_profile_write(own, "minutes")
    replace_window(database, a_computation(Layer.QUALITY_PROFILES), [target])
    for column in ("distance", "zone"):
        write = window_profile_write({("all", column): profile(NUMBERS, bins)}, "minutes")
        replace_window(database, a_computation(Layer.WINDOW_PROFILES), [write])
    assert {*read_window_profiles(database, a_window())} == {*own, ("all", "zone")}
    assert {*read_window_profiles(database, a_window(), column="minutes")} == {*own}


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
        ("all", "1"): profile_regression(rng.normal(size=99), rng.normal(size=99), 0.1),
        ("all", "2"): profile_regression(np.array([]), np.array([]), 0.1),
    }
    computation = a_computation(Layer.QUALITY_PROFILES)
    replace_window(database, computation, [quality_profile_write(sums)])
    assert read_quality_profiles(database, a_window()) == sums
    assert read_quality_profiles(database, a_window(1)) == {}
    labels = {
        row["model_version"]: row["labels"] for row in rows_of(database, tables.quality_profile)
    }
    assert labels == {"1": 99, "2": 0}


def classified(classes: list[str], positive: str | None, rows: int = 500) -> ClassificationProfile:
    """Count what a classifier might say, one class that nobody listed among it."""
    rng = np.random.default_rng(rows)
    shares = rng.dirichlet(np.ones(len(classes)), rows)
    answers = np.array(classes, dtype=object)[shares.argmax(axis=1)]
    truth = rng.choice(np.array([*classes, "it's new", None], dtype=object), rows)
    probabilities = {name: shares[:, place] for place, name in enumerate(classes)}
    if positive is not None:
        probabilities = {positive: probabilities[positive]}
    return profile_classification(truth, answers, probabilities, classes, positive)


@pytest.mark.parametrize(
    "counted",
    [
        classified(["no", "yes"], "yes"),
        classified(["no", "yes"], "yes", rows=0),
        classified(["é", '"', "c"], None),
        profile_classification(["a"], ["b"], {}, ["a", "b", "c"], None),
    ],
    ids=["binary", "empty", "multiclass", "without probabilities"],
)
def test_counts_of_classes_come_back_exactly(
    database: Database, counted: ClassificationProfile
) -> None:
    computation = a_computation(Layer.QUALITY_PROFILES)
    replace_window(database, computation, [quality_profile_write({("all", "1"): counted})])
    assert read_quality_profiles(database, a_window()) == {("all", "1"): counted}
    assert [row["labels"] for row in rows_of(database, tables.quality_profile)] == [counted.rows]


def counted_on(day: int) -> dict[tuple[str, str], ColumnProfile]:
    bins, values = numerical_bins(np.arange(100.0)), np.arange(day, 60.0)
    return {(segment, "x"): profile(values, bins) for segment in ("all", "unfiltered")}


def summed_on(day: int) -> dict[tuple[str, str], ClassificationProfile]:
    return {("all", version): classified(["no", "yes"], "yes", day) for version in ("1", "2")}


@pytest.fixture
def five_days(database: Database) -> Database:
    """Profiles of the days 0, 1, 2 and 4, in no order; of day 3 for another model and length."""
    others = [a_window(3, model_id="other"), replace(a_window(3), granularity="hour")]
    for window in [*map(a_window, (4, 1, 0, 2)), *others]:
        day = (window.start - START).days
        profiles = a_computation(Layer.WINDOW_PROFILES, window)
        replace_window(database, profiles, [window_profile_write(counted_on(day))])
        sums = a_computation(Layer.QUALITY_PROFILES, window)
        replace_window(database, sums, [quality_profile_write(summed_on(day))])
    return database


@pytest.mark.parametrize(
    ("first", "end", "days"), [(0, 5, [0, 1, 2, 4]), (1, 4, [1, 2]), (3, 4, [])]
)
def test_profiles_of_a_period_come_by_window_and_in_order_without_other_segments(
    five_days: Database, first: int, end: int, days: list[int]
) -> None:
    period = a_window(first).start, a_window(end).start
    found = read_profiles_between(five_days, "small", "day", *period)
    assert list(found) == [a_window(day).start for day in days]
    for day in days:
        one = found[a_window(day).start]
        assert list(one) == [("all", "x")]
        assert_same(one["all", "x"], counted_on(day)["all", "x"])


@pytest.mark.parametrize(
    ("first", "end", "days"), [(0, 5, [0, 1, 2, 4]), (1, 4, [1, 2]), (3, 4, [])]
)
def test_quality_sums_of_a_period_come_by_window_and_version(
    five_days: Database, first: int, end: int, days: list[int]
) -> None:
    period = a_window(first).start, a_window(end).start
    found = read_quality_profiles_between(five_days, "small", "day", *period)
    assert found == {a_window(day).start: summed_on(day) for day in days}
    assert list(found) == [a_window(day).start for day in days]


def test_profiles_of_a_period_add_up_to_one_of_all_its_rows(five_days: Database) -> None:
    found = read_profiles_between(five_days, "small", "day", START, a_window(3).start)
    first, *others = [one["all", "x"] for one in found.values()]
    rows = np.concatenate([np.arange(day, 60.0) for day in range(3)])
    whole = profile(rows, numerical_bins(np.arange(100.0)))
    assert np.array_equal(sum(others, start=first).counts, whole.counts)


def test_quality_sums_of_segments_come_with_the_rows_that_were_scored(database: Database) -> None:
    keys = [("card", "2"), ("all", "2"), ("card", "1"), ("all", "1")]
    sums = {key: profile_regression([1.0] * 5, [2.0] * 5) for key in keys}
    write = quality_profile_write(sums, {"all": 9, "card": 7})
    replace_window(database, a_computation(Layer.QUALITY_PROFILES), [write])
    found = read_quality_profiles(database, a_window())
    assert [*found] == [("all", "1"), ("all", "2"), ("card", "1"), ("card", "2")]
    assert found == sums
    assert read_scored_rows(database, a_window()) == {"all": 9, "card": 7}
    assert read_scored_rows(database, a_window(1)) == {}


def test_rows_that_were_not_counted_are_not_told(database: Database) -> None:
    sums = {("all", "1"): profile_regression([1.0], [2.0])}
    replace_window(database, a_computation(Layer.QUALITY_PROFILES), [quality_profile_write(sums)])
    assert read_scored_rows(database, a_window()) == {}


@pytest.mark.parametrize(
    ("segments", "found"), [(None, {"all", "unfiltered"}), (("unfiltered",), {"unfiltered"})]
)
def test_segments_can_be_chosen(
    five_days: Database, segments: tuple[str, ...] | None, found: set[str]
) -> None:
    window = read_window_profiles(five_days, a_window(), segments)
    assert {segment for segment, _ in window} == found
    period = START, a_window(1).start
    between = read_profiles_between(five_days, "small", "day", *period, segments=segments)
    assert {segment for segment, _ in between[START]} == found
