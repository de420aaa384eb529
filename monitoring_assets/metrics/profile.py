"""Column profile: what is kept of one column in one window and segment. Profiles add up.

Belongs here: the profile, its sum, and counting values over frozen bins. Stays out: making bins
(metrics/bins.py), comparing profiles (metrics/drift), verdicts (evaluation).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np

from monitoring_assets.metrics.arrays import IntArray, Values, category_counts, numbers
from monitoring_assets.metrics.bins import (
    Bins,
    CategoricalBins,
    NumericalBins,
    by_frequency,
    frozen,
)
from monitoring_assets.metrics.blocks import summarise
from monitoring_assets.metrics.kernels import QUANTILE_LEVELS

__all__ = [
    "QUANTILE_LEVELS",
    "RENEWAL_SHARE",
    "BinsChangedError",
    "ColumnProfile",
    "aligned_counts",
    "merge",
    "needs_renewal",
    "padded",
    "profile",
    "profile_categorical",
    "profile_numerical",
    "unseen_categories",
]

RENEWAL_SHARE = 0.05
"""A new reference with more of a column outside its bins than this gets new bins for it."""


class BinsChangedError(ValueError):
    """Two profiles counted over different bins were to be added up."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnProfile:
    """Counts and moments of one column over some rows.

    Parameters
    ----------
    kind
        Kind of the bins.
    rows, missing, positive_infinite, negative_infinite
        Number of rows; of those, null or NaN; beyond +1e140; beyond -1e140. A category is never
        infinite.
    minimum, maximum
        Over finite values; None without any and for categories.
    moment_1, moment_2
        Sums of `x - centre` and `(x - centre)**2` over finite values, `centre` from the bins; 0.0
        for categories.
    counts
        int64, finite values (or categories) in each bin; the last one of a categorical column is
        the overflow bucket. Sums to `finite`.
    bins_version
        Version of the bins.
    quantiles
        `QUANTILE_LEVELS` name -> exact quantile of the finite values; None in a sum, for
        categories, for slices counted together and without values.
    """

    kind: Literal["numerical", "categorical"]
    rows: int
    missing: int
    positive_infinite: int = 0
    negative_infinite: int = 0
    minimum: float | None = None
    maximum: float | None = None
    moment_1: float = 0.0
    moment_2: float = 0.0
    counts: IntArray
    bins_version: int
    quantiles: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        counts = frozen(np.array(self.counts, dtype=np.int64))
        object.__setattr__(self, "counts", counts)
        if int(counts.sum()) != self.finite:
            raise ValueError(f"{int(counts.sum())} values counted, {self.finite} present")

    @property
    def finite(self) -> int:
        """Rows with a finite value or a category."""
        return self.rows - self.missing - self.positive_infinite - self.negative_infinite

    @property
    def missing_share(self) -> float | None:
        """Missing rows / rows; None without rows."""
        return self.missing / self.rows if self.rows else None

    @property
    def outside(self) -> int:
        """Finite values outside the reference's range, or in the overflow bucket."""
        last = int(self.counts[-1])
        first = int(self.counts[0]) if self.kind == "numerical" and self.counts.size > 1 else 0
        return first + last

    @property
    def outside_share(self) -> float | None:
        """`outside` / finite; None without a finite value."""
        return self.outside / self.finite if self.finite else None

    def mean(self, bins: NumericalBins) -> float | None:
        """Mean of the finite values; None without any."""
        return bins.centre + self.moment_1 / self.finite if self.finite else None

    @property
    def variance(self) -> float | None:
        """Sample variance (divisor n - 1) of the finite values; None for fewer than two.

        Accurate where the mean is near the frozen centre; it loses one digit for each factor ten
        of `abs(mean - centre) / standard deviation`, squared.
        """
        if self.kind == "categorical" or self.finite < 2:
            return None
        return max(self.moment_2 - self.moment_1**2 / self.finite, 0.0) / (self.finite - 1)

    def __add__(self, other: "ColumnProfile") -> "ColumnProfile":
        """Profile of both sets of rows; exact for counts, minimum and maximum."""
        if (self.kind, self.bins_version) != (other.kind, other.bins_version):
            raise BinsChangedError(
                f"cannot add a {other.kind} profile over bins version {other.bins_version} to a "
                f"{self.kind} one over version {self.bins_version}: count the rows anew"
            )
        counts, other_counts = aligned_counts(self, other)
        return ColumnProfile(
            kind=self.kind,
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            positive_infinite=self.positive_infinite + other.positive_infinite,
            negative_infinite=self.negative_infinite + other.negative_infinite,
            minimum=min(_present(self.minimum, other.minimum), default=None),
            maximum=max(_present(self.maximum, other.maximum), default=None),
            moment_1=self.moment_1 + other.moment_1,
            moment_2=self.moment_2 + other.moment_2,
            counts=counts + other_counts,
            bins_version=self.bins_version,
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ColumnProfile)
            and np.array_equal(self.counts, other.counts)
            and _without_counts(self) == _without_counts(other)
        )

    __hash__ = None  # pyright: ignore[reportAssignmentType] - compared by arrays, never a key


