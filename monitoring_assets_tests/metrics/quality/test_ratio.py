"""Metrics as ratios of sums: they give the metric, add up, and their spread is that of the rows."""

import numpy as np
import pytest

from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.ratio import (
    NO_ROWS,
    WHOLE_ONLY,
    RatioSums,
    averaged,
    ratio_sums,
)
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.registry import QUALITY_METRICS, metrics_for
from monitoring_assets.metrics.result import Estimate, Undefined
from monitoring_assets_tests.metrics.quality.classifiers import binary_rows, multiclass_rows

GENERATOR = np.random.default_rng(5)
TARGET = GENERATOR.gamma(2, 8, 300)
PREDICTION = TARGET + GENERATOR.normal(0.3, 3, 300)
BINARY, MULTICLASS = binary_rows(GENERATOR, 300, 2.0), multiclass_rows(GENERATOR, 300, 2.0)
PROFILES: dict[str, QualityProfile] = {
    "regression": profile_regression(TARGET, PREDICTION, 16.0),
    "binary": BINARY.profile(),
    "multiclass": MULTICLASS.profile(),
}
RATIOS = [
    pytest.param(metric.name, task, id=f"{metric.name}-{task}")
    for task in ("regression", "binary", "multiclass")
    for metric in metrics_for(task)
    if metric.name not in WHOLE_ONLY
]


def ratios(metric: str, profile: QualityProfile, class_name: str = "") -> tuple[RatioSums, ...]:
    found = ratio_sums(metric, profile, class_name)
    assert not isinstance(found, Undefined)
    return found


@pytest.mark.parametrize(("metric", "task"), RATIOS)
def test_ratios_give_the_metric(metric: str, task: str) -> None:
    profile = PROFILES[task]
    estimate = QUALITY_METRICS[metric].compute(profile)
    assert isinstance(estimate, Estimate)
    assert averaged(metric, ratios(metric, profile)) == pytest.approx(estimate.value, rel=1e-12)


@pytest.mark.parametrize("metric", ["precision", "recall", "f1"])
@pytest.mark.parametrize("class_name", ["a", "d"])
def test_so_they_do_of_one_class(metric: str, class_name: str) -> None:
    profile = PROFILES["multiclass"]
    (one,) = ratios(metric, profile, class_name)
    estimate = QUALITY_METRICS[metric].compute(profile, class_name)
    assert isinstance(estimate, Estimate)
    assert one.value == pytest.approx(estimate.value, rel=1e-12)


def test_every_other_metric_says_why_it_is_none() -> None:
    for task in ("regression", "binary", "multiclass"):
        for metric in metrics_for(task):
            found = ratio_sums(metric.name, PROFILES[task])
            assert isinstance(found, Undefined) is (metric.name in WHOLE_ONLY), metric.name


def test_a_metric_of_another_task_has_no_ratio() -> None:
    assert isinstance(ratio_sums("mae", PROFILES["binary"]), Undefined)
    assert isinstance(ratio_sums("accuracy", PROFILES["regression"]), Undefined)


@pytest.mark.parametrize(("metric", "task"), RATIOS)
def test_sums_of_two_halves_are_those_of_the_whole(metric: str, task: str) -> None:
    order = {
        "regression": lambda part: profile_regression(TARGET[part], PREDICTION[part], 16.0),
        "binary": BINARY.profile,
        "multiclass": MULTICLASS.profile,
    }[task]
    first, second = (order(part) for part in (slice(0, 100), slice(100, None)))
    halves = zip(ratios(metric, first), ratios(metric, second), strict=True)
    for whole, (one, other) in zip(ratios(metric, PROFILES[task]), halves, strict=True):
        both, rest = one + other, whole - one
        for name, value in vars(whole).items():
            assert getattr(both, name) == pytest.approx(value, rel=1e-12, abs=1e-9)
            assert getattr(rest, name) == pytest.approx(getattr(other, name), abs=1e-9)


def test_the_spread_of_a_mean_is_that_of_its_rows() -> None:
    (mae,) = ratios("mae", PROFILES["regression"])
    errors = np.abs(PREDICTION - TARGET)
    assert mae.spread(1.0, -float(mae.value or 0)) == pytest.approx(errors.var() * errors.size)


def test_the_spread_of_f1_is_that_of_rows_that_weigh_two_and_one() -> None:
    (f1,) = ratios("f1", PROFILES["binary"])
    yes, said = BINARY.target == "yes", BINARY.prediction == "yes"
    x, d = 2.0 * (yes & said), 1.0 * yes + said
    value = x.sum() / d.sum()
    assert f1.value == pytest.approx(value)
    assert f1.spread(1.0, -value) == pytest.approx(((x - value * d) ** 2).sum())


def test_no_rows_have_no_value_and_add_nothing() -> None:
    (mae,) = ratios("mae", PROFILES["regression"])
    assert NO_ROWS.value is None
    assert mae + NO_ROWS == mae
    assert averaged("mae", [NO_ROWS]) is None
    assert mae.times(2.0).value == mae.value
