"""Slopes: a score is the sum over bins of slope times change of share."""

from collections.abc import Callable

import numpy as np
import pytest

from monitoring_assets.metrics.arrays import FloatArray
from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.drift.slopes import counted, score_slopes
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets.metrics.result import Undefined

GENERATOR = np.random.default_rng(11)
NUMBERS = {
    "continuous": (GENERATOR.gamma(2, 2, 3000), GENERATOR.gamma(2.4, 2, 400)),
    "hours": (GENERATOR.integers(0, 24, 3000), GENERATOR.integers(5, 26, 400)),
    "few values": (GENERATOR.choice(4, 3000), GENERATOR.choice(4, 400, p=[0.4, 0.4, 0.1, 0.1])),
    "constant": (np.ones(300), np.full(60, 2.0)),
    "half missing": (
        np.where(GENERATOR.random(3000) < 0.1, np.nan, GENERATOR.normal(size=3000)),
        np.where(GENERATOR.random(400) < 0.5, np.nan, GENERATOR.normal(1, 1, 400)),
    ),
}
CATEGORIES = {
    "letters": (GENERATOR.choice(list("abcd"), 3000), GENERATOR.choice(list("abcz"), 400)),
    "rare ones": (
        GENERATOR.zipf(1.6, 3000).clip(max=400).astype(str),
        GENERATOR.zipf(1.9, 400).clip(max=400).astype(str),
    ),
}
CASES = [
    pytest.param(method, sides, make, id=f"{method}-{name}")
    for columns, make, kind in (
        (NUMBERS, numerical_bins, "numerical"),
        (CATEGORIES, categorical_bins, "categorical"),
    )
    for name, sides in columns.items()
    for method, entry in DRIFT_METHODS.items()
    if kind in entry.kinds
]


def shares(method: str, one: ColumnProfile, size: int) -> FloatArray:
    counts = counted(method, one, size)
    return counts / counts.sum()


@pytest.mark.parametrize(("method", "sides", "make"), CASES)
def test_slope_times_change_of_share_sums_to_the_score(
    method: str, sides: tuple[FloatArray, FloatArray], make: Callable[[FloatArray], Bins]
) -> None:
    bins = make(sides[0])
    before, now = (profile(side, bins) for side in sides)
    slopes = score_slopes(method, before, now, bins)
    score = DRIFT_METHODS[method].compute(before, now, bins)
    assert not isinstance(slopes, Undefined)
    size = max(before.counts.size, now.counts.size)
    change = shares(method, now, size) - shares(method, before, size)
    assert float(slopes @ change) == pytest.approx(score, abs=1e-9)


def test_two_equal_profiles_have_slopes_that_are_worth_nothing() -> None:
    bins = numerical_bins(NUMBERS["continuous"][0])
    one = profile(NUMBERS["continuous"][0], bins)
    for method in DRIFT_METHODS:
        slopes = score_slopes(method, one, one, bins)
        assert not isinstance(slopes, Undefined)
        assert np.all(np.isfinite(slopes))


def test_what_has_no_score_has_no_slopes() -> None:
    bins = numerical_bins(NUMBERS["continuous"][0])
    full, empty = profile(NUMBERS["continuous"][0], bins), profile(np.array([]), bins)
    for method in DRIFT_METHODS:
        assert isinstance(score_slopes(method, full, empty, bins), Undefined)
    rare = categorical_bins(np.arange(1000))
    sides = profile(np.arange(1000), rare), profile(np.arange(90), rare)
    assert isinstance(score_slopes("psi", *sides, rare), Undefined)
