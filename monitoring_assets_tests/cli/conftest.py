"""The command line on databases of its own, with models that are trained already."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring_assets.storage.database import Database
from monitoring_assets_tests.cli.planned_model import Planned, measure, opened
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import write_model


@pytest.fixture(scope="session")
def backfilled(
    new_database: NewDatabase, quick_template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Make the quick model's first three windows, by the command line; for copies."""
    folder = tmp_path_factory.mktemp("cli")
    write_model(folder / "models")
    with new_database(quick_template) as database:
        command = command_line(database, folder, MONITORING_MODELS=str(folder / "models"))
        done = command("backfill", "quick", "--start", "2025-02-01", "--end", "2025-02-03")
        if done.code:
            raise RuntimeError(done.errors)
        yield database


@pytest.fixture
def watched(new_database: NewDatabase, backfilled: Database) -> Iterator[Database]:
    """A database with the quick model's first three windows."""
    with new_database(backfilled) as database:
        yield database


@pytest.fixture(scope="session")
def measured(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The model of which something changes: trained and measured, before its first window."""
    with opened(new_database, tmp_path_factory.mktemp("measured"), None) as model:
        measure(model)
        yield model.database


@pytest.fixture(scope="session")
def computed(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, measured: Database
) -> Iterator[Database]:
    """All its windows."""
    with opened(new_database, tmp_path_factory.mktemp("computed"), measured) as model:
        done = model("backfill", "planned")
        if done.code:
            raise RuntimeError(done.errors)
        yield model.database


@pytest.fixture
def model(new_database: NewDatabase, tmp_path: Path, computed: Database) -> Iterator[Planned]:
    """All its windows, on a copy."""
    with opened(new_database, tmp_path, computed) as planned:
        yield planned


@pytest.fixture
def command(watched: Database, tmp_path: Path) -> CommandLine:
    """The command line on that database."""
    write_model(tmp_path / "models")
    return command_line(watched, tmp_path, MONITORING_MODELS=str(tmp_path / "models"))
