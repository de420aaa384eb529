"""The order of rows that share an id, whatever order a database gives them in."""

from itertools import permutations
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.sources.sql.order import in_fixed_order

ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 2),
        st.sampled_from(["a", "b", "c", "d"]),
        st.none() | st.sampled_from(["x", "y"]),
    ),
    max_size=8,
)


def table(rows: list[tuple[int | None, str, str | None]]) -> pa.Table:
    times, ids, zones = zip(*rows, strict=True) if rows else ((), (), ())
    types = {"time": pa.int64(), "id": pa.string(), "zone": pa.string()}
    arrays = [pa.array(c, t) for c, t in zip((times, ids, zones), types.values(), strict=True)]
    return pa.table(arrays, names=list(types)).append_column("none", pa.nulls(len(rows)))


def last_of_each(parts: list[pa.Table]) -> dict[str, dict[str, object]]:
    return {row["id"]: row for part in parts for row in part.to_pylist()}


@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 8))
def test_the_last_row_of_an_id_is_the_same_in_any_order_and_in_any_parts(
    rows: list[tuple[int | None, str, str | None]], random: Random, size: int
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    parts = [table(shuffled[n : n + size]) for n in range(0, len(rows), size)]
    ordered = in_fixed_order(parts, "id")
    assert last_of_each(ordered) == last_of_each(in_fixed_order([table(rows)], "id"))
    assert sorted(map(repr, pa.concat_tables([table([]), *ordered]).to_pylist())) == sorted(
        map(repr, table(rows).to_pylist())
    )


def test_the_latest_comes_last_and_a_missing_value_first() -> None:
    rows = [(2, "a", None), (2, "a", "x"), (None, "a", "y"), (1, "a", "z")]
    for order in permutations(rows):
        (found,) = [part for part in in_fixed_order([table(list(order))], "id") if len(part)]
        assert found["time"].to_pylist() == [None, 1, 2, 2]
        assert found["zone"].to_pylist() == ["y", "z", None, "x"]


def test_rows_with_an_id_of_their_own_stay_as_they_are() -> None:
    parts = [table([(2, "b", "x")]), table([(1, "a", "x")])]
    assert in_fixed_order(parts, "id") == parts
    assert in_fixed_order([], "id") == []


@pytest.mark.parametrize("ids", [[[1], [1]], [None, None]])
def test_ids_that_are_none_stay_as_they_are_for_the_preparation_to_refuse(
    ids: list[object],
) -> None:
    part = pa.table({"id": ids})
    assert in_fixed_order([part], "id") == [part]


def test_columns_that_have_no_order_do_not_count() -> None:
    part = pa.table({"id": ["a", "a"], "pair": [[2], [1]], "none": [None, None], "time": [2, 1]})
    (_, shared) = in_fixed_order([part], "id")
    assert shared["time"].to_pylist() == [1, 2]
