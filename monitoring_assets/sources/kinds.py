"""Making a column the kind the YAML says it is: a number (float64) or a category (string).

Belongs here: casts between Arrow types and their rules. Stays out: times (times.py), which columns
there are, bounds on values (filters.py).
"""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.records import ColumnKind
from monitoring_assets.sources.zones import Flags

_EXACT = 2.0**53
"""Beyond it, a float64 no longer holds every whole number."""


def can_be(kind: ColumnKind, stored: pa.DataType) -> bool:
    """Return whether a stored type can be read as this kind."""
    if pa.types.is_dictionary(stored):
        return can_be(kind, stored.value_type)
    tests = [
        is_text,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_null,
    ]
    if kind is ColumnKind.CATEGORICAL:
        tests.append(pa.types.is_date)
    return any(test(stored) for test in tests)


def is_text(stored: pa.DataType) -> bool:
    """Return whether a stored type is one of Arrow's string types."""
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(test(stored) for test in tests)


def to_number(column: pa.Array) -> tuple[pa.Array, Flags]:
    """Return the column as float64, and which rows hold something that is no number.

    Those rows become null, as does NaN; infinities stay, because profiles count them. A blank text
    is a missing value, not a wrong one.
    """
    if pa.types.is_dictionary(column.type):
        return to_number(column.cast(column.type.value_type))
    wrong = np.zeros(len(column), np.bool_)
    if is_text(column.type):
        numbers, wrong = _texts_to_numbers(column.cast(pa.string()))
    else:
        numbers = column.cast(pa.float64(), safe=False)  # whole numbers beyond 2**53 get rounded
    return pc.if_else(pc.is_nan(numbers), None, numbers), wrong


def to_category(column: pa.Array) -> pa.Array:
    """Return the column as text; a whole number reads '74' whether stored as 74, 74.0 or 74.00."""
    if pa.types.is_dictionary(column.type):
        return to_category(column.cast(column.type.value_type))
    if pa.types.is_decimal(column.type):
        return _decimals_to_categories(column)
    if pa.types.is_floating(column.type):
        return _fractions_to_categories(column.cast(pa.float64(), safe=False))
    return column.cast(pa.string())


def _texts_to_numbers(texts: pa.Array) -> tuple[pa.Array, Flags]:
    trimmed = pc.utf8_trim_whitespace(texts)
    filled = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    try:
        return filled.cast(pa.float64()), np.zeros(len(texts), np.bool_)
    except pa.ArrowInvalid:  # some text is no number: read each different text by itself
        encoded = filled.dictionary_encode()
    values = pa.array([_number(text) for text in encoded.dictionary.to_pylist()], pa.float64())
    numbers = values.take(encoded.indices)
    wrong = pc.and_(numbers.is_null(), filled.is_valid())
    return numbers, wrong.to_numpy(zero_copy_only=False)


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)  # Python reads '1_000', nobody else does
    except ValueError:
        return None


def _decimals_to_categories(decimals: pa.Array) -> pa.Array:
    """Return decimals digit by digit: 1,000,000 ids of twenty digits take 0.4 s."""
    texts = decimals.cast(pa.string())
    in_powers = pc.match_substring(texts, "E")  # Arrow writes 1E-7 for 0.0000001
    if pc.any(in_powers).as_py():
        powers = texts.filter(in_powers).dictionary_encode()
        digits = [format(Decimal(text), "f") for text in powers.dictionary.to_pylist()]
        written = pa.array(digits, pa.string()).take(powers.indices)
        texts = pc.replace_with_mask(texts, in_powers, written)
    trimmed = pc.ascii_rtrim(pc.ascii_rtrim(texts, "0"), ".")
    return pc.if_else(pc.match_substring(texts, "."), trimmed, texts)


def _fractions_to_categories(numbers: pa.Array) -> pa.Array:
    numbers = pc.if_else(pc.is_nan(numbers), None, numbers)
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), _EXACT))
    digits = pc.if_else(whole, numbers, 0.0).cast(pa.int64()).cast(pa.string())
    return pc.if_else(whole, digits, numbers.cast(pa.string()))
