"""Python values of database drivers as Arrow columns."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from monitoring_assets.sources.sql.values import alike, to_arrow

NOON = datetime.fromisoformat("2023-02-01T12:00")
ID = "3a1dae5c-b103-47f3-9717-f931c0c5e9c4"


@pytest.mark.parametrize(
    ("given", "stored", "expected"),
    [
        ([], pa.null(), []),
        ([None, None], pa.null(), [None, None]),
        ([1, None], pa.int64(), [1, None]),
        ([1, 0.5], pa.float64(), [1.0, 0.5]),
        ([True, None], pa.bool_(), [True, None]),
        ([True, 7], pa.int64(), [1, 7]),
        ([2**53, None, 0.5], pa.float64(), [2.0**53, None, 0.5]),
        ([2**60 + 1, None, 1.5], pa.string(), ["1152921504606846977", None, "1.5"]),
        ([10**400, 1.5, True], pa.string(), [str(10**400), "1.5", "1"]),
        ([2**63, 1], pa.string(), ["9223372036854775808", "1"]),
        (["x", None], pa.string(), ["x", None]),
        (["?", 7, 7.0, 7.5], pa.string(), ["?", "7", "7", "7.5"]),
        ([1e300, "x"], pa.string(), ["1e+300", "x"]),
        ([Decimal("1.50"), Decimal("74.00"), Decimal("1E+2")], pa.string(), ["1.5", "74", "100"]),
        ([Decimal("NaN"), Decimal("-0.10")], pa.string(), ["NaN", "-0.1"]),
        ([UUID(ID)], pa.string(), [ID]),
        ([ip_address("10.0.0.1")], pa.string(), ["10.0.0.1"]),
        ([NOON, None], pa.timestamp("us"), [NOON, None]),
        ([date(2023, 2, 1)], pa.date32(), [date(2023, 2, 1)]),
        ([NOON, date(2023, 2, 1)], pa.string(), ["2023-02-01T12:00:00", "2023-02-01"]),
        (
            [NOON, NOON.replace(tzinfo=UTC)],
            pa.string(),
            ["2023-02-01T12:00:00", "2023-02-01T12:00:00+00:00"],
        ),
        ([memoryview(b"x"), b"y"], pa.binary(), [b"x", b"y"]),
        ([[1]], pa.list_(pa.int64()), [[1]]),
        ([timedelta(hours=1)], pa.duration("us"), [timedelta(hours=1)]),
    ],
)
def test_values_of_one_column_are_one_array(
    given: list[Any], stored: pa.DataType, expected: list[Any]
) -> None:
    array = to_arrow(given)
    assert (array.type, array.to_pylist()) == (stored, expected)


def test_times_with_any_zone_are_instants() -> None:
    east = NOON.replace(tzinfo=timezone(timedelta(hours=5)))
    array = to_arrow([east, None])
    assert array.type == pa.timestamp("us", "UTC")
    assert array.to_pylist() == [datetime(2023, 2, 1, 7, tzinfo=UTC), None]


@pytest.mark.parametrize(
    ("first", "second", "stored", "expected"),
    [
        ([1], [2], pa.int64(), [1, 2]),
        ([None], [2], pa.int64(), [None, 2]),
        ([1], [0.5], pa.float64(), [1.0, 0.5]),
        ([None], [NOON], pa.timestamp("us"), [None, NOON]),
        ([2**53 + 1], [True], pa.int64(), [2**53 + 1, 1]),
        ([2**53 + 1], [0.5], pa.string(), [str(2**53 + 1), "0.5"]),
        ([7.0], ["?"], pa.string(), ["7", "?"]),
        ([NOON], ["soon"], pa.string(), ["2023-02-01T12:00:00", "soon"]),
    ],
)
def test_parts_of_a_column_get_one_type(
    first: list[Any], second: list[Any], stored: pa.DataType, expected: list[Any]
) -> None:
    parts = alike([pa.table({"a": to_arrow(one)}) for one in (first, second)])
    whole = pa.concat_tables(parts)["a"]
    assert (whole.type, whole.to_pylist()) == (stored, expected)


def test_no_parts_are_alike() -> None:
    assert alike([]) == []
