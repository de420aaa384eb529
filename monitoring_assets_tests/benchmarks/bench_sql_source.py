"""A day of a large table: 5,000,000 rows of 12 columns over five days, indexed by event time.

Promised: a day of 1,000,000 rows is read by the index, at 200,000 rows/s or more as the database
hands them out, in a process that never takes more than 600 MB. Takes two minutes and 2 GB of disk.
Another number of rows can be given: MONITORING_BENCHMARK_ROWS=500000.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets.sources.layouts import main_layout
from monitoring_assets.sources.sql.postgres import in_dollars
from monitoring_assets.sources.sql.rows import SqlRows
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import SqlSourceSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets_tests.specs import small_spec

ROWS = int(os.environ.get("MONITORING_BENCHMARK_ROWS", "5000000"))
WITHOUT_COPY = {"adbc.postgresql.use_copy": "false"}  # EXPLAIN cannot be copied
FILL = """
    INSERT INTO scores
    SELECT 'row ' || n, timestamptz '2025-01-01 00:00+00' + n * (interval '5 days' / %(rows)s),
        random(), random(), random(), random(), random(), n %% 100,
        'zone ' || n %% 250, (ARRAY['a', 'b', 'c'])[1 + n %% 3], random(), random()
    FROM generate_series(0, %(rows)s - 1) AS n
"""
TABLE = """
    CREATE TABLE scores (id text, scored_at timestamptz, n1 float8, n2 float8, n3 float8, n4 float8,
        n5 float8, n6 int, c1 text, c2 text, prediction float8, target float8)
"""


def main() -> None:
    """Start a server of its own, fill a table, and print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        try:
            measure(Database(server.ensure_running()), ROWS)
        finally:
            server.destroy()


def measure(database: Database, rows: int) -> None:
    print(f"{rows:,} rows filled and indexed in {seconds(lambda: fill(database, rows)):.0f} s")
    spec = scores_spec(database.url)
    print(*plan(database, raw_source(spec)), sep="\n")
    started = peak_megabytes()
    source, ends = build_source(spec, Places(Path())), a_day(spec)
    counts: list[int] = []
    for way, read in {
        "handed out by the database": lambda: sum(
            len(piece.table) for piece in raw_source(spec).pieces(*ends)
        ),
        "prepared for a model": lambda: source.read(*ends).table.num_rows,
    }.items():
        took = seconds(lambda read=read: counts.append(read()))
        print(
            f"one day {way}: {counts[-1]:,} rows, {counts[-1] / took:,.0f} rows/s,"
            f" peak {peak_megabytes():.0f} MB (before: {started:.0f} MB)"
        )
    print(f"newest event time:   {1000 * seconds(source.newest_event_time):8.1f} ms")
    outside = seconds(lambda: source.rows_outside([ends]))
    print(f"rows outside a day:  {1000 * outside:8.1f} ms")


def fill(database: Database, rows: int) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(FILL, {"rows": rows})
        connection.execute("CREATE INDEX ON scores (scored_at)")
        connection.execute("VACUUM ANALYZE scores")


def scores_spec(url: str) -> ModelSpec:
    days = {"start": "2025-01-01", "end": "2025-01-02"}
    return small_spec(
        windows={"granularity": "day", "start": days["start"]},
        source={"kind": "sql", "url": url, "table": "scores"},
        columns={
            "id": "id",
            "event_time": "scored_at",
            "numerical": [f"n{number}" for number in range(1, 7)],
            "categorical": ["c1", "c2"],
            "prediction": "prediction",
            "target": "target",
        },
        model=None,
        reference={"period": days},
    )


def raw_source(spec: ModelSpec) -> SqlRows:
    if not isinstance(spec.source, SqlSourceSpec):
        raise TypeError(spec.source.kind)
    return SqlRows(main_layout(spec), spec.source, Path())


def a_day(spec: ModelSpec) -> tuple[datetime, datetime]:
    begin = spec.windows.midnight(spec.windows.start + timedelta(days=2))
    return begin, begin + timedelta(days=1)


def plan(database: Database, rows: SqlRows) -> list[str]:
    """Return how the database reads a day, as it tells itself."""
    select = rows.select(*a_day(scores_spec(database.url)))
    if select is None:
        raise ValueError("there is no row")
    text, values = in_dollars(select)
    with database.adbc() as connection, connection.cursor(adbc_stmt_kwargs=WITHOUT_COPY) as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {text}", values)
        return [line for (line,) in cursor.fetchall()]


def peak_megabytes() -> float:
    """Return the most memory this process has ever taken."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
