"""`monitoring-assets` as a person calls it: in this process, or in one that can be killed.

Belongs here: environment, arguments in; exit code and what was printed out. Stays out: assertions.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest

from monitoring_assets.cli.main import main
from monitoring_assets.storage.database import Database

SCRIPT = Path(sys.executable).parent / "monitoring-assets"


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class CommandLine:
    """The command line with an environment of its own."""

    environment: Mapping[str, str]

    def __call__(self, *arguments: str, answer: str = "") -> Outcome:
        """Run a command in this process; `answer` is what a person types."""
        with (
            self.applied(),
            pytest.MonkeyPatch.context() as patch,
            _file(answer) as answers,
            _file() as output,
            _file() as errors,
        ):
            patch.setattr(sys, "argv", [str(SCRIPT), *arguments])
            patch.setattr(sys, "stdin", answers)
            patch.setattr(sys, "stdout", output)
            patch.setattr(sys, "stderr", errors)
            return Outcome(_exit_code(), _content(output), _content(errors))

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Set the environment; at the end it is as before, whatever a command has added to it."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [str(SCRIPT), *arguments],
            env=os.environ | dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def command_line(database: Database, folder: Path, **environment: str) -> CommandLine:
    """Return the command line on a database, everything local below a folder."""
    return CommandLine(
        {
            "MONITORING_DATABASE_URL": database.url,
            "MONITORING_DATA_FOLDER": str(folder),
            "DAGSTER_HOME": str(folder / "dagster"),
            "COLUMNS": "200",
            **environment,
        }
    )


def _exit_code() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


@contextmanager
def _file(content: str = "") -> Iterator[TextIO]:
    # A real file: the command line copies the descriptor of its output.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write(content)
        file.seek(0)
        yield file


def _content(file: TextIO) -> str:
    file.flush()
    file.seek(0)
    return file.read()
