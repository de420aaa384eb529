"""Models that are trained and measured once; each test goes on from there on a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.classifier_model import Classifier, measured
from monitoring_assets_tests.assets.rolling_model import DAYS, opened
from monitoring_assets_tests.assets.rolling_model import SPEC as ROLLING
from monitoring_assets_tests.assets.small_model import (
    SmallModel,
    bad_input_spec,
    ready_model,
    write_january,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner, quick_spec


@pytest.fixture
def quick(new_database: NewDatabase, quick_template: Database, tmp_path: Path) -> Iterator[Runner]:
    """The quick model, ready for its windows."""
    with (
        new_database(quick_template) as database,
        Runner(quick_spec(tmp_path), database, tmp_path) as runner,
    ):
        yield runner


@pytest.fixture(scope="session")
def small_template(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The small model, trained and measured on January."""
    folder = tmp_path_factory.mktemp("small")
    write_january(folder)
    with new_database() as database:
        with Runner(bad_input_spec(), database, folder) as runner:
            runner.set_up()
        yield database


@pytest.fixture
def small(
    new_database: NewDatabase, small_template: Database, tmp_path: Path
) -> Iterator[SmallModel]:
    """The small model, ready for its windows, whose files the test writes."""
    with ready_model(new_database, small_template, tmp_path) as model:
        yield model


@pytest.fixture(scope="session")
def rolling_empty(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The model whose reference moves along: measured, before its first window."""
    with measured(new_database, tmp_path_factory.mktemp("empty"), ROLLING) as model:
        yield model.database


@pytest.fixture(scope="session")
def rolling_full(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, rolling_empty: Database
) -> Iterator[Database]:
    """All its windows, computed in one run."""
    with opened(new_database, tmp_path_factory.mktemp("full"), rolling_empty) as model:
        model.runner.span(DAYS[0], DAYS[-1])
        yield model.database


@pytest.fixture
def rolling(
    new_database: NewDatabase, tmp_path: Path, rolling_full: Database
) -> Iterator[Classifier]:
    """All its windows, on a copy."""
    with opened(new_database, tmp_path, rolling_full) as model:
        yield model


@pytest.fixture
def unbegun(
    new_database: NewDatabase, tmp_path: Path, rolling_empty: Database
) -> Iterator[Classifier]:
    """The model before its first window, on a copy."""
    with opened(new_database, tmp_path, rolling_empty) as model:
        yield model
