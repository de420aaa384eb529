"""Regression sums and the metrics read from them: by hand, against scikit-learn, adding up."""

import json
import math

import numpy as np
import pytest
from sklearn import metrics

from monitoring_assets.metrics.quality.regression import (
    LARGEST_TARGET,
    RegressionProfile,
    profile_regression,
)
from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.metrics.result import Estimate, Undefined

GENERATOR = np.random.default_rng(11)
TARGET = GENERATOR.gamma(2, 6, 2_000) + 1
PREDICTION = TARGET + GENERATOR.normal(0.3, 2, 2_000)


def value(name: str, profile: RegressionProfile) -> float:
    """Value of a metric that is defined."""
    found = QUALITY_METRICS[name].compute(profile)
    assert isinstance(found, Estimate)
    return found.value


def test_metrics_worked_by_hand() -> None:
    profile = profile_regression(np.array([1.0, 2.0, 4.0, 0.0]), np.array([2.0, 2.0, 1.0, 4.0]))
    # errors 1, 0, -3, 4; shares 1, 0, 3/4; the row at target 0 has no share
    assert value("mae", profile) == 2.0
    assert value("mean_error", profile) == 0.5
    assert value("rmse", profile) == pytest.approx(math.sqrt(26 / 4))
    assert value("mape", profile) == pytest.approx(1.75 / 3)
    assert value("r2", profile) == pytest.approx(1 - 26 / 8.75)
    assert (profile.minimum_absolute_error, profile.maximum_absolute_error) == (0.0, 4.0)


@pytest.mark.parametrize(
    ("name", "witness"),
    [
        ("mae", metrics.mean_absolute_error),
        ("rmse", metrics.root_mean_squared_error),
        ("r2", metrics.r2_score),
        ("mape", metrics.mean_absolute_percentage_error),
    ],
)
@pytest.mark.parametrize("shift", [0.0, -15.0, 1e6])
def test_metrics_equal_scikit_learn(name: str, witness: object, shift: float) -> None:
    target, prediction = TARGET + shift, PREDICTION + shift
    profile = profile_regression(target, prediction, centre=float(np.round(target.mean())))
    assert callable(witness)
    assert value(name, profile) == pytest.approx(witness(target, prediction), rel=1e-9)


def test_profiles_add_up() -> None:
    parts = [
        profile_regression(t, p, 13.0)
        for t, p in zip(np.split(TARGET, 4), np.split(PREDICTION, 4), strict=True)
    ]
    total, whole = sum(parts[1:], parts[0]), profile_regression(TARGET, PREDICTION, 13.0)
    assert total.rows == whole.rows == 2_000
    assert total.maximum_absolute_error == whole.maximum_absolute_error
    for name, expected in whole.to_sums().items():
        assert total.to_sums()[name] == pytest.approx(expected, rel=1e-12)


def test_a_profile_survives_json_exactly() -> None:
    for profile in (
        profile_regression(TARGET, PREDICTION, 0.1),
        profile_regression(np.array([]), np.array([])),
    ):
        again = RegressionProfile.from_sums(json.loads(json.dumps(profile.to_sums())))
        assert again == profile
        assert isinstance(again.rows, int)


def test_sums_about_different_centres_do_not_add() -> None:
    with pytest.raises(ValueError, match="cannot add"):
        _ = profile_regression(TARGET, PREDICTION, 1) + profile_regression(TARGET, PREDICTION, 2)


def test_incomplete_rows_are_left_out_and_counted() -> None:
    target = np.array([1.0, np.nan, 3.0, np.inf, 1e71, 2.0])
    prediction = np.array([2.0, 1.0, np.nan, 1.0, 1.0, 4.0])
    profile = profile_regression(target, prediction)
    assert (profile.rows, profile.incomplete) == (2, 4)
    assert value("mae", profile) == 1.5


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 targets but 2 predictions"):
        profile_regression(np.ones(3), np.ones(2))


@pytest.mark.parametrize("target", [np.full(100, 0.1), np.full(100, 1e8)])
def test_r2_of_a_constant_target_is_undefined(target: np.ndarray) -> None:
    found = QUALITY_METRICS["r2"].compute(profile_regression(target, target + 1, centre=0.1))
    assert found == Undefined("the target is the same in all rows")


def test_mape_of_nothing_but_zeros_is_undefined() -> None:
    found = QUALITY_METRICS["mape"].compute(profile_regression(np.zeros(5), np.ones(5)))
    assert found == Undefined("the target is 0 in all rows")


