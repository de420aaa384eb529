"""The same id twice: keep the last row, or fail.

Belongs here: the rule of `source.on_duplicate`. Stays out: making ids, and the same id in two
windows (each window is read by itself).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.sources.zones import Flags

_EXAMPLES = 5


def last_of_each(ids: pa.Array) -> Flags:
    """Return which rows are the last with their id, in the order of the source."""
    codes = ids.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    last = np.zeros(codes.max(initial=-1) + 1, np.int64)
    last[codes] = np.arange(len(codes))  # of equal indices, NumPy keeps the last assignment
    keep = np.zeros(len(codes), np.bool_)
    keep[last] = True
    return keep


def examples(ids: pa.Array, keep: Flags) -> list[str]:
    """Return up to five ids that occur more than once, in the order of the source."""
    return pc.unique(ids.filter(pa.array(~keep))).slice(0, _EXAMPLES).to_pylist()
