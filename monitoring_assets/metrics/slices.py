"""Profiles of many slices of the same rows, each column read and sorted into its bins once.

Belongs here: rows of slices, and counting them together. Stays out: which slices there are
(evaluation/segments.py), counting all rows (metrics/profile.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.arrays import (
    LARGEST,
    FloatArray,
    IntArray,
    Values,
    category_codes,
    numbers,
)
from monitoring_assets.metrics.bins import Bins, CategoricalBins, NumericalBins
from monitoring_assets.metrics.blocks import BLOCK, MANY_VALUES
from monitoring_assets.metrics.lookup import lookup
from monitoring_assets.metrics.profile import ColumnProfile

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Slices:
    """Rows of named slices, slice after slice; a row may lie in several of them or in none.

    Parameters
    ----------
    names
        Names of the slices.
    places
        int64: places of the rows of the first slice in ascending order, then those of the second...
    sizes
        int64: rows of each slice.
    """

    names: tuple[str, ...]
    places: IntArray
    sizes: IntArray

    @classmethod
    def of(cls, masks: Mapping[str, Mask], within: Mask | None = None) -> "Slices":
        """Return the slices that these masks over the same rows make.

        Parameters
        ----------
        within
            Rows outside it are in no slice.
        """
        chosen = [mask if within is None else mask & within for mask in masks.values()]
        places = [np.flatnonzero(mask) for mask in chosen]
        sizes = np.array([one.size for one in places], dtype=np.int64)
        none = np.array([], dtype=np.int64)
        return cls(tuple(masks), np.concatenate([none, *places]), sizes)

    @cached_property
    def owners(self) -> IntArray:
        """Which slice each entry of `places` belongs to."""
        return np.repeat(np.arange(self.sizes.size), self.sizes)


def profile_slices(values: Values, bins: Bins, slices: Slices) -> dict[str, ColumnProfile]:
    """Count the rows of every slice over frozen bins.

    Counts, minimum and maximum are those of counting each slice by itself, moments to 1e-12;
    quantiles are left out: they would need every slice sorted, and do not add up.

    Parameters
    ----------
    values
        All rows, shape `(n,)`; the rule for each type stands in `metrics/arrays.py`.
    bins
        Frozen bins of the column.

    Examples
    --------
    >>> from monitoring_assets.metrics.bins import numerical_bins
    >>> bins = numerical_bins(np.array([1.0, 2.0]))
    >>> slices = Slices.of({"odd": np.array([True, False, True]), "none": np.zeros(3, dtype=bool)})
    >>> found = profile_slices(np.array([1.0, 2.0, np.nan]), bins, slices)
    >>> found["odd"].counts, found["odd"].missing, found["none"].rows
    (array([0, 1, 0, 0]), 1, 0)
    """
    if isinstance(bins, NumericalBins):
        counted = _numbers(numbers(values), bins, slices)
    else:
        counted = _categories(values, bins, slices)
    return {
        name: ColumnProfile(
            kind=bins.kind,
            rows=int(slices.sizes[place]),
            bins_version=bins.version,
            **{field: one[place] for field, one in counted.items()},
        )
        for place, name in enumerate(slices.names)
    }


def _numbers(values: FloatArray, bins: NumericalBins, slices: Slices) -> dict[str, Any]:
    """Return the fields of the profiles of numbers, each a list with one entry for a slice."""
    finite = np.abs(values) <= LARGEST
    kept, owners = slices.places, slices.owners
    if not finite.all():
        there = finite[kept]
        kept, owners = kept[there], owners[there]
    own = values[kept] + 0.0
    centred = own - bins.centre
    sizes = np.bincount(owners, minlength=slices.sizes.size)
    return {
        "missing": _rows_where(np.isnan(values), slices),
        "positive_infinite": _rows_where(values > LARGEST, slices),
        "negative_infinite": _rows_where(values < -LARGEST, slices),
        "minimum": _reduced(np.minimum, own, sizes, None),
        "maximum": _reduced(np.maximum, own, sizes, None),
        "moment_1": _reduced(np.add, centred, sizes, 0.0),
        "moment_2": _reduced(np.add, np.square(centred), sizes, 0.0),
        "counts": _counts(_bins_of(values, finite, bins)[kept], owners, (sizes.size, bins.size)),
    }


def _categories(values: Values, bins: CategoricalBins, slices: Slices) -> dict[str, Any]:
    """Return the fields of the profiles of categories, each a list with one entry for a slice."""
    (codes,) = category_codes(values, known=bins.categories)
    codes = np.minimum(codes, len(bins.categories))
    own = codes[slices.places]
    there = own >= 0
    shape = slices.sizes.size, bins.size
    return {
        "missing": _rows_where(codes < 0, slices),
        "counts": _counts(own[there], slices.owners[there], shape),
    }


def _bins_of(values: FloatArray, finite: Mask, bins: NumericalBins) -> npt.NDArray[Any]:
    """Return the bin of each finite value; of others, anything."""
    table = lookup(bins.edges) if values.size >= MANY_VALUES else None
    if table is None:
        return np.searchsorted(bins.edges, values, side="left")
    found: npt.NDArray[np.int16] = np.empty(values.size, dtype=np.int16)
    for start in range(0, values.size, BLOCK):
        block = slice(start, start + BLOCK)
        found[block] = table.bins_of(np.where(finite[block], values[block], 0.0))
    return found


def _counts(bins: npt.NDArray[Any], owners: IntArray, shape: tuple[int, int]) -> IntArray:
    """Return counts of each slice, shape `(slices, bins)`."""
    return np.bincount(owners * shape[1] + bins, minlength=shape[0] * shape[1]).reshape(shape)


def _rows_where(condition: Mask, slices: Slices) -> list[int]:
    """Return how many rows of each slice fulfil a condition on rows."""
    if not condition.any():
        return [0] * len(slices.names)
    owners = slices.owners[condition[slices.places]]
    return np.bincount(owners, minlength=len(slices.names)).tolist()


def _reduced(reduce: np.ufunc, values: FloatArray, sizes: IntArray, empty: float | None) -> Any:
    """Return what a slice's values reduce to, in the order of slices; `empty` for one without."""
    found: list[float | None] = [empty] * sizes.size
    occupied = np.flatnonzero(sizes)
    if occupied.size:
        starts = (np.cumsum(sizes) - sizes)[occupied]
        reduced = reduce.reduceat(values, starts).tolist()
        for place, value in zip(occupied.tolist(), reduced, strict=True):
            found[place] = value
    return found
