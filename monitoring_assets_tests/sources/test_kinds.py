from datetime import date
from decimal import Decimal
from math import inf, nan

import pyarrow as pa
import pytest

from monitoring_assets.records import ColumnKind
from monitoring_assets.sources.kinds import can_be, to_category, to_number

NUMBERS = {
    "int32": pa.array([74, None], pa.int32()),
    "uint8": pa.array([74, None], pa.uint8()),
    "half": pa.array([74.0, None], pa.float16()),
    "float": pa.array([74.0, nan], pa.float32()),
    "double": pa.array([74.0, None]),
    "decimal": pa.array([Decimal("74.00"), None]),
    "text": pa.array(["74", None]),
    "text with blanks": pa.array([" 74.0 ", " "]),
    "large text": pa.array(["74", None], pa.large_string()),
    "dictionary": pa.array(["74", None]).dictionary_encode(),
}
CATEGORIES = {name: column for name, column in NUMBERS.items() if name not in ("text with blanks",)}


@pytest.mark.parametrize("form", NUMBERS)
def test_a_number_is_the_same_however_it_is_stored(form: str) -> None:
    assert can_be(ColumnKind.NUMERICAL, NUMBERS[form].type)
    numbers, wrong = to_number(NUMBERS[form])
    assert numbers.type == pa.float64()
    assert numbers.to_pylist() == [74.0, None]
    assert not wrong.any()


@pytest.mark.parametrize("form", CATEGORIES)
def test_a_category_that_is_a_whole_number_reads_the_same_however_it_is_stored(form: str) -> None:
    assert can_be(ColumnKind.CATEGORICAL, CATEGORIES[form].type)
    categories = to_category(CATEGORIES[form])
    assert categories.type == pa.string()
    assert categories.to_pylist() == ["74", None]


def test_what_is_no_number_becomes_missing_and_is_marked() -> None:
    numbers, wrong = to_number(pa.array(["1.5", "n/a", "1_000", "", None, "1e3"]))
    assert numbers.to_pylist() == [1.5, None, None, None, None, 1000.0]
    assert wrong.tolist() == [False, True, True, False, False, False]


def test_infinities_stay_and_nan_is_missing() -> None:
    numbers, wrong = to_number(pa.array([inf, -inf, nan]))
    assert numbers.to_pylist() == [inf, -inf, None]
    assert not wrong.any()


def test_infinities_and_nan_may_be_written_out() -> None:
    assert to_number(pa.array(["inf", "-inf", "nan", "?"]))[0].to_pylist() == [
        inf,
        -inf,
        None,
        None,
    ]


def test_truth_is_a_number_and_a_category() -> None:
    truth = pa.array([True, False])
    assert to_number(truth)[0].to_pylist() == [1.0, 0.0]
    assert to_category(truth).to_pylist() == ["true", "false"]


def test_whole_numbers_too_large_for_a_double_are_rounded() -> None:
    assert to_number(pa.array([2**63 - 1]))[0].to_pylist() == [float(2**63)]


def test_broken_and_infinite_numbers_are_categories_too() -> None:
    assert to_category(pa.array([1.5, inf, nan, -0.0])).to_pylist() == ["1.5", "inf", None, "0"]


def test_large_whole_numbers_stay_exact_as_categories() -> None:
    assert to_category(pa.array([2**63 - 1])).to_pylist() == [str(2**63 - 1)]


@pytest.mark.parametrize("kind", [pa.decimal128(38, 0), pa.decimal256(60, 4), pa.decimal64(18, 0)])
def test_decimals_are_categories_digit_by_digit(kind: pa.DataType) -> None:
    first = 123456789012345678 if kind == pa.decimal64(18, 0) else 12345678901234567890
    ids = to_category(pa.array([Decimal(first + n) for n in range(1000)], kind))
    assert ids.to_pylist() == [str(first + n) for n in range(1000)]


def test_a_decimal_loses_zeros_after_its_point_only() -> None:
    given = ["-0.50", "100", "0", "0.0000001", "-0.0000002", "1.05"]
    column = pa.array([*map(Decimal, given), None], pa.decimal128(38, 10))
    expected = ["-0.5", "100", "0", "0.0000001", "-0.0000002", "1.05", None]
    assert to_category(column).to_pylist() == expected


@pytest.mark.parametrize("scale", [-2, 0])
def test_a_decimal_without_a_point_keeps_all_its_zeros(scale: int) -> None:
    column = pa.array([Decimal(12300), Decimal(0)], pa.decimal128(9, scale))
    assert to_category(column).to_pylist() == ["12300", "0"]


def test_a_date_is_a_category_but_no_number() -> None:
    dates = pa.array([date(2023, 2, 1)])
    assert to_category(dates).to_pylist() == ["2023-02-01"]
    assert not can_be(ColumnKind.NUMERICAL, dates.type)


def test_a_column_without_any_value_can_be_both() -> None:
    assert to_number(pa.nulls(1))[0].to_pylist() == to_category(pa.nulls(1)).to_pylist() == [None]


@pytest.mark.parametrize("kind", ColumnKind)
@pytest.mark.parametrize("stored", [pa.list_(pa.int64()), pa.binary(), pa.timestamp("us")])
def test_lists_bytes_and_times_are_neither(kind: ColumnKind, stored: pa.DataType) -> None:
    assert not can_be(kind, stored)
