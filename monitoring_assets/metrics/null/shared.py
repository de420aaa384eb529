"""Laws for many small references at once: what is drawn for one of them serves all.

Belongs here: draws that Wasserstein distances over any bins share, and the cheaper way to the other
drawn laws. Stays out: laws of a single reference (metrics/null/drawn.py), reading laws
(metrics/null/ladder.py).

The share of a sample at or below an edge depends on the share F of its population there and on
nothing else: it is that of a uniform sample below F. So uniform samples are drawn once for each
size and looked at on fixed levels; the distance of every column of every segment is one product of
their differences with that column's weights. References and windows of sizes in between borrow the
draws of the nearest size: standardised, the law hardly depends on either.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, Generic

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.arrays import FloatArray
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.drift import wasserstein
from monitoring_assets.metrics.null.drawn import (
    CATEGORY_RUNGS,
    DRAWS,
    DRAWS_FOR_ONE_SIZE,
    POWERS,
    RUNGS,
    Column,
    null_ladders,
)
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.null.rung import Rung, fit_rung
from monitoring_assets.metrics.profile import ColumnProfile

Side = tuple[ColumnProfile, Bins]

SHARED: Final = "wasserstein"
"""The method whose draws are shared."""

SIZES: Final = (50, 70, 100, 140, 200, 350, 500, 700, 1_000, 2_000, 5_000, 10_000)
"""Sizes of uniform samples; a larger one is as good as the largest."""

_TAIL, _HALF = np.geomspace(1 / 8192, 1 / 64, 36, endpoint=False), np.linspace(1 / 64, 0.5, 70)
_LOWER = np.concatenate((_TAIL, _HALF))
LEVELS: Final[FloatArray] = np.concatenate((_LOWER, 1 - _LOWER[-2::-1]))
"""Shares at which uniform samples are looked at: steps of 0.7 %, in both tails of 13 % of each."""


CHUNK: Final = 100
"""References whose distances are computed at a time, which bounds memory."""


class SharedDraws:
    """Uniform samples of the sizes that were asked for; 4 MB for each size of 10,000 samples.

    Parameters
    ----------
    draws
        Samples of each size.
    seed
        Seed; the samples of a size do not depend on which others were drawn.
    """

    def __init__(self, draws: int = DRAWS, seed: int = 0) -> None:
        self.draws, self.seed = draws, seed
        self._below: dict[int, npt.NDArray[np.uint16]] = {}

    def draw(self, rows: int) -> None:
        """Draw the samples of a size, unless they are there."""
        if rows not in self._below:
            generator = np.random.default_rng((self.seed, rows))
            cells = np.diff(LEVELS, prepend=0.0, append=1.0)
            counts = generator.multinomial(rows, cells, self.draws)[:, :-1]
            self._below[rows] = np.cumsum(counts, axis=1).astype(np.uint16)

    def differences(self, reference_rows: int, rows: int) -> npt.NDArray[np.float32]:
        """Return `abs(F - G)` at each level for pairs of samples, shape `(draws, levels)`."""
        # Moved on by a third: no two samples meet twice, not even those of one size.
        left = np.roll(self._below[reference_rows], self.draws // 3, axis=0)
        gap = left / np.float32(reference_rows) - self._below[rows] / np.float32(rows)
        return np.abs(gap, out=gap)


def many_ladders(
    references: Mapping[Column, Side],
    methods: Mapping[Column, Sequence[str]],
    *,
    sizes: Mapping[Column, int] | None = None,
    shared: SharedDraws | None = None,
) -> dict[tuple[Column, str], NullLadder]:
    """Return the ladders of many references, such as those of segments, by (reference, method).

    Distances have as many draws as those of `null_ladders` and the same levels to 3 %; divergences
    have fewer draws and no sizes far beyond the reference's own. Twenty segments x 15 columns, ten
    of them with the distance, take 4 s of a core here (with divergences 21 s); one segment alone
    takes 26 s there.

    Parameters
    ----------
    references
        Name -> profile and its bins.
    methods
        Name -> methods wanted.
    sizes
        Name -> the only window size that is asked about; without it, a ladder of sizes.
    shared
        Draws to go on with; without them, new ones.
    """
    others = {name: [one for one in methods[name] if one != SHARED] for name in references}
    ladders = null_ladders(
        {name: _condensed(*side) for name, side in references.items()},
        others,
        sizes=sizes or {name: _sizes(*side) for name, side in references.items()},
        draws=DRAWS_FOR_ONE_SIZE,
    )
    rungs = {
        name: RUNGS if sizes is None else (sizes[name],)
        for name in references
        if SHARED in methods[name]
    }
    found = _Distances(references, rungs, shared or SharedDraws()).ladders()
    return ladders | {(name, SHARED): ladder for name, ladder in found.items()}


class _Distances(Generic[Column]):
    """Laws of distances, fitted to shared draws.

    Parameters
    ----------
    rungs
        Reference -> window sizes asked about.
    """

    def __init__(
        self,
        references: Mapping[Column, Side],
        rungs: Mapping[Column, Sequence[int]],
        shared: SharedDraws,
    ) -> None:
        self._references, self._rungs, self._shared = references, rungs, shared
        self._weights: dict[Column, npt.NDArray[np.float32]] = {}
        self._asked: dict[tuple[int, int], list[tuple[Column, int]]] = {}
        for name, sizes in rungs.items():
            profile, bins = references[name]
            if profile.finite and isinstance(bins, NumericalBins):
                self._weights[name] = level_weights(profile, bins)
                for rows in filter(None, sizes):
                    pair = _nearest(profile.finite), _nearest(rows)
                    self._asked.setdefault(pair, []).append((name, rows))

    def ladders(self) -> dict[Column, NullLadder]:
        """Return the ladder of each reference; without rungs where there is nothing to compare."""
        rungs: dict[Column, list[Rung]] = {name: [] for name in self._rungs}
        with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="null") as pool:
            sizes = {rows for pair in self._asked for rows in pair}
            list(pool.map(self._shared.draw, sorted(sizes)))
            for found in pool.map(self._fit, self._asked):
                for name, rung in found:
                    rungs[name].append(rung)
        return {name: self._ladder(name, found) for name, found in rungs.items()}

    def _fit(self, pair: tuple[int, int]) -> list[tuple[Column, Rung]]:
        asked, noise = self._asked[pair], 1 / pair[0] + 1 / pair[1]
        differences = self._shared.differences(*pair)
        found: list[tuple[Column, Rung]] = []
        for start in range(0, len(asked), CHUNK):
            chunk = asked[start : start + CHUNK]
            weights = np.stack([self._weights[name] for name, _ in chunk])
            scores = (weights @ differences.T).astype(np.float64)
            standard = scores ** POWERS[SHARED] / noise
            rungs = (fit_rung(rows, one) for (_, rows), one in zip(chunk, standard, strict=True))
            found += [(name, rung) for (name, _), rung in zip(chunk, rungs, strict=True)]
        return found

    def _ladder(self, name: Column, rungs: Sequence[Rung]) -> NullLadder:
        ladder = NullLadder(method=SHARED, reference_rows=self._references[name][0].finite)
        if not rungs:
            return ladder
        return replace(
            ladder,
            power=POWERS[SHARED],
            seed=self._shared.seed,
            draws=self._shared.draws,
            rungs=tuple(sorted(rungs, key=lambda rung: rung.rows)),
        )


def level_weights(profile: ColumnProfile, bins: NumericalBins) -> npt.NDArray[np.float32]:
    """Return what a difference at each level adds to the distance from a reference, in scales.

    The weight of an edge goes to the two levels beside the reference's share there, in proportion
    to their nearness. An edge below or above all of the reference has none: quiet samples agree
    there.
    """
    share = np.cumsum(profile.counts)[:-1] / profile.finite
    weights = wasserstein.lengths(profile.counts, bins)[:-1]
    if weights.size:
        # What lies outside the range adds one scale on either side.
        weights[[0, -1]] += 1.0 if weights.size > 1 else 2.0
    inner = (share > 0) & (share < 1)
    share, weights = share[inner], weights[inner]
    below = np.clip(np.searchsorted(LEVELS, share) - 1, 0, LEVELS.size - 2)
    part = np.clip((share - LEVELS[below]) / (LEVELS[below + 1] - LEVELS[below]), 0.0, 1.0)
    spread = np.bincount(below, weights * (1 - part), LEVELS.size)
    spread += np.bincount(below + 1, weights * part, LEVELS.size)
    return spread.astype(np.float32)


def _nearest(rows: int) -> int:
    """Return the size whose draws serve so many rows."""
    return SIZES[int(np.abs(np.log(SIZES) - np.log(rows)).argmin())]


def _sizes(profile: ColumnProfile, bins: Bins) -> tuple[int, ...]:
    """Return the window sizes of a ladder: none beyond the first that the reference itself has."""
    if isinstance(bins, NumericalBins):
        return RUNGS
    smaller = sum(rows < profile.finite for rows in CATEGORY_RUNGS)
    return CATEGORY_RUNGS[: smaller + 1]


def _condensed(profile: ColumnProfile, bins: Bins) -> Side:
    """Return counts over coarse groups: divergences of numbers look at nothing finer."""
    if not isinstance(bins, NumericalBins):
        return profile, bins
    groups = int(bins.coarse_groups[-1]) + 1
    counts = np.bincount(bins.coarse_groups, profile.counts, groups).astype(np.int64)
    coarse = replace(bins, edges=np.arange(groups - 1.0), coarse_groups=np.arange(groups))
    return replace(profile, counts=counts), coarse
