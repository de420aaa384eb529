"""Small stored things for the tests of this folder: windows, computations, rows.

Belongs here: values without assertions. Stays out: fixtures of all tests (conftest.py).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.records import (
    WINDOW_LAYERS,
    Computation,
    DataQuality,
    DriftScore,
    Layer,
    Verdict,
    Window,
)
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.window_write import replace_window

START = datetime(2023, 2, 1, tzinfo=UTC)
NOW = datetime(2023, 3, 1, 12, tzinfo=UTC)


def a_window(day: int = 0, model_id: str = "small") -> Window:
    start = START + timedelta(days=day)
    return Window(
        model_id=model_id,
        granularity="day",
        start=start,
        end=start + timedelta(days=1),
        partition_key=f"{start:%Y-%m-%d}",
    )


def a_computation(
    layer: Layer = Layer.DATA_DRIFT, window: Window | None = None, **changes: Any
) -> Computation:
    window = window or a_window()
    values: dict[str, Any] = {
        "model_id": window.model_id,
        "layer": layer,
        "run_id": "a-run",
        "code_version": "0",
        "spec_hash": "0123456789abcdef",
        "started_at": NOW,
        "window": window,
    }
    return Computation(**(values | changes))


def a_score(column: str = "distance", **changes: Any) -> DriftScore:
    values: dict[str, Any] = {
        "segment": "all",
        "column_name": column,
        "method": "kolmogorov_smirnov",
        "reference_version": 1,
        "score": 0.25,
        "expected": None,
        "p_value": None,
        "threshold": 0.1,
        "n_reference": 1000,
        "n_window": 100,
        "deciding": True,
        "verdict": Verdict.ALARM,
        "reason": "0.25 is above the threshold 0.1",
    }
    return DriftScore(**(values | changes))


def a_quality_number(column: str = "", **changes: Any) -> DataQuality:
    values: dict[str, Any] = {
        "segment": "all",
        "column_name": column,
        "metric": "missing_share",
        "value": 0.5,
        "expectation": "at most 0.1",
        "verdict": Verdict.ALARM,
        "reason": "50 %, more than the 10 % allowed",
    }
    return DataQuality(**(values | changes))


def prediction_rows(window: Window, number: int = 3) -> pa.Table:
    times = [window.start + timedelta(seconds=i) for i in range(number)]
    values = {
        "row_id": pa.array([f"r{i}" for i in range(number)], pa.string()),
        "event_time": pa.array(times, pa.timestamp("us", "UTC")),
        "model_version": pa.array(["1"] * number, pa.string()),
        "distance": pa.array(range(number), pa.float64()),
        "prediction": pa.array([10.0 + i for i in range(number)], pa.float64()),
    }
    return pa.table(values)


def label_rows(window: Window, targets: Mapping[str, float], known: datetime) -> pa.Table:
    """Return labels of rows made by `prediction_rows`: id -> target."""
    times = [window.start + timedelta(seconds=int(row_id[1:])) for row_id in targets]
    return pa.table(
        {
            "row_id": list(targets),
            "event_time": pa.array(times, pa.timestamp("us", "UTC")),
            "knowledge_time": pa.array([known] * len(targets), pa.timestamp("us", "UTC")),
            "target": pa.array(targets.values(), pa.float64()),
        }
    )


def compute_all_layers(database: Database, window: Window, **changes: Any) -> None:
    """Make a window complete, without any rows."""
    for layer in WINDOW_LAYERS:
        replace_window(database, a_computation(layer, window, **changes), [])


def rows_of(database: Database, table: sa.FromClause) -> list[dict[str, Any]]:
    with database.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def number_of(database: Database, table: sa.FromClause) -> int:
    with database.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
