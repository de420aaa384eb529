"""The main job on real trips: run once for a session, and the same trips read by pandas.

Belongs here: the backfill of two months by the command line, and an independent reading of the
files, which shares no code with the package. Stays out: assertions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dagster as dg
import pandas as pd

from monitoring_assets.cli.models import find_model
from monitoring_assets.resources.dagster_home import open_instance
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import command_line

MODEL = "green_taxi"
ZONE = "America/New_York"
FIRST, LAST = "2023-02-01", "2023-03-31"
DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range(FIRST, LAST)]


@dataclass(frozen=True)
class MainJob:
    """What the main job left behind."""

    spec: ModelSpec
    database: Database
    instance: dg.DagsterInstance
    folder: Path
    output: str

    @property
    def trips(self) -> pd.DataFrame:
        """The trips of all files, see `read_trips`."""
        return read_trips(self.folder)

    def day(self, key: str) -> pd.DataFrame:
        """The trips of one local day."""
        return self.trips[self.trips["day"] == key]

    @property
    def january(self) -> pd.DataFrame:
        """The trips of the reference period."""
        return self.trips[self.trips["day"].str.startswith("2023-01-")]


@contextmanager
def run_main_job(database: Database, trips: Path, home: Path) -> Iterator[MainJob]:
    """Backfill the 59 windows by the command line."""
    command = command_line(database, home, GREEN_TAXI_FOLDER=str(trips))
    outcome = command("backfill", MODEL, "--start", FIRST, "--end", LAST)
    if outcome.code:
        raise RuntimeError(outcome.errors)
    with command.applied():
        spec, instance = find_model(MODEL), open_instance(database)
        with instance:
            yield MainJob(spec, database, instance, trips, outcome.output)


@cache
def read_trips(folder: Path) -> pd.DataFrame:
    """Read every file with pandas, and add what the model's YAML derives.

    Columns as the model calls them; `day`: the local day of the pick-up; `naive_minutes`: what a
    reader finds who takes local stamps for instants. Stamps of the hour that 12 March lacks move on
    by an hour.
    """
    files = sorted(folder.glob("green_tripdata_*.parquet"))
    trips = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    pickup = _instants(trips["lpep_pickup_datetime"])
    dropoff = _instants(trips["lpep_dropoff_datetime"])
    return pd.DataFrame(
        {
            "event_time": pickup,
            "day": pickup.dt.strftime("%Y-%m-%d"),
            "passenger_count": trips["passenger_count"].astype(float),
            "trip_distance": trips["trip_distance"].astype(float),
            "hour": pickup.dt.hour.astype(float),
            "pickup_zone": trips["PULocationID"].astype(str),
            "dropoff_zone": trips["DOLocationID"].astype(str),
            "weekday": (pickup.dt.dayofweek + 1).astype(str),
            "fare_amount": trips["fare_amount"].astype(float),
            "total_amount": trips["total_amount"].astype(float),
            "duration_minutes": (dropoff - pickup).dt.total_seconds() / 60,
            "naive_minutes": _naive_minutes(trips),
            "in_missing_hour": _in_missing_hour(trips),
        }
    )


def passes(trips: pd.DataFrame) -> "pd.Series[bool]":
    """Return which trips pass the model's filter."""
    return trips["duration_minutes"].between(1, 60)


def _instants(stamps: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    return stamps.dt.tz_localize(ZONE, nonexistent=pd.Timedelta(hours=1), ambiguous="raise")


def _naive_minutes(trips: pd.DataFrame) -> "pd.Series[float]":
    apart = trips["lpep_dropoff_datetime"] - trips["lpep_pickup_datetime"]
    return apart.dt.total_seconds() / 60


def _in_missing_hour(trips: pd.DataFrame) -> "pd.Series[bool]":
    lost = pd.Timestamp("2023-03-12 02:00"), pd.Timestamp("2023-03-12 02:59:59")
    return trips["lpep_pickup_datetime"].between(*lost) | trips["lpep_dropoff_datetime"].between(
        *lost
    )
