"""A model whose newest windows alarm, and the same after its promotion; each test has a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.retraining.loop_model import (
    AFTER,
    BAD,
    BEFORE,
    LATER,
    Loop,
    opened,
)
from monitoring_assets_tests.conftest import NewDatabase


@pytest.fixture(scope="session")
def alarmed_template(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Two good windows and three bad ones; nothing is decided yet."""
    with opened(new_database, None, tmp_path_factory.mktemp("alarmed")) as loop:
        loop.runner.set_up()
        loop.runner.span(BEFORE[0], BAD[-1])
        yield loop.database


@pytest.fixture
def alarmed(
    new_database: NewDatabase, alarmed_template: Database, tmp_path: Path
) -> Iterator[Loop]:
    """Two good windows and three bad ones, on a copy."""
    with opened(new_database, alarmed_template, tmp_path) as loop:
        yield loop


@pytest.fixture(scope="session")
def promoted_template(
    new_database: NewDatabase, alarmed_template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The challenger serves; two windows after it."""
    folder = tmp_path_factory.mktemp("promoted")
    with opened(new_database, alarmed_template, folder) as loop:
        loop.carry_out()
        with loop.at(LATER) as later:
            later.runner.span(AFTER[0], AFTER[-1])
        yield loop.database


@pytest.fixture
def promoted(
    new_database: NewDatabase, promoted_template: Database, tmp_path: Path
) -> Iterator[Loop]:
    """The challenger serves, two windows after it, on a copy."""
    with opened(new_database, promoted_template, tmp_path / "promoted", now=LATER) as loop:
        yield loop
