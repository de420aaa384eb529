"""Shapes of row tables: names people give to columns, and the types they have."""

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.errors import StorageError
from monitoring_assets.storage.row_shape import KEYS, fingerprint, shape_of, spelt
from monitoring_assets.storage.tables.models import RowKind

ODD = [
    "select",
    "Distance",
    "distance (miles)",
    "x" * 200,
    "1st",
    "",
    "ß",
    "ctid",
    "'; DROP TABLE monitoring.model; --",
    '"quoted"',
    "%s",
    ":name",
    "$1",
    "a b",
    "a-b",
    "a_b",
    "日本",
]


def test_plain_names_stay_and_odd_ones_get_a_name_of_their_own() -> None:
    spelling = spelt(["distance", *ODD])
    assert spelling["distance"] == "distance"
    assert spelling["a_b"] == "a_b"
    assert len(set(spelling.values())) == len(spelling)


@given(st.lists(st.text(), unique=True))
def test_any_names_at_all_get_harmless_names_each_its_own(names: list[str]) -> None:
    spelling = spelt(names)
    assert list(spelling) == names
    assert len(set(spelling.values())) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,62}", one) for one in spelling.values())


def test_a_generated_name_gives_way_to_a_plain_name_that_looks_like_it() -> None:
    generated = spelt(["Zone"])["Zone"]
    spelling = spelt(["Zone", generated])
    assert spelling[generated] == generated
    assert spelling["Zone"] != generated
    assert spelt(["Zone"], taken=[generated])["Zone"] == spelling["Zone"]


def test_numbers_of_any_width_have_one_type_each() -> None:
    types = {
        "float32": pa.float32(),
        "float64": pa.float64(),
        "decimal": pa.decimal128(9, 2),
        "int8": pa.int8(),
        "int64": pa.int64(),
        "flag": pa.bool_(),
        "text": pa.large_string(),
        "coded": pa.dictionary(pa.int8(), pa.string()),
        "day": pa.date32(),
        "row_id": pa.int64(),
        "event_time": pa.timestamp("ns", "Europe/Berlin"),
    }
    assert shape_of("small", RowKind.PREDICTIONS, pa.schema(types)) == {
        "float32": "double precision",
        "float64": "double precision",
        "decimal": "double precision",
        "int8": "bigint",
        "int64": "bigint",
        "flag": "boolean",
        "text": "text",
        "coded": "text",
        "day": "date",
        "row_id": "text",
        "event_time": "timestamptz",
    }


@pytest.mark.parametrize("odd", [pa.null(), pa.timestamp("us"), pa.list_(pa.int8()), pa.binary()])
def test_a_type_without_a_place_is_named_with_its_column(odd: pa.DataType) -> None:
    schema = pa.schema({"row_id": pa.string(), "event_time": pa.timestamp("us", "UTC"), "x": odd})
    with pytest.raises(StorageError, match=r"predictions of model 'small': column 'x' has type"):
        shape_of("small", RowKind.PREDICTIONS, schema)


def test_a_name_that_occurs_twice_is_refused() -> None:
    fields = [pa.field(name, pa.string()) for name in ("row_id", "event_time", "x", "x")]
    with pytest.raises(StorageError, match=r"occur twice: 'x'"):
        shape_of("small", RowKind.PREDICTIONS, pa.schema(fields))


@pytest.mark.parametrize("kind", [RowKind.PREDICTIONS, RowKind.LABELS])
def test_key_columns_are_needed(kind: RowKind) -> None:
    with pytest.raises(StorageError, match=f"{', '.join(KEYS[kind])} are needed"):
        shape_of("small", kind, pa.schema({"x": pa.float64()}))


def test_a_fingerprint_does_not_depend_on_the_order_of_columns() -> None:
    assert fingerprint({"a": "text", "b": "bigint"}) == fingerprint({"b": "bigint", "a": "text"})
    assert fingerprint({"a": "text"}) != fingerprint({"a": "bigint"})
