"""Power: how often each method finds a change, by size of the window.

`DRIFT_TABLE_WINDOWS` sets the number of windows for each cell (200 without it).
"""

import os
import time
from collections.abc import Sequence

import numpy as np

from monitoring_assets.metrics.bins import categorical_bins, numerical_bins
from monitoring_assets.metrics.null.drawn import null_ladders
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets_tests.benchmarks.populations import CHANGES, QUIET

SIZES = (100, 1_000, 10_000)
REFERENCE_ROWS = 10_000
REFERENCES = 4
RATE = 0.05
COLUMNS = 15


def outcomes(
    change: str, size: int, windows: int, seed: int
) -> dict[str, list[tuple[float, float, float]]]:
    """Return (score, expected, p value) of changed windows by method, against one reference."""
    quiet_name, draw = CHANGES[change]
    generator = np.random.default_rng(seed)
    values = QUIET[quiet_name](generator, REFERENCE_ROWS)
    bins = numerical_bins(values) if values.dtype.kind == "f" else categorical_bins(values)
    methods = [m for m in DRIFT_METHODS.values() if bins.kind in m.kinds and m.grouping != "none"]
    side = profile(values, bins)
    ladders = null_ladders({"x": (side, bins)}, {"x": [method.name for method in methods]})
    counted = [profile(draw(generator, size), bins) for _ in range(windows)]
    found: dict[str, list[tuple[float, float, float]]] = {}
    for method in methods:
        scores = [s for s in method.compute_many(side, counted, bins) if isinstance(s, float)]
        quiet = ladders["x", method.name].quiet(side, counted, bins, scores)
        pairs = zip(scores, quiet, strict=True)
        found[method.name] = [(score, one.expected, one.p_value) for score, one in pairs]
    return found


def describe(name: str, rows: Sequence[tuple[float, float, float]]) -> str:
    """Say how large the score was and how often the change was found."""
    table = np.array(rows)
    excess = table[:, 0] - table[:, 1]
    material = excess > DRIFT_METHODS[name].default_threshold
    alone = np.mean(material & (table[:, 2] < RATE))
    among = np.mean(material & (table[:, 2] < RATE / COLUMNS))
    significant = np.mean(table[:, 2] < RATE / COLUMNS)
    return (
        f"{name:20s} score {np.median(table[:, 0]):.3f}, above expected {np.median(excess):.3f}, "
        f"found alone {alone:.1%}, as the one changed of {COLUMNS} {among:.1%} "
        f"(significant {significant:.1%}, material {material.mean():.1%})"
    )


def main() -> None:
    """Print the table."""
    windows = int(os.environ.get("DRIFT_TABLE_WINDOWS", "200"))
    start = time.perf_counter()
    for change in CHANGES:
        for size in SIZES:
            print(f"{change}, n = {size:,}")
            runs = [
                outcomes(change, size, windows // REFERENCES, seed) for seed in range(REFERENCES)
            ]
            for name in runs[0]:
                print("  " + describe(name, [row for run in runs for row in run[name]]))
    print(f"{windows} windows a cell, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
