"""Bins: what the values of a column are counted over, frozen once from the reference.

Belongs here: the two kinds of bins, how they are made from a reference, and when a column needs new
ones. Stays out: counting (metrics/profile.py) and comparing counts (metrics/drift).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np

from monitoring_assets.metrics.arrays import (
    FloatArray,
    IntArray,
    Values,
    category_counts,
    numbers,
)
from monitoring_assets.metrics.kernels import split

FINE_BINS = 256
"""Fine bins each hold at most 1/256 of the reference; thinner ones follow in both tails."""

DISCRETE_VALUES = 256
"""A reference with at most so many distinct values gets one bin for each."""

COARSE_GROUPS = 10
"""Groups of fine bins for divergences: the reference's deciles."""

CATEGORY_CAP = 1000
"""Longest dictionary of categories; what comes later is counted in the overflow bucket."""

TAIL_LEVELS = tuple(2.0**-power for power in range(9, 13))
"""Further quantile levels below 1/256 and above 255/256, so that a long tail is cut finely too."""

IQR_OF_STANDARD_NORMAL = 1.349

SMALLEST = float(np.finfo(np.float64).tiny)
"""Smallest normal number; an edge below zero lies no nearer to it than this."""

Array = TypeVar("Array", FloatArray, IntArray)


@dataclass(frozen=True, kw_only=True, eq=False)
class NumericalBins:
    """Frozen bins of a column of numbers.

    Bin 0 is `(-inf, edges[0]]`, bin i is `(edges[i-1], edges[i]]`, the last is `(edges[-1], inf)`.
    Made from a reference, the first and the last bin lie just outside the reference's range and
    hold none of its rows: they are the *outer* bins. The last edge is the reference's maximum.

    Parameters
    ----------
    edges
        float64, strictly increasing, finite; empty if the reference had no finite value, and then
        the only bin counts as outer.
    centre
        Reference median; moments are sums about it.
    scale
        Robust scale, above 0: IQR / 1.349; where that is 0 the standard deviation inside the
        reference's 0.1-99.9 % range, or else of all values; 1.0 for a constant column.
    coarse_groups
        int64, shape `(len(edges) + 1,)`: group (0 to at most 9) of each bin.
    is_discrete
        One inner bin for each distinct value of the reference; a value in between counts with
        the next larger one.
    version
        Counts of two versions are never compared.
    """

    edges: FloatArray
    centre: float
    scale: float
    coarse_groups: IntArray
    is_discrete: bool
    version: int = 1

    kind: Literal["numerical"] = "numerical"

    def __post_init__(self) -> None:
        object.__setattr__(self, "edges", frozen(np.array(self.edges, dtype=np.float64)))
        groups = frozen(np.array(self.coarse_groups, dtype=np.int64))
        object.__setattr__(self, "coarse_groups", groups)
        if groups.shape != (self.size,):
            raise ValueError(f"{self.size} bins but {groups.size} coarse groups")
        if not np.all(np.isfinite(self.edges)) or np.any(np.diff(self.edges) <= 0):
            raise ValueError("edges have to be finite and strictly increasing")

    @property
    def size(self) -> int:
        """Number of bins, outer ones included."""
        return self.edges.size + 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumericalBins) and (
            (self.version, self.centre, self.scale, self.is_discrete)
            == (other.version, other.centre, other.scale, other.is_discrete)
            and np.array_equal(self.edges, other.edges)
            and np.array_equal(self.coarse_groups, other.coarse_groups)
        )

    __hash__ = None  # pyright: ignore[reportAssignmentType] - compared by arrays, never a key


@dataclass(frozen=True, kw_only=True)
class CategoricalBins:
    """Append-only dictionary of categories; the bin after the last is the overflow bucket.

    Parameters
    ----------
    categories
        Text of each category, the reference's first; never reordered, never shortened.
    cap
        Longest the dictionary may grow.
    version
        Counts of two versions are never compared; an extended dictionary keeps its version, for
        counts made with the shorter one stay right.
    """

    categories: tuple[str, ...]
    cap: int = CATEGORY_CAP
    version: int = 1

    kind: Literal["categorical"] = "categorical"

    @property
    def size(self) -> int:
        """Number of bins, the overflow bucket included."""
        return len(self.categories) + 1

    @cached_property
    def positions(self) -> dict[str, int]:
        """Bin of each category."""
        return {category: position for position, category in enumerate(self.categories)}

    def extended(self, new: Sequence[str]) -> "CategoricalBins":
        """Return the dictionary with unseen categories appended, as far as the cap allows.

        Examples
        --------
        >>> CategoricalBins(categories=("a",), cap=2).extended(["a", "b", "c"]).categories
        ('a', 'b')
        """
        unseen = tuple(dict.fromkeys(one for one in new if one not in self.positions))
        room = max(self.cap - len(self.categories), 0)
        return replace(self, categories=self.categories + unseen[:room]) if unseen else self


