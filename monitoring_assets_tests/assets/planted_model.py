"""A model with segments on small Parquet files, one of whose segments goes bad on a day.

Belongs here: its YAML, its rows, computing its windows. Stays out: assertions.

Ten days of January are what is normal. 1 February is quiet; from 2 February on the errors of the
rows in zone south are five times as large; on 3 February most rows come from there, and distances
are longer everywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec

ROWS: Final = 600
JANUARY: Final = [f"2023-01-{day:02}" for day in range(1, 11)]
QUIET_DAY, BAD_DAY, WORSE_DAY = "2023-02-01", "2023-02-02", "2023-02-03"
ZONES: Final = ["north", "south", "west", "east"]
USUAL: Final = [0.5, 0.15, 0.25, 0.1]
SHIFTED: Final = [0.2, 0.6, 0.1, 0.1]


FORMULA: Final = {"numerical": {"method": "kolmogorov_smirnov"}}
"""Methods whose law is a formula: drawing one takes seconds."""


def planted_spec(**changes: Any) -> ModelSpec:
    """Return the model: segments by zone, and one of long distances."""
    segments = [{"column": "zone", "most": 3}, {"name": "far", "where": "distance > 6"}]
    columns = small_columns(prediction="predicted", units={"distance": "miles"})
    sections = {"model_id": "planted", "columns": columns, "drift": FORMULA, "segments": segments}
    return small_spec(**(WATCHED | sections | changes))


def write_planted(folder: Path) -> None:
    """Write January and three days of February."""
    for day in JANUARY:
        _write(folder, day, USUAL)
    _write(folder, QUIET_DAY, USUAL)
    _write(folder, BAD_DAY, USUAL, factor=5.0)
    _write(folder, WORSE_DAY, SHIFTED, factor=5.0, stretch=1.5)


@contextmanager
def planted_runner(database: Database, folder: Path) -> Iterator[Runner]:
    """Measure the reference and compute all windows in one run."""
    write_planted(folder)
    with Runner(planted_spec(), database, folder) as runner:
        runner.set_up()
        runner.span(QUIET_DAY, WORSE_DAY)
        yield runner


def _write(
    folder: Path, day: str, shares: list[float], factor: float = 1.0, stretch: float = 1.0
) -> None:
    random = np.random.default_rng(int(day.replace("-", "")))
    zone = random.choice(ZONES, ROWS, p=shares)
    distance = stretch * random.gamma(2, 2, ROWS)
    error = random.normal(0, 2, ROWS) * np.where(zone == "south", factor, 1.0)
    minutes = 4 * distance + 5
    rows = {
        "id": [f"{day}-{number}" for number in range(ROWS)],
        "time": np.datetime64(day, "us") + np.arange(ROWS) * np.timedelta64(60_000_000, "us"),
        "distance": distance,
        "zone": zone,
        "minutes": minutes,
        "predicted": minutes + error,
    }
    path = folder / "small" / f"{day}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(rows), path)
