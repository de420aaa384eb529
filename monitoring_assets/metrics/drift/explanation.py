"""Explanation: which bins or categories a drift score is made of.

Belongs here: the parts of each method's score, with names a person understands. Stays out: the
methods' formulas (one file each).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins, CategoricalBins, NumericalBins
from monitoring_assets.metrics.drift import (
    chi_squared,
    jensen_shannon,
    kolmogorov_smirnov,
    psi,
    wasserstein,
)
from monitoring_assets.metrics.drift.comparison import (
    counts_matrix,
    grouped,
    refusal,
    score_profiles,
    shares,
)
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.result import Undefined

POOLED = "all other categories"
OUTSIDE = "outside the reference's range"

Explainer = Callable[[ColumnProfile, ColumnProfile, Bins], "list[Part]"]


@dataclass(frozen=True)
class Part:
    """What one bin, group or category adds to a score.

    Parameters
    ----------
    label
        Category, or interval of values `(low, high]`.
    reference_share, window_share
        Share of the values on either side that lie in it.
    part
        What it adds: the parts of a score sum to it within 1e-9. For Kolmogorov-Smirnov, which is
        no sum, the score at the edge where it is reached and 0 elsewhere.
    """

    label: str
    reference_share: float
    window_share: float
    part: float


def explain(
    method: str, reference: ColumnProfile, window: ColumnProfile, bins: Bins
) -> list[Part] | Undefined:
    """Return the parts of a score, the largest first.

    Parameters
    ----------
    method
        Name of a drift method.
    reference, window, bins
        As for the score.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import categorical_bins
    >>> from monitoring_assets.metrics.profile import profile
    >>> bins = categorical_bins(np.repeat(["a", "b"], 50))
    >>> sides = (profile(np.repeat(["a", "b"], n), bins) for n in ([50, 50], [80, 20]))
    >>> explain("psi", *sides, bins)[0].label
    'b'
    """
    if method == "missing_share_change":
        return _missing(reference, window)
    refused = refusal(reference, window, bins)
    if refused is not None:
        return refused
    if method in _BY_GROUP:
        kernel, parts = _BY_GROUP[method]
        score = score_profiles(kernel, reference, [window], bins)[0]
        if isinstance(score, Undefined):
            return score
        return _sorted(_by_group(parts, reference, window, bins, score))
    return _sorted(_BY_BIN[method](reference, window, bins))


def _by_group(
    parts: Callable[[IntArray, IntArray], FloatArray],
    reference: ColumnProfile,
    window: ColumnProfile,
    bins: Bins,
    score: float,
) -> list[Part]:
    left, right = (one[0] for one in grouped(*_rows(reference, window), bins))
    added = parts(left, right)
    total = float(added.sum())
    scaled = added * (score / total) if total > 0 else added
    return _parts(_group_labels(bins, left.size), shares(left), shares(right), scaled)


def _kolmogorov_smirnov(reference: ColumnProfile, window: ColumnProfile, bins: Bins) -> list[Part]:
    left, right = (one[0] for one in _rows(reference, window))
    difference = np.abs(kolmogorov_smirnov.parts(left, right))
    reached = np.arange(difference.size) == np.argmax(difference)
    return _parts(
        _bin_labels(bins),
        shares(left),
        shares(right),
        np.where(reached, difference, 0.0),
    )


def _wasserstein(reference: ColumnProfile, window: ColumnProfile, bins: Bins) -> list[Part]:
    left, right = _rows(reference, window)
    added = wasserstein.differences(left, right)[0] * wasserstein.lengths(left[0], bins)
    # The difference at an edge belongs to the bin below it; the last entry is the outside's.
    inner = _parts(_bin_labels(bins)[:-1], shares(left)[0][:-1], shares(right)[0][:-1], added[:-1])
    outer = [one[0][[0, -1]].sum() / one[0].sum() for one in (left, right)]
    return [*inner, Part(OUTSIDE, float(outer[0]), float(outer[1]), float(added[-1]))]


def _missing(reference: ColumnProfile, window: ColumnProfile) -> list[Part] | Undefined:
    before, now = reference.missing_share, window.missing_share
    if before is None or now is None:
        return Undefined("there are no rows on one side")
    return [Part("missing", before, now, abs(now - before))]


def _rows(reference: ColumnProfile, window: ColumnProfile) -> tuple[IntArray, IntArray]:
    left, right = counts_matrix(reference, [window])
    return left[np.newaxis], right


def _group_labels(bins: Bins, size: int) -> list[str]:
    if isinstance(bins, CategoricalBins):
        known = list(bins.categories[: size - 2])
        unnamed = [f"category {place}" for place in range(len(known), size - 2)]
        return [*known, *unnamed, "overflow", POOLED]
    last = np.flatnonzero(np.diff(bins.coarse_groups, append=size))
    ends = np.concatenate(([-np.inf], bins.edges[last[:-1]], [np.inf]))
    return [f"({low:g}, {high:g}]" for low, high in pairwise(ends.tolist())]


def _bin_labels(bins: Bins) -> list[str]:
    edges = bins.edges if isinstance(bins, NumericalBins) else np.array([], dtype=np.float64)
    ends = np.concatenate(([-np.inf], edges, [np.inf]))
    return [f"({low:g}, {high:g}]" for low, high in pairwise(ends.tolist())]


def _parts(labels: list[str], left: FloatArray, right: FloatArray, added: FloatArray) -> list[Part]:
    rows = zip(labels, left.tolist(), right.tolist(), added.tolist(), strict=True)
    return [Part(*row) for row in rows]


def _sorted(parts: list[Part]) -> list[Part]:
    return sorted((one for one in parts if one.part != 0), key=lambda one: -abs(one.part))


_BY_GROUP = {
    "psi": (psi.kernel, psi.parts),
    "jensen_shannon": (jensen_shannon.kernel, jensen_shannon.parts),
    "chi_squared": (chi_squared.kernel, chi_squared.parts),
}
_BY_BIN: dict[str, Explainer] = {
    "kolmogorov_smirnov": _kolmogorov_smirnov,
    "wasserstein": _wasserstein,
}
