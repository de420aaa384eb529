"""Error rate of segments: quiet windows of small segments, any alarm of 15 columns.

Each segment has numbers closer together than all rows, over whose bins it is counted, and a
reference of its own that is drawn anew for each window. `DRIFT_TABLE_WINDOWS` sets the number of
windows for each pair of sizes (200 without it).
"""

import os
import time
from collections import Counter

import numpy as np

from monitoring_assets.evaluation.drift_verdicts import FALSE_ALARM_RATE, benjamini_hochberg
from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.null.ladder import NullLadder, Quiet
from monitoring_assets.metrics.null.shared import Side, many_ladders
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.registry import DEFAULT_METHOD, drift_method
from monitoring_assets.metrics.result import Undefined
from monitoring_assets_tests.benchmarks.populations import QUIET, Column

REFERENCE_SIZES = (50, 200, 1_000, 5_000)
WINDOW_SIZES = (50, 100, 300)
ROWS_OF_ALL = 30_000

Key = tuple[int, str]


def freeze(generator: np.random.Generator) -> dict[str, Bins]:
    """Return bins made from all rows."""
    drawn = {name: draw(generator, ROWS_OF_ALL) for name, draw in QUIET.items()}
    return {
        name: numerical_bins(values) if values.dtype.kind == "f" else categorical_bins(values)
        for name, values in drawn.items()
    }


def count(
    generator: np.random.Generator, rows: int, bins: dict[str, Bins]
) -> dict[str, ColumnProfile]:
    """Draw some rows of a segment and count them over the bins of all rows."""
    drawn = {name: draw(generator, rows) for name, draw in QUIET.items()}
    return {name: profile(_nearer(values), bins[name]) for name, values in drawn.items()}


def _nearer(values: Column) -> Column:
    return 0.6 * values.astype(np.float64) if values.dtype.kind == "f" else values


def judge(
    side: Side, window: ColumnProfile, method: str, ladder: NullLadder
) -> tuple[Quiet, float] | None:
    """Return what is expected of a quiet window, and by how much it exceeds what is material.

    None where there is no score: of few rows among many categories each expects too few.
    """
    score = drift_method(method).compute(side[0], window, side[1])
    if isinstance(score, Undefined):
        return None
    quiet = ladder.quiet(side[0], [window], side[1], [score])[0]
    return quiet, score - quiet.expected - drift_method(method).default_threshold


def run(
    windows: int, reference_rows: int, sizes: tuple[int, ...] = WINDOW_SIZES, seed: int = 1
) -> Counter[tuple[int, str]]:
    """Return how many windows of each size have any significant column, and any alarm."""
    generator = np.random.default_rng((seed, reference_rows))
    bins = freeze(generator)
    methods = {name: DEFAULT_METHOD[one.kind] for name, one in bins.items()}
    sides: dict[Key, Side] = {
        (place, name): (counted, bins[name])
        for place in range(windows)
        for name, counted in count(generator, reference_rows, bins).items()
    }
    ladders = many_ladders(sides, {key: [methods[key[1]]] for key in sides})
    tally: Counter[tuple[int, str]] = Counter()
    for place in range(windows):
        for size in sizes:
            judged = (
                judge(sides[place, name], window, method, ladders[(place, name), method])
                for name, window in count(generator, size, bins).items()
                for method in [methods[name]]
            )
            found = [one for one in judged if one is not None]
            survived = benjamini_hochberg([quiet.p_value for quiet, _ in found], FALSE_ALARM_RATE)
            material = [excess > 0 for _, excess in found]
            tally[size, "significant"] += any(survived)
            tally[size, "alarm"] += any(a and b for a, b in zip(survived, material, strict=True))
    return tally


def main() -> None:
    """Print the share of quiet windows with any significant column, and with any alarm."""
    windows = int(os.environ.get("DRIFT_TABLE_WINDOWS", "200"))
    limit = FALSE_ALARM_RATE + 2.33 * np.sqrt(FALSE_ALARM_RATE * (1 - FALSE_ALARM_RATE) / windows)
    start = time.perf_counter()
    print(
        f"{windows} quiet windows for each pair of sizes, 15 columns; promised"
        f" {FALSE_ALARM_RATE:.0%}, 99 % binomial limit {limit:.2%}"
    )
    for rows in REFERENCE_SIZES:
        tally = run(windows, rows)
        shares = [
            f"{size}: {tally[size, 'significant'] / windows:.2%}"
            f" ({tally[size, 'alarm'] / windows:.2%})"
            for size in WINDOW_SIZES
        ]
        print(f"reference of {rows:,} rows, any significant (any alarm): {'; '.join(shares)}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
