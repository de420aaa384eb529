"""`monitoring-assets demo`: the main job on simulated trips, from nothing to a table of verdicts.

Belongs here: what the demo shows and says. Stays out: everything it runs.
"""

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from monitoring_assets.cli.backfill import run_backfill
from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.tables import open_console, verdict_table
from monitoring_assets.records import PlantedChange
from monitoring_assets.resources import settings
from monitoring_assets.resources.opening import held_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import registry
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.verdicts import newest_starts, window_verdicts

if TYPE_CHECKING:
    from rich.console import Console

MODEL: Final = "simulated_trips"


@click.command()
def demo() -> None:
    """Train a model on simulated trips, watch it for 60 days, and show what was found."""
    spec = find_model(MODEL)
    console = open_console()
    with held_database() as database:
        run_backfill(spec, database)
        _show(console, spec, database)
    us = os.path.relpath(sys.argv[0])
    console.print(
        "\nWhere to look next:"
        f"\n  {us} up            the same windows in Dagster's UI (make up)"
        f"\n  {us} status        newest verdicts of every model"
        f"\n  {us} database url  the tables: schema monitoring"
        f"\nEverything is kept below {settings.data_folder()}",
        soft_wrap=True,
    )


def _show(console: "Console", spec: ModelSpec, database: Database) -> None:
    starts = newest_starts(database, spec.model_id, 1000)
    found = window_verdicts(database, spec.model_id, spec.main_metric, starts)
    windows = [found[start] for start in sorted(found)]
    title = f"\n{spec.model_id}: {spec.description}"
    console.print(verdict_table(title, windows, width=console.width, by_model=False))
    console.print("\nWhat was planted:")
    for change in registry.planted_changes(database, spec.model_id):
        console.print(f"  {_span(change)}  {change.description}")


def _span(change: PlantedChange) -> str:
    end = f"{change.end:%Y-%m-%d}" if change.end else "the end"
    return f"{change.start:%Y-%m-%d} to {end}"
