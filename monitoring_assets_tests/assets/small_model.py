"""A model on small Parquet files that a test writes: good rows, and ways to spoil them.

Belongs here: rows, files and the runner of one small model. Stays out: assertions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.specs import small_columns, small_spec

ROWS = 120
FIRST, SECOND, THIRD = "2023-02-01", "2023-02-02", "2023-02-03"


@dataclass(frozen=True)
class SmallModel:
    """The small model in a folder of its own, on a database of its own."""

    folder: Path
    runner: Runner

    @property
    def database(self) -> Database:
        """Where it is stored."""
        return self.runner.database

    def write(self, day: str, rows: int = ROWS, **columns: Any) -> Path:
        """Write a day's file with these columns instead of good ones; None leaves one out."""
        return write_day(self.folder, day, rows, **columns)


@contextmanager
def ready_model(
    new_database: NewDatabase, template: Database, folder: Path, **changes: Any
) -> Iterator[SmallModel]:
    """Open the small model, trained and measured, with these sections of its YAML instead."""
    write_january(folder)
    with (
        new_database(template) as database,
        Runner(bad_input_spec(**changes), database, folder) as runner,
    ):
        yield SmallModel(folder, runner)


def bad_input_spec(**changes: Any) -> ModelSpec:
    """Return the small model with a monitored number, and these sections instead."""
    columns = small_columns(monitored={"numerical": ["tip"]})
    return small_spec(**({"columns": columns} | changes))


def write_january(folder: Path) -> None:
    """Write what the model learns from and what is normal."""
    for day in range(1, 11):
        write_day(folder, f"2023-01-{day:02}")


def write_day(folder: Path, day: str, rows: int = ROWS, **columns: Any) -> Path:
    """Write the file of a day, see `SmallModel.write`."""
    good = good_rows(day, rows) | columns
    path = folder / "small" / f"{day}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({k: v for k, v in good.items() if v is not None}), path)
    return path


def good_rows(day: str, rows: int = ROWS) -> dict[str, Any]:
    """Return a day's rows, evenly over its hours: the same ones each time."""
    random = np.random.default_rng(int(day.replace("-", "")))
    times = np.datetime64(day, "us") + np.arange(rows) * np.timedelta64(
        86_400_000_000 // ROWS, "us"
    )
    distance = random.gamma(2, 2, rows)
    return {
        "id": [f"{day}-{number}" for number in range(rows)],
        "time": times,
        "distance": distance,
        "zone": random.choice(["north", "south", "west"], rows),
        "tip": random.normal(2, 0.5, rows),
        "minutes": 4 * distance + random.normal(5, 1, rows),
    }
