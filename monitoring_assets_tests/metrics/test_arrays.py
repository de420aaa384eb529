"""The stated rule for each type of input, as a number and as a category."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from monitoring_assets.metrics.arrays import category_codes, category_counts, numbers, texts

NEW_YORK = pa.timestamp("us", "America/New_York")
NOON = dt.datetime(2023, 2, 1, 12, tzinfo=dt.UTC)
SHORT = np.float16(0.1)

NUMBERS: list[tuple[str, Any, list[float | None]]] = [
    ("float64 with null and NaN", pa.array([0.5, None, float("nan")]), [0.5, None, None]),
    ("float32 is widened exactly", np.array([0.1], np.float32), [0.10000000149011612]),
    ("float16", pa.array([SHORT], pa.float16()), [float(SHORT)]),
    ("integers with null", pa.array([1, None, -3]), [1.0, None, -3.0]),
    ("unsigned beyond int64", pa.array([2**63 + 5], pa.uint64()), [2.0**63]),
    ("unsigned NumPy", np.array([7], np.uint8), [7.0]),
    ("bool", pa.array([True, False, None]), [1.0, 0.0, None]),
    ("decimal", pa.array([Decimal("1.50"), None]), [1.5, None]),
    ("date", pa.array([dt.date(1970, 1, 3), None]), [2.0, None]),
    ("date in milliseconds", pa.array([dt.date(1970, 1, 3)], pa.date64()), [2.0]),
    ("timestamp", pa.array([NOON, None], NEW_YORK), [NOON.timestamp(), None]),
    ("NumPy datetime", np.array(["1970-01-02", "NaT"], "datetime64[ns]"), [86400.0, None]),
    ("time of day", pa.array([dt.time(1, 0, 5)], pa.time32("ms")), [3605.0]),
    ("duration", pa.array([dt.timedelta(minutes=2)]), [120.0]),
    ("dictionary", pa.array([5, None, 5]).dictionary_encode(), [5.0, None, 5.0]),
    ("null", pa.nulls(2), [None, None]),
    ("chunked", pa.chunked_array([pa.array([1, None]), pa.array([3])]), [1.0, None, 3.0]),
    ("no chunks", pa.chunked_array([], pa.float64()), []),
    ("pandas Int64", pd.Series([1, None], dtype="Int64"), [1.0, None]),
    ("pandas Float64", pd.Series([1.5, None], dtype="Float64"), [1.5, None]),
    ("pandas boolean", pd.Series([True, None], dtype="boolean"), [1.0, None]),
    ("NumPy masked", np.ma.masked_array([1, 2], [True, False]), [None, 2.0]),
]

CATEGORIES: list[tuple[str, Any, dict[str, int], int]] = [
    ("string", pa.array(["a", None, "", "a"]), {"a": 2, "": 1}, 1),
    ("large string", pa.array(["a", None], pa.large_string()), {"a": 1}, 1),
    ("string view", pa.array(["a"], pa.string_view()), {"a": 1}, 0),
    ("dictionary", pa.array(["a", "b", None]).dictionary_encode(), {"a": 1, "b": 1}, 1),
    ("integer", pa.array([7, None, 7]), {"7": 2}, 1),
    ("whole float as integer", pa.array([7.0, None, -0.0, 0.5]), {"7": 1, "0": 1, "0.5": 1}, 1),
    ("float32, shortest digits", np.array([0.1, np.nan], np.float32), {"0.1": 1}, 1),
    ("infinite", np.array([np.inf]), {"inf": 1}, 0),
    ("bool", pa.array([True, False, None]), {"true": 1, "false": 1}, 1),
    ("decimal", pa.array([Decimal("1.50")]), {"1.50": 1}, 0),
    ("date", pa.array([dt.date(2023, 2, 1)]), {"2023-02-01": 1}, 0),
    ("null", pa.nulls(3), {}, 3),
    ("NumPy objects", np.array(["a", None, float("nan")], object), {"a": 1}, 2),
    ("pandas category", pd.Series(["a", None], dtype="category"), {"a": 1}, 1),
]


@pytest.mark.parametrize(("values", "expected"), [pytest.param(v, e, id=i) for i, v, e in NUMBERS])
def test_each_type_becomes_numbers_by_its_rule(values: Any, expected: list[float | None]) -> None:
    found = numbers(values)
    assert found.dtype == np.float64
    assert [None if np.isnan(one) else one for one in found.tolist()] == expected


@pytest.mark.parametrize(
    ("values", "expected", "missing"), [pytest.param(v, e, m, id=i) for i, v, e, m in CATEGORIES]
)
def test_each_type_becomes_categories_by_its_rule(
    values: Any, expected: dict[str, int], missing: int
) -> None:
    assert category_counts(values) == (expected, missing)


@pytest.mark.parametrize(
    ("values", "expected", "missing"), [pytest.param(v, e, m, id=i) for i, v, e, m in CATEGORIES]
)
def test_each_type_becomes_codes_by_the_rule_of_categories(
    values: Any, expected: dict[str, int], missing: int
) -> None:
    (codes,) = category_codes(values, known=[*expected])
    counts = np.bincount(codes + 1, minlength=len(expected) + 1).tolist()
    assert counts == [missing, *expected.values()]


def test_columns_share_the_codes_of_categories_that_are_not_known() -> None:
    chunks = pa.chunked_array([["x", "b"], ["y", None]])
    first, second = category_codes(chunks, pa.array(["y", "x", "a", "z"]), known=["a", "b"])
    assert first.tolist() == [2, 1, 3, -1]
    assert second.tolist() == [3, 2, 0, 4]


def test_codes_become_text_again() -> None:
    found = texts(np.array([1, -1, 0]), ["a", "b"])
    assert (found.type, found.to_pylist()) == (pa.string(), ["b", None, "a"])
    assert texts(np.empty(0, np.int64), ["a"]).to_pylist() == []


def test_chunks_with_different_dictionaries_are_counted_together() -> None:
    chunks = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", None]).dictionary_encode()]
    assert category_counts(pa.chunked_array(chunks)) == ({"a": 1, "b": 2}, 1)


@pytest.mark.parametrize("values", [pa.array(["1"]), np.array(["1"]), pa.array([[1]])])
def test_text_and_lists_are_refused_as_numbers(values: Any) -> None:
    with pytest.raises(TypeError, match="cannot read values of type"):
        numbers(values)


def test_lists_are_refused_as_categories() -> None:
    with pytest.raises(TypeError, match="as categories"):
        category_counts(pa.array([[1], [2]]))
    with pytest.raises(TypeError, match="as categories"):
        category_codes(pa.array([[1], [2]]), known=[])


def test_plain_float64_is_not_copied() -> None:
    values = np.array([1.0, 2.0])
    assert np.shares_memory(numbers(values), values)
    assert np.shares_memory(numbers(pa.array(values)), values)
