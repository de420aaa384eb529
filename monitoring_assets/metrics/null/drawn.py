"""Laws learnt by seeded drawing, once for each column and reference; never on the hot path.

Belongs here: drawing quiet pairs of samples and building ladders from them. Stays out: fitting
(metrics/null/rung.py) and reading laws (metrics/null/ladder.py).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from monitoring_assets.metrics.arrays import IntArray
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.analytic import LAWS
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.null.rung import Rung, fit_rung
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.registry import DRIFT_METHODS, kernel

RUNGS = (50, 100, 200, 500, 1_000, 10_000)
"""Window sizes drawn for numbers: from 10,000 rows on the standardised law stays as it is."""

CATEGORY_RUNGS = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 100_000)
"""Window sizes drawn for categories, where a larger window has more groups."""

POWERS: Mapping[str, float] = {"psi": 1.0, "jensen_shannon": 2.0, "wasserstein": 2.0}
"""Power of a drawn method's score that is standardised."""

DRAWS = 10_000
"""Quiet pairs drawn for each rung."""

CHUNK = 1_000
"""Pairs drawn at a time, which bounds memory."""


def null_ladders(
    references: Mapping[str, tuple[ColumnProfile, Bins]],
    methods: Mapping[str, Sequence[str]],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> dict[tuple[str, str], NullLadder]:
    """Return the ladders of a reference's columns by (column, method).

    A quiet pair is two samples drawn from the reference's own shares, n and m rows. Columns with
    the same counts over the same number of bins, as all continuous columns without ties have,
    share their draws.

    Parameters
    ----------
    references
        Column -> profile of the reference and its bins.
    methods
        Column -> names of the methods wanted; those with a law by formula cost nothing.
    seed
        Seed of the draws; the same seed gives the same ladder.
    draws
        Pairs for each rung.
    """
    ladders: dict[tuple[str, str], NullLadder] = {}
    alike: dict[bytes, list[str]] = {}
    for column, (profile, bins) in references.items():
        for method in methods.get(column, ()):
            ladders[column, method] = NullLadder(method=method, reference_rows=profile.finite)
        if profile.finite and any(method not in LAWS for method in methods.get(column, ())):
            alike.setdefault(bins.kind.encode() + profile.counts.tobytes(), []).append(column)
    for columns in alike.values():
        wanted = {
            (column, method): references[column][1]
            for column in columns
            for method in methods[column]
            if method not in LAWS
        }
        counts = references[columns[0]][0].counts
        for key, rungs in _rungs(counts, wanted, seed, draws).items():
            ladders[key] = NullLadder(
                method=key[1],
                reference_rows=int(counts.sum()),
                power=POWERS[key[1]],
                seed=seed,
                draws=draws,
                rungs=rungs,
            )
    return ladders


def _rungs(
    counts: IntArray, wanted: Mapping[tuple[str, str], Bins], seed: int, draws: int
) -> dict[tuple[str, str], tuple[Rung, ...]]:
    kinds = {bins.kind for bins in wanted.values()}
    sizes = RUNGS if kinds == {"numerical"} else CATEGORY_RUNGS
    generator = np.random.default_rng(seed)
    found: dict[tuple[str, str], list[Rung]] = {key: [] for key in wanted}
    for rows in sizes:
        scores = {key: np.empty(draws) for key in wanted}
        for start in range(0, draws, CHUNK):
            chunk = slice(start, min(start + CHUNK, draws))
            left, right = quiet_pairs(counts, rows, chunk.stop - chunk.start, generator)
            for (column, method), bins in wanted.items():
                scores[column, method][chunk] = kernel(method)(left, right, bins)[1:]
        noise = 1 / rows + 1 / int(counts.sum())
        for key, drawn in scores.items():
            # Where all categories are rare there is no score, and none will be asked about.
            standard = np.nan_to_num(drawn) ** POWERS[key[1]] / noise
            found[key].append(fit_rung(rows, standard))
    return {key: tuple(rungs) for key, rungs in found.items()}


def quiet_pairs(
    counts: IntArray, rows: int, pairs: int, generator: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Return counts of quiet references and windows, shape `(1 + pairs, bins)` each.

    The first pair is the reference itself twice: what a method freezes from the reference's first
    row (the trimming of `wasserstein`) is then that of the real one.
    """
    reference_rows = int(counts.sum())
    share = counts / reference_rows
    left = np.empty((1 + pairs, counts.size), dtype=np.int64)
    right = np.empty_like(left)
    left[0] = right[0] = counts
    used = counts > 0
    left[1:], right[1:] = 0, 0
    left[1:, used] = generator.multinomial(reference_rows, share[used], pairs)
    right[1:, used] = generator.multinomial(rows, share[used], pairs)
    return left, right
