"""One large window: 1,000,000 rows x 20 columns, from a Parquet file to all tables.

Belongs here: seconds by layer and peak memory of the process that computes the window, after a
process of its own has measured the reference. Stays out: assertions, reading alone
(bench_sources.py).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 1_000_000
_REFERENCE_ROWS = 200_000
_NUMBERS = [f"number_{place}" for place in range(11)]
_CATEGORIES = {"colour": 8, "weekday": 7, "shop": 60, "town": 400, "article": 1000}
_FIRST = datetime(2025, 3, 1)  # noqa: DTZ001 - the file's times have no zone, as most files' have

_YAML = f"""\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {{granularity: day, start: 2025-03-02, end: 2025-03-03}}
  source: {{kind: parquet, path: "*.parquet"}}
  columns:
    id: id
    event_time: time
    numerical: {_NUMBERS}
    categorical: {[*_CATEGORIES]}
    prediction: prediction
    target: target
  reference:
    period: {{start: 2025-03-01, end: 2025-03-02}}
"""


def main() -> None:
    """Print seconds by layer and the peak memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "reference.parquet", _REFERENCE_ROWS, _FIRST, seed=1)
        _write(folder / "window.parquet", ROWS, _FIRST + timedelta(days=1), seed=2)
        model = folder / "models" / "large"
        model.mkdir(parents=True)
        (model / "defs.yaml").write_text(_YAML, encoding="utf-8")
        environment = os.environ | {"MONITORING_DATA_FOLDER": name}
        _child("set_up", environment)
        found = json.loads(_child("one_window", environment))
    columns = len(_NUMBERS) + len(_CATEGORIES) + 4
    for layer, seconds in found["layers"].items():
        print(f"{layer:<18} {seconds:6.2f} s")
    print(
        f"{ROWS:,} rows x {columns} columns: {found['seconds']:.1f} s after the imports"
        f" ({found['imports']:.1f} s), peak memory {found['peak_mb']} MB"
    )


def set_up() -> None:
    """Measure the reference, in a process of its own."""
    from monitoring_assets.resources.opening import held_database

    with held_database() as database:
        _runner(database.url).set_up()


def one_window() -> None:
    """Compute the window and print what it took as JSON."""
    import resource

    begun = time.perf_counter()
    from monitoring_assets.resources.opening import held_database

    with held_database() as database:
        runner = _runner(database.url)
        runner.definitions.resolve_job_def("large__monitoring")
        ready = time.perf_counter()
        result = runner.one("2025-03-02")
        done = time.perf_counter()
    layers = {
        event.step_key.rpartition("__")[2]: event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.is_step_success and event.step_key
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    seconds = {"seconds": done - ready, "imports": ready - begun}
    print(json.dumps({"layers": layers, "peak_mb": peak, **seconds}))


def _runner(url: str) -> Any:
    from monitoring_assets.components.loading import load_model
    from monitoring_assets.storage.database import Database
    from monitoring_assets_tests.dagster_runs import Runner

    folder = Path(os.environ["MONITORING_DATA_FOLDER"])
    spec = load_model(folder / "models" / "large" / "defs.yaml")
    return Runner(spec, Database(url), folder)


def _child(function: str, environment: dict[str, str]) -> str:
    program = f"from {__name__} import {function}; {function}()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.splitlines()[-1] if done.stdout else ""


def _write(path: Path, rows: int, day: datetime, seed: int) -> None:
    generator = np.random.default_rng(seed)
    seconds = np.sort(generator.integers(0, 86_400_000_000, rows)).astype("timedelta64[us]")
    target = generator.gamma(2, 6, rows)
    columns = {
        "id": pa.array([f"{path.stem}-{place:07}" for place in range(rows)]),
        "time": pa.array(np.datetime64(day, "us") + seconds),
        **{name: pa.array(generator.normal(size=rows)) for name in _NUMBERS},
        **{
            name: pa.array(generator.integers(0, many, rows)).cast(pa.string())
            for name, many in _CATEGORIES.items()
        },
        "prediction": pa.array(target + generator.normal(size=rows)),
        "target": pa.array(target),
    }
    pq.write_table(pa.table(columns), path)
