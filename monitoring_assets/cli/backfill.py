"""`monitoring-assets backfill`: compute a stretch of history, with a progress bar.

Belongs here: options, progress, the closing lines. Stays out: the runs (backfilling.py).
"""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitoring_assets.cli.days import DAY, Days, first_and_last
from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.progress import note_orphans, progress_bar, report, run_console
from monitoring_assets.resources.dagster_home import open_instance
from monitoring_assets.resources.opening import held_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import is_measured

if TYPE_CHECKING:
    from monitoring_assets.cli.backfilling import ChunkResult


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option("--start", type=DAY, help="First day; without it, the model's first window.")
@click.option("--end", type=DAY, help="Last day; without it, the newest ready window.")
@click.option("--again", is_flag=True, help="Also windows that are complete already.")
def backfill(
    model_id: str,
    start: datetime | None,
    end: datetime | None,
    again: bool,  # noqa: FBT001 - click passes flags so
) -> None:
    """Compute the windows of MODEL that begin on the days from --start to --end.

    Windows that are complete are left alone, so the same command goes on where it was interrupted.
    Later windows whose reference moves along with these are judged anew.
    Every run is recorded in Dagster and can be looked at in its UI.
    """
    spec = find_model(model_id)
    span = first_and_last(start, end)
    with held_database() as database:
        run_backfill(spec, database, span, again=again)


def run_backfill(
    spec: ModelSpec,
    database: Database,
    span: Days = (None, None),
    *,
    again: bool = False,
) -> None:
    """Compute what is missing, showing progress.

    Raises
    ------
    MonitoringError
        Some windows could not be computed; the message names them, the others are stored.
    KeyboardInterrupt
        Somebody stopped it; what was computed is stored.
    """
    instance = open_instance(database)
    from monitoring_assets.cli import backfilling

    with run_console() as console:
        note_orphans(console, backfilling.end_orphaned_runs(instance))
        plan = backfilling.plan(spec, database, span, again=again)
        if plan.ready and not is_measured(database, spec):
            with console.status("training and measuring the reference"):
                backfilling.set_up(spec, instance)
            # What windows are compared with is another reference by now.
            plan = backfilling.plan(spec, database, span, again=again)
        console.print(
            f"{spec.model_id}: {len(plan.ready)} ready windows, {plan.complete} complete,"
            f" {plan.windows} to compute"
        )
        if not plan.ready:
            console.print(_why_none(spec, plan.newest, span), highlight=False, soft_wrap=True)
        results: list[ChunkResult] = []
        if plan.chunks:
            with progress_bar(console) as progress:
                task = progress.add_task(spec.model_id, total=plan.windows)
                for result in backfilling.run_chunks(spec, instance, plan.chunks):
                    results.append(result)
                    progress.advance(task, len(result.windows))
        for result in backfilling.judge_again(spec, database, instance, plan.newest):
            console.print(f"{spec.model_id}: {len(result.windows)} windows judged anew")
            results.append(result)
    report(spec, results)


def _why_none(spec: ModelSpec, newest: datetime | None, span: Days) -> str:
    if newest is None:
        return "the source holds no row yet: no file matches `source.path`, or all are empty"
    from monitoring_assets.assets.partitions import begin_within, ended_windows
    from monitoring_assets.resources.runtime import Runtime

    windows = ended_windows(spec, Runtime().now())
    if windows and not begin_within(spec, windows, span):
        first, last = windows[0].partition_key, windows[-1].partition_key
        return f"none begins on these days: windows that have ended go from {first} to {last}"
    return (
        f"the source's newest row is of {newest:%Y-%m-%d %H:%M} UTC; a window is ready when its"
        " `delay` is over and the source has a row at or after its start"
    )
