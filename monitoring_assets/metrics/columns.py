"""Profiles of many columns at once, on as many cores as there are.

Belongs here: sharing columns out among threads (NumPy and Arrow let go of the interpreter while
they count). Stays out: counting itself (metrics/profile.py).
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from monitoring_assets.metrics.arrays import Values
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.profile import ColumnProfile, profile

MOST_THREADS = 8
"""Each thread holds at most one column and its intermediate results."""

ROWS_PER_THREAD = 20_000
"""Columns with fewer rows are counted in the calling thread: starting others takes longer."""


def profile_columns(
    columns: Mapping[str, tuple[Values, Bins]], *, threads: int | None = None
) -> dict[str, ColumnProfile]:
    """Count every column over its bins.

    Parameters
    ----------
    columns
        Name -> values and frozen bins.
    threads
        Threads to use; without it one for each core, at most 8.
    """
    workers = min(threads or os.cpu_count() or 1, MOST_THREADS, max(len(columns), 1))
    longest = max((len(values) for values, _ in columns.values()), default=0)
    if workers == 1 or longest < ROWS_PER_THREAD:
        return {name: profile(*column) for name, column in columns.items()}
    with ThreadPoolExecutor(workers, thread_name_prefix="profile") as pool:
        running = {name: pool.submit(profile, *column) for name, column in columns.items()}
        return {name: future.result() for name, future in running.items()}
