"""Laws of many references: those that drawing each by itself gives, and known ones."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from monitoring_assets.metrics.bins import categorical_bins, numerical_bins
from monitoring_assets.metrics.null.drawn import CATEGORY_RUNGS, RUNGS, null_ladders
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.null.rung import SURVIVAL
from monitoring_assets.metrics.null.shared import (
    LEVELS,
    SharedDraws,
    Side,
    level_weights,
    many_ladders,
)
from monitoring_assets.metrics.profile import profile

COLUMNS: dict[str, Any] = {
    "normal": lambda g, n: g.normal(size=n),
    "lognormal": lambda g, n: g.lognormal(size=n),
    "poisson": lambda g, n: g.poisson(3, n).astype(float),
    "zone": lambda g, n: g.choice(list("abcdefgh"), n),
}


@cache
def side(column: str, rows: int) -> Side:
    """Return a segment of so many rows, counted over the bins of all 20,000."""
    generator = np.random.default_rng(rows)
    every = COLUMNS[column](generator, 20_000)
    bins = categorical_bins(every) if column == "zone" else numerical_bins(every)
    return profile(every[:rows], bins), bins


def distances(sides: dict[Any, Side], shared: SharedDraws | None = None) -> dict[Any, NullLadder]:
    found = many_ladders(sides, {key: ["wasserstein"] for key in sides}, shared=shared)
    return {name: ladder for (name, _), ladder in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("rows", [90, 1_700, 20_000])
@pytest.mark.parametrize("column", ["normal", "lognormal", "poisson"])
def test_a_law_is_that_of_drawing_the_reference_by_itself(column: str, rows: int) -> None:
    own = null_ladders({column: side(column, rows)}, {column: ["wasserstein"]}, draws=4_000)
    found = distances({column: side(column, rows)})[column]
    for ours, theirs in zip(found.rungs, own[column, "wasserstein"].rungs, strict=True):
        assert ours.median == pytest.approx(theirs.median, rel=0.08)
        assert ours.levels[-1] == pytest.approx(theirs.levels[-1], rel=0.13)
        assert ours.excess == pytest.approx(theirs.excess, rel=0.4)


def test_the_law_of_two_values_is_that_of_a_squared_normal_number() -> None:
    bins = numerical_bins(np.repeat([0.0, 1.0], 1_000))
    reference = profile(np.repeat([0.0, 1.0], [3_000, 7_000]), bins)
    ladder = distances({"x": (reference, bins)})["x"]
    unit = 0.3 * 0.7 / bins.scale**2
    expected = unit * stats.chi2.isf(SURVIVAL, 1)
    assert ladder.rungs[-1].levels == pytest.approx(expected.tolist(), rel=0.06, abs=0.01)


def test_weights_of_edges_go_to_the_levels_beside_them() -> None:
    bins = numerical_bins(np.array([1.0, 2.0, 4.0, 4.0]))
    reference = profile(np.repeat([1.0, 2.0, 4.0], [1_000, 2_000, 3_000]), bins)
    weights = level_weights(reference, bins)
    assert weights.sum() == pytest.approx((1.0 + 2.0) / bins.scale)
    share = np.array([1 / 6, 1 / 2])
    assert weights @ LEVELS == pytest.approx(share @ [1.0, 2.0] / bins.scale, rel=1e-6)


def test_a_rows_share_outside_the_range_weighs_one_scale() -> None:
    bins = numerical_bins(np.array([1.0, 2.0]))
    reference = profile(np.repeat([0.0, 1.0, 2.0, 3.0], [10, 40, 40, 10]), bins)
    inner = 1.0 / bins.scale
    assert level_weights(reference, bins).sum() == pytest.approx(inner + 2.0, rel=1e-6)


def test_what_else_is_drawn_does_not_change_a_law() -> None:
    few = {"a": side("normal", 300)}
    more = few | {"b": side("lognormal", 1_000), "c": side("poisson", 90)}
    alone = distances(few, SharedDraws(500))["a"]
    together = distances(more, SharedDraws(500))["a"]
    for one, other in zip(alone.rungs, together.rungs, strict=True):
        assert other.levels == pytest.approx(one.levels, rel=1e-5)


def test_draws_serve_again() -> None:
    shared = SharedDraws(300)
    first = distances({"a": side("normal", 300)}, shared)
    assert distances({"a": side("normal", 300)}, shared) == first
    assert first["a"].draws == 300


def test_a_single_size_has_a_single_rung() -> None:
    sides = {"a": side("normal", 300), "empty window": side("normal", 300)}
    methods = {name: ["wasserstein", "psi"] for name in sides}
    found = many_ladders(
        sides, methods, sizes={"a": 77, "empty window": 0}, shared=SharedDraws(100)
    )
    rows = {key: [rung.rows for rung in ladder.rungs] for key, ladder in found.items()}
    assert {rows["a", one][0] for one in methods["a"]} == {77}
    assert {*map(len, rows.values())} == {0, 1}
    assert rows["empty window", "wasserstein"] == rows["empty window", "psi"] == []


def test_sizes_beyond_the_reference_are_not_drawn_for_categories() -> None:
    found = many_ladders({"z": side("zone", 120)}, {"z": ["jensen_shannon"]})["z", "jensen_shannon"]
    assert [rung.rows for rung in found.rungs] == [*CATEGORY_RUNGS[:4]]
    assert found.reference_rows == 120


@pytest.mark.parametrize("method", ["psi", "jensen_shannon"])
def test_divergences_of_numbers_are_drawn_over_their_coarse_groups(method: str) -> None:
    own = null_ladders({"x": side("normal", 900)}, {"x": [method]}, draws=2_000)["x", method]
    found = many_ladders({"x": side("normal", 900)}, {"x": [method]})["x", method]
    assert [rung.rows for rung in found.rungs] == [*RUNGS]
    for ours, theirs in zip(found.rungs, own.rungs, strict=True):
        assert ours.median == pytest.approx(theirs.median, rel=0.08)
        assert ours.levels[-1] == pytest.approx(theirs.levels[-1], rel=0.15)


def test_laws_by_formula_and_columns_without_values_have_nothing_to_draw() -> None:
    bins = side("normal", 300)[1]
    sides = {"formula": side("zone", 300), "none": (profile(np.array([np.nan]), bins), bins)}
    methods = {"formula": ["chi_squared", "wasserstein"], "none": ["wasserstein", "psi"]}
    found = many_ladders(sides, methods)
    assert {ladder.rungs for ladder in found.values()} == {()}
    assert {name: found[name, "wasserstein"].reference_rows for name in sides} == {
        "formula": 300,
        "none": 0,
    }
