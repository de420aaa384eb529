"""Which rows a challenger learns from, and which are kept back to judge it on.

Belongs here: the split by a hash of row ids. Stays out: reading the rows and choosing the windows
(evaluation/retraining), comparing models (evaluation/retraining/comparison.py).

The hash is `pandas.util.hash_array`: SipHash-2-4 of the text under a key of 16 letters, then the
finaliser of SplitMix64. It is the same on every machine and, a test sees to it, in every version
that we let in; 1,000,000 ids take 0.2 s, the whole split 1 s, most of it for sorting.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.records import Window
from monitoring_assets.spec.retraining import HoldoutSpec

_MICROSECONDS: Final = pa.timestamp("us", "UTC")


def split(
    rows: pa.Table, policy: HoldoutSpec, newest: Sequence[Window]
) -> tuple[pa.Table, pa.Table]:
    """Share rows out into those to learn from and those held out.

    A row is held out when it lies in one of the newest windows and its id says so, by a hash: the
    same id always goes the same way, whatever other rows there are, so that no row that an earlier
    challenger was judged on is learned from by the next one as long as its window is among them.

    Parameters
    ----------
    rows
        Columns `row_id` (text) and `event_time` besides any others.
    policy
        Share of the rows, how many windows, seed of the hash.
    newest
        Windows of the training span, in any order; those of `policy.windows` that begin last count.

    Returns
    -------
    tuple of pa.Table
        Training and hold-out, without a row in common, each in order of event time and then of id:
        what is learned hangs on the rows, not on the order in which a database gave them.
    """
    rows = rows.sort_by([("event_time", "ascending"), ("row_id", "ascending")])
    chosen = sorted(newest, key=lambda window: window.start)[-policy.windows :]
    held = within(rows.column("event_time"), chosen)
    held &= shares(rows.column("row_id"), policy.seed) < policy.share
    return rows.filter(pa.array(~held)), rows.filter(pa.array(held))


def shares(ids: pa.ChunkedArray, seed: int) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) for each id, evenly spread, that hangs on id and seed alone.

    Examples
    --------
    >>> shares(pa.chunked_array([["trip-1", "trip-2"]]), seed=0).round(6).tolist()
    [0.598033, 0.846656]
    """
    # The 53 bits that a float64 holds.
    return (_hashes(ids, seed) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def within(times: pa.ChunkedArray, windows: Sequence[Window]) -> npt.NDArray[np.bool]:
    """Return which times lie in one of the windows, which are in order and do not overlap."""
    if not windows:
        return np.zeros(len(times), np.bool_)
    edges = [
        pa.array([getattr(window, end) for window in windows], _MICROSECONDS).to_numpy()
        for end in ("start", "end")
    ]
    instants = times.cast(_MICROSECONDS, safe=False).to_numpy()
    place = np.searchsorted(edges[0], instants, side="right") - 1
    return (place >= 0) & (instants < edges[1][place])


def _hashes(texts: pa.ChunkedArray, seed: int) -> npt.NDArray[np.uint64]:
    from pandas.util import hash_array

    # Every id occurs once: looking for equal ones first would only cost time.
    return hash_array(texts.to_numpy(), hash_key=f"{seed:016d}", categorize=False)
