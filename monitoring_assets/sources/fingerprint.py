"""A table's content as a short text: equal tables have equal ones, whatever lies where in memory.

Belongs here: from values to digits. Stays out: which columns count, comparing and storing.

1,000,000 rows x 20 columns (12 numbers, 7 texts of 10 letters, a time) take 0.2 s on one core whose
processor has instructions for SHA-256.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.kinds import is_text

_DIGITS: Final = 32
"""Half of a SHA-256: any two of 2**64 different tables may look alike by then."""


def fingerprint(table: pa.Table) -> str:
    """Return 32 hex digits that tell whether a table says the same as another one.

    Names, types and order of columns count, order of rows, every value, and where values are
    missing; chunks and slices of buffers do not, nor what lies in memory under a missing value.
    Numbers are compared bit by bit: NaN is not missing, NaNs of different bits differ, and so do
    0.0 and -0.0. A dictionary counts as the values it stands for.

    Raises
    ------
    TypeError
        A column is a list, a struct or the like.

    Examples
    --------
    >>> whole = pa.table({"id": ["a", "b", None], "value": [1.0, None, 3.0]})
    >>> fingerprint(whole) == fingerprint(pa.concat_tables([whole.slice(0, 1), whole.slice(1)]))
    True
    >>> fingerprint(whole) == fingerprint(whole.slice(0, 2))
    False
    """
    whole = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        whole.update(repr((name, str(kind), len(column))).encode())
        for part in _parts(name, column):
            whole.update(part)
    return whole.hexdigest()[:_DIGITS]


def _parts(name: str, column: pa.ChunkedArray) -> Iterator[bytes]:
    """Yield digests of what is missing, of all texts' lengths, and of the values."""
    missing, lengths, values = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for chunk in filter(len, column.chunks):
        array = _plain(chunk)
        if column.null_count:
            missing.update(array.is_valid().to_numpy(zero_copy_only=False))
        if pa.types.is_null(array.type):
            continue
        if is_text(array.type):
            text_lengths, text = _texts(array)
            lengths.update(text_lengths)
            values.update(text)
        else:
            values.update(_numbers(name, array))
    yield from (missing.digest(), lengths.digest(), values.digest())


def _plain(array: pa.Array) -> pa.Array:
    """Return the values without a dictionary, and in one of the types that are handled below."""
    if pa.types.is_dictionary(array.type):
        return _plain(array.cast(array.type.value_type))
    if pa.types.is_boolean(array.type):
        return array.cast(pa.uint8())
    return array.cast(pa.string()) if pa.types.is_string_view(array.type) else array


def _texts(array: pa.Array) -> tuple[Any, Any]:
    filled = pc.fill_null(array, "") if array.null_count else array
    _, offsets, text = filled.buffers()
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    ends = np.frombuffer(offsets, width)[filled.offset :][: len(filled) + 1]
    return np.diff(ends), (text or pa.py_buffer(b"")).slice(ends[0], ends[-1] - ends[0])


def _numbers(name: str, array: pa.Array) -> pa.Buffer:
    if not (pa.types.is_primitive(array.type) or pa.types.is_decimal(array.type)):
        raise TypeError(f"column '{name}' is of type {array.type}, which has no fingerprint")
    width = array.type.bit_width // 8
    filled = pc.fill_null(array, pa.scalar(0, array.type)) if array.null_count else array
    return filled.buffers()[1].slice(filled.offset * width, len(filled) * width)
