"""Intervals of classifiers' metrics: coverage by simulation, witnesses, and where there is none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.metrics.quality.interval import average, proportion
from monitoring_assets.metrics.quality.roc_auc import roc_auc_bound
from monitoring_assets.metrics.registry import QUALITY_METRICS, metrics_for
from monitoring_assets.metrics.result import Estimate
from monitoring_assets_tests.metrics.quality.classifiers import (
    Rows,
    binary_rows,
    multiclass_rows,
    value,
)

SAMPLES = 500
CONSERVATIVE = {"roc_auc", "calibration_error"}
"""Their average over classes is as uncertain as its classes on average: coverage may be 1."""

Maker = Callable[[np.random.Generator, int, float], Rows]


def interval(
    name: str, profile: ClassificationProfile, class_name: str = ""
) -> tuple[float, float]:
    found = QUALITY_METRICS[name].compute(profile, class_name)
    assert isinstance(found, Estimate)
    assert found.interval_low is not None
    assert found.interval_high is not None
    assert found.interval_low <= found.value + 1e-12
    assert found.value <= found.interval_high + 1e-12
    return found.interval_low, found.interval_high


def coverage(make: Maker, power: float) -> dict[tuple[str, str], float]:
    """Share of samples of 300 rows whose interval holds the value over 1,000,000, by metric."""
    generator = np.random.default_rng(7)
    whole = make(generator, 1_000_000, power).profile()
    one = whole.classes[0]
    wanted = [m.name for m in metrics_for("binary" if whole.positive else "multiclass")]
    keys = [(n, c) for n in wanted for c in ("", one) if not c or QUALITY_METRICS[n].by_class]
    covered = dict.fromkeys(keys, 0)
    for _ in range(SAMPLES):
        profile = make(generator, 300, power).profile()
        for name, class_name in keys:
            low, high = interval(name, profile, class_name)
            covered[name, class_name] += low <= value(name, whole, class_name) <= high
    return {key: count / SAMPLES for key, count in covered.items()}


@pytest.mark.slow
@pytest.mark.parametrize("power", [1.0, 1.6], ids=["calibrated", "miscalibrated"])
@pytest.mark.parametrize("make", [binary_rows, multiclass_rows], ids=["binary", "multiclass"])
def test_every_interval_covers_the_truth_in_95_percent_of_samples(
    make: Maker, power: float
) -> None:
    for (name, _), share in coverage(make, power).items():
        assert 0.91 <= share <= (1 if name in CONSERVATIVE else 0.98), name


def test_a_perfectly_calibrated_model_is_not_found_to_err() -> None:
    generator = np.random.default_rng(8)
    samples = (binary_rows(generator, 1_000).profile() for _ in range(200))
    ends = [interval("calibration_error", profile) for profile in samples]
    assert np.mean([low == 0.0 for low, _ in ends]) >= 0.95


@pytest.mark.parametrize(("part", "rows"), [(0, 1), (1, 1), (0, 40), (3, 40), (40, 40), (7, 9)])
def test_a_proportion_has_the_interval_of_scipy(part: int, rows: int) -> None:
    expected = stats.binomtest(part, rows).proportion_ci(method="wilson")
    found = proportion(part, rows)
    assert (found.interval_low, found.interval_high) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )


def test_the_interval_of_f1_is_that_of_the_delta_method_for_many_rows() -> None:
    profile = multiclass_rows(np.random.default_rng(9), 200_000).profile()
    for class_name in ("", "b"):
        low, high = interval("f1", profile, class_name)
        assert high - low == pytest.approx(delta_width(profile, class_name), rel=0.01)


def delta_width(profile: ClassificationProfile, class_name: str) -> float:
    """Width of the interval from the gradient of F1 by each cell, taken by differences."""
    cells, step = profile.confusion.astype(float), 1e-3

    def f1_of(confusion: Any) -> float:
        right = confusion.diagonal()[:-1]
        each = 2 * right / (confusion.sum(axis=0) + confusion.sum(axis=1))[:-1]
        return each[profile.classes.index(class_name)] if class_name else each.mean()

    unit = np.eye(cells.size).reshape(-1, *cells.shape) * step
    gradient = np.array([(f1_of(cells + one) - f1_of(cells - one)) / (2 * step) for one in unit])
    rows = cells.ravel()
    variance = (rows * gradient**2).sum() - (rows * gradient).sum() ** 2 / rows.sum()
    return 2 * 1.96 * float(np.sqrt(variance))


def test_the_area_has_delongs_variance_where_every_bin_is_of_one_class() -> None:
    generator = np.random.default_rng(10)
    # One row in a bin at most: bins 8 to 491 are 1/500 wide.
    place = generator.permutation(np.arange(20, 480))[:200]
    own = generator.random(200) < place / 500
    texts = np.where(own, "y", "n")
    probability = {"y": (place + 0.5) / 500}
    profile = profile_classification(texts, texts, probability, ("n", "y"), "y")
    area, variance = delong(probability["y"][own], probability["y"][~own])
    half = 1.959964 * np.sqrt(variance) / (area * (1 - area))
    expected = 1 / (1 + np.exp(-np.log(area / (1 - area)) + np.array([half, -half])))
    assert area == pytest.approx(metrics.roc_auc_score(own, probability["y"]))
    assert roc_auc_bound(profile) == 0.0
    assert interval("roc_auc", profile) == pytest.approx(expected.tolist(), abs=1e-6)


def delong(own: Any, others: Any) -> tuple[float, float]:
    """Area and DeLong's variance of it from all pairs."""
    wins = (own[:, None] > others).astype(float) + (own[:, None] == others) / 2
    by_own, by_others = wins.mean(axis=1), wins.mean(axis=0)
    return float(wins.mean()), by_own.var(ddof=1) / own.size + by_others.var(ddof=1) / others.size


