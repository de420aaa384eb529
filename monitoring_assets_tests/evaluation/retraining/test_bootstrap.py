"""The paired bootstrap: against plain loops, against known truths, and how often it errs."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from scipy.stats import binomtest

from monitoring_assets.evaluation.profiling import quality_of_rows
from monitoring_assets.evaluation.quality_scope import Asked
from monitoring_assets.evaluation.retraining.bootstrap import (
    MOST_GROUPS,
    MOST_ROWS_DRAWN,
    Draws,
    of_means,
    of_rows,
)
from monitoring_assets.evaluation.retraining.comparison import (
    HoldoutRows,
    compare_models,
    judge_challenger,
)
from monitoring_assets.evaluation.retraining.row_losses import from_mean, row_losses
from monitoring_assets.metrics.registry import quality_metric
from monitoring_assets.metrics.result import Estimate
from monitoring_assets.records import MetricComparison
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.retraining.pairs import (
    COLOURS,
    binary_spec,
    colours_spec,
    drawn_answers,
    drawn_pair,
    numbers_spec,
)

MAE = quality_metric("mae")
Values = dict[str, Any]
Witness = Callable[[Any, Values], float]
WITNESSES: dict[str, tuple[Callable[..., ModelSpec], Witness, bool]] = {
    "mae": (
        numbers_spec,
        lambda t, v: sklearn.metrics.mean_absolute_error(t, v["prediction"]),
        True,
    ),
    "rmse": (
        numbers_spec,
        lambda t, v: sklearn.metrics.root_mean_squared_error(t, v["prediction"]),
        True,
    ),
    "r2": (numbers_spec, lambda t, v: sklearn.metrics.r2_score(t, v["prediction"]), False),
    "accuracy": (
        colours_spec,
        lambda t, v: sklearn.metrics.accuracy_score(t, v["prediction"]),
        False,
    ),
    "log_loss": (
        colours_spec,
        lambda t, v: sklearn.metrics.log_loss(
            [COLOURS.index(one) for one in t],
            np.column_stack([v[f"probability_{one}"] for one in COLOURS]),
            labels=[0, 1, 2],
        ),
        True,
    ),
    "brier_loss": (
        binary_spec,
        lambda t, v: sklearn.metrics.brier_score_loss(t == "yes", v["probability_yes"]),
        True,
    ),
    "f1": (
        binary_spec,
        lambda t, v: sklearn.metrics.f1_score(t == "yes", v["prediction"] == "yes"),
        False,
    ),
}


def rows_for(spec: ModelSpec, n: int) -> HoldoutRows:
    if spec.task == "regression":
        return drawn_pair(n, np.random.default_rng(4), spread=0.9)
    return drawn_answers(spec, n)


def deciding(spec: ModelSpec, rows: HoldoutRows) -> MetricComparison:
    (one,) = (one for one in compare_models(spec, rows) if one.gain_low is not None)
    return one


@pytest.mark.parametrize("metric", WITNESSES)
def test_the_interval_is_that_of_a_plain_loop_with_scikit_learn(metric: str) -> None:
    made, witness, lower = WITNESSES[metric]
    spec = made(metric=metric, resamples=120, confidence=0.9)
    rows = rows_for(spec, 80)
    target = rows.target.to_numpy(zero_copy_only=False)
    sides = [
        {
            name: column.to_numpy()
            for name, column in zip(one.column_names, one.columns, strict=True)
        }
        for one in (rows.champion, rows.challenger)
    ]
    generator, gains = np.random.default_rng(0), []
    for _ in range(120):
        drawn = generator.integers(0, 80, 80)
        first, second = (
            witness(target[drawn], {name: one[drawn] for name, one in side.items()})
            for side in sides
        )
        gains.append((first - second if lower else second - first) / abs(first))
    # 120 gains: 12 of them lie below the one that is the lower end, or nearly so.
    ends = np.array([sorted(gains)[11], sorted(gains)[-12]])
    one = deciding(spec, rows)
    # Spread by 79 and Student's law, where the drawn means spread by 80 and the normal law.
    factor = np.sqrt(80 / 79) * scipy.stats.t.ppf(0.9, 79) / scipy.stats.norm.ppf(0.9)
    expected = one.gain + factor * (ends - one.gain)
    assert (one.gain_low, one.gain_high) == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("made", "metric"),
    [
        *((numbers_spec, metric) for metric in ("mae", "rmse")),
        *((binary_spec, metric) for metric in ("accuracy", "log_loss", "brier_loss")),
        *((colours_spec, metric) for metric in ("accuracy", "log_loss", "brier_loss")),
    ],
)
def test_the_mean_of_what_rows_add_is_the_metric(
    made: Callable[..., ModelSpec], metric: str
) -> None:
    spec = made()
    rows = rows_for(spec, 500)
    table = rows.champion.append_column(str(spec.columns.target), rows.target)
    losses = row_losses(spec, metric, table)
    found = Asked(metric).compute(quality_of_rows(spec, table, 0.0))
    assert losses is not None
    assert isinstance(found, Estimate)
    assert from_mean(metric, float(losses.mean())) == pytest.approx(found.value)


def test_many_rows_are_drawn_in_groups_that_give_nearly_the_same_interval() -> None:
    rows = 3 * MOST_GROUPS + 1
    losses = np.random.default_rng(2).gamma(2, 1, (2, rows))
    draws = Draws(resamples=400, confidence=0.95, seed=1)
    found = of_means(MAE, (losses[0], losses[1]), float, draws)
    generator = np.random.default_rng(3)
    means = [losses[:, generator.integers(0, rows, rows)].mean(axis=1) for _ in range(400)]
    gains = [(first - second) / first for first, second in means]
    expected = np.quantile(gains, [0.05, 0.95])
    assert found == pytest.approx(expected, abs=0.15 * float(expected[1] - expected[0]))


@pytest.mark.parametrize(
    ("rows", "confidence", "sizes"),
    [
        (1000, 0.95, {1000: 2000}),
        (MOST_ROWS_DRAWN, 0.95, {MOST_ROWS_DRAWN: 400}),
        (1_000_000, 0.95, {MOST_ROWS_DRAWN: 400}),
        (1_000_000, 0.99, {MOST_ROWS_DRAWN: 1000}),
    ],
)
def test_resamples_of_a_slow_metric_are_bounded_but_enough_to_see_the_tail(
    rows: int, confidence: float, sizes: dict[int, int]
) -> None:
    drawn = Counter[int]()

    def measure(places: Any) -> tuple[float, float]:
        drawn[places.size] += 1
        return 2.0, 1.0

    of_rows(MAE, measure, (rows, 0.5), Draws(resamples=2000, confidence=confidence, seed=0))
    assert drawn == sizes


def test_fewer_rows_than_there_are_give_nearly_the_same_interval() -> None:
    rows = 3 * MOST_ROWS_DRAWN
    losses = np.random.default_rng(2).gamma(2, 1, (2, rows))
    draws = Draws(resamples=400, confidence=0.95, seed=1)
    gain = 1 - float(losses[1].mean() / losses[0].mean())

    def measure(places: Any) -> tuple[float, float]:
        return float(losses[0, places].mean()), float(losses[1, places].mean())

    expected = of_means(MAE, (losses[0], losses[1]), float, draws)
    found = of_rows(MAE, measure, (rows, gain), draws)
    assert isinstance(expected, tuple)
    assert found == pytest.approx(expected, abs=0.15 * (expected[1] - expected[0]))


@pytest.mark.slow
def test_the_interval_holds_the_true_gain_as_often_as_it_says() -> None:
    spec, generator = numbers_spec(resamples=200), np.random.default_rng(5)
    pairs = [deciding(spec, drawn_pair(150, generator, spread=0.9)) for _ in range(300)]
    below = sum(one.gain_high < 0.1 for one in pairs if one.gain_high is not None)
    above = sum(one.gain_low > 0.1 for one in pairs if one.gain_low is not None)
    # Each end errs in 5 %, the whole interval in 10 %.
    assert binomtest(below, 300, 0.05).pvalue > 1e-3
    assert binomtest(above, 300, 0.05).pvalue > 1e-3


def test_the_interval_of_ten_rows_is_wider_than_what_was_drawn() -> None:
    losses = np.random.default_rng(2).gamma(2, 1, (2, 10))
    draws = Draws(resamples=500, confidence=0.95, seed=1)
    gain = 1 - float(losses[1].mean() / losses[0].mean())
    found = of_means(MAE, (losses[0], losses[1]), float, draws)
    generator = np.random.default_rng(1)
    means = [losses[:, generator.integers(0, 10, 10)].mean(axis=1) for _ in range(500)]
    gains = [(first - second) / first for first, second in means]
    low = float(np.quantile(gains, 0.05, method="lower"))
    # The root of 10/9, and 1.8331 instead of 1.6449.
    assert isinstance(found, tuple)
    assert found[0] - gain == pytest.approx(1.0541 * 1.11442 * (low - gain), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("shared", [0.0, 0.9])
def test_an_equal_challenger_is_promoted_in_five_per_cent_of_trials(shared: float) -> None:
    spec, generator = numbers_spec(resamples=200), np.random.default_rng(6)
    promoted = [
        judge_challenger(spec, compare_models(spec, drawn_pair(150, generator, shared=shared)))[0]
        for _ in range(500)
    ]
    assert binomtest(sum(promoted), 500, 0.05, alternative="greater").pvalue > 1e-3


@pytest.mark.slow
def test_a_challenger_that_is_ten_per_cent_better_is_found_on_a_thousand_rows() -> None:
    spec, generator = numbers_spec(resamples=200), np.random.default_rng(7)
    pairs = [drawn_pair(1000, generator, spread=0.9) for _ in range(50)]
    won = [judge_challenger(spec, compare_models(spec, one))[0] for one in pairs]
    assert sum(won) >= 48
