"""Slices of rows: counted together as each would be by itself, and adding up to the whole."""

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.blocks import MANY_VALUES
from monitoring_assets.metrics.columns import profile_slices_of_columns
from monitoring_assets.metrics.profile import ColumnProfile, merge, profile
from monitoring_assets.metrics.slices import Mask, Slices, profile_slices

ODD = [np.nan, np.inf, -np.inf, 1e200, -0.0]
KINDS = ("smooth", "few", "odd", "constant", "words", "empty")


@cache
def values(kind: str, rows: int, seed: int) -> Any:
    """Return a column, as it comes from a table."""
    generator = np.random.default_rng(seed)
    if kind == "words":
        drawn = generator.choice(np.array(["a", "b", "c", "new", None], dtype=object), rows)
        return pa.array(drawn.tolist(), pa.string())
    numbers: dict[str, Any] = {
        "smooth": generator.normal(size=rows),
        "few": generator.poisson(3, rows).astype(float),
        "odd": generator.choice([*ODD, 0.5, 1.5], rows),
        "constant": np.full(rows, 7.0),
        "empty": np.full(rows, np.nan),
    }
    return pa.array(numbers[kind])


def bins_of(kind: str) -> Bins:
    if kind == "words":
        return categorical_bins(pa.array(["a", "b", "b", "c"]))
    return numerical_bins(values(kind, 5_000, 99))


def parts(rows: int, number: int, seed: int = 3) -> dict[str, Mask]:
    """Return slices that share out the rows; the last one is left without any."""
    owner = np.random.default_rng(seed).integers(0, number - 1, rows)
    return {f"part {one}": owner == one for one in range(number)}


def assert_alike(found: ColumnProfile, expected: ColumnProfile) -> None:
    moments = ("moment_1", "moment_2")
    dropped = {"counts": None, "quantiles": None, **dict.fromkeys(moments)}
    assert found.counts.tolist() == expected.counts.tolist()
    assert vars(found) | dropped == vars(expected) | dropped
    for name in moments:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("rows", [0, 1, 300, MANY_VALUES + 1])
@pytest.mark.parametrize("kind", KINDS)
def test_a_slice_is_counted_as_if_it_were_alone(kind: str, rows: int) -> None:
    column, bins, masks = values(kind, rows, 1), bins_of(kind), parts(rows, 6)
    found = profile_slices(column, bins, Slices.of(masks))
    assert [*found] == [*masks]
    for name, mask in masks.items():
        assert_alike(found[name], profile(column.filter(pa.array(mask)), bins))


@pytest.mark.parametrize("kind", KINDS)
def test_slices_that_share_out_the_rows_add_up_to_them(kind: str) -> None:
    column, bins = values(kind, 1_000, 2), bins_of(kind)
    found = profile_slices(column, bins, Slices.of(parts(1_000, 20)))
    assert_alike(merge(found.values()), profile(column, bins))


def test_a_row_may_lie_in_several_slices_or_in_none() -> None:
    masks = {"first": np.array([True, True, False, False]), "second": np.array([0, 1, 1, 0]) > 0}
    bins = numerical_bins(np.array([1.0, 2.0, 3.0]))
    found = profile_slices(np.array([1.0, 2.0, 3.0, 9.0]), bins, Slices.of(masks))
    assert {name: one.counts.tolist() for name, one in found.items()} == {
        "first": [0, 1, 1, 0, 0],
        "second": [0, 0, 1, 1, 0],
    }


def test_rows_outside_are_in_no_slice() -> None:
    masks = {"even": np.arange(6) % 2 == 0}
    slices = Slices.of(masks, within=np.arange(6) > 1)
    assert (slices.places.tolist(), slices.sizes.tolist()) == ([2, 4], [2])


def test_without_slices_nothing_is_counted() -> None:
    assert profile_slices(values("smooth", 5, 1), bins_of("smooth"), Slices.of({})) == {}


@pytest.mark.parametrize("threads", [1, 2])
def test_columns_are_counted_slice_by_slice(threads: int) -> None:
    rows = MANY_VALUES
    columns = {kind: (values(kind, rows, 4), bins_of(kind)) for kind in ("smooth", "words")}
    masks = parts(rows, 4)
    found = profile_slices_of_columns(columns, Slices.of(masks), threads=threads)
    assert [*found] == [(name, column) for name in masks for column in columns]
    for (name, column), one in found.items():
        assert_alike(
            one, profile(columns[column][0].filter(pa.array(masks[name])), bins_of(column))
        )
