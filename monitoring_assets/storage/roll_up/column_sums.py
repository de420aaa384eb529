"""Adding up many rows of `window_profile` at once, group by group.

Belongs here: from rows as Arrow gives them to one profile for each group, with NumPy over all rows
together. Stays out: reading the rows and what the groups are (spans.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from monitoring_assets.metrics.arrays import IntArray
from monitoring_assets.metrics.profile import ColumnProfile, padded
from monitoring_assets.storage.packed import summed
from monitoring_assets.storage.roll_up.windows import microseconds

_WHOLE: Final = ("rows", "missing", "positive_infinite", "negative_infinite")
_MOMENTS: Final = ("moment_1", "moment_2")
_ENDS: Final = ("minimum", "maximum")
_KEY: Final = ("window_start", "column_name", "bins_version", "kind")

COLUMNS: Final = (*_KEY, *_WHOLE, *_ENDS, *_MOMENTS, "counts")
"""Columns that rows to be added up have."""


def sum_rows(
    rows: pa.Table, places: IntArray, groups: IntArray
) -> Iterator[tuple[int, str, ColumnProfile]]:
    """Yield the sum of each group, column and bins version, in the order of the groups.

    Exact for counts; sums of floats are taken in order of time, whatever the order of the rows.

    Parameters
    ----------
    rows
        The `COLUMNS` of `window_profile`.
    places
        Places of the rows that are added up; one may belong to several groups.
    groups
        Number of the group of each of them.
    """
    if not places.size:
        return
    columns = rows.column("column_name").combine_chunks().dictionary_encode()
    names: list[str] = columns.dictionary.to_pylist()
    versions = _numbers(rows, "bins_version")
    most = int(versions.max()) + 1
    of_row = columns.indices.to_numpy() * most + versions
    keys = groups * (len(names) * most) + of_row[places]
    starts = microseconds(rows)
    order = np.lexsort((starts[places], keys))
    parts = _Parts(places[order], _first_of_each(keys[order]))
    counts = _sums_of_counts(rows, places, keys)
    fields = _sums_of_fields(rows, parts)
    kinds = rows.column("kind").take(parts.places[parts.first]).to_pylist()
    for number, key in enumerate(keys[order][parts.first].tolist()):
        group, column, version = key // (len(names) * most), key // most % len(names), key % most
        profile = ColumnProfile(
            kind=kinds[number],
            bins_version=version,
            counts=counts[key],
            **{name: values[number] for name, values in fields.items()},
        )
        yield group, names[column], profile


@dataclass(frozen=True, eq=False)
class _Parts:
    """Places of rows part by part, and where each part begins."""

    places: IntArray
    first: IntArray


def _sums_of_fields(rows: pa.Table, parts: _Parts) -> dict[str, list[Any]]:
    """Return the sums of all fields but the counts, each a list with one entry for a part."""

    def reduced(name: str, reduce: np.ufunc) -> Any:
        return reduce.reduceat(_numbers(rows, name)[parts.places], parts.first).tolist()

    added = {name: reduced(name, np.add) for name in (*_WHOLE, *_MOMENTS)}
    # A missing end is NaN here, which the other one wins against.
    ends = {"minimum": reduced("minimum", np.fmin), "maximum": reduced("maximum", np.fmax)}
    present = {
        name: [None if np.isnan(value) else value for value in values]
        for name, values in ends.items()
    }
    return added | present


def _sums_of_counts(rows: pa.Table, places: IntArray, keys: IntArray) -> dict[int, IntArray]:
    """Return key -> sum of its counts; those of categories over the longest of its dictionaries."""
    packed = rows.column("counts").combine_chunks()
    offsets, content = _buffers(packed)
    layout = np.diff(offsets) * 16 + content[offsets[:-1]]
    order = np.lexsort((layout[places], keys))
    chosen = packed.take(pa.array(places[order]))
    ends, block = _buffers(chosen)
    alike = np.stack((keys[order], layout[places[order]]), axis=1)
    first = np.flatnonzero(np.append(True, (alike[1:] != alike[:-1]).any(axis=1)))
    last = np.append(first[1:], order.size)
    found: dict[int, IntArray] = {}
    for key, begin, end in zip(alike[first, 0].tolist(), first, last, strict=True):
        part = summed(block[ends[begin] : ends[end]], int(end - begin))
        found[key] = _aligned_sum(found[key], part) if key in found else part
    return found


def _aligned_sum(left: IntArray, right: IntArray) -> IntArray:
    """Return the sum of counts; of categories the last place is the overflow bucket of both."""
    size = max(left.size, right.size)
    return padded(left, size) + padded(right, size)


def _buffers(packed: pa.BinaryArray) -> tuple[IntArray, "np.ndarray[Any, np.dtype[np.uint8]]"]:
    """Return where each value begins and ends, and the bytes of all, without copying them."""
    _, offsets, content = packed.buffers()
    kind = np.int64 if pa.types.is_large_binary(packed.type) else np.int32
    ends = np.frombuffer(offsets, dtype=kind)[packed.offset : packed.offset + len(packed) + 1]
    return ends.astype(np.int64), np.frombuffer(content, dtype=np.uint8)


def _numbers(rows: pa.Table, name: str) -> Any:
    """Return a column as an array; a missing number is NaN."""
    return rows.column(name).to_numpy()


def _first_of_each(ordered: IntArray) -> IntArray:
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
