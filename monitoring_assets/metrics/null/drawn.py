"""Laws learnt by seeded drawing, once for each column and reference; never on the hot path.

Belongs here: drawing quiet pairs of samples and building ladders from them. Stays out: fitting
(metrics/null/rung.py) and reading laws (metrics/null/ladder.py).
"""

import os
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.drift import wasserstein
from monitoring_assets.metrics.null.analytic import LAWS
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.null.rung import Rung, fit_rung
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.registry import drift_method

RUNGS = (50, 70, 100, 140, 200, 500, 1_000, 10_000)
"""Window sizes drawn for numbers: from 10,000 rows on the standardised law stays as it is."""

CATEGORY_RUNGS = (50, 70, 100, 140, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 100_000)
"""Window sizes drawn for categories, where a larger window has more groups."""

POWERS: Mapping[str, float] = {"psi": 1.0, "jensen_shannon": 2.0, "wasserstein": 2.0}
"""Power of a drawn method's score that is standardised."""

DRAWS = 10_000
"""Quiet pairs drawn for each rung."""

DRAWS_FOR_ONE_SIZE = 2_000
"""Quiet pairs drawn where a law is wanted for one window only, as its reference moves with it."""

CHUNK = 1_000
"""Pairs drawn at a time, which bounds memory."""

Column = TypeVar("Column", bound=Hashable)
"""What a column goes by: its name, or where there are segments, those of both."""


def null_ladders(
    references: Mapping[Column, tuple[ColumnProfile, Bins]],
    methods: Mapping[Column, Sequence[str]],
    *,
    sizes: Mapping[Column, int] | Mapping[Column, tuple[int, ...]] | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> dict[tuple[Column, str], NullLadder]:
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
    sizes
        Column -> the only window size that is asked about, or several; without it, the usual ones.
    seed
        Seed of the draws; the same seed gives the same ladder.
    draws
        Pairs for each rung.
    """
    ladders = {
        (column, method): NullLadder(method=method, reference_rows=profile.finite)
        for column, (profile, _) in references.items()
        for method in methods.get(column, ())
    }
    alike: dict[tuple[bytes, tuple[int, ...]], dict[tuple[Column, str], Bins]] = {}
    for column, method in ladders:
        profile, bins = references[column]
        rows = _sizes(bins, None if sizes is None else sizes[column])
        drawn = method not in LAWS and bins.kind in drift_method(method).kinds
        if profile.finite and all(rows) and drawn:
            alike.setdefault((_fingerprint(profile, bins), rows), {})[column, method] = bins
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="null") as pool:
        running = [
            pool.submit(
                _rungs, references[next(iter(wanted))[0]][0].counts, wanted, rows, (seed, draws)
            )
            for (_, rows), wanted in alike.items()
        ]
        for key, rungs in (pair for future in running for pair in future.result().items()):
            ladders[key] = replace(
                ladders[key], power=POWERS[key[1]], seed=seed, draws=draws, rungs=rungs
            )
    return ladders


def _fingerprint(profile: ColumnProfile, bins: Bins) -> bytes:
    """Return what columns must share to share their draws: counts and coarse groups."""
    groups = bins.coarse_groups.tobytes() if isinstance(bins, NumericalBins) else b"categories"
    return groups + profile.counts.tobytes()


def _sizes(bins: Bins, asked: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if asked is not None:
        return (asked,) if isinstance(asked, int) else asked
    return RUNGS if bins.kind == "numerical" else CATEGORY_RUNGS


def _rungs(
    counts: IntArray,
    wanted: Mapping[tuple[Column, str], Bins],
    sizes: tuple[int, ...],
    seeded: tuple[int, int],
) -> dict[tuple[Column, str], tuple[Rung, ...]]:
    seed, draws = seeded
    scores = {rows: np.empty((len(wanted), draws)) for rows in sizes}
    generator = np.random.default_rng(seed)
    for start in range(0, draws, CHUNK):
        samples = min(CHUNK, draws - start)
        left = quiet_counts(counts, int(counts.sum()), samples, generator)
        for rows in sizes:
            right = quiet_counts(counts, rows, samples, generator)
            found = _scores(left, right, wanted)[:, 1:]
            scores[rows][:, start : start + samples] = found
    reference_rows = int(counts.sum())
    return {
        key: tuple(_fitted(key[1], reference_rows, rows, scores[rows][place]) for rows in sizes)
        for place, key in enumerate(wanted)
    }


def _scores(
    left: IntArray, right: IntArray, wanted: Mapping[tuple[Column, str], Bins]
) -> FloatArray:
    """Return scores of quiet pairs, shape `(wanted, pairs)`, each piece of work done once.

    Over the same counts the scores that do not look at edges are the same for all columns, and
    Wasserstein distances are one matrix product.
    """
    scores = np.empty((len(wanted), left.shape[0]))
    places = {name: [n for n, key in enumerate(wanted) if key[1] == name] for _, name in wanted}
    for method, here in places.items():
        bins = [list(wanted.values())[place] for place in here]
        if method == "wasserstein":
            weights = np.stack([wasserstein.lengths(left[0], one) for one in bins])
            scores[here] = weights @ wasserstein.differences(left, right).T
        else:
            scores[here] = drift_method(method).kernel()(left, right, bins[0])
    return scores


def _fitted(method: str, reference_rows: int, rows: int, scores: FloatArray) -> Rung:
    """Fit a rung to raw scores; where all categories are rare there is none to ask about."""
    standard = np.nan_to_num(scores) ** POWERS[method] / (1 / rows + 1 / reference_rows)
    return fit_rung(rows, standard)


def quiet_counts(
    counts: IntArray, rows: int, samples: int, generator: np.random.Generator
) -> IntArray:
    """Return counts of quiet samples with so many rows, shape `(1 + samples, bins)`.

    The first row is the reference itself: what a method freezes from the first row of the
    reference's side (the trimming of `wasserstein`) is then that of the real one.
    """
    drawn = np.zeros((1 + samples, counts.size), dtype=np.int64)
    used = counts > 0
    drawn[0] = counts
    drawn[1:, used] = generator.multinomial(rows, counts[used] / counts.sum(), samples)
    return drawn
