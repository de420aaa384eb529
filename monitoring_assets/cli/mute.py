"""`monitoring-assets mute`: send no message of a model for a while.

Belongs here: options. Stays out: messages.
"""

from datetime import UTC, datetime

import click

from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.person import this_person
from monitoring_assets.resources.opening import held_database
from monitoring_assets.resources.runtime import Runtime

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option("--until", type=_MOMENT, help="Moment in UTC; one that has passed ends it.")
@click.option("--off", is_flag=True, help="Send messages again.")
def mute(model_id: str, until: datetime | None, off: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Send no message of MODEL until a moment. Alarms and retrainings go on."""
    if (until is None) != off:
        raise click.UsageError("give --until, or --off")
    spec = find_model(model_id)
    now = Runtime().now()
    moment = now if until is None else until.replace(tzinfo=UTC)
    with held_database() as database:
        from monitoring_assets.storage.retraining import messages

        messages.mute(database, spec.model_id, moment, this_person())
    if moment <= now:
        click.echo(f"{model_id}: messages are sent again")
    else:
        click.echo(f"{model_id}: no message is sent until {moment:%Y-%m-%d %H:%M} UTC")
