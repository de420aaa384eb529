"""`monitoring-assets database …`: URL, migrations, stop, reset.

Belongs here: commands about the database as a whole. Stays out: what is in it.
"""

import click

from monitoring_assets.resources import settings
from monitoring_assets.resources.opening import database_url, embedded_server
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.schema import head_revision, upgrade


@click.group()
def database() -> None:
    """Look after the database that everything is kept in."""


@database.command()
def url() -> None:
    """Print a URL that psql and SQLAlchemy understand; starts the embedded server."""
    click.echo(Database(database_url()).url)


@database.command(name="upgrade")
def upgrade_tables() -> None:
    """Bring the tables up to date."""
    target = Database(database_url())
    upgrade(target)
    click.echo(f"{target.masked}: tables are at revision {head_revision()}")


@database.command()
def stop() -> None:
    """Stop the embedded server, whoever uses it."""
    if settings.configured_database_url():
        raise click.UsageError(
            f"{settings.DATABASE_VARIABLE} is set: that server is not ours to stop"
        )
    embedded_server().stop()
    click.echo("the embedded server is stopped")


@database.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Empty the database: metrics, rows, models and Dagster's own history."""
    target = Database(database_url())
    if not yes:
        click.confirm(f"Delete everything in {target.masked}?", abort=True)
    target.reset()
    upgrade(target)
    click.echo(f"{target.masked} is empty")
