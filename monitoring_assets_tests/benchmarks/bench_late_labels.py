"""The labels schedule: 500 hourly windows touched at once, twenty segments, fifteen columns.

Belongs here: labels of all windows arriving in a table, read and taken through quality by the job's
own work. Stays out: assertions, merging alone (bench_label_storage.py).
"""

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.assets.late_labels import read_late_labels
from monitoring_assets.components.loading import load_model
from monitoring_assets.records import Computation, Layer, Window
from monitoring_assets.spec.layer_hash import layer_hash
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.schema import upgrade
from monitoring_assets_tests.dagster_runs import Runner, write_model

HOURS, ROWS = 500, 200
COLUMNS = [f"number_{place}" for place in range(12)]
START = datetime(2025, 2, 1, tzinfo=UTC)
NOW = START + timedelta(hours=HOURS)
REPORTED = NOW + timedelta(hours=6)

_YAML = f"""\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {{granularity: hour, start: 2025-02-01}}
  source: {{kind: parquet, path: "scores/*.parquet"}}
  joined:
    - name: outcomes
      source: {{kind: parquet, path: "outcomes/*.parquet"}}
      columns: [target, known]
  columns:
    id: id
    event_time: time
    knowledge_time: known
    numerical: {COLUMNS}
    categorical: [shop]
    prediction: prediction
    target: target
  reference:
    period: {{start: 2025-01-01, end: 2025-02-01}}
  segments:
    - {{column: shop, most: 18}}
"""


def main() -> None:
    """Print the seconds that 500 windows take whose labels all arrive at once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        january = START - timedelta(days=31)
        _write(folder, "january", january, 31 * 24, known=january)
        _write(folder, "february", START, HOURS, known=None)
        server = EmbeddedServer(folder / "server")
        try:
            with server.hold() as url:
                database = Database(url)
                upgrade(database)
                _measure(database, folder)
                database.dispose()
        finally:
            server.destroy()
    print(f"one-minute load average at the end: {os.getloadavg()[0]:.1f}")


def _measure(database: Database, folder: Path) -> None:
    spec = load_model(write_model(folder / "models", _YAML))
    with Runner(spec, database, folder, now=NOW.isoformat()) as runner:
        runner.set_up()
        first, last = START, NOW - timedelta(hours=1)
        runner.span(f"{first:%Y-%m-%d-%H:%M}", f"{last:%Y-%m-%d-%H:%M}")
    _write_labels(folder, "february", HOURS, REPORTED)
    for attempt in ("labels of 500 windows arrive", "the same labels again"):
        feed = runner.resources["runtime"].label_feed(spec)
        start, processor = time.perf_counter(), time.process_time()
        result = read_late_labels(
            spec, database, feed, REPORTED + timedelta(hours=1), partial(_recorder, spec)
        )
        seconds = time.perf_counter() - start
        print(
            f"{attempt:<32}{seconds:8.1f} s, {time.process_time() - processor:.1f} s of the"
            f" processor without the server's; {result.read:,} labels read,"
            f" {len(result.touched)} windows brought up to date"
        )


def _recorder(spec: ModelSpec, layer: Layer) -> Any:
    def record(window: Window) -> Computation:
        return Computation(
            model_id=spec.model_id,
            layer=layer,
            run_id="benchmark",
            code_version="0",
            spec_hash=layer_hash(spec, layer),
            started_at=NOW,
            window=window,
        )

    return record


def _write(folder: Path, name: str, start: datetime, hours: int, known: datetime | None) -> None:
    """Write scores of so many hours, and their labels if they are known."""
    random, rows = np.random.default_rng(hours), hours * ROWS
    columns: dict[str, Any] = {one: random.normal(size=rows) for one in COLUMNS}
    columns |= {
        "id": _ids(name, rows),
        "time": _times(start, rows),
        "shop": random.choice([f"shop {place}" for place in range(18)], rows),
        "prediction": columns["number_0"] * 3,
    }
    (folder / "scores").mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / "scores" / f"{name}.parquet")
    if known is not None:
        _write_labels(folder, name, hours, known)


def _write_labels(folder: Path, name: str, hours: int, known: datetime) -> None:
    rows = hours * ROWS
    random = np.random.default_rng(rows)
    labels = {
        "id": _ids(name, rows),
        "target": random.normal(size=rows),
        "known": pa.array([known] * rows, pa.timestamp("us", "UTC")),
    }
    (folder / "outcomes").mkdir(exist_ok=True)
    pq.write_table(pa.table(labels), folder / "outcomes" / f"{name}.parquet")


def _ids(name: str, rows: int) -> list[str]:
    return [f"{name}-{number}" for number in range(rows)]


def _times(start: datetime, rows: int) -> pa.Array:
    step = timedelta(hours=1) / ROWS
    return pa.array([start + number * step for number in range(rows)], pa.timestamp("us", "UTC"))
