"""The engine beside Evidently and beside sorting: one window, and a history scored anew.

`ENGINE_WITHOUT_EVIDENTLY=1` leaves Evidently out, which takes two minutes.
"""

import os
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from monitoring_assets.evaluation.drift_verdicts import DriftRules
from monitoring_assets.evaluation.rescoring import ColumnReference, rescore
from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.columns import profile_columns
from monitoring_assets.metrics.null.drawn import null_ladders
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.registry import DEFAULT_METHOD, DRIFT_METHODS

NUMERIC, CATEGORICAL = 12, 5
REFERENCE_ROWS = 100_000
RULES = DriftRules(reference_version=1)
Columns = dict[str, Any]


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Return the shortest of some runs."""
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def draw(rows: int, seed: int) -> Columns:
    """Return 12 columns of numbers (some skewed, rounded, with missing values) and 5 of text."""
    generator = np.random.default_rng(seed)
    columns: Columns = {}
    for place in range(NUMERIC):
        values = generator.normal(size=rows) if place % 3 else generator.lognormal(size=rows)
        if place % 4 == 3:
            values = np.round(values, 1)
        if place % 5 == 4:
            values[generator.random(rows) < 0.02] = np.nan
        columns[f"number_{place}"] = values
    for place in range(CATEGORICAL):
        names = np.array([f"category_{n}" for n in range((2, 5, 12, 50, 248)[place])])
        columns[f"text_{place}"] = pa.array(names[generator.integers(0, names.size, rows)])
    return columns


def references(columns: Columns) -> list[ColumnReference]:
    """Return everything that is made once with the reference."""
    bins: dict[str, Bins] = {
        name: numerical_bins(one) if name.startswith("number") else categorical_bins(one)
        for name, one in columns.items()
    }
    sides = {name: (profile(one, bins[name]), bins[name]) for name, one in columns.items()}
    methods = {name: DEFAULT_METHOD[one.kind] for name, one in bins.items()}
    ladders = null_ladders(sides, {name: [method] for name, method in methods.items()})
    return [
        ColumnReference(
            column_name=name,
            method=method,
            threshold=DRIFT_METHODS[method].default_threshold,
            deciding=True,
            reference=sides[name][0],
            bins=bins[name],
            ladder=ladders[name, method],
        )
        for name, method in methods.items()
    ]


def score_window(made: list[ColumnReference], columns: Columns) -> object:
    """Profile a window, score it and judge it: what a window costs."""
    bins = {one.column_name: one.bins for one in made}
    window = profile_columns({name: (one, bins[name]) for name, one in columns.items()})
    return rescore(made, [window], RULES)


def evidently(reference: pd.DataFrame, window: pd.DataFrame) -> object:
    """Run Evidently's preset with all defaults."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    return Report([DataDriftPreset()]).run(window, reference)


def frame(columns: Columns) -> pd.DataFrame:
    """Return the columns as Evidently wants them."""
    return pd.DataFrame(
        {n: one.to_pandas() if isinstance(one, pa.Array) else one for n, one in columns.items()}
    )


def measure_window(made: list[ColumnReference], rows: int, promise: str) -> None:
    """Print one window's figures."""
    columns = draw(rows, seed=2)
    ours = seconds(lambda: score_window(made, columns), 5)
    numbers = [one for name, one in columns.items() if name.startswith("number")]
    sorting = seconds(lambda: [np.sort(one) for one in numbers])
    tracemalloc.start()
    score_window(made, columns)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    text = f"{rows:,} x 17: {ours * 1e3:.1f} ms, sorting 12 columns once {sorting * 1e3:.1f} ms"
    text += f", peak extra memory {peak:.1f} MiB (a column has {rows * 8 / 2**20:.1f})"
    if rows > 1_000 and not os.environ.get("ENGINE_WITHOUT_EVIDENTLY"):
        frames = frame(draw(rows, seed=1)), frame(columns)
        theirs = seconds(lambda: evidently(*frames), 1)
        text += f", DataDriftPreset {theirs:.1f} s = {theirs / ours:.0f} times as long"
    print(f"{text}; promised: {promise}")


def measure_history(windows: int = 365, columns: int = 50) -> None:
    """Print how long a history takes to be scored anew."""
    made = references(draw(10_000, seed=1))
    many = [one for _ in range(columns // len(made) + 1) for one in made][:columns]
    history = [
        {one.column_name: profile(values[one.column_name], one.bins) for one in made}
        for values in (draw(1_000, seed) for seed in range(20))
    ]
    whole = [history[place % len(history)] for place in range(windows)]
    taken = seconds(lambda: rescore(many, whole, RULES))
    print(f"{windows} windows x {columns} columns anew: {taken:.2f} s; promised: under 2 s")


def main() -> None:
    """Print all figures."""
    start = time.perf_counter()
    made = references(draw(REFERENCE_ROWS, seed=1))
    taken = time.perf_counter() - start
    print(f"reference of {REFERENCE_ROWS:,} x 17 with its ladders: {taken:.1f} s")
    measure_window(made, 1_000, "under 10 ms")
    measure_window(made, 100_000, "80 times faster than DataDriftPreset")
    measure_window(made, 1_000_000, "150 times faster, and not slower than sorting")
    measure_history()


if __name__ == "__main__":
    main()
