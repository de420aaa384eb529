"""Real trips with planted troubles, and what a replay of them leaves behind.

Belongs here: files with wrong units and longer trips, the model's YAML, one replay and a rollback.
Stays out: assertions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import Outcome, command_line
from monitoring_assets_tests.dagster_runs import write_model
from monitoring_assets_tests.stored import Row, rows_of

MODEL: Final = "planted_taxi"
ZONE: Final = "America/New_York"
KILOMETRES_PER_MILE: Final = 1.609344
LONGER: Final = 1.3

USUAL: Final = ["2023-01-29", "2023-01-30"]
WRONG_UNIT: Final = ["2023-02-26", "2023-02-27", "2023-02-28"]
LONGER_TRIPS: Final = [f"2023-03-{day:02}" for day in range(1, 8)]
AFTER_ROLLBACK: Final = ["2023-03-08"]

YAML: Final = """\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {granularity: day, start: 2023-01-08, time_zone: America/New_York}
  source:
    kind: parquet
    path: trips/green_tripdata_*.parquet
    event_time_zone: America/New_York
    rename:
      pickup_time: lpep_pickup_datetime
      dropoff_time: lpep_dropoff_datetime
      pickup_zone: PULocationID
      dropoff_zone: DOLocationID
  columns:
    event_time: pickup_time
    numerical: [passenger_count, trip_distance, hour]
    categorical: [pickup_zone, dropoff_zone, weekday]
    target: duration_minutes
    prediction: predicted_minutes
  derived:
    duration_minutes: {kind: minutes_between, start: pickup_time, end: dropoff_time}
    hour: {kind: hour_of_day}
    weekday: {kind: day_of_week}
  filters:
    - {name: duration_out_of_range, column: duration_minutes, minimum: 1, maximum: 60}
  model:
    estimator: hist_gradient_boosting
    parameters: {max_iter: 40}
    training: {start: 2023-01-01, end: 2023-01-08}
  drift:
    columns:
      weekday: {deciding: false}
      trip_distance: {threshold: 0.2}  # what the weekly swing of January reaches is 0.11
  retraining:
    verdicts: [quality]
    blocked_by_drift: [trip_distance]
"""


@dataclass(frozen=True)
class PlantedTrips:
    """A replay of three spells of days, and a day after a rollback to version 1."""

    database: Database
    rollback: Outcome

    def decisions(self) -> list[Row]:
        """Return what was decided, in order."""
        found = rows_of(self.database, tables.retraining_decision, model_id=MODEL)
        return sorted(found, key=lambda row: row["window_start"])

    def findings(self, table: sa.Table, **equal: Any) -> dict[str, Row]:
        """Return the verdicts on all rows of each day."""
        found = rows_of(self.database, table, model_id=MODEL, segment="all", **equal)
        return {_day(row): row for row in found}

    def mae(self) -> dict[str, Row]:
        """Return the realised error of each day."""
        return self.findings(tables.model_quality, metric="mae", kind="realised")

    def mean_error(self, days: list[str]) -> float:
        """Return the mean of the daily errors."""
        found = self.mae()
        return float(np.mean([found[day]["value"] for day in days]))


@contextmanager
def replay_planted_trips(database: Database, trips: Path, home: Path) -> Iterator[PlantedTrips]:
    """Plant, replay by the command line, roll back, compute what comes next."""
    plant(trips, home / "trips")
    write_model(home / "models", YAML, MODEL)
    command = command_line(
        database, home, MONITORING_MODELS=str(home / "models"), MONITORING_EXAMPLES="off"
    )
    for days in (USUAL, WRONG_UNIT + LONGER_TRIPS):
        _must(command("replay", MODEL, "--start", days[0], "--end", days[-1]))
    rollback = _must(command("rollback", MODEL, "--to", "1"))
    days = AFTER_ROLLBACK
    _must(command("backfill", MODEL, "--start", days[0], "--end", days[-1]))
    yield PlantedTrips(database, rollback)


def plant(trips: Path, folder: Path) -> None:
    """Write copies in which half of February's miles are kilometres, and March's trips longer."""
    folder.mkdir()
    for file in sorted(trips.glob("green_tripdata_2023-0[123].parquet")):
        rows = pd.read_parquet(file)
        pickup, dropoff = rows["lpep_pickup_datetime"], rows["lpep_dropoff_datetime"]
        february = (pickup >= "2023-02-01") & (pickup < "2023-03-01")
        half = np.random.default_rng(20230201).random(len(rows)) < 0.5
        kilometres = rows["trip_distance"] * KILOMETRES_PER_MILE
        longer = (pickup + (dropoff - pickup) * LONGER).dt.floor("s")
        rows["trip_distance"] = rows["trip_distance"].mask(february & half, kilometres)
        rows["lpep_dropoff_datetime"] = dropoff.mask(pickup >= "2023-03-01", longer)
        rows.to_parquet(folder / file.name, index=False)


def _must(outcome: Outcome) -> Outcome:
    if outcome.code:
        raise RuntimeError(outcome.errors or outcome.output)
    return outcome


def _day(row: Row) -> str:
    return f"{pd.Timestamp(row['window_start']).tz_convert(ZONE):%Y-%m-%d}"
