"""`monitoring-assets simulate MODEL`: fill the warehouse that a shipped example reads from.

Belongs here: which database, what is said about it. Stays out: tables and rows (the Python in the
model's own folder).
"""

import os
from datetime import UTC, datetime
from typing import Final

import click

from monitoring_assets.cli.days import DAY
from monitoring_assets.components.loading import LoadedModels
from monitoring_assets.errors import ConfigurationError, MonitoringError
from monitoring_assets.records import PlantedChange
from monitoring_assets.resources.opening import held_database
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.storage.database import Database

MODEL: Final = "power_outages"
URL_VARIABLE: Final = "POWER_OUTAGES_URL"
"""Where the model's YAML looks for another warehouse than the one that is filled here."""


@click.command()
@click.argument("model_id", metavar="MODEL", type=click.Choice([MODEL]))
@click.option(
    "--until",
    type=DAY,
    help="Rows that were known when this day (UTC) began; without it, all that are known now.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="Same seed, same rows; without it, the example's."
)
def simulate(model_id: str, until: datetime | None, seed: int | None) -> None:
    """Fill the invented warehouse of MODEL; a later day adds what became known meanwhile.

    The only MODEL is power_outages. Its two tables lie in a database of that name on the server of
    the monitoring database, which is made if it is not there.
    """
    from monitoring_assets.defs.power_outages import filling, planted

    if os.environ.get(URL_VARIABLE):
        raise ConfigurationError(
            f"{URL_VARIABLE} is set: model '{model_id}' reads from there, and nothing invented is"
            " written into it. Unset it to fill the example's own database"
        )
    moment = until.replace(tzinfo=UTC) if until else Runtime().now()
    with held_database() as database:
        warehouse = filling.create_database(database)
        done = filling.fill(warehouse.url, filling.SEED if seed is None else seed, moment)
    click.echo(
        f"{model_id}: {done.predictions:,} predictions and {done.observations:,} reports added,"
        f" as known at {done.until:%Y-%m-%d %H:%M} UTC"
    )
    click.echo("What is planted:")
    for change in planted.PLANTED:
        click.echo(f"  {_span(change)}  {change.description}")


def fill_example(loaded: LoadedModels, database: Database, now: datetime) -> None:
    """Fill the warehouse of the shipped example, if that is among the models and never was filled.

    Whatever keeps it from being filled is said, and keeps nobody from going on.
    """
    from monitoring_assets.defs.power_outages import filling

    if os.environ.get(URL_VARIABLE) or all(one.model_id != MODEL for one in loaded.specs):
        return
    try:
        warehouse = filling.create_database(database)
        if filling.filled_until(warehouse) is not None:
            return
        click.echo(f"{MODEL}: filling the warehouse of the example")
        filling.fill(warehouse.url, filling.SEED, now)
    except MonitoringError as error:
        click.echo(f"{MODEL}: the example's warehouse is not filled: {error}", err=True)


def _span(change: PlantedChange) -> str:
    end = f"{change.end:%Y-%m-%d}" if change.end else "the end"
    return f"{change.start:%Y-%m-%d} to {end}"
