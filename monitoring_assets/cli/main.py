"""Entry point of `monitoring-assets`: finds the command, shows errors without a traceback.

Belongs here: the list of commands and error display. Stays out: the commands.
"""

import sys
from importlib import import_module
from typing import Final

import click

import monitoring_assets
from monitoring_assets.errors import MonitoringError

_COMMANDS: Final = {
    "backfill": "monitoring_assets.cli.backfill:backfill",
    "check": "monitoring_assets.cli.check:check",
    "compare": "monitoring_assets.cli.compare:compare",
    "dagster-home": "monitoring_assets.cli.dagster:dagster_home",
    "database": "monitoring_assets.cli.database:database",
    "demo": "monitoring_assets.cli.demo:demo",
    "explain": "monitoring_assets.cli.explain:explain",
    "mute": "monitoring_assets.cli.mute:mute",
    "new": "monitoring_assets.cli.new:new",
    "plan": "monitoring_assets.cli.plan:plan",
    "promote": "monitoring_assets.cli.promoting:promote",
    "replay": "monitoring_assets.cli.replay:replay",
    "rollback": "monitoring_assets.cli.promoting:rollback",
    "roll-up": "monitoring_assets.cli.roll_up:roll_up",
    "simulate": "monitoring_assets.cli.simulate:simulate",
    "status": "monitoring_assets.cli.status:status",
    "train": "monitoring_assets.cli.promoting:train",
    "up": "monitoring_assets.cli.dagster:up",
}
"""Command -> where it is; a command is imported when it is called, since Dagster takes seconds."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(monitoring_assets.__version__, prog_name="monitoring-assets")
def cli() -> None:
    """Watch machine-learning models that are scored in batches."""


def main() -> None:
    """Run the command line."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was finished is stored", err=True)
        sys.exit(130)
    except MonitoringError as error:
        notes = getattr(error, "__notes__", [])
        click.echo("\n".join((f"error: {error}", *notes)), err=True)
        sys.exit(1)