def test_few_rows_have_no_interval() -> None:
    few = QUALITY_METRICS["mae"].compute(profile_regression(TARGET[:29], PREDICTION[:29]))
    enough = QUALITY_METRICS["mae"].compute(profile_regression(TARGET[:30], PREDICTION[:30]))
    assert isinstance(few, Estimate)
    assert isinstance(enough, Estimate)
    assert few.interval_low is few.interval_high is None
    assert enough.interval_low is not None


@pytest.mark.parametrize(
    ("name", "truth"),
    [("mae", math.sqrt(2 / math.pi)), ("rmse", 1.0), ("mean_error", 0.0)],
)
def test_the_interval_covers_the_truth_in_95_percent_of_samples(name: str, truth: float) -> None:
    errors = np.random.default_rng(2).normal(size=(1_000, 200))
    found = [QUALITY_METRICS[name].compute(profile_regression(np.zeros(200), e)) for e in errors]
    ends = np.array([(e.interval_low, e.interval_high) for e in found if isinstance(e, Estimate)])
    covered = np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1]))
    assert 0.925 <= covered <= 0.97


def r2_of_normal_rows(generator: np.random.Generator, rows: int) -> Estimate:
    """R2 of targets of variance 1 whose errors have variance 0.25: in the long run 0.75."""
    target = generator.normal(size=rows)
    profile = profile_regression(target, target + generator.normal(0, 0.5, rows), centre=3.0)
    found = QUALITY_METRICS["r2"].compute(profile)
    assert isinstance(found, Estimate)
    return found


def test_the_interval_of_r2_covers_the_truth_in_95_percent_of_samples() -> None:
    generator = np.random.default_rng(3)
    found = [r2_of_normal_rows(generator, 300) for _ in range(1_000)]
    ends = np.array([(one.interval_low, one.interval_high) for one in found])
    assert 0.925 <= np.mean((ends[:, 0] <= 0.75) & (ends[:, 1] >= 0.75)) <= 0.97


@pytest.mark.parametrize("centre", [0.0, 13.0, -200.0])
def test_the_interval_of_r2_is_the_delta_methods_about_any_centre(centre: float) -> None:
    found = QUALITY_METRICS["r2"].compute(profile_regression(TARGET, PREDICTION, centre))
    square = np.square(TARGET - TARGET.mean())
    term = np.square(PREDICTION - TARGET) / square.mean()
    term -= term.mean() * square / square.mean()
    half = 1.959964 * math.sqrt(np.square(term).mean() / TARGET.size)
    assert isinstance(found, Estimate)
    assert found.interval_low == pytest.approx(found.value - half, rel=1e-6)
    assert found.interval_high == pytest.approx(found.value + half, rel=1e-6)


def test_r2_of_a_perfect_prediction_has_an_interval_of_no_width() -> None:
    found = QUALITY_METRICS["r2"].compute(profile_regression(TARGET, TARGET, 13.0))
    assert found == Estimate(1.0, 1.0, 1.0)


def test_r2_has_no_interval_for_few_rows_or_a_centre_too_far_from_the_target() -> None:
    few = QUALITY_METRICS["r2"].compute(profile_regression(TARGET[:29], PREDICTION[:29]))
    far = QUALITY_METRICS["r2"].compute(profile_regression(TARGET, PREDICTION, 1e5))
    for found in (few, far):
        assert isinstance(found, Estimate)
        assert found.interval_low is found.interval_high is None


def test_sums_written_before_r2_had_an_interval_are_read_and_added_up() -> None:
    profile = profile_regression(TARGET, PREDICTION)
    new = ("cubed_target", "fourth_power_target", "squared_error_target")
    new += ("squared_error_squared_target",)
    before = {name: one for name, one in profile.to_sums().items() if name not in new}
    for old in (RegressionProfile.from_sums(before), RegressionProfile.from_sums(before) + profile):
        found = QUALITY_METRICS["r2"].compute(old)
        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(value("r2", profile))
        assert found.interval_low is None


@pytest.mark.parametrize("size", [LARGEST_TARGET, 1.0, 1e-60, 1e-100, 1e-150])
@pytest.mark.parametrize("error", [LARGEST_TARGET, 1.0, 1e-100])
def test_no_size_of_target_or_error_makes_a_metric_infinite(size: float, error: float) -> None:
    target = size * np.linspace(-1, 1, 50)
    profile = profile_regression(target, np.clip(target + error, -LARGEST_TARGET, LARGEST_TARGET))
    assert all(math.isfinite(one) for one in profile.to_sums().values() if one is not None)
    for name in ("mae", "rmse", "r2", "mean_error"):
        found = QUALITY_METRICS[name].compute(profile)
        numbers = vars(found).values() if isinstance(found, Estimate) else []
        assert all(one is None or math.isfinite(one) for one in numbers)
