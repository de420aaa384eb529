"""Counting many values by table gives what sorting gives, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.metrics.arrays import FloatArray
from monitoring_assets.metrics.bins import numerical_bins
from monitoring_assets.metrics.blocks import BLOCK, MANY_VALUES, summarise, summarise_blocks
from monitoring_assets.metrics.columns import profile_columns
from monitoring_assets.metrics.kernels import summarise_sorted
from monitoring_assets.metrics.lookup import lookup
from monitoring_assets.metrics.profile import profile

ROWS = 2 * BLOCK + 17
COLUMNS = {
    "normal": lambda g: g.normal(size=ROWS),
    "heavy tail": lambda g: g.pareto(2, ROWS),
    "half zeros": lambda g: np.where(g.random(ROWS) < 0.5, 0.0, g.normal(size=ROWS)),
    "few values": lambda g: g.poisson(4, ROWS).astype(np.float64),
    "far from zero": lambda g: 1e8 + g.normal(size=ROWS),
    "tiny": lambda g: g.normal(size=ROWS) * 1e-300,
    "with missing": lambda g: np.where(g.random(ROWS) < 0.1, np.nan, g.normal(size=ROWS)),
    "first block missing": lambda g: np.append(np.full(BLOCK, np.nan), g.normal(size=BLOCK)),
    "infinite": lambda g: np.append(g.normal(size=ROWS), [np.inf, -np.inf, 1e141, 1e140, -0.0]),
    "all missing": lambda g: np.full(ROWS, np.nan) + g.random(),
}


def assert_same(values: FloatArray, reference: FloatArray) -> None:
    bins = numerical_bins(reference)
    table = lookup(bins.edges)
    assert table is not None
    slow, fast = (
        summarise_sorted(values, bins.edges, bins.centre),
        summarise_blocks(values, table, bins.centre),
    )
    assert np.array_equal(slow.counts, fast.counts)
    exact = ("missing", "positive_infinite", "negative_infinite", "minimum", "maximum", "quantiles")
    assert [getattr(slow, name) for name in exact] == [getattr(fast, name) for name in exact]
    assert fast.moment_2 == pytest.approx(slow.moment_2, rel=1e-12)


@pytest.mark.parametrize("name", COLUMNS)
def test_both_ways_agree(name: str) -> None:
    values = COLUMNS[name](np.random.default_rng(4))
    finite = values[np.isfinite(values)]
    assert_same(values, finite[:5_000] if finite.size else np.arange(300.0))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=400, unique=True),
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=200),
)
def test_both_ways_agree_for_any_values(reference: list[float], window: list[float]) -> None:
    values = np.array([*window, *reference, *np.nextafter(reference, np.inf).tolist()])
    bins = numerical_bins(np.array(reference))
    if lookup(bins.edges) is not None:
        assert_same(values, np.array(reference))


def test_many_values_in_an_extremely_skewed_column_are_sorted() -> None:
    values = np.exp(np.random.default_rng(1).normal(0, 20, MANY_VALUES))
    bins = numerical_bins(values)
    assert lookup(bins.edges) is None
    found = summarise(values, bins.edges, bins.centre)
    assert np.array_equal(found.counts, summarise_sorted(values, bins.edges, bins.centre).counts)


def test_columns_counted_on_two_threads_are_those_counted_on_one() -> None:
    generator = np.random.default_rng(3)
    values = {name: generator.normal(size=30_000) for name in "abc"}
    columns = {name: (one, numerical_bins(one[:2_000])) for name, one in values.items()}
    found = profile_columns(columns, threads=2)
    assert list(found) == ["a", "b", "c"]
    assert all(found[name] == profile(*column) for name, column in columns.items())
    assert profile_columns({}) == {}
