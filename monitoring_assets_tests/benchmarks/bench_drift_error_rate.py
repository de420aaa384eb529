"""Promised error rate: quiet windows against freshly drawn references, any alarm of 15 columns.

`DRIFT_TABLE_WINDOWS` sets the number of windows for each size (2,000 is the promise's; 200 without
it, which takes about a minute).
"""

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from monitoring_assets.evaluation.drift_verdicts import FALSE_ALARM_RATE, benjamini_hochberg
from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.null.drawn import null_ladders
from monitoring_assets.metrics.null.ladder import NullLadder, Quiet
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.registry import drift_method
from monitoring_assets_tests.benchmarks.populations import QUIET

SIZES = (50, 100, 1_000, 10_000, 100_000)
REFERENCE_ROWS = 10_000
BATCH = 50
"""References whose ladders are drawn together: those of continuous columns share their draws."""

FAMILIES: Mapping[str, Mapping[str, str]] = {
    "wasserstein + chi_squared": {"numerical": "wasserstein", "categorical": "chi_squared"},
    "kolmogorov_smirnov + chi_squared": {
        "numerical": "kolmogorov_smirnov",
        "categorical": "chi_squared",
    },
}

Side = tuple[ColumnProfile, Bins]
Tally = Counter[tuple[str, int, str]]


def freeze(generator: np.random.Generator) -> dict[str, Side]:
    """Draw a reference and count it."""
    sides: dict[str, Side] = {}
    for name, draw in QUIET.items():
        values = draw(generator, REFERENCE_ROWS)
        numeric = values.dtype.kind == "f"
        bins = numerical_bins(values) if numeric else categorical_bins(values)
        sides[name] = profile(values, bins), bins
    return sides


def judge(
    side: Side, window: ColumnProfile, method: str, ladder: NullLadder
) -> tuple[Quiet, float]:
    """Return what is expected of a quiet window, and by how much it exceeds that."""
    score = drift_method(method).compute(side[0], window, side[1])
    assert isinstance(score, float), score
    quiet = ladder.quiet(side[0], [window], side[1], [score])[0]
    return quiet, score - quiet.expected


def tally_window(
    sides: Mapping[str, Side],
    ladders: Mapping[tuple[str, str], NullLadder],
    windows: Mapping[str, ColumnProfile],
    size: int,
    tally: Tally,
) -> None:
    """Count whether any column is significant, and whether any is material besides."""
    for family, methods in FAMILIES.items():
        judged: list[tuple[Quiet, bool]] = []
        for name, side in sides.items():
            method = methods[side[1].kind]
            quiet, excess = judge(side, windows[name], method, ladders[name, method])
            judged.append((quiet, excess > drift_method(method).default_threshold))
        survived = benjamini_hochberg([quiet.p_value for quiet, _ in judged], FALSE_ALARM_RATE)
        tally[family, size, "significant"] += any(survived)
        alarms = (yes and material for yes, (_, material) in zip(survived, judged, strict=True))
        tally[family, size, "alarm"] += any(alarms)


def run(windows: int, sizes: Sequence[int] = SIZES, seed: int = 1) -> Tally:
    """Draw references in batches, and one window of each size against each."""
    generator = np.random.default_rng(seed)
    tally: Tally = Counter()
    for start in range(0, windows, BATCH):
        batch = [freeze(generator) for _ in range(min(BATCH, windows - start))]
        columns = {
            f"{n}/{name}": side for n, sides in enumerate(batch) for name, side in sides.items()
        }
        wanted = {
            name: [methods[bins.kind] for methods in FAMILIES.values()]
            for name, (_, bins) in columns.items()
        }
        found = null_ladders(columns, wanted)
        for place, sides in enumerate(batch):
            ladders = {
                (c, m): found[f"{place}/{c}", m] for c in sides for m in wanted[f"{place}/{c}"]
            }
            for size in sizes:
                counted = {
                    name: profile(QUIET[name](generator, size), bins)
                    for name, (_, bins) in sides.items()
                }
                tally_window(sides, ladders, counted, size, tally)
    return tally


def main() -> None:
    """Print the share of quiet windows with any alarm, by family and size."""
    windows = int(os.environ.get("DRIFT_TABLE_WINDOWS", "200"))
    limit = FALSE_ALARM_RATE + 2.33 * np.sqrt(FALSE_ALARM_RATE * (1 - FALSE_ALARM_RATE) / windows)
    start = time.perf_counter()
    tally = run(windows)
    print(
        f"{windows} quiet windows of each size, 15 columns, each reference of {REFERENCE_ROWS} "
        f"rows drawn anew; promised {FALSE_ALARM_RATE:.0%}, 99 % binomial limit {limit:.2%}"
    )
    for family in FAMILIES:
        for what in ("significant", "alarm"):
            shares = [f"{size:,}: {tally[family, size, what] / windows:.2%}" for size in SIZES]
            print(f"{family}, any {what}: {'; '.join(shares)}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
