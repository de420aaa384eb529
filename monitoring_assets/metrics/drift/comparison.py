"""What every drift method shares: refusals, counts of many windows as one matrix, groups of bins.

Belongs here: whether profiles may be compared and over which groups. Stays out: distances (one file
each) and what a distance means (metrics/null, evaluation).
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.profile import ColumnProfile, padded
from monitoring_assets.metrics.result import Undefined

MINIMUM_EXPECTED_ROWS = 5.0
"""A category that expects fewer rows in the smaller of the two profiles is pooled with its like."""

BoolArray = npt.NDArray[np.bool]

Kernel = Callable[[IntArray, IntArray, Bins], FloatArray]
"""(reference counts, window counts, bins) -> scores.

Counts have the shape `(..., bins)` and broadcast; each row sums to more than 0. NaN stands for
"undefined" inside this package only.
"""


def score_profiles(
    kernel: Kernel, reference: ColumnProfile, windows: Sequence[ColumnProfile], bins: Bins
) -> list[float | Undefined]:
    """Score windows against a reference in one pass; the public functions are the case of one."""
    refused = [refusal(reference, window, bins) for window in windows]
    legal = [window for window, why in zip(windows, refused, strict=True) if why is None]
    found = iter(_scores(kernel, reference, legal, bins))
    return [next(found) if why is None else why for why in refused]


def refusal(reference: ColumnProfile, window: ColumnProfile, bins: Bins) -> Undefined | None:
    """Return why the two cannot be compared, or None if they can."""
    versions = (reference.bins_version, window.bins_version, bins.version)
    if len(set(versions)) > 1:
        return Undefined(
            f"bins changed: the reference was counted over version {versions[0]}, "
            f"the window over version {versions[1]}, now is version {versions[2]}"
        )
    if not reference.finite:
        return Undefined("the reference has no values in this column")
    if not window.finite:
        return Undefined("the window has no values in this column")
    return None


def counts_matrix(
    reference: ColumnProfile, windows: Sequence[ColumnProfile]
) -> tuple[IntArray, IntArray]:
    """Return reference counts `(bins,)` and window counts `(windows, bins)` over one dictionary."""
    size = max(one.counts.size for one in (reference, *windows))
    if reference.kind == "numerical":
        return reference.counts, np.stack([one.counts for one in windows])
    return padded(reference.counts, size), np.stack([padded(one.counts, size) for one in windows])


def shares(counts: IntArray) -> FloatArray:
    """Return counts divided by the sum of their row, which is above 0."""
    return counts / counts.sum(axis=-1, keepdims=True)


def grouped(left: IntArray, right: IntArray, bins: Bins) -> tuple[IntArray, IntArray]:
    """Return the counts of both over coarse groups.

    Numbers: the reference's deciles, frozen with the bins. Categories: each that expects at least
    five rows in the smaller sample, by its share in both together; the last group pools the
    others and the overflow bucket. Grouping by both together treats them alike, so that a quiet
    window's score has the law of a random split of their common rows.
    """
    if isinstance(bins, NumericalBins):
        starts = np.flatnonzero(np.diff(bins.coarse_groups, prepend=-1))
        left = np.add.reduceat(left, starts, axis=-1)
        right = np.add.reduceat(right, starts, axis=-1)
        return np.broadcast_to(left, np.broadcast_shapes(left.shape, right.shape)), right
    left, right = np.broadcast_arrays(left, right)
    own = own_groups(left, right)
    return _with_pool(left, own), _with_pool(right, own)


def own_groups(left: IntArray, right: IntArray) -> BoolArray:
    """Return which categories are a group of their own; the overflow bucket never is."""
    own = expected_rows(left, right) >= MINIMUM_EXPECTED_ROWS
    own[..., -1] = False
    return own


def expected_rows(left: IntArray, right: IntArray) -> FloatArray:
    """Return the rows each bin expects in the smaller sample, were both from one population."""
    rows_left = left.sum(axis=-1, keepdims=True)
    rows_right = right.sum(axis=-1, keepdims=True)
    smaller = np.minimum(rows_left, rows_right)
    return (left + right) / (rows_left + rows_right) * smaller


def all_rare(left: IntArray, right: IntArray, bins: Bins) -> BoolArray:
    """Return whether all rows fell into the pool of rare categories, which tells nothing."""
    rest = left[..., :-1].sum(axis=-1) + right[..., :-1].sum(axis=-1)
    return (rest == 0) & (bins.kind == "categorical")


def _with_pool(counts: IntArray, own: BoolArray) -> IntArray:
    kept = np.where(own, counts, 0)
    pool = counts.sum(axis=-1, keepdims=True) - kept.sum(axis=-1, keepdims=True)
    return np.concatenate((kept, pool), axis=-1)


def _scores(
    kernel: Kernel, reference: ColumnProfile, windows: Sequence[ColumnProfile], bins: Bins
) -> list[float | Undefined]:
    if not windows:
        return []
    scores = kernel(*counts_matrix(reference, windows), bins).tolist()
    rare = Undefined("no category expects five rows or more in a window of this size")
    return [rare if np.isnan(score) else score for score in scores]