Bins = NumericalBins | CategoricalBins


def numerical_bins(values: Values, version: int = 1) -> NumericalBins:
    """Freeze bins from the finite values of a reference.

    Parameters
    ----------
    values
        Reference values of any type but text, shape `(n,)`; missing and infinite ones are left out.
    version
        Version the bins will go by.

    Examples
    --------
    >>> bins = numerical_bins(np.array([1.0, 2.0, 2.0, 4.0]))
    >>> bins.edges[1:], bins.is_discrete, bins.centre
    (array([1., 2., 4.]), True, 2.0)
    """
    ordered = split(np.sort(numbers(values))).finite
    if ordered.size == 0:
        groups = np.zeros(1, dtype=np.int64)
        empty = np.array([], dtype=np.float64)
        return NumericalBins(
            edges=empty,
            centre=0.0,
            scale=1.0,
            coarse_groups=groups,
            is_discrete=False,
            version=version,
        )
    distinct = ordered[np.diff(ordered, prepend=-np.inf) > 0]
    is_discrete = distinct.size <= DISCRETE_VALUES
    inner = distinct if is_discrete else _quantile_edges(ordered)
    edges = np.unique(np.concatenate((_just_below(ordered[:1]), inner)))
    return NumericalBins(
        edges=edges,
        centre=float(ordered[(ordered.size - 1) // 2]),
        scale=_robust_scale(ordered),
        coarse_groups=_decile_groups(ordered, edges),
        is_discrete=is_discrete,
        version=version,
    )


def categorical_bins(
    values: Values, version: int = 1, *, cap: int = CATEGORY_CAP
) -> CategoricalBins:
    """Freeze a dictionary from a reference: the most frequent categories first, at most `cap`.

    Parameters
    ----------
    values
        Reference values of any flat type, shape `(n,)`; missing ones are left out.
    version
        Version the bins will go by.
    cap
        Longest the dictionary may ever grow.

    Examples
    --------
    >>> categorical_bins(np.array(["b", "a", "b"])).categories
    ('b', 'a')
    """
    counts, _ = category_counts(values)
    return CategoricalBins(categories=by_frequency(counts)[:cap], cap=cap, version=version)


def by_frequency(counts: dict[str, int]) -> tuple[str, ...]:
    """Return the categories, the most frequent first, equals in alphabetical order."""
    return tuple(sorted(counts, key=lambda category: (-counts[category], category)))


def frozen(array: Array) -> Array:
    """Return the array made read-only: bins and profiles are values."""
    array.flags.writeable = False
    return array


def _quantile_edges(ordered: FloatArray) -> FloatArray:
    """Values of the reference at the quantile levels; a heavy value gets a bin for itself.

    An edge is a value of the reference, whose empirical distribution is known exactly there.
    """
    even = np.arange(1, FINE_BINS + 1) / FINE_BINS
    tails = np.array(TAIL_LEVELS)
    levels = np.unique(np.concatenate((even, tails, 1 - tails)))
    picked = ordered[np.ceil(levels * ordered.size).astype(np.int64) - 1]
    heavy = picked[1:][np.diff(picked) == 0]
    return np.unique(np.concatenate((picked, _just_below(heavy))))


def _just_below(values: FloatArray) -> FloatArray:
    """Next smaller float64, but never a subnormal one, which some processors' modes take for 0."""
    below = np.nextafter(values, -np.inf)
    subnormal = (below != 0) & (np.abs(below) < SMALLEST)
    return np.where(subnormal, np.where(values <= 0, -SMALLEST, 0.0), below)


def _robust_scale(ordered: FloatArray) -> float:
    low, high, least, most = np.quantile(ordered, (0.25, 0.75, 0.001, 0.999))
    iqr = float(high - low) / IQR_OF_STANDARD_NORMAL
    if iqr > 0:
        return iqr
    inside = ordered[(ordered >= least) & (ordered <= most)]
    for values in (inside, ordered):
        spread = float(np.std(values - ordered[0])) if values.size else 0.0
        if spread > 0:
            return spread
    return 1.0


def _decile_groups(ordered: FloatArray, edges: FloatArray) -> IntArray:
    """Group of each bin: the reference decile in which the middle of its mass lies, renumbered.

    By the middle, since a heavy value is then parted from the light ones on either side of it.
    """
    upper = np.searchsorted(ordered, edges, side="right") / ordered.size
    cumulative = np.concatenate(([0.0], upper, [1.0]))
    middle = (cumulative[:-1] + cumulative[1:]) / 2
    deciles = np.minimum((middle * COARSE_GROUPS).astype(np.int64), COARSE_GROUPS - 1)
    deciles[0], deciles[-1] = deciles[1], deciles[-2]
    return np.unique(deciles, return_inverse=True)[1].astype(np.int64)
