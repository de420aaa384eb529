"""Properties that hold for any legal input (hypothesis)."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import merge, profile
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets.metrics.result import Undefined

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
SHORT = st.lists(ANY_FLOAT, max_size=60)
TEXT = st.lists(st.one_of(st.none(), st.sampled_from("abcdef")), max_size=60)
MODERATE = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


def numbers(values: list[float]) -> Any:
    return np.array(values, dtype=np.float64)


def texts(values: list[str | None]) -> Any:
    return np.array(values, dtype=object)


@settings(deadline=None)
@given(SHORT, st.lists(SHORT, min_size=1, max_size=4))
def test_profiles_of_numbers_add_up(reference: list[float], parts: list[list[float]]) -> None:
    bins = numerical_bins(numbers(reference))
    whole = profile(numbers([value for part in parts for value in part]), bins)
    total = merge(profile(numbers(part), bins) for part in parts)
    assert np.array_equal(total.counts, whole.counts)
    assert (total.rows, total.missing) == (whole.rows, whole.missing)
    assert (total.positive_infinite, total.negative_infinite) == (
        whole.positive_infinite,
        whole.negative_infinite,
    )
    assert (total.minimum, total.maximum) == (whole.minimum, whole.maximum)
    assert total.moment_2 == pytest.approx(whole.moment_2, rel=1e-12)


@settings(deadline=None)
@given(TEXT, TEXT, TEXT)
def test_profiles_of_categories_add_up(
    reference: list[str | None], one: list[str | None], other: list[str | None]
) -> None:
    bins = categorical_bins(texts(reference))
    total = profile(texts(one), bins) + profile(texts(other), bins)
    assert total == profile(texts([*one, *other]), bins)


@settings(deadline=None)
@given(SHORT, st.permutations(range(8)), st.lists(ANY_FLOAT, min_size=8, max_size=8))
def test_the_order_of_rows_does_not_matter(
    reference: list[float], order: list[int], values: list[float]
) -> None:
    bins = numerical_bins(numbers(reference))
    assert profile(numbers(values), bins) == profile(numbers([values[i] for i in order]), bins)


def assert_finite(bins: Bins, reference: Any, window: Any) -> None:
    sides = profile(reference, bins), profile(window, bins)
    for method in DRIFT_METHODS.values():
        score = method.compute(*sides, bins)
        if isinstance(score, Undefined):
            assert score.reason
        else:
            assert math.isfinite(score)
            assert method.low <= score <= (math.inf if method.high is None else method.high)


@settings(deadline=None)
@given(SHORT, SHORT)
def test_every_score_of_numbers_is_finite_or_says_why(
    reference: list[float], window: list[float]
) -> None:
    assert_finite(numerical_bins(numbers(reference)), numbers(reference), numbers(window))


@settings(deadline=None)
@given(TEXT, TEXT)
def test_every_score_of_categories_is_finite_or_says_why(
    reference: list[str | None], window: list[str | None]
) -> None:
    assert_finite(categorical_bins(texts(reference)), texts(reference), texts(window))


@settings(deadline=None)
@given(st.lists(ANY_FLOAT, min_size=1, max_size=60))
@example([0.0, 0.0, 0.0, 5e84, 3.8e-224])  # its range is more than 1e300 of its scales
def test_any_column_is_at_distance_zero_from_itself(values: list[float]) -> None:
    bins = numerical_bins(numbers(values))
    side = profile(numbers(values), bins)
    for method in DRIFT_METHODS.values():
        score = method.compute(side, side, bins)
        assert score == 0.0 or isinstance(score, Undefined)


@settings(deadline=None)
@given(
    st.lists(MODERATE, min_size=4, max_size=60),
    st.lists(MODERATE, min_size=1, max_size=60),
    st.sampled_from([0.25, 2.0, 1024.0]),
)
def test_no_score_changes_with_the_unit(
    reference: list[float], window: list[float], factor: float
) -> None:
    scores: list[list[Any]] = []
    for scale in (1.0, factor):  # powers of two: exact in floating point
        bins = numerical_bins(numbers(reference) * scale)
        sides = profile(numbers(reference) * scale, bins), profile(numbers(window) * scale, bins)
        found = [method.compute(*sides, bins) for method in DRIFT_METHODS.values()]
        constant = len(set(reference)) == 1
        scores.append([0.0 if constant else one for one in found])
    assert scores[0] == pytest.approx(scores[1], rel=1e-6, abs=1e-9)
