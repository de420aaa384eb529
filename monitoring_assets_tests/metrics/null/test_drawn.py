"""Drawn laws: right in body and tail, the same for the same seed, unharmed by storage."""

import json
from typing import Any

import numpy as np
import pytest
from scipy import stats

from monitoring_assets.metrics.bins import categorical_bins, numerical_bins
from monitoring_assets.metrics.null.analytic import LAWS
from monitoring_assets.metrics.null.drawn import POWERS, null_ladders
from monitoring_assets.metrics.null.ladder import NullLadder, Quiet
from monitoring_assets.metrics.null.rung import SURVIVAL, Rung, fit_rung
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.registry import DRIFT_METHODS

GENERATOR = np.random.default_rng(5)
VALUES: dict[str, Any] = {
    "lognormal": GENERATOR.lognormal(size=10_000),
    "normal": GENERATOR.normal(size=10_000),
    "poisson": GENERATOR.poisson(3, 10_000),
    "category": GENERATOR.choice(list("abcdefgh"), 10_000),
}
METHODS = {
    "lognormal": ["wasserstein", "psi"],
    "normal": ["wasserstein", "kolmogorov_smirnov"],
    "poisson": ["wasserstein"],
    "category": ["jensen_shannon"],
}
SIDES = {
    name: (profile(one, bins), bins)
    for name, one in VALUES.items()
    for bins in [categorical_bins(one) if name == "category" else numerical_bins(one)]
}
DRAW: dict[str, Any] = {
    "lognormal": lambda g, n: g.lognormal(size=n),
    "normal": lambda g, n: g.normal(size=n),
    "poisson": lambda g, n: g.poisson(3, n),
    "category": lambda g, n: g.choice(list("abcdefgh"), n),
}


def quiet_window(
    ladder: NullLadder, column: str, rows: int, generator: np.random.Generator
) -> tuple[float, Quiet]:
    """Score of a quiet window against a reference drawn anew, and what the ladder says of it."""
    reference = DRAW[column](generator, 10_000)
    bins = categorical_bins(reference) if column == "category" else numerical_bins(reference)
    sides = profile(reference, bins), profile(DRAW[column](generator, rows), bins)
    score: Any = DRIFT_METHODS[ladder.method].compute(*sides, bins)
    return score, ladder.quiet(sides[0], [sides[1]], bins, [score])[0]


@pytest.fixture(scope="module")
def ladders() -> dict[tuple[str, str], NullLadder]:
    return null_ladders(SIDES, METHODS, draws=4_000)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [60, 400, 3_000])
@pytest.mark.parametrize("column", METHODS)
def test_p_values_of_quiet_windows_are_uniform(
    ladders: dict[tuple[str, str], NullLadder], column: str, rows: int
) -> None:
    generator = np.random.default_rng(rows)
    method = METHODS[column][0]
    found = [quiet_window(ladders[column, method], column, rows, generator) for _ in range(400)]
    p_values = np.array([quiet.p_value for _, quiet in found])
    assert np.mean(p_values < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert np.mean(p_values < 0.5) == pytest.approx(0.5, abs=0.1)
    median = float(np.median([score for score, _ in found]))
    assert found[0][1].expected == pytest.approx(median, rel=0.1)


@pytest.mark.parametrize("shape", [1.0, 2.0, 4.5])
def test_the_fitted_tail_holds_down_to_one_in_a_million(shape: float) -> None:
    draws = np.random.default_rng(1).gamma(shape, 2.0, 20_000)
    levels = stats.gamma.isf([1e-3, 1e-4, 1e-6], shape, scale=2.0)
    ratio = np.exp(fit_rung(100, draws).log_survival(levels)) / [1e-3, 1e-4, 1e-6]
    assert np.all(ratio > [0.8, 0.7, 0.5])
    assert np.all(ratio < [1.6, 2.6, 8.0])


def test_the_tail_of_the_squared_kolmogorov_law_holds_too() -> None:
    draws: Any = stats.kstwobign.rvs(size=20_000, random_state=3)
    levels = stats.kstwobign.isf([1e-3, 1e-4, 1e-6]) ** 2
    ratio = np.exp(fit_rung(100, draws**2).log_survival(levels)) / [1e-3, 1e-4, 1e-6]
    assert np.all(np.abs(np.log10(ratio)) < [0.1, 0.15, 0.3])


def test_p_values_fall_with_the_score_and_never_reach_zero(
    ladders: dict[tuple[str, str], NullLadder],
) -> None:
    side, bins = SIDES["normal"]
    window = profile(VALUES["normal"][:500], bins)
    scores = [0.0, 0.01, 0.05, 0.1, 0.2, 1.0, 100.0]
    quiet = ladders["normal", "wasserstein"].quiet(side, [window] * len(scores), bins, scores)
    p_values = [one.p_value for one in quiet]
    assert p_values == sorted(p_values, reverse=True)
    assert p_values[0] == 1.0
    assert p_values[-1] > 0


def test_the_same_seed_gives_the_same_ladder_and_json_gives_it_back(
    ladders: dict[tuple[str, str], NullLadder],
) -> None:
    one = ladders["category", "jensen_shannon"]
    again = null_ladders(
        {"category": SIDES["category"]}, {"category": ["jensen_shannon"]}, draws=4_000
    )
    assert again["category", "jensen_shannon"] == one
    assert NullLadder.from_plain(json.loads(json.dumps(one.to_plain()))) == one


def test_a_law_by_formula_needs_no_rungs(ladders: dict[tuple[str, str], NullLadder]) -> None:
    found = ladders["normal", "kolmogorov_smirnov"]
    assert found.is_analytic
    assert NullLadder.from_plain(json.loads(json.dumps(found.to_plain()))) == found


def test_a_constant_column_has_a_ladder_that_calls_nothing_significant() -> None:
    bins = numerical_bins(np.full(1_000, 3.0))
    side = profile(np.full(1_000, 3.0), bins)
    ladder = null_ladders({"x": (side, bins)}, {"x": ["wasserstein"]}, draws=100)
    quiet = ladder["x", "wasserstein"].quiet(side, [side, side], bins, [0.0, 1.0])
    assert quiet[0].p_value == 1.0
    assert quiet[1].p_value < 1e-6


def test_a_column_without_values_or_of_another_kind_has_nothing_to_draw() -> None:
    bins = numerical_bins(np.array([np.nan]))
    sides = {"x": (profile(np.array([np.nan]), bins), bins), "category": SIDES["category"]}
    found = null_ladders(sides, {"x": ["wasserstein"], "category": ["wasserstein"]}, draws=100)
    assert [ladder.rungs for ladder in found.values()] == [(), ()]
    assert found["x", "wasserstein"].quiet(sides["x"][0], [], bins, []) == []


def test_a_rung_survives_storage() -> None:
    rung = Rung(50, tuple(float(n) for n in range(len(SURVIVAL))), 1.5)
    assert Rung.from_plain(json.loads(json.dumps(rung.to_plain()))) == rung


def test_each_method_has_either_a_formula_or_a_power() -> None:
    assert set(LAWS) | set(POWERS) == set(DRIFT_METHODS)
    assert not set(LAWS) & set(POWERS)
