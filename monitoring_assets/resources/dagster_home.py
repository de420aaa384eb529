"""Dagster's own instance: its settings file, and its storage in the same database as ours.

Belongs here: `dagster.yaml`, the environment Dagster's processes need. Stays out: definitions.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from monitoring_assets.resources import settings
from monitoring_assets.storage.database import Database

if TYPE_CHECKING:
    from dagster import DagsterInstance

EVENT_BATCH_VARIABLE: Final = "DAGSTER_EVENT_BATCH_SIZE"
EVENT_BATCH_SIZE: Final = "100"
"""Events written at once. Without it a window of six trivial assets with checks costs 0.55 s, with
it 0.17 s. Events still in the buffer are lost on kill -9: resuming goes by our own table."""

_STATEMENT_TIMEOUT_MS: Final = 60_000

_DAGSTER_YAML: Final = f"""\
# Written by monitoring-assets; changes are overwritten.
storage:
  postgres:
    postgres_url: {{env: {settings.DAGSTER_URL_VARIABLE}}}
telemetry: {{enabled: false}}
nux: {{enabled: false}}
run_monitoring: {{enabled: true}}
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config: {{max_concurrent_runs: 2, dequeue_interval_seconds: 1, dequeue_use_threads: true}}
sensors: {{use_threads: true, num_workers: 8}}
schedules: {{use_threads: true, num_workers: 8}}
"""

_WORKSPACE_YAML: Final = """\
load_from:
  - python_module: {module_name: monitoring_assets.definitions, location_name: monitoring_assets}
"""


def home_folder() -> Path:
    """Return `DAGSTER_HOME`, or `dagster/` below the data folder."""
    chosen = os.environ.get("DAGSTER_HOME")
    return Path(chosen).expanduser().resolve() if chosen else settings.data_folder() / "dagster"


def write_home() -> Path:
    """Write `dagster.yaml` and `workspace.yaml` into Dagster's home; return the folder."""
    home = home_folder()
    home.mkdir(parents=True, exist_ok=True)
    for name, content in (("dagster.yaml", _DAGSTER_YAML), ("workspace.yaml", _WORKSPACE_YAML)):
        file = home / name
        if not file.exists() or file.read_text(encoding="utf-8") != content:
            temporary = file.with_suffix(f".{os.getpid()}")
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(file)
    return home


def environment(database: Database) -> dict[str, str]:
    """Return the variables that Dagster's processes need beside those already set."""
    return {
        "DAGSTER_HOME": str(write_home()),
        settings.DAGSTER_URL_VARIABLE: database.dagster_url,
        settings.DATA_FOLDER_VARIABLE: str(settings.data_folder()),
        EVENT_BATCH_VARIABLE: os.environ.get(EVENT_BATCH_VARIABLE, EVENT_BATCH_SIZE),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


def open_instance(database: Database) -> "DagsterInstance":
    """Return the Dagster instance whose runs the UI shows.

    Sets this process's environment, so it has to be called before Dagster runs anything.
    """
    os.environ.update(environment(database))
    from dagster import DagsterInstance

    instance = DagsterInstance.get()
    # Made for the webserver, good for us: connections are kept instead of opened anew for each of
    # the forty statements that a window's events take.
    instance.optimize_for_webserver(
        statement_timeout=_STATEMENT_TIMEOUT_MS, pool_recycle=3600, max_overflow=8
    )
    return instance
