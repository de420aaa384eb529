"""The database at the promised size: 100 models, 365 daily windows, 30 columns.

Promised: it loads, and the three typical reads take less than 100 ms each, warm. Takes two minutes
and 4 GB of disk. A smaller size can be given: MONITORING_BENCHMARK_SIZE=10x365x30.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.records import Computation, DriftScore, Layer, Verdict, Window
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.generator import generate
from monitoring_assets.storage.results import drift_score_write
from monitoring_assets.storage.row_read import read_rows
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets.storage.schema import upgrade
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.dashboard_questions import (
    feature_year,
    model_year,
    newest_verdicts,
)

SIZE = os.environ.get("MONITORING_BENCHMARK_SIZE", "100x365x30")
START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = (START, START + timedelta(days=366))
ROWS = 300_000
WINDOW = Window(
    model_id="small",
    granularity="day",
    start=START,
    end=START + timedelta(days=1),
    partition_key="2025-01-01",
)


def main() -> None:
    """Start a server of its own, fill it, and print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        try:
            measure(Database(server.ensure_running()))
        finally:
            server.destroy()


def measure(database: Database) -> None:
    print(f"empty database, migrated:      {seconds(lambda: upgrade(database)):8.3f} s")
    print(f"asked whether it is migrated:  {milliseconds(lambda: upgrade(database)):8.1f} ms")
    measure_rows(database, small_spec())
    measure_window(database)
    models, days, columns = (int(part) for part in SIZE.split("x"))
    print(f"{models} models, {days} days, {columns} columns:")
    written: dict[str, int] = {}
    took = seconds(lambda: written.update(generate(database, models, days, columns)))
    print(f"  loaded in                    {took:8.1f} s, {sum(written.values()):,} rows")
    for table, megabytes in sizes(database):
        print(f"  {table:<28} {megabytes:8,.0f} MB, {written.get(table, 0):>10,} rows")
    model, column = f"generated_{(models + 1) // 2:03}", "feature_07"
    reads: dict[str, Callable[[], object]] = {
        "one model's year": lambda: model_year(database, model, *YEAR),
        "one feature's year": lambda: feature_year(database, model, column, *YEAR),
        "newest verdicts of all models": lambda: newest_verdicts(database),
    }
    for name, read in reads.items():
        print(f"  {name:<30}{milliseconds(read):7.1f} ms warm (promised: below 100)")


def measure_rows(database: Database, spec: ModelSpec) -> None:
    rng = np.random.default_rng(1)
    offsets = np.sort(rng.integers(0, 86_400_000_000, ROWS))
    times = np.datetime64("2025-01-01T00:00:00", "us") + offsets
    rows = pa.table(
        {
            "row_id": [f"row {i}" for i in range(ROWS)],
            "event_time": pa.array(times).cast(pa.timestamp("us", "UTC")),
            "model_version": ["1"] * ROWS,
            **{f"number {i}": rng.normal(size=ROWS) for i in range(7)},
            **{f"zone {i}": rng.integers(0, 250, ROWS).astype(str) for i in range(2)},
        }
    )
    table = ensure_row_table(database, spec, "predictions", rows.schema)
    computation = a_computation(Layer.PREDICTIONS)
    writing = seconds(lambda: replace_window_rows(database, computation, table, rows))
    reading = seconds(lambda: read_rows(database, table, WINDOW.start, WINDOW.end))
    print(f"{ROWS:,} rows of 12 columns:    {ROWS / writing:8,.0f} rows/s in (key and index)")
    print(f"{'':<31}{ROWS / reading:8,.0f} rows/s out")
    other = replace(WINDOW, start=WINDOW.end, end=WINDOW.end + timedelta(days=1))
    usual = replace(a_computation(Layer.PREDICTIONS), window=other)
    later = pa.array(times[:2000] + np.timedelta64(1, "D")).cast(pa.timestamp("us", "UTC"))
    some = rows.slice(0, 2000).set_column(1, "event_time", later)
    again = milliseconds(lambda: replace_window_rows(database, usual, table, some))
    print(f"window of 2,000 rows replaced: {again:8.1f} ms")


def measure_window(database: Database) -> None:
    write = drift_score_write([a_score(f"column {number}") for number in range(30)])
    computation = a_computation(Layer.DATA_DRIFT)
    took = milliseconds(lambda: replace_window(database, computation, [write]))
    print(f"window of 30 scores replaced:  {took:8.1f} ms")


def a_computation(layer: Layer) -> Computation:
    return Computation(
        model_id="small",
        layer=layer,
        run_id="benchmark",
        code_version="0",
        spec_hash="0",
        started_at=START,
        window=WINDOW,
    )


def a_score(column: str) -> DriftScore:
    return DriftScore(
        segment="all",
        column_name=column,
        method="kolmogorov_smirnov",
        reference_version=1,
        score=0.05,
        expected=None,
        p_value=None,
        threshold=0.1,
        n_reference=60_000,
        n_window=2_000,
        deciding=True,
        verdict=Verdict.OK,
        reason="kolmogorov_smirnov 0.05 is not above the threshold 0.1",
    )


def sizes(database: Database) -> list[tuple[str, float]]:
    query = sa.text(
        "SELECT relname, pg_total_relation_size(relid) / 1e6 AS megabytes FROM pg_stat_user_tables"
        " WHERE schemaname = 'monitoring' ORDER BY megabytes DESC LIMIT 4"
    )
    with database.connect() as connection:
        total = connection.execute(sa.text("SELECT pg_database_size(current_database()) / 1e6"))
        rows = [(str(row.relname), float(row.megabytes)) for row in connection.execute(query)]
        return [("whole database", float(total.scalar_one())), *rows]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median of twenty repetitions, the first of which warms up and does not count."""
    work()
    return 1000 * statistics.median(seconds(work) for _ in range(20))
