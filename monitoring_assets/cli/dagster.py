"""`monitoring-assets up` and `dagster-home`: Dagster's own processes.

Belongs here: starting the UI and the daemon, and ending them. Stays out: definitions.
"""

import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from typing import Final

import click

from monitoring_assets.cli.demo import MODEL
from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.replay import run_replay
from monitoring_assets.cli.simulate import fill_example
from monitoring_assets.components.loading import LoadedModels, load_models
from monitoring_assets.resources import settings
from monitoring_assets.resources.dagster_home import environment, home_folder, write_home
from monitoring_assets.resources.opening import held_database
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.storage import registry
from monitoring_assets.storage.database import Database

_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the UI.")
@click.option("--port", default=3000, show_default=True, help="Port of the UI.")
@click.option(
    "--demo/--no-demo",
    default=True,
    help="First replay the demo's windows, and fill the warehouse of the other example.",
)
def up(host: str, port: int, demo: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Start Dagster's UI and daemon; Ctrl-C ends all of it."""
    for one in _ENDING:
        signal.signal(one, _interrupted)
    with held_database() as database:
        loaded = load_models(settings.model_folders())
        _note_removed_models(loaded, database)
        if demo and any(spec.model_id == MODEL for spec in loaded.specs):
            run_replay(find_model(MODEL), database)
        if demo:
            fill_example(loaded, database, Runtime().now())
        workspace = str(home_folder() / "workspace.yaml")
        command = [
            sys.executable, "-m", "dagster", "dev",
            "--workspace", workspace, "--host", host, "--port", str(port),
        ]  # fmt: skip
        click.echo(f"Dagster's UI: http://{host}:{port} - Ctrl-C ends it")
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we end Dagster in
        # order.
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, arguments not from outside
            command,
            # Dagster says that `dg dev` is there too.
            env={"PYTHONWARNINGS": "ignore:Function "}
            | _beside(database, f"http://{host}:{port}")
            | os.environ
            | environment(database),
            start_new_session=True,
        )
        try:
            code = process.wait()
        except KeyboardInterrupt:
            code = 0
        finally:
            _end(process)
    if code:
        raise click.ClickException(f"dagster dev ended with exit code {code}")


def _beside(database: Database, pages: str) -> dict[str, str]:
    """Return where links lead to and where MLflow keeps its runs, unless somebody has said so."""
    told = {settings.DAGSTER_PAGES_VARIABLE: pages}
    if find_spec("mlflow") is not None:
        told[settings.MLFLOW_VARIABLE] = database.mlflow_url
    return told


def _note_removed_models(loaded: LoadedModels, database: Database) -> None:
    """Mark models as retired whose YAML is gone; their data stay."""
    present = [*(spec.model_id for spec in loaded.specs), *(one.model_id for one in loaded.broken)]
    for model_id in sorted(registry.mark_retired(database, present, Runtime().now())):
        click.echo(f"model '{model_id}' is retired: no folder of models has it any more")


def _interrupted(_signal: int, _frame: object) -> None:
    # A second signal would end us before Dagster's processes are, and leave them behind.
    for one in _ENDING:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End Dagster and every process it started."""
    import psutil

    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
    _, alive = psutil.wait_procs(family, timeout=5)
    for child in alive:
        child.kill()


@click.group(name="dagster-home")
def dagster_home() -> None:
    """Dagster's own settings."""


@dagster_home.command()
def write() -> None:
    """Write dagster.yaml and workspace.yaml into DAGSTER_HOME."""
    click.echo(str(write_home()))
