"""Windows judged by earlier ones that have changed since: found, and judged anew without rows."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import JUDGING_LAYERS, RANGE_END, RANGE_START
from monitoring_assets.assets.moving import stale_windows
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.classifier_model import (
    SAID,
    Classifier,
    classifier_spec,
    measured,
    probabilities_of,
)
from monitoring_assets_tests.assets.small_model import good_rows
from monitoring_assets_tests.command_line import Outcome, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, failures_of, write_model, yaml_of
from monitoring_assets_tests.stored import everything, rows_of

pytestmark = pytest.mark.slow

DAYS = [f"2023-02-{day:02}" for day in range(1, 8)]
CHANGED = DAYS[1]
FOLLOWERS = DAYS[3:5]
"""Compared with three days of which the changed one is one."""

SPEC = classifier_spec(
    "binary",
    {"prediction": SAID, "probabilities": probabilities_of("binary")},
    reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}, "rolling_windows": 3},
    windows={"granularity": "day", "start": "2023-02-01", "end": "2023-02-08"},
)


@pytest.fixture(scope="module")
def empty(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The reference is measured; no window has been computed."""
    with measured(new_database, tmp_path_factory.mktemp("empty"), SPEC) as model:
        yield model.database


@pytest.fixture(scope="module")
def full(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, empty: Database
) -> Iterator[Database]:
    """All seven windows have been computed, in one run."""
    with opened(new_database, tmp_path_factory.mktemp("full"), empty) as model:
        model.runner.span(DAYS[0], DAYS[-1])
        yield model.database


@pytest.fixture
def rolling(new_database: NewDatabase, tmp_path: Path, full: Database) -> Iterator[Classifier]:
    yield from _opened(new_database, tmp_path, full)


@pytest.fixture
def unbegun(new_database: NewDatabase, tmp_path: Path, empty: Database) -> Iterator[Classifier]:
    yield from _opened(new_database, tmp_path, empty)
