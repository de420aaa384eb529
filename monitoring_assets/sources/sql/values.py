"""Columns of Python values, as database drivers deliver them, as Arrow arrays.

Belongs here: one array a column, whatever the values, and one type for the parts of a column. Stays
out: what a column is wanted as: a number, a category, a time (sources/kinds.py, sources/times.py).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from monitoring_assets.sources.base import INSTANT

_EXACT = 2.0**53
"""Beyond it, a float64 no longer holds every whole number."""

_NUMBERS = {pa.int64(), pa.float64(), pa.bool_()}
_BYTES = (bytes, bytearray, memoryview)
_AS_THEY_ARE = (list, tuple, dict, time, timedelta)
"""Nothing that is monitored; Arrow's type of them stands in the message that refuses them."""


def to_arrow(values: Sequence[Any]) -> pa.Array:
    """Return values of one column as an Arrow array.

    Numbers, times and days stay what they are. A column in which several kinds stand, as in SQLite
    they may, is text: a word among numbers then counts as a number that could not be read. So is a
    column of decimals, digit by digit, and one of fractions and of whole numbers that no float64
    holds: an id of twenty digits keeps them all, and as a number it is the nearest float64.
    """
    kinds: set[type] = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values))
    if _all(kinds, (int, float)):
        return _numbers(values, kinds)
    if _all(kinds, _BYTES):
        return pa.array([None if value is None else bytes(value) for value in values])
    if _all(kinds, _AS_THEY_ARE):
        return pa.array(values)
    stored = _stored_type(values, kinds)
    return _texts(values) if stored is None else pa.array(values, stored)


def alike(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """Return tables of the same columns with one type for each column."""
    schemas = {table.schema for table in tables}
    if len(schemas) < 2:
        return list(tables)
    names = tables[0].column_names
    types = [_common([table[name] for table in tables]) for name in names]
    schema = pa.schema(list(zip(names, types, strict=True)))
    return [_cast(table, schema) for table in tables]


def _numbers(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if bool in kinds:
        values = [int(value) if isinstance(value, bool) else value for value in values]
    if not _all(kinds, (int,)):
        return _texts(values) if _any_too_large(values) else _floats(values)
    try:
        return pa.array(values, pa.int64())
    except OverflowError:
        return _texts(values)


def _any_too_large(values: Iterable[Any]) -> bool:
    """Return whether there is a whole number that a float64 may not hold."""
    return any(isinstance(value, int) and abs(value) > _EXACT for value in values)


def _floats(values: Iterable[Any]) -> pa.Array:
    return pa.array([None if value is None else float(value) for value in values], pa.float64())


def _stored_type(values: Sequence[Any], kinds: set[type]) -> pa.DataType | None:
    if kinds == {str}:
        return pa.string()
    if _all(kinds, (datetime,)):
        aware = {value.tzinfo is not None for value in values if value is not None}
        if len(aware) == 1:
            return INSTANT if aware == {True} else pa.timestamp("us")
    elif kinds == {date}:
        return pa.date32()
    return None


def _texts(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, Decimal) and value.is_finite():
        digits = format(value, "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return str(value)


def _all(kinds: Iterable[type], wanted: tuple[type, ...]) -> bool:
    return all(issubclass(kind, wanted) for kind in kinds)


def _common(columns: Sequence[pa.ChunkedArray]) -> pa.DataType:
    types = {column.type for column in columns} - {pa.null()}
    if len(types) <= 1:
        return next(iter(types), pa.null())
    if not types <= _NUMBERS:
        return pa.string()
    whole = [column for column in columns if pa.types.is_integer(column.type)]
    if pa.float64() not in types:
        return pa.int64()
    return pa.string() if any(_any_too_large(c.to_pylist()) for c in whole) else pa.float64()


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        column if column.type == field.type else _as(column, field.type)
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)


def _as(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.Array:
    values = column.to_pylist()
    if wanted == pa.string():
        return _texts(values)
    if wanted == pa.float64():
        return _floats(values)
    return pa.array([int(v) if isinstance(v, bool) else v for v in values], wanted)
