"""`monitoring-assets demo`: a replay of simulated trips, from nothing to verdicts and a retraining.

Belongs here: what the demo shows and says. Stays out: everything it runs.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Final

import click

from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.replay import decision_lines, run_replay
from monitoring_assets.cli.tables import open_console, verdict_table
from monitoring_assets.records import Deployment, PlantedChange
from monitoring_assets.resources import settings
from monitoring_assets.resources.opening import held_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import registry
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import deployments
from monitoring_assets.storage.retraining.decisions import all_decisions
from monitoring_assets.storage.verdicts import WindowVerdicts, newest_starts, window_verdicts

if TYPE_CHECKING:
    from rich.console import Console

MODEL: Final = "simulated_trips"


@click.command()
def demo() -> None:
    """Watch a model of simulated trips for 60 days, train it anew once it is bad, show it all."""
    spec = find_model(MODEL)
    console = open_console()
    with held_database() as database:
        run_replay(spec, database)
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
    planted = registry.planted_changes(database, spec.model_id)
    _print_lines(console, "What was planted:", map(_planted, planted))
    decisions = all_decisions(database, spec.model_id)
    decided = (line for one in decisions for line in decision_lines(one))
    _print_lines(console, "What was decided:", decided)
    deployed = deployments(database, spec.model_id)
    changed = [one.start for one in planted if one.column_name == spec.columns.target]
    _print_lines(console, "What came of it:", _stretches(windows, deployed, changed))


def _print_lines(console: "Console", heading: str, lines: Iterable[str]) -> None:
    console.print(f"\n{heading}")
    for line in lines:
        console.print(f"  {line}", soft_wrap=True, markup=False, highlight=False)


def _planted(change: PlantedChange) -> str:
    end = f"{change.end:%Y-%m-%d}" if change.end else "the end"
    return f"{change.start:%Y-%m-%d} to {end}  {change.description}"


def _stretches(
    windows: Sequence[WindowVerdicts], deployed: Sequence[Deployment], changed: Sequence[datetime]
) -> Iterator[str]:
    """Yield the mean of the main metric over windows of one version and one truth."""
    cuts = sorted({*(one.valid_from for one in deployed), *changed})
    for cut, end in pairwise([*cuts, datetime.max.replace(tzinfo=UTC)]):
        own = [one for one in windows if cut <= one.window_start < end]
        values = [one.value for one in own if one.value is not None]
        if not values:
            continue
        version = [one.model_version for one in deployed if one.valid_from <= cut][-1]
        yield (
            f"from {own[0].partition_key}  version {version}  {own[0].metric}"
            f" {fmean(values):.3f} on average over {len(values)} windows"
        )
