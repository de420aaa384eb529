"""Equal tables have equal fingerprints, whatever lies where in memory; others have not."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.sources.fingerprint import fingerprint

TIME = pa.timestamp("us", "UTC")
VALUES: dict[pa.DataType, Any] = {
    pa.string(): st.sampled_from(["", "a", "ab", "é"]),
    pa.large_string(): st.sampled_from(["", "a", "ab"]),
    pa.float64(): st.sampled_from([0.0, 1.0, -1.5, float("inf")]),
    pa.int64(): st.integers(-1, 1),
    pa.bool_(): st.booleans(),
    TIME: st.sampled_from([datetime(1969, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)]),
    pa.decimal128(4, 1): st.sampled_from([Decimal(0), Decimal("1.5")]),
    pa.null(): st.none(),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Draw a small table of few values, so that two of them are equal now and then."""
    kinds, rows = draw(st.lists(st.sampled_from([*VALUES]), max_size=2)), draw(st.integers(0, 3))
    columns = [
        draw(st.lists(st.none() | VALUES[kind], min_size=rows, max_size=rows)) for kind in kinds
    ]
    arrays = [pa.array(one, kind) for one, kind in zip(columns, kinds, strict=True)]
    return pa.Table.from_arrays(arrays, names=[f"c{n}" for n in range(len(kinds))])


@settings(deadline=None, max_examples=500)
@given(tables(), tables())
def test_fingerprints_are_equal_where_arrow_finds_tables_equal(a: pa.Table, b: pa.Table) -> None:
    assert (fingerprint(a) == fingerprint(b)) == a.equals(b)


@settings(deadline=None)
@given(tables(), st.lists(st.integers(0, 3), max_size=3))
def test_chunks_and_slices_make_no_difference(table: pa.Table, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(table)]
    parts = [table.slice(low, high - low) for low, high in pairwise(edges)]
    longer = pa.concat_tables([table, table]).combine_chunks()
    for same in (pa.concat_tables([table.slice(0, 0), *parts]), longer.slice(len(table))):
        assert same.equals(table)
        assert fingerprint(same) == fingerprint(table)


@pytest.mark.parametrize(
    ("buffers", "kind", "alike"),
    [
        ([bytes([0b101]), np.array([1.0, np.nan, 3.0])], pa.float64(), [1.0, None, 3.0]),
        ([bytes([0b101]), np.array([1, 9, 3])], TIME, [1, None, 3]),
        ([bytes([0b101]), bytes([0b111])], pa.bool_(), [True, None, True]),
        (
            [bytes([0b101]), np.array([0, 1, 3, 4], np.int32), b"axxb"],
            pa.string(),
            ["a", None, "b"],
        ),
    ],
)
def test_what_lies_under_a_missing_value_makes_no_difference(
    buffers: list[Any], kind: pa.DataType, alike: list[Any]
) -> None:
    odd = pa.Array.from_buffers(kind, 3, [pa.py_buffer(one) for one in buffers])
    assert odd.null_count == 1
    assert fingerprint(pa.table({"c": odd})) == fingerprint(pa.table({"c": pa.array(alike, kind)}))


def test_a_dictionary_counts_as_its_values() -> None:
    texts = pa.array(["b", "a", None, "b"])
    encoded = pa.table({"c": texts.dictionary_encode()})
    assert fingerprint(encoded) == fingerprint(pa.table({"c": texts}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([0.0], [-0.0]),
        ([float("nan")], [None]),
        ([float("nan")], [-float("nan")]),
        (["ab", "c"], ["a", "bc"]),
        (["", None], [None, ""]),
        ([1.0, 2.0], [2.0, 1.0]),
        (["1"], [1]),
    ],
)
def test_values_that_differ_in_a_bit_or_a_place_differ(one: list[Any], other: list[Any]) -> None:
    assert fingerprint(pa.table({"c": one})) != fingerprint(pa.table({"c": other}))


def test_names_types_and_order_of_columns_count() -> None:
    a, b = pa.array([1, 2]), pa.array([3, 4])
    tables = [{"a": a, "b": b}, {"b": b, "a": a}, {"a": a, "c": b}, {"a": a, "b": b.cast("int32")}]
    assert len({fingerprint(pa.table(columns)) for columns in tables}) == 4


def test_it_is_the_same_in_every_version_since_it_is_stored() -> None:
    table = pa.table({"id": ["a", None], "value": pa.array([0.5, None]), "time": pa.nulls(2, TIME)})
    assert fingerprint(table) == "9e0041498323bb4ac0f443e51c81304e"


def test_a_list_has_none() -> None:
    with pytest.raises(TypeError, match=r"column 'c' is of type list.*no fingerprint"):
        fingerprint(pa.table({"c": [[1]]}))
