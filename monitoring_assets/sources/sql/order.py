"""A fixed order for rows that a database gives in any order.

Belongs here: which of several rows with one id comes last. Stays out: dropping the others
(duplicates.py), the order of prepared rows (marked.py).

Rows with an id of their own need no order: prepared rows are sorted anyway. To sort all rows in the
database would cost it a sort of the whole stretch for the few that share an id.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.records import ColumnKind
from monitoring_assets.sources.kinds import can_be
from monitoring_assets.sources.zones import Flags


def in_fixed_order(parts: Sequence[pa.Table], id_column: str) -> list[pa.Table]:
    """Return the same rows, those that share an id at the end, ordered by their values.

    Of the rows of one id, the one with the larger value in the first column that tells them apart
    comes later; a missing value is smaller than any other.

    Parameters
    ----------
    parts
        Tables of the same columns, the most important ones first.
    id_column
        Name of the column of ids.
    """
    if not parts:
        return []
    ids = [chunk for part in parts for chunk in part[id_column].chunks]
    repeated = _repeated(pa.chunked_array(ids, parts[0][id_column].type))
    if repeated is None:
        return list(parts)
    ends = np.cumsum([len(part) for part in parts])
    flags = np.split(repeated, ends[:-1])
    alone = [p.filter(pa.array(~f)) for p, f in zip(parts, flags, strict=True)]
    shared = pa.concat_tables(p.filter(pa.array(f)) for p, f in zip(parts, flags, strict=True))
    keys = _keys(shared)
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names])
    return [*alone, shared.take(order)]


def _repeated(ids: pa.ChunkedArray) -> Flags | None:
    """Return which ids occur more than once, None if none does."""
    if not _sorts(ids.type):  # refused as soon as the rows are prepared
        return None
    if pc.count_distinct(ids, mode="all").as_py() == len(ids):
        return None
    codes = ids.combine_chunks().dictionary_encode(null_encoding="encode").indices.to_numpy()
    return (np.bincount(codes) > 1)[codes]


def _keys(table: pa.Table) -> pa.Table:
    """Return what to sort by: before each column, whether it has a value."""
    keys: dict[str, pa.ChunkedArray] = {}
    for number, column in enumerate(table.columns):
        if _sorts(column.type):
            keys[f"{number} known"] = column.is_valid()
            keys[f"{number}"] = column
    return pa.table(keys)


def _sorts(stored: pa.DataType) -> bool:
    if pa.types.is_null(stored):
        return False
    return pa.types.is_timestamp(stored) or can_be(ColumnKind.CATEGORICAL, stored)
