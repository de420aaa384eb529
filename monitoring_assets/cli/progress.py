"""What a person sees while windows are computed, and of those that could not be.

Belongs here: the bar, the console it is drawn on, the closing error. Stays out: running anything.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from monitoring_assets.errors import MonitoringError
from monitoring_assets.spec.model import ModelSpec

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from monitoring_assets.cli.backfilling import ChunkResult


@contextmanager
def run_console() -> Iterator["Console"]:
    """Open a console on a copy of stdout: Dagster redirects the original while a step runs."""
    from rich.console import Console

    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as copy:
        yield Console(file=copy)


def progress_bar(console: "Console") -> "Progress":
    """Return a bar that counts windows."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    return Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        "windows",
        TimeRemainingColumn(),
        console=console,
    )


def note_orphans(console: "Console", number: int) -> None:
    """Say how many interrupted runs were found, if there were any."""
    if number:
        console.print(f"interrupted runs that are now marked as failed: {number}")


def report(spec: ModelSpec, results: "Sequence[ChunkResult]") -> None:
    """Raise an error that names the windows that could not be computed, if there are any."""
    failed = [result for result in results if result.error]
    if not failed:
        return
    lines = [f"  {_keys(one)} (run {one.run_id}): {one.error}" for one in failed]
    count = sum(len(result.windows) for result in failed)
    raise MonitoringError(
        f"{count} {'window' if count == 1 else 'windows'} of model '{spec.model_id}' could not be"
        " computed, all others are stored; mend the cause and run the same command again:\n"
        + "\n".join(lines)
    )


def _keys(result: "ChunkResult") -> str:
    first, last = result.windows[0].partition_key, result.windows[-1].partition_key
    return first if first == last else f"{first} to {last}"
