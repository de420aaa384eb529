"""A model watched in segments: its files, its windows in real Dagster, and the same rows in pandas.

Belongs here: rows, files, the runner, what is stored of a day. Stays out: assertions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from monitoring_assets.assets import names
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.small_model import SmallModel, write_day
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec
from monitoring_assets_tests.stored import Row, rows_of

ROWS = 600
QUIET, SHIFTED, MIXED, WORSE = "2023-02-01", "2023-02-02", "2023-02-03", "2023-02-04"
DAYS = (QUIET, SHIFTED, MIXED, WORSE)
JANUARY = [f"2023-01-{day:02}" for day in range(1, 7)]
BY_ZONE = ("zone=north", "zone=south", "zone=(other)", "zone=(missing)")
FAR = "far_and_tipped"

SPEC = small_spec(
    **WATCHED
    | {
        "columns": small_columns(
            prediction="said", model_version="version", monitored={"numerical": ["tip"]}
        ),
        "filters": [{"name": "too_far", "column": "distance", "maximum": 14}],
        "segments": [
            {"column": "zone", "most": 2},
            {"name": FAR, "where": "distance >= 4 and tip > 2"},
        ],
        "drift": {"numerical": {"method": "kolmogorov_smirnov", "threshold": 0.12}},
    }
)


def rows_of_day(day: str) -> dict[str, Any]:
    """Return a day's columns, at random: some values missing, some rows too far."""
    random = np.random.default_rng(int(day.replace("-", "")))
    named = np.array(["north", "south", "west", "east", None], dtype=object)
    zone = random.choice(named, ROWS, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    distance = random.gamma(2, 2, ROWS) + (zone == "north")
    distance += 3 * ((zone == "south") & (day == SHIFTED))
    minutes = 4 * distance + random.normal(5, 1, ROWS)
    spread = np.where(np.isin(zone.astype(str), ["west", "east"]) & (day == WORSE), 1.6, 1.0)
    said = minutes + random.normal(0, 1, ROWS) * spread
    tip = random.normal(2, 0.5, ROWS)
    tip[random.random(ROWS) < 0.05] = np.nan
    said[random.random(ROWS) < 0.02] = np.nan
    return {
        "time": np.datetime64(day, "us") + np.arange(ROWS) * np.timedelta64(86_400_000_000 // ROWS),
        "distance": distance,
        "zone": zone,
        "tip": tip,
        "minutes": minutes,
        "said": said,
        "version": random.choice(["7", "8"], ROWS) if day == MIXED else np.array(["7"] * ROWS),
    }


@dataclass(frozen=True)
class Segmented:
    """The model with its windows computed."""

    model: SmallModel
    runs: dict[str, dg.ExecuteInProcessResult]

    def stored(self, table: str, day: str, **equal: Any) -> list[Row]:
        """Return the rows of a table about a day."""
        start = pd.Timestamp(day, tz="UTC").to_pydatetime()
        found = tables.METADATA.tables[f"monitoring.{table}"]
        return rows_of(self.model.database, found, window_start=start, **equal)

    def metadata(self, day: str, layer: Layer) -> dict[str, Any]:
        """Return the metadata of the newest materialization of a layer's window."""
        (event,) = [
            one.event_specific_data.materialization  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess] - Dagster types these events loosely
            for one in self.runs[day].get_asset_materialization_events()
            if one.asset_key == names.asset_key("small", layer)
        ]
        return {name: one.value for name, one in event.metadata.items()}

    def check(self, day: str, name: str) -> dg.AssetCheckEvaluation:
        """Return a check of a day."""
        found = self.runs[day].get_asset_check_evaluations()
        (one,) = [check for check in found if check.check_name == name]
        return one

    @cached_property
    def reference(self) -> pd.DataFrame:
        """The rows of the reference that pass, read with pandas."""
        return pd.concat([self.frame(day) for day in JANUARY])

    def frame(self, day: str) -> pd.DataFrame:
        """Return the rows of a day that pass, read with pandas."""
        rows = pd.read_parquet(self.model.folder / "small" / f"{day}.parquet")
        return rows[rows["distance"] <= 14]

    def slices(self, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Return rows by segment, found on a path of their own."""
        zone = rows["zone"]
        named = zone.isin(["north", "south"])
        return {
            "all": rows,
            "zone=north": rows[zone == "north"],
            "zone=south": rows[zone == "south"],
            "zone=(other)": rows[~named & zone.notna()],
            "zone=(missing)": rows[zone.isna()],
            FAR: rows[(rows["distance"] >= 4) & (rows["tip"] > 2)],
        }


@contextmanager
def segmented_model(new_database: NewDatabase, folder: Path) -> Iterator[Segmented]:
    """Open the model with its reference measured and its four days computed."""
    for day in (*JANUARY, *DAYS):
        write_day(folder, day, ROWS, **rows_of_day(day))
    with new_database() as database, Runner(SPEC, database, folder) as runner:
        runner.set_up()
        runs = {day: runner.one(day) for day in DAYS}
        yield Segmented(SmallModel(folder, runner), runs)
