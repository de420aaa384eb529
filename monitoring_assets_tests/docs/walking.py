"""Doing what a page says: writing its files, running its commands, in an empty folder.

Belongs here: the folder, the environment, one process a command, the server stopped at the end.
Stays out: reading pages (pages.py), assertions about what was found (the tests).
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import yaml

from monitoring_assets.components.loading import load_model
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets.records import Verdict
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.verdicts import (
    WindowVerdicts,
    known_models,
    newest_starts,
    window_verdicts,
)
from monitoring_assets_tests.docs.pages import Command, NewFile, Page, difference

DATA_FOLDER: Final = "data"
"""What the pages export as MONITORING_DATA_FOLDER, below their folder."""

_OURS: Final = ("DAGSTER_", "MONITORING_", "WAREHOUSE_")
_COMMAND: Final = """\
{command}
code=$?
env -0 > "$ENVIRONMENT_AFTERWARDS"
exit $code
"""


class StepError(Exception):
    """A command of a page has failed."""


@dataclass(frozen=True)
class Done:
    """A command with what it really printed."""

    command: Command
    printed: str


@dataclass(frozen=True)
class Walked:
    """A page whose steps were done.

    Parameters
    ----------
    folder
        Where.
    given
        Variables that were set before the first command.
    database
        What the commands have stored.
    """

    page: Page
    folder: Path
    given: Mapping[str, str]
    database: Database
    done: tuple[Done, ...]

    @property
    def differences(self) -> list[str]:
        """Where the page shows something else than was printed."""
        return [
            f"{self.page.name}:{one.command.line}: {one.command.text}\n{text}"
            for one in self.done
            if (text := difference(one.command.shown, one.printed, self.folder))
        ]

    @property
    def missing_files(self) -> list[str]:
        """Files that the page names and that are not there."""
        return [name for name in self.page.named_files if not any(self.folder.glob(name))]

    @property
    def misfits(self) -> list[str]:
        """What is wrong with the page's fragments of YAML, each put into the page's model."""
        (file,) = self.folder.glob("models/*/defs.yaml")
        with patch.dict(os.environ, self.given):
            return [
                f"{fragment}{error}"
                for number, fragment in enumerate(self.page.fragments)
                if (error := _misfit(file, fragment, self.folder / "fragments" / str(number)))
            ]

    @property
    def windows(self) -> dict[str, WindowVerdicts]:
        """What was concluded about the complete windows of the page's model, by day."""
        ((model_id, metric),) = known_models(self.database).items()
        starts = newest_starts(self.database, model_id, 1000)
        found = window_verdicts(self.database, model_id, metric, starts)
        return {found[start].partition_key: found[start] for start in sorted(found)}


def days_with(windows: Mapping[str, WindowVerdicts], verdict: Verdict) -> list[str]:
    """Return the days whose worst verdict is this one."""
    return [day for day, window in windows.items() if window.worst is verdict]


@contextmanager
def walked(page: Page, folder: Path, **environment: str) -> Iterator[Walked]:
    """Do what a page says; what it has stored can be read until the end of `with`.

    Parameters
    ----------
    folder
        An empty one.
    environment
        Variables that the page takes for granted.

    Raises
    ------
    StepError
        A command has failed.
    """
    server = EmbeddedServer(folder / DATA_FOLDER)
    try:
        done = tuple(run_steps(page, folder, environment))
        with server.hold() as url:
            database = Database(url)
            try:
                yield Walked(page, folder, environment, database, done)
            finally:
                database.dispose()
    finally:
        server.destroy()


def run_steps(page: Page, folder: Path, given: Mapping[str, str]) -> Iterator[Done]:
    """Write and run, yielding each command that was run; exports reach the commands after."""
    environment = _first_environment(given)
    for step in page.steps:
        if isinstance(step, NewFile):
            file = folder / step.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text, encoding="utf-8")
        else:
            printed, environment = _run(page, step, folder, environment)
            yield Done(step, printed)


def _first_environment(given: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)])
    return {**inherited, "PATH": path, "COLUMNS": "100", **given}


def _run(
    page: Page, command: Command, folder: Path, environment: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    afterwards = folder.parent / f"{folder.name}.environment"
    finished = subprocess.run(
        ["/bin/bash", "-c", _COMMAND.format(command=command.text)],
        cwd=folder,
        env={**environment, "ENVIRONMENT_AFTERWARDS": str(afterwards)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise StepError(
            f"{page.name}:{command.line}: {command.text}\n"
            f"ended with {finished.returncode}:\n{finished.stdout}"
        )
    pairs = afterwards.read_text(encoding="utf-8").split("\0")
    return finished.stdout, dict(pair.split("=", 1) for pair in pairs if pair)


def _misfit(file: Path, fragment: str, folder: Path) -> str:
    """Return the mistakes of a model's YAML with a fragment put into it, '' without any."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["attributes"] = _merged(content["attributes"], yaml.safe_load(fragment))
    changed = folder / file.parent.name / file.name
    changed.parent.mkdir(parents=True)
    changed.write_text(yaml.safe_dump(content), encoding="utf-8")
    try:
        load_model(changed)
    except ModelDefinitionError as error:
        return str(error)
    return ""


def _merged(values: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(values) if isinstance(values, Mapping) else {}
    for name, change in changes.items():
        deeper = isinstance(change, Mapping)
        merged[name] = _merged(merged.get(name), change) if deeper else change
    return merged
