"""Which rows a condition is true of, by SQL's rules: what is compared with nothing is unknown.

Belongs here: conditions over columns at hand. Stays out: what a condition is made of
(spec/expressions.py), segments (segments.py).
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.metrics.arrays import FloatArray, numbers
from monitoring_assets.metrics.slices import Mask
from monitoring_assets.records import ColumnKind
from monitoring_assets.spec.expressions import (
    AllOf,
    AnyOf,
    Condition,
    Constant,
    Missing,
    Not,
    OneOf,
    Ordered,
    Simple,
    category_text,
)

_HOLDS: Final[Mapping[str, Callable[[FloatArray, float], Mask]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def rows_where(condition: Condition, rows: pa.Table, kinds: Mapping[str, ColumnKind]) -> Mask:
    """Return which rows a condition is true of; a row of which it is unknown is not one of them.

    Parameters
    ----------
    rows
        Every column that the condition looks at.
    kinds
        Column -> kind; the condition must fit it.

    Returns
    -------
    numpy.ndarray
        Of shape `(rows.num_rows,)`.

    Examples
    --------
    >>> from monitoring_assets.spec.expressions import parse_condition
    >>> rows = pa.table({"tip": pa.array([0.0, 2.5, None])})
    >>> kinds = {"tip": ColumnKind.NUMERICAL}
    >>> rows_where(parse_condition("tip > 1"), rows, kinds)
    array([False,  True, False])
    >>> rows_where(parse_condition("not tip > 1"), rows, kinds)
    array([ True, False, False])
    """
    return _truth(condition, rows, kinds)[0]


def places_among(
    wanted: Sequence[Constant], values: pa.ChunkedArray, kind: ColumnKind
) -> npt.NDArray[np.int32]:
    """Return the place of each row's value among those that are wanted, all looked up at once.

    Parameters
    ----------
    wanted
        Different values; for a column of numbers also in text, where one that is no number is the
        value of no row.

    Returns
    -------
    numpy.ndarray
        From 0 on; `len(wanted)` for any other value, `len(wanted) + 1` where there is none.
    """
    if kind is ColumnKind.CATEGORICAL:
        found, missing = values.cast(pa.string()), _mask(pc.is_null(values))
        value_set = pa.array([category_text(one) for one in wanted], pa.string())
    else:
        as_numbers = numbers(values)
        # Arrow tells -0.0 from 0.0 when it looks a number up.
        found, missing = pa.array(as_numbers + 0.0), np.isnan(as_numbers)
        value_set = pa.array([_number(one) + 0.0 for one in wanted], pa.float64())
    places = pc.fill_null(pc.index_in(found, value_set=value_set), len(wanted))
    return np.where(missing, np.int32(len(wanted) + 1), np.asarray(places))


def _truth(
    condition: Condition, rows: pa.Table, kinds: Mapping[str, ColumnKind]
) -> tuple[Mask, Mask]:
    """Return where a condition is true and where it is false; elsewhere it is unknown."""
    if isinstance(condition, Not):
        true, false = _truth(condition.condition, rows, kinds)
        return false, true
    if isinstance(condition, AllOf | AnyOf):
        parts = [_truth(part, rows, kinds) for part in condition.conditions]
        true, false = ([*masks] for masks in zip(*parts, strict=True))
        if isinstance(condition, AllOf):
            return np.logical_and.reduce(true), np.logical_or.reduce(false)
        return np.logical_or.reduce(true), np.logical_and.reduce(false)
    return _simple_truth(condition, rows.column(condition.column), kinds[condition.column])


def _simple_truth(part: Simple, values: pa.ChunkedArray, kind: ColumnKind) -> tuple[Mask, Mask]:
    if isinstance(part, Ordered):
        found = numbers(values)
        holds, known = _HOLDS[part.order](found, float(part.value)), ~np.isnan(found)
        return holds, known & ~holds
    wanted = part.values if isinstance(part, OneOf) else ()
    places = places_among(wanted, values, kind)
    if isinstance(part, Missing):
        return places > len(wanted), places <= len(wanted)
    return places < len(wanted), places == len(wanted)


def _number(value: Constant) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _mask(flags: pa.ChunkedArray) -> Mask:
    return np.asarray(flags, dtype=np.bool_)