def profile(values: Values, bins: Bins) -> ColumnProfile:
    """Count values over bins of either kind."""
    if isinstance(bins, NumericalBins):
        return profile_numerical(values, bins)
    return profile_categorical(values, bins)


def profile_numerical(values: Values, bins: NumericalBins) -> ColumnProfile:
    """Count numbers over frozen bins.

    Parameters
    ----------
    values
        Of any type but text, shape `(n,)`; the rule for each type stands in `metrics/arrays.py`.
    bins
        Frozen bins of the column.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import numerical_bins
    >>> bins = numerical_bins(np.array([1.0, 2.0]))
    >>> profile_numerical(np.array([0.0, 1.0, 2.0, 2.0, np.nan]), bins).counts
    array([1, 1, 2, 0])
    """
    return ColumnProfile(
        kind="numerical",
        bins_version=bins.version,
        **vars(summarise(numbers(values), bins.edges, bins.centre)),
    )


def profile_categorical(values: Values, bins: CategoricalBins) -> ColumnProfile:
    """Count categories over a frozen dictionary; what it does not hold goes to the overflow bucket.

    Extend the dictionary by `unseen_categories` first to keep new categories apart.

    Parameters
    ----------
    values
        Of any flat type, shape `(n,)`; the rule for each type stands in `metrics/arrays.py`.
    bins
        Dictionary of the column.

    Examples
    --------
    >>> bins = CategoricalBins(categories=("a", "b"))
    >>> profile_categorical(np.array(["b", "c", "b", None], dtype=object), bins).counts
    array([0, 2, 1])
    """
    by_category, missing = category_counts(values)
    counts = np.zeros(bins.size, dtype=np.int64)
    overflow = len(bins.categories)
    for category, rows in by_category.items():
        counts[bins.positions.get(category, overflow)] += rows
    return ColumnProfile(
        kind="categorical",
        rows=int(counts.sum()) + missing,
        missing=missing,
        counts=counts,
        bins_version=bins.version,
    )


def unseen_categories(values: Values, bins: CategoricalBins) -> tuple[str, ...]:
    """Return the categories that the dictionary does not hold, the most frequent first.

    Examples
    --------
    >>> unseen_categories(np.array(["a", "b", "b", "c"]), CategoricalBins(categories=("a",)))
    ('b', 'c')
    """
    counts, _ = category_counts(values)
    return by_frequency({one: n for one, n in counts.items() if one not in bins.positions})


def merge(profiles: Iterable[ColumnProfile]) -> ColumnProfile:
    """Return the sum of at least one profile: a week is the sum of its days."""
    return reduce(ColumnProfile.__add__, profiles)


def aligned_counts(first: ColumnProfile, second: ColumnProfile) -> tuple[IntArray, IntArray]:
    """Return the counts of both, those of categories over the longer dictionary."""
    if first.kind == "categorical":
        size = max(first.counts.size, second.counts.size)
        return padded(first.counts, size), padded(second.counts, size)
    if first.counts.size != second.counts.size:
        raise BinsChangedError(f"{first.counts.size} bins against {second.counts.size}")
    return first.counts, second.counts


def padded(counts: IntArray, size: int) -> IntArray:
    """Return categorical counts over a longer dictionary: zeros before the overflow bucket."""
    zeros = np.zeros(size - counts.size, dtype=np.int64)
    return np.concatenate((counts[:-1], zeros, counts[-1:]))


def needs_renewal(bins: Bins, profile: ColumnProfile) -> bool:
    """Whether a new reference with this profile needs new bins for the column.

    More than 5 % of its finite values lie outside: for numbers in an outer bin, that is outside
    the range of the reference the bins were made from; for categories in the overflow bucket.
    Quantile bins do not need renewal for a shift inside the range: they only become uneven.
    """
    if profile.bins_version != bins.version:
        raise BinsChangedError(
            f"the profile was counted over version {profile.bins_version}, not {bins.version}"
        )
    share = profile.outside_share
    return share is not None and share > RENEWAL_SHARE


def _present(*values: float | None) -> list[float]:
    return [value for value in values if value is not None]


def _without_counts(one: ColumnProfile) -> dict[str, object]:
    return {name: value for name, value in vars(one).items() if name != "counts"}
