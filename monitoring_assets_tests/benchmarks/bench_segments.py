"""Segments: what twenty of them add to a window, layer by layer, and to the reference.

Belongs here: days of 1,000 rows x 15 columns, with and without segments, in one range run each.
Stays out: assertions, the error rate (bench_segment_error_rate.py).
"""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.components.loading import load_model
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.schema import upgrade
from monitoring_assets_tests.dagster_runs import Runner, write_model

ROWS, DAYS = 1_000, 10
NUMBERS = [f"number_{place}" for place in range(9)]
CATEGORIES = {"shop": 20, "colour": 3, "month": 12, "county": 50, "zone": 248}
JANUARY, FEBRUARY = datetime(2025, 1, 1), datetime(2025, 2, 1)  # noqa: DTZ001 - as most files' times

_YAML = f"""\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {{granularity: day, start: 2025-02-01}}
  source: {{kind: parquet, path: "*.parquet"}}
  columns:
    id: id
    event_time: time
    numerical: {NUMBERS}
    categorical: {[*CATEGORIES]}
    prediction: prediction
    target: target
  reference:
    period: {{start: 2025-01-01, end: 2025-02-01}}
"""
_SEGMENTS = """\
  segments:
    - {column: shop, most: 18}
"""


def main() -> None:
    """Print seconds by layer of a window, without segments and with twenty of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "january.parquet", 31 * ROWS, (JANUARY, FEBRUARY), seed=1)
        _write(folder / "days.parquet", DAYS * ROWS, (FEBRUARY, FEBRUARY + DAYS * _DAY), seed=2)
        server = EmbeddedServer(folder / "server")
        try:
            with server.hold() as url:
                database = Database(url)
                upgrade(database)
                _measure(database, folder, "without", _YAML)
                _measure(database, folder, "with_segments", _YAML + _SEGMENTS)
                database.dispose()
        finally:
            server.destroy()
    print(f"one-minute load average at the end: {os.getloadavg()[0]:.1f}")


_DAY = timedelta(days=1)


def _measure(database: Database, folder: Path, model_id: str, text: str) -> None:
    spec = load_model(write_model(folder / "models", text, model_id))
    days = [f"{FEBRUARY + place * _DAY:%Y-%m-%d}" for place in range(DAYS)]
    with Runner(spec, database, folder) as runner:
        taken = _taken(runner.set_up)
        print(f"{model_id}: training and reference {taken}")
        runner.span(days[0], days[0])  # imports, and what the first window of a process costs
        start, processor = time.perf_counter(), time.process_time()
        result = runner.span(days[1], days[-1])
        wall, processor = time.perf_counter() - start, time.process_time() - processor
    layers: defaultdict[str, float] = defaultdict(float)
    for event in result.all_events:
        if event.is_step_success and event.step_key:
            seconds = event.step_success_data.duration_ms / 1000
            layers[event.step_key.rpartition("__")[2]] += seconds / (DAYS - 1)
    for layer, seconds in layers.items():
        print(f"  {layer:<18} {seconds * 1000:6.0f} ms a window")
    each = f"{wall / (DAYS - 1) * 1000:.0f} ms, {processor / (DAYS - 1) * 1000:.0f} ms of processor"
    print(f"  a window of {ROWS:,} rows x 15 columns: {each} here")


def _taken(work: Callable[[], object]) -> str:
    start, processor = time.perf_counter(), time.process_time()
    work()
    wall, processor = time.perf_counter() - start, time.process_time() - processor
    return f"{wall:.1f} s, {processor:.1f} s of processor"


def _write(path: Path, rows: int, period: tuple[datetime, datetime], seed: int) -> None:
    generator = np.random.default_rng(seed)
    length = int((period[1] - period[0]) / timedelta(microseconds=1))
    moments = np.sort(generator.integers(0, length, rows)).astype("timedelta64[us]")
    target = generator.gamma(2, 6, rows)
    columns = {
        "id": pa.array([f"{path.stem}-{place:07}" for place in range(rows)]),
        "time": pa.array(np.datetime64(period[0], "us") + moments),
        **{name: pa.array(generator.normal(size=rows)) for name in NUMBERS},
        **{
            name: pa.array(_categories(generator, many, rows)).cast(pa.string())
            for name, many in CATEGORIES.items()
        },
        "prediction": pa.array(target + generator.normal(size=rows)),
        "target": pa.array(target),
    }
    pq.write_table(pa.table(columns), path)


def _categories(generator: np.random.Generator, many: int, rows: int) -> np.ndarray:
    shares = 1 / np.arange(1, many + 1)
    return generator.choice(many, rows, p=shares / shares.sum())


if __name__ == "__main__":
    main()
