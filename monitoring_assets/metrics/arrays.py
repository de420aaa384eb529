"""How values of any type become numbers or categories: one stated rule for each type.

Belongs here: reading Arrow and NumPy arrays, and nothing else in this package touches Arrow.
Stays out: bins, counting, and mending of wrong values (sources).

| type | as a number | as a category |
|---|---|---|
| float16, float32, float64 | widened exactly; NaN is missing | shortest digits, 7.0 as `7` |
| integer, unsigned | nearest float64 (exact up to 2**53) | its digits |
| bool | 0 or 1 | `false` or `true` |
| decimal | nearest float64 | as written, with its trailing zeros |
| date | days since 1970-01-01 | ISO 8601 |
| timestamp | seconds since 1970-01-01 UTC | ISO 8601, in its own zone |
| time of day, duration | seconds | ISO 8601; a duration the number of its units |
| string | refused: `TypeError` | itself; the empty string is a category like any other |
| dictionary | as its values | as its values |
| null | missing | missing |

A null is missing whatever the type. What pandas calls nullable comes as Arrow with nulls.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Values = Any
"""Arrow array or chunked array, NumPy array, or what `pyarrow.array` reads (pandas)."""

LARGEST = 1e140
"""A number beyond +-1e140 counts as infinite, so that sums of squares stay finite."""

_UNITS_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_WHOLE = 2.0**53


def numbers(values: Values) -> FloatArray:
    """Return the values as float64, missing ones as NaN.

    Parameters
    ----------
    values
        One-dimensional, of any type but text.

    Raises
    ------
    TypeError
        The values are text, lists or structures.

    Examples
    --------
    >>> numbers(pa.array([True, None, False]))
    array([ 1., nan,  0.])
    """
    if _is_plain(values):
        return values.astype(np.float64, copy=False)
    return _numbers_from_arrow(arrow(values))


def category_counts(values: Values) -> tuple[dict[str, int], int]:
    """Return rows for each category, as text, and the number of missing rows.

    Parameters
    ----------
    values
        One-dimensional, of any type but lists and structures.

    Examples
    --------
    >>> category_counts(pa.array([7.0, 7.0, None, 0.5]))
    ({'7': 2, '0.5': 1}, 1)
    """
    values = arrow(values)
    if pa.types.is_nested(values.type):
        raise TypeError(f"cannot read values of type {values.type} as categories")
    counted = values.value_counts()
    distinct, counts = counted.field("values"), counted.field("counts").to_pylist()
    totals: dict[str, int] = {}
    missing = 0
    for text, count in zip(_texts(distinct), counts, strict=True):
        if text is None:
            missing += count
        else:
            totals[text] = totals.get(text, 0) + count
    return totals, missing


def category_codes(*columns: Values, known: Sequence[str]) -> tuple[IntArray, ...]:
    """Return columns of categories as places in one list: the known ones, then others as they come.

    Parameters
    ----------
    columns
        One-dimensional each, of any type but lists and structures.
    known
        Categories that take the places from 0 on, as text.

    Returns
    -------
    tuple
        int64, one array for each column; a missing value is -1.

    Examples
    --------
    >>> category_codes(pa.array(["b", "x", None]), pa.array(["x", "y", "a"]), known=["a", "b"])
    (array([ 1,  2, -1]), array([2, 3, 0]))
    """
    places = {text: place for place, text in enumerate(known)}
    coded: list[IntArray] = []
    for values in columns:
        indices, distinct = _encoded(arrow(values))
        own = [-1 if one is None else places.setdefault(one, len(places)) for one in distinct]
        coded.append(np.array([*own, -1], dtype=np.int64)[indices])
    return tuple(coded)


def texts(codes: IntArray, names: Sequence[str]) -> Any:
    """Return the names at these places as an Arrow string array; null for -1.

    Examples
    --------
    >>> texts(np.array([1, -1, 0]), ["a", "b"]).to_pylist()
    ['b', None, 'a']
    """
    return pa.array(list(names), pa.string()).take(pa.array(codes, mask=codes < 0))


def arrow(values: Values) -> Any:
    """Return the values as one Arrow array or chunked array; NaN from NumPy and pandas is null."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    return pa.array(values, from_pandas=True)


def _is_plain(values: Values) -> bool:
    """Whether NumPy alone can read it."""
    return (
        isinstance(values, np.ndarray)
        and not isinstance(values, np.ma.MaskedArray)
        and cast("npt.NDArray[Any]", values).dtype.kind in "fiub"
    )


def _numbers_from_arrow(values: Any) -> FloatArray:
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _numbers_from_arrow(values.cast(kind.value_type))
    if pa.types.is_temporal(kind):
        return _seconds_or_days(values)
    if not _is_numeric(kind):
        raise TypeError(f"cannot read values of type {kind} as numbers")
    if pa.types.is_floating(kind) and not pa.types.is_float64(kind):
        values = values.cast(pa.float64())
    elif not pa.types.is_floating(kind):
        values = values.cast(pa.float64(), safe=False)
    return _to_numpy(values)


def _is_numeric(kind: Any) -> bool:
    tests: tuple[Callable[[Any], bool], ...] = (
        pa.types.is_floating,
        pa.types.is_integer,
        pa.types.is_boolean,
        pa.types.is_decimal,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def _seconds_or_days(values: Any) -> FloatArray:
    kind = values.type
    if pa.types.is_date32(kind):
        return _to_numpy(values.cast(pa.int32()).cast(pa.float64()))
    if pa.types.is_date64(kind):
        return _to_numpy(values.cast(pa.int64()).cast(pa.float64(), safe=False)) / 86_400_000
    integers = values.cast(pa.int32() if pa.types.is_time32(kind) else pa.int64())
    return _to_numpy(integers.cast(pa.float64(), safe=False)) / _UNITS_PER_SECOND[kind.unit]


def _to_numpy(values: Any) -> FloatArray:
    """Arrow float64 to NumPy, nulls to NaN; a view where there are no nulls and one chunk."""
    if isinstance(values, pa.ChunkedArray):
        return values.to_numpy()
    return values.to_numpy(zero_copy_only=False)


def _encoded(values: Any) -> tuple[IntArray, list[str | None]]:
    """Return each value's place among the distinct ones, -1 for null, and these as text."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_nested(values.type):
        raise TypeError(f"cannot read values of type {values.type} as categories")
    encoded = values.dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return indices.astype(np.int64), _texts(encoded.dictionary)


def _texts(distinct: Any) -> list[str | None]:
    kind = distinct.type
    if pa.types.is_dictionary(kind):
        return _texts(distinct.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return [_number_text(value) for value in distinct.to_numpy(zero_copy_only=False)]
    return distinct.cast(pa.string()).to_pylist()


def _number_text(value: np.floating[Any]) -> str | None:
    """Write 7.0 as '7', since a whole number turns into a float as soon as one row is missing."""
    if np.isnan(value):
        return None
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < _WHOLE else str(value)
