"""Drift scores as sums over bins of `slope * change of the bin's share`.

Belongs here: the slope of every bin, by which a score is shared out to whatever moved the shares.
Stays out: the methods' formulas (one file each), parts with names (explanation.py), segments
(evaluation/explaining).
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.drift import (
    chi_squared,
    jensen_shannon,
    kolmogorov_smirnov,
    psi,
    wasserstein,
)
from monitoring_assets.metrics.drift.comparison import (
    grouped,
    own_groups,
    refusal,
    score_profiles,
    shares,
)
from monitoring_assets.metrics.profile import ColumnProfile, padded
from monitoring_assets.metrics.result import Undefined

SMALLEST_CHANGE: Final = 1e-12
"""A share that changes by less has slope 0: what is divided by it is rounding."""

BY_GROUP: Final = {
    "psi": (psi.kernel, psi.parts),
    "jensen_shannon": (jensen_shannon.kernel, jensen_shannon.parts),
    "chi_squared": (chi_squared.kernel, chi_squared.parts),
}
"""Methods whose parts are of groups of bins: their kernel, and what each group adds."""


def score_slopes(
    method: str, reference: ColumnProfile, window: ColumnProfile, bins: Bins
) -> FloatArray | Undefined:
    """Return what a change of each bin's share is worth, between just these two profiles.

    The sum over bins of `slope * (window share - reference share)` is the score, within 1e-9, since
    each slope is the bin's part of the score over its change. With it the score is a linear
    function of shares, and whatever the change of shares is a sum of is shared out likewise.

    Parameters
    ----------
    method
        Name of a drift method.
    reference, window, bins
        As for the score.

    Returns
    -------
    numpy.ndarray
        float64, one for each entry of `counted(method, ..., size)` with the longer profile's size.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import categorical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> bins = categorical_bins(np.repeat(["a", "b"], 50))
    >>> sides = [profile(np.repeat(["a", "b"], n), bins) for n in ([50, 50], [80, 20])]
    >>> slopes = score_slopes("psi", *sides, bins)
    >>> change = np.array([0.3, -0.3, 0.0])
    >>> bool(np.isclose(slopes @ change, 0.3 * np.log(8 / 5) - 0.3 * np.log(2 / 5)))
    True
    """
    if method == "missing_share_change":
        return _missing_slopes(reference, window)
    refused = refusal(reference, window, bins)
    if refused is not None:
        return refused
    size = max(reference.counts.size, window.counts.size)
    left, right = counted(method, reference, size), counted(method, window, size)
    if method not in BY_GROUP:
        return _BY_BIN[method](left, right, bins)
    score = score_profiles(BY_GROUP[method][0], reference, [window], bins)[0]
    return score if isinstance(score, Undefined) else _by_group(method, (left, right), bins, score)


def counted(method: str, profile: ColumnProfile, size: int) -> IntArray:
    """Return the counts whose shares a method looks at.

    Parameters
    ----------
    size
        Bins to return counts for; the profile of a column of categories may have fewer.
    """
    if method == "missing_share_change":
        return np.array([profile.missing, profile.rows - profile.missing], dtype=np.int64)
    return profile.counts if profile.kind == "numerical" else padded(profile.counts, size)


def group_of_bin(left: IntArray, right: IntArray, bins: Bins) -> IntArray:
    """Return the place of each bin's group among those that `grouped` makes of these counts."""
    if isinstance(bins, NumericalBins):
        return bins.coarse_groups
    own = own_groups(left, right)
    return np.where(own, np.arange(own.size), own.size)


def _by_group(
    method: str, counts: tuple[IntArray, IntArray], bins: Bins, score: float
) -> FloatArray:
    left, right = (one[0] for one in grouped(counts[0][np.newaxis], counts[1][np.newaxis], bins))
    added = BY_GROUP[method][1](left, right)
    total = float(added.sum())
    change = shares(right) - shares(left)
    moved = np.abs(change) > SMALLEST_CHANGE
    slope = np.divide(added, change, out=np.zeros_like(added), where=moved)
    scaled = slope * (score / total) if total > 0 else slope
    return scaled[group_of_bin(*counts, bins)]


def _kolmogorov_smirnov(left: IntArray, right: IntArray, bins: Bins) -> FloatArray:  # noqa: ARG001 - one signature for all
    gap = kolmogorov_smirnov.parts(left, right)
    reached = int(np.argmax(np.abs(gap)))
    return np.where(np.arange(gap.size) <= reached, -np.sign(gap[reached]), 0.0)


def _wasserstein(left: IntArray, right: IntArray, bins: Bins) -> FloatArray:
    one, other = shares(left), shares(right)
    sign = np.sign(kolmogorov_smirnov.parts(left, right))[:-1]
    worth = -sign * wasserstein.lengths(left, bins)[:-1]
    # A row moves the distribution function at its own bin's upper edge and at all above it.
    slope = np.append(np.cumsum(worth[::-1])[::-1], 0.0)
    slope[0] += np.sign(other[0] - one[0])
    slope[-1] += np.sign(other[-1] - one[-1])
    return slope


def _missing_slopes(reference: ColumnProfile, window: ColumnProfile) -> FloatArray | Undefined:
    before, now = reference.missing_share, window.missing_share
    if before is None or now is None:
        return Undefined("there are no rows on one side")
    return np.array([np.sign(now - before), 0.0])


_BY_BIN: Final[dict[str, Callable[[IntArray, IntArray, Bins], FloatArray]]] = {
    "kolmogorov_smirnov": _kolmogorov_smirnov,
    "wasserstein": _wasserstein,
}
