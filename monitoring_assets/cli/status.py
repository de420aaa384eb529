"""`monitoring-assets status`: the newest verdicts of every model.

Belongs here: choosing windows and printing them. Stays out: the query (storage.verdicts).
"""

import click

from monitoring_assets.cli.tables import open_console, verdict_table
from monitoring_assets.components.loading import load_models
from monitoring_assets.resources import settings
from monitoring_assets.resources.opening import ready_database
from monitoring_assets.storage import registry
from monitoring_assets.storage.verdicts import known_models, newest_starts, window_verdicts


@click.command()
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Windows to show of each model.",
)
def status(last: int) -> None:
    """Show each model's newest windows with their verdicts."""
    from rich.text import Text

    console = open_console()
    database = ready_database()
    windows = [
        found[start]
        for model_id, metric in known_models(database).items()
        for starts in [newest_starts(database, model_id, last)]
        for found in [window_verdicts(database, model_id, metric, starts)]
        for start in starts
    ]
    title = "newest complete windows"
    console.print(verdict_table(title, windows, width=console.width, by_model=True))
    for model_id in known_models(database):
        for reason, rows in registry.rows_outside(database, model_id).items():
            if rows:
                console.print(f"{model_id}: {rows} rows of the source lie in no window ({reason})")
    for error in load_models(settings.model_folders()).broken:
        console.print(Text(str(error), style="bold red"), soft_wrap=True)
