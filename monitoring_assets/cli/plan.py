"""`monitoring-assets plan`: what of a model is out of date, what that costs, and doing it.

Belongs here: options, what is printed. Stays out: finding it out (assets/planning), doing it
(applying.py).
"""

import json
from typing import TYPE_CHECKING

import click

from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.progress import note_orphans, progress_bar, report, run_console
from monitoring_assets.cli.tables import open_console
from monitoring_assets.resources.dagster_home import open_instance
from monitoring_assets.resources.opening import held_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database

if TYPE_CHECKING:
    from monitoring_assets.assets.planning.plan import Plan


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option("--apply", "applied", is_flag=True, help="Bring it up to date.")
@click.option(
    "--no-source",
    is_flag=True,
    help="Go by what is stored; do not look whether the source holds other rows or labels.",
)
@click.option(
    "--rescore",
    is_flag=True,
    help="Also predictions made by another model version than the one deployed by now.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(model_id: str, **flags: bool) -> None:
    """List what of MODEL is out of date: layers and windows, why, and what mending it costs.

    A layer is out of date when its part of the YAML has changed, its rows or labels, the reference,
    bins or segments it was computed with, or the code. What can be done from profiles reads no row.
    """
    spec = find_model(model_id)
    with held_database() as database:
        from monitoring_assets.assets.planning.making import make_plan
        from monitoring_assets.resources.runtime import Runtime

        wanted = {"read_source": not flags["no_source"], "rescore": flags["rescore"]}
        made = make_plan(spec, Runtime(), database, **wanted)
        _show(made, as_json=flags["as_json"])
        if flags["applied"]:
            _apply(made, spec, database)


def _show(made: "Plan", *, as_json: bool) -> None:
    from monitoring_assets.cli.plan_text import plan_as_json, print_plan

    if as_json:
        click.echo(json.dumps(plan_as_json(made), indent=2))
        return
    console = open_console()
    print_plan(console, made)
    console.file.flush()  # before others write to a copy of it


def _apply(made: "Plan", spec: ModelSpec, database: Database) -> None:
    """Do what the plan says, showing progress."""
    from monitoring_assets.cli import applying
    from monitoring_assets.cli.backfilling import end_orphaned_runs
    from monitoring_assets.resources.runtime import Runtime

    instance = open_instance(database)
    results: list[applying.ChunkResult] = []
    with run_console() as console:
        note_orphans(console, end_orphaned_runs(instance))
        with console.status("training and measuring the reference"):
            left = applying.prepare(made, spec, Runtime(), database, instance)
        if not left.windows:
            return
        with progress_bar(console) as progress:
            task = progress.add_task(spec.model_id, total=len(left.windows))
            for result in applying.apply_windows(left, spec, instance):
                results.append(result)
                progress.advance(task, len(result.windows))
    report(spec, results)
