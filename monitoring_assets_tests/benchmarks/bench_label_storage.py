"""Labels that come late, in the database: merging them, finding their rows, what was known when.

A month of 3,000,000 predictions and labels, 100,000 a day; then 500 windows of three models whose
hundred numbers were said thirty times. Takes three minutes and 3 GB of disk.
"""

import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.records import Computation, Layer, Window
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.generator.base import into, numbers
from monitoring_assets.storage.labels import ensure_id_index, find_predictions, merge_labels
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets.storage.schema import upgrade
from monitoring_assets_tests.specs import small_spec

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS, ROWS = 30, 100_000
INSTANT = pa.timestamp("us", "UTC")


def main() -> None:
    """Start a server of its own, fill it, and print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        try:
            database = Database(server.ensure_running())
            upgrade(database)
            measure_rows(database)
            measure_moments(database)
        finally:
            server.destroy()


def measure_rows(database: Database) -> None:
    predictions, labels = predictions_of(0), labels_of(range(1), known=0)
    rows = ensure_row_table(database, small_spec(), "predictions", predictions.schema)
    table = ensure_row_table(database, small_spec(), "labels", labels.schema)
    for day in range(DAYS):
        replace_window_rows(database, made(Layer.PREDICTIONS, day), rows, predictions_of(day))
        replace_window_rows(database, made(Layer.LABELS, day), table, labels_of([day], known=0))
    for what, days, computation in (
        ("a day of as many", range(3, 4), made(Layer.LABELS, 3)),
        (f"a window of {DAYS * ROWS:,}", range(DAYS), made(Layer.LABELS, 0, length=DAYS)),
    ):
        late = labels_of(days, 1 + len(days), ROWS // len(days))
        for kind in ("new", "known"):
            merge = partial(merge_labels, database, computation, table, late)
            print(f"{late.num_rows:,} {kind} labels into {what}: {seconds(merge):6.2f} s")
    measure_ids(database, rows)


def measure_ids(database: Database, table: RowTable) -> None:
    stored = DAYS * ROWS
    wanted = pa.concat_arrays([ids_of(day).slice(0, ROWS // DAYS + 1) for day in range(DAYS)])
    took = seconds(partial(ensure_id_index, database, table))
    print(f"index of {stored:,} ids: {took:6.2f} s")
    for ids in (wanted.slice(0, 500), wanted):
        took = seconds(partial(find_predictions, database, table, ids))
        print(f"{len(ids):,} ids found among {stored:,} predictions: {took:6.2f} s")


def measure_moments(database: Database) -> None:
    with database.begin() as connection:
        for statement in (history(1, 30), into(tables.model_quality, said(31, 31))):
            connection.execute(statement)
        connection.execute(sa.text("ANALYZE"))
    for what, where in {
        "one window": {"model_id": "m2", "window_start": START + timedelta(days=9)},
        "one metric": {"model_id": "m2", "segment": "s1", "metric": "k1"},
        "one model": {"model_id": "m2"},
    }.items():
        for day in (19, 45, 365):
            query = as_of(START + timedelta(days=day), where)
            took = 1000 * seconds(partial(rows_of, database, query), times=3)
            found = len(rows_of(database, query))
            print(f"{what} as known after {day} days: {took:8.1f} ms, {found:,} rows")


def history(first: int, last: int) -> sa.Insert:
    query = said(first, last)
    until = (query.selected_columns["recorded_at"] + timedelta(days=1)).label("superseded_at")
    return into(tables.model_quality_history, query.add_columns(until).order_by("recorded_at"))


def said(first: int, last: int) -> sa.Select[Any]:
    """Return numbers of 500 hours, three models, twenty segments: said a day after the other."""
    ranges = {"g": (first, last), "w": (0, 499), "m": (1, 3), "s": (1, 20), "k": (1, 5)}
    series = {name: numbers(*span, name) for name, span in ranges.items()}
    n = {name: one.c.n for name, one in series.items()}
    start = sa.cast(START, sa.DateTime(timezone=True)) + n["w"] * timedelta(hours=1)
    return sa.select(
        *(sa.func.concat(letter, n[letter]).label(name) for name, letter in TEXTS.items()),
        *(sa.literal(value).label(name) for name, value in FIXED.items()),
        start.label("window_start"),
        (start + n["g"] * timedelta(days=1)).label("recorded_at"),
        sa.func.random().label("value"),
        n["g"].label("computation_id"),
    ).select_from(reduce(lambda left, right: left.join(right, sa.true()), series.values()))


TEXTS = {"model_id": "m", "segment": "s", "metric": "k"}
FIXED = {
    "granularity": "hour",
    "class_name": "",
    "kind": "realised",
    "model_version": "1",
    "labels": 100,
    "verdict": "ok",
    "reason": "does not lie beyond the threshold",
}


def as_of(moment: datetime, where: dict[str, Any]) -> sa.Select[Any]:
    columns = [sa.column(column.name, column.type) for column in tables.model_quality.c]
    given = sa.literal(moment, sa.DateTime(timezone=True))
    known = sa.func.grafana.model_quality_as_of(given).table_valued(*columns, name="known")
    return sa.select(known).where(*(known.c[name] == value for name, value in where.items()))


def rows_of(database: Database, query: sa.Select[Any]) -> list[Any]:
    with database.connect() as connection:
        return list(connection.execute(query))


def made(layer: Layer, day: int, length: int = 1) -> Computation:
    start = START + timedelta(days=day)
    window = Window(
        model_id="small",
        granularity="day",
        start=start,
        end=start + timedelta(days=length),
        partition_key=f"{start:%F}",
    )
    return Computation(
        model_id="small",
        layer=layer,
        run_id="benchmark",
        code_version="0",
        spec_hash="0",
        started_at=START,
        window=window,
    )


def ids_of(day: int) -> pa.Array:
    """Return ids in no order that an index could profit from."""
    scattered = np.random.default_rng(day).integers(0, 2**40, ROWS)
    return pa.array([f"{number:010x}-{day}-{i}" for i, number in enumerate(scattered)])


def predictions_of(day: int) -> pa.Table:
    rng = np.random.default_rng(1000 + day)
    offsets = np.sort(rng.integers(0, 86_400_000_000, ROWS))
    times = np.datetime64(START.replace(tzinfo=None), "us") + np.timedelta64(day, "D") + offsets
    features = {f"number {i}": rng.normal(size=ROWS) for i in range(8)}
    return pa.table(
        {
            "row_id": ids_of(day),
            "event_time": pa.array(times).cast(INSTANT),
            "model_version": ["1"] * ROWS,
            "prediction": rng.normal(size=ROWS),
            **features,
        }
    )


def labels_of(days: Iterable[int], known: int, rows: int = ROWS) -> pa.Table:
    """Return the first labels of each of these days, known so many days after the first one."""
    moment = pa.scalar(START + timedelta(days=40 + known), INSTANT)
    named = [predictions_of(day).select(["row_id", "event_time"]).slice(0, rows) for day in days]
    labels = pa.concat_tables(named)
    labels = labels.append_column("knowledge_time", pa.repeat(moment, labels.num_rows))
    return labels.append_column("target", pa.array(np.arange(labels.num_rows, dtype=float)))


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return how long the work takes; of several times the shortest."""
    took: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)
