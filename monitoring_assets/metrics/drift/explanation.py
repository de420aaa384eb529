"""Explanation: which ranges of values or categories a drift score is made of.

Belongs here: the parts of each method's score, with names a person understands. Stays out: the
methods' formulas (one file each), what a change of shares comes from (slopes.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins, CategoricalBins, NumericalBins
from monitoring_assets.metrics.drift import kolmogorov_smirnov, wasserstein
from monitoring_assets.metrics.drift.comparison import grouped, refusal, score_profiles, shares
from monitoring_assets.metrics.drift.ranges import Range, inner_places, inner_ranges, tenths, up_to
from monitoring_assets.metrics.drift.slopes import BY_GROUP, counted
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.result import Undefined

POOLED: Final = "all other categories"
OUTSIDE: Final = "outside the reference's range"
BELOW: Final = "below the reference's range"

Explainer = Callable[[IntArray, IntArray, NumericalBins], "list[Part]"]


@dataclass(frozen=True)
class Part:
    """What one range of values, or one category, adds to a score.

    Parameters
    ----------
    label
        Category, or range of values such as `2.5 to 4`, `up to 2.5`, `above 4`.
    reference_share, window_share
        Share of the values on either side that lie in it.
    part
        What it adds: the parts of a score sum to it within 1e-9. Where the score is a root, as
        Jensen-Shannon's and Cramer's V, the parts are those of its square, all divided by the
        score. Kolmogorov-Smirnov is no sum: its one part says where the gap is reached.
    low, high
        Ends of a range of values, the upper one belonging to it; None: without end, or no range.
    """

    label: str
    reference_share: float
    window_share: float
    part: float
    low: float | None = None
    high: float | None = None


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
    size = max(reference.counts.size, window.counts.size)
    left, right = (counted(method, one, size) for one in (reference, window))
    if isinstance(bins, NumericalBins) and method in _BY_BIN:
        return _sorted(_BY_BIN[method](left, right, bins))
    kernel, parts = BY_GROUP[method]
    score = score_profiles(kernel, reference, [window], bins)[0]
    if isinstance(score, Undefined):
        return score
    return _sorted(_by_group(parts, (left, right), bins, score))


def _by_group(
    parts: Callable[[IntArray, IntArray], FloatArray],
    counts: tuple[IntArray, IntArray],
    bins: Bins,
    score: float,
) -> list[Part]:
    left, right = (one[0] for one in grouped(counts[0][np.newaxis], counts[1][np.newaxis], bins))
    added = parts(left, right)
    total = float(added.sum())
    scaled = added * (score / total) if total > 0 else added
    ranges = tenths(bins) if isinstance(bins, NumericalBins) else _categories(bins, left.size)
    return _parts(ranges, shares(left), shares(right), scaled)


def _kolmogorov_smirnov(left: IntArray, right: IntArray, bins: NumericalBins) -> list[Part]:
    gap = np.abs(kolmogorov_smirnov.parts(left, right))
    reached = int(np.argmax(gap))
    below = [float(one[: reached + 1].sum() / one.sum()) for one in (left, right)]
    place = up_to(bins, reached)
    # The first bin ends just below the smallest value of the reference.
    label = place.label if reached else BELOW
    return [Part(label, *below, part=float(gap[reached]), high=place.high)]


def _wasserstein(left: IntArray, right: IntArray, bins: NumericalBins) -> list[Part]:
    """Return how far values moved through each range; what lies outside is a part of its own."""
    added = wasserstein.differences(left, right) * wasserstein.lengths(left, bins)
    places = inner_places(bins)
    # The difference at an edge belongs to the bin below it; the first inner bin has two edges.
    moved = np.bincount(places, added[1:-1]).astype(np.float64)
    moved[0] += added[0]
    before, now = (np.bincount(places, one[1:-1]) / one.sum() for one in (left, right))
    outer = [float(one[[0, -1]].sum() / one.sum()) for one in (left, right)]
    inner = _parts(inner_ranges(bins), before, now, moved)
    return [*inner, Part(OUTSIDE, *outer, part=float(added[-1]))]


def _missing(reference: ColumnProfile, window: ColumnProfile) -> list[Part] | Undefined:
    before, now = reference.missing_share, window.missing_share
    if before is None or now is None:
        return Undefined("there are no rows on one side")
    return [Part("missing", before, now, abs(now - before))]


def _categories(bins: Bins, size: int) -> list[Range]:
    known = list(bins.categories[: size - 2]) if isinstance(bins, CategoricalBins) else []
    unnamed = [f"category {place}" for place in range(len(known), size - 2)]
    return [Range(label) for label in (*known, *unnamed, "overflow", POOLED)]


def _parts(
    ranges: list[Range], left: FloatArray, right: FloatArray, added: FloatArray
) -> list[Part]:
    rows = zip(ranges, left.tolist(), right.tolist(), added.tolist(), strict=True)
    return [
        Part(one.label, before, now, part, one.low, one.high) for one, before, now, part in rows
    ]


def _sorted(parts: list[Part]) -> list[Part]:
    return sorted((one for one in parts if one.part != 0), key=lambda one: -abs(one.part))


_BY_BIN: Final[dict[str, Explainer]] = {
    "kolmogorov_smirnov": _kolmogorov_smirnov,
    "wasserstein": _wasserstein,
}
