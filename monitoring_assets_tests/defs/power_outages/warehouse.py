"""The invented warehouse as pandas sees it, and the shipped model that reads from it.

Belongs here: drawn days and tables as frames, the spec with an address of ours. Stays out:
assertions.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

import monitoring_assets
from monitoring_assets.components.loading import load_model
from monitoring_assets.defs.power_outages.filling import SEED
from monitoring_assets.defs.power_outages.simulation import draw_day
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database

DEFINITION = Path(monitoring_assets.__file__).parent / "defs" / "power_outages" / "defs.yaml"


def utc(month: int, day: int, hour: int = 0, *, year: int = 2025) -> datetime:
    """Return a moment of the year."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def outages_spec(url: str) -> ModelSpec:
    """Return the shipped model, reading from this warehouse."""
    with patch.dict("os.environ", POWER_OUTAGES_URL=url):
        return load_model(DEFINITION)


def drawn(first: date, days: int, seed: int = SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return predictions and observations of some days."""
    found = [draw_day(seed, first + timedelta(days=number)) for number in range(days)]
    return (
        pa.concat_tables([one.predictions for one in found]).to_pandas(),
        pa.concat_tables([one.observations for one in found]).to_pandas(),
    )


def joined(predictions: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Return predictions beside the latest observation of their id, and how far apart they are."""
    latest = observations.sort_values("reported_at").drop_duplicates("prediction_id", keep="last")
    both = predictions.merge(latest, on="prediction_id", how="left")
    both["error"] = both["predicted_outages"] - both["outages"]
    return both.sort_values(["forecast_for", "prediction_id"], ignore_index=True)


def table(warehouse: Database, name: str) -> pd.DataFrame:
    """Return a table in an order of its own columns."""
    with warehouse.connect() as connection:
        rows = pd.read_sql_table(name, connection)
    for column in rows.select_dtypes("datetimetz"):
        rows[column] = rows[column].dt.as_unit("us")
    return rows.sort_values([*rows.columns], ignore_index=True)


def run(warehouse: Database, statement: str) -> None:
    """Run a statement on the warehouse."""
    with warehouse.begin() as connection:
        connection.execute(sa.text(statement))