def test_different_scores_in_one_bin_leave_the_area_open() -> None:
    texts = ["y", "n"] * 50
    profile = profile_classification(texts, texts, {"y": [0.3, 0.301] * 50}, ("n", "y"), "y")
    assert value("roc_auc", profile) == roc_auc_bound(profile) == 0.5
    assert interval("roc_auc", profile) == (0.0, 1.0)


@pytest.mark.parametrize("reverse", [False, True])
def test_classes_wholly_apart_still_have_an_uncertain_area(reverse: bool) -> None:
    texts, score = ["n"] * 20 + ["y"] * 10, np.repeat([0.3, 0.6], [20, 10])
    probability = {"y": 1 - score if reverse else score}
    profile = profile_classification(texts, texts, probability, ("n", "y"), "y")
    low, high = interval("roc_auc", profile)
    expected = (0.0, 0.2775327998628892) if reverse else (0.7224672001371107, 1.0)
    assert (low, high) == pytest.approx(expected)


def test_fewer_than_ten_rows_on_a_side_give_the_area_no_interval() -> None:
    texts, score = np.repeat(["n", "y"], [100, 9]), np.linspace(0, 1, 109)
    profile = profile_classification(texts, texts, {"y": score}, ("n", "y"), "y")
    found = QUALITY_METRICS["roc_auc"].compute(profile)
    assert found == Estimate(1.0)


def test_a_rare_class_widens_the_average_area_by_its_share() -> None:
    rows = multiclass_rows(np.random.default_rng(11), 60)
    rare = [name for name in rows.classes if (rows.target == name).sum() < 10]
    assert rare == ["d"]
    ends = [interval("roc_auc", rows.profile(), one) for one in ("a", "b", "c")] + [(0.0, 1.0)]
    assert interval("roc_auc", rows.profile()) == pytest.approx(np.mean(ends, axis=0).tolist())


@pytest.mark.parametrize("name", ["log_loss", "brier_loss", "calibration_error"])
def test_few_rows_have_no_interval_by_the_normal_law(name: str) -> None:
    rows = binary_rows(np.random.default_rng(12), 30)
    few = QUALITY_METRICS[name].compute(rows.profile(slice(0, 29)))
    assert isinstance(few, Estimate)
    assert few.interval_low is few.interval_high is None
    low, high = interval(name, rows.profile())
    assert low < high


def test_an_average_of_one_class_is_that_class() -> None:
    one = proportion(7, 9)
    found = average([one])
    assert (found.interval_low, found.interval_high) == pytest.approx(
        (one.interval_low, one.interval_high)
    )
    assert average([one, Estimate(0.5)]) == Estimate((7 / 9 + 0.5) / 2)


def test_two_classes_that_go_together_are_less_certain_than_independent_ones() -> None:
    pair = [proportion(20, 40), proportion(20, 40)]
    alone, together = average(pair), average(pair, np.ones((2, 2)))
    assert (together.interval_low, together.interval_high) == pytest.approx(
        (pair[0].interval_low, pair[0].interval_high)
    )
    assert alone.interval_high is not None
    assert together.interval_high is not None
    ratio = (together.interval_high - 0.5) / (alone.interval_high - 0.5)
    assert ratio == pytest.approx(np.sqrt(2))
