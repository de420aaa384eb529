"""`monitoring-assets replay`: walk history as if it happened now, or ask what a policy would do.

Belongs here: options and what is printed. Stays out: the walk (replaying.py), the what-if question
(rehearsing.py).
"""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from monitoring_assets.cli.days import DAY, Days, first_and_last
from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.progress import note_orphans, progress_bar, run_console
from monitoring_assets.records import Decision
from monitoring_assets.resources.dagster_home import open_instance
from monitoring_assets.resources.opening import held_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import is_measured


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option("--start", type=DAY, help="First day; without it, the model's first window.")
@click.option("--end", type=DAY, help="Last day; without it, the newest ready window.")
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Seconds to wait after each window.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Compute nothing: what would have been decided, from what is stored.",
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file with the fields of another section `retraining`, for --dry-run.",
)
def replay(
    model_id: str,
    start: datetime | None,
    end: datetime | None,
    pace: float,
    dry_run: bool,  # noqa: FBT001 - click passes flags so
    policy: Path | None,
) -> None:
    """Walk the windows of MODEL in order, deciding after each with the clock set to its time.

    Windows that are complete stay as they are; others are computed, retrainings run, and windows
    after a promotion are scored by the new version. Messages are written down, but not sent.
    """
    spec = find_model(model_id)
    span = first_and_last(start, end)
    if policy is not None and not dry_run:
        raise click.BadParameter("another policy can only be tried dry", param_hint="--policy")
    with held_database() as database:
        if dry_run:
            from monitoring_assets.cli.rehearsing import print_rehearsal

            print_rehearsal(spec, database, span, policy)
        else:
            run_replay(spec, database, span, pace)


def run_replay(
    spec: ModelSpec,
    database: Database,
    span: Days = (None, None),
    pace: float = 0.0,
) -> None:
    """Replay a span, showing what is decided.

    Raises
    ------
    MonitoringError
        A window could not be computed, or the model could not be prepared.
    """
    instance = open_instance(database)
    from monitoring_assets.cli import backfilling
    from monitoring_assets.cli.replaying import Replay

    with run_console() as console:
        note_orphans(console, backfilling.end_orphaned_runs(instance))
        if not is_measured(database, spec):
            with console.status("training and measuring the reference"):
                backfilling.set_up(spec, instance)
        walk = Replay(spec, database, instance)
        windows = walk.windows(span)
        with progress_bar(console) as progress:
            task = progress.add_task(f"replaying {spec.model_id}", total=len(windows))
            for step in walk.walk(windows):
                if step.decision is not None:
                    for line in decision_lines(step.decision):
                        console.print(line, soft_wrap=True, markup=False, highlight=False)
                progress.advance(task)
                time.sleep(pace)


def decision_lines(decision: Decision) -> Iterator[str]:
    """Yield what was decided about a window and why, then what came of it."""
    key = decision.window.partition_key
    yield f"{key}  {decision.outcome.value}: {decision.reason}"
    if decision.result is not None:
        version = f"version {decision.model_version}, " if decision.model_version else ""
        yield f"{'':<{len(key)}}  {version}{decision.result.value}: {decision.result_reason}"
