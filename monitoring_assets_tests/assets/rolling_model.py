"""A classifier whose reference moves along: seven days, each compared with three before it.

Belongs here: the model, changing one of its days, asking what is stale, judging and backfilling.
Stays out: assertions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import RANGE_END, RANGE_START
from monitoring_assets.assets.moving import stale_windows
from monitoring_assets.assets.partitions import windows_for_keys
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
from monitoring_assets_tests.dagster_runs import QUIET, write_model, yaml_of
from monitoring_assets_tests.stored import Row, rows_of

DAYS = [f"2023-02-{day:02}" for day in range(1, 8)]

CHANGED = DAYS[1]
"""The day that `change` changes."""

FOLLOWERS = DAYS[3:5]
"""Compared with three days of which the changed one is one."""

SPEC = classifier_spec(
    "binary",
    {"prediction": SAID, "probabilities": probabilities_of("binary")},
    reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}, "rolling_windows": 3},
    windows={"granularity": "day", "start": "2023-02-01", "end": "2023-02-08"},
)


@contextmanager
def opened(new_database: NewDatabase, folder: Path, template: Database) -> Iterator[Classifier]:
    """Open the model on a copy of a database in which its reference is measured, and maybe more."""
    with measured(new_database, folder, SPEC, template=template) as model:
        for day in DAYS:
            model.write(day)
        yield model


def change(model: Classifier) -> None:
    """Write other rows of one day: longer distances, and labels that are mostly no."""
    far = good_rows(CHANGED)["distance"] + 3
    model.write(CHANGED, distance=far, answer=["no"] * 100 + ["yes"] * 20)


def stale(model: Classifier) -> list[str]:
    """Return the days that were judged by days which have been computed again since."""
    windows = windows_for_keys(model.spec, DAYS)
    return [one.partition_key for one in stale_windows(model.database, model.spec, windows)]


def judge(model: Classifier, first: str, last: str) -> dg.ExecuteInProcessResult:
    """Run the job that judges windows anew."""
    job = model.runner.definitions.resolve_job_def(names.judging_job("small"))
    return job.execute_in_process(
        instance=model.runner.instance,
        run_config=QUIET,
        tags={RANGE_START: first, RANGE_END: last},
    )


def backfill(model: Classifier, *arguments: str) -> Outcome:
    """Call `monitoring-assets backfill small` with these arguments."""
    models = model.folder / "models"
    if not models.exists():
        write_model(models, yaml_of(model.spec), "small")
    command = command_line(model.database, model.folder, MONITORING_MODELS=str(models))
    return command("backfill", "small", *arguments)


def number(model: Classifier, day: str, table: Any, **key: Any) -> Row:
    """Return one number of a day."""
    rows = rows_of(model.database, table, **key)
    (found,) = (row for row in rows if f"{row['window_start']:%Y-%m-%d}" == day)
    return found
