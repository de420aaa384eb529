"""Roll-ups at the promised size: a year of hourly windows x 20 segments x 15 columns.

Promised: one week of everything, the year's 52 weeks of segment `all`, and those of one column over
all segments take less than a second each, warm. Takes three minutes and 2 GB of disk. A smaller
year can be given: MONITORING_BENCHMARK_DAYS=28.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.span import SpanProfiles
from monitoring_assets.records import ALL
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.packed import pack
from monitoring_assets.storage.roll_up.spans import read_spans
from monitoring_assets.storage.roll_up.windows import Wanted
from monitoring_assets.storage.schema import upgrade
from monitoring_assets.storage.statements import arrow_transaction

DAYS = int(os.environ.get("MONITORING_BENCHMARK_DAYS", "365"))
START = datetime(2024, 1, 1, tzinfo=UTC)
MODEL = ("hourly", "hour")
SEGMENTS = [ALL, *(f"zone={number}" for number in range(1, 20))]
COLUMNS = [f"column_{number:02}" for number in range(1, 16)]
NUMBERS = 10
"""So many columns are numbers, in 265 bins, the others categories, of which there are 100."""
ROWS = {True: 2_000, False: 100}
"""Rows of an hour, in `all` and in a segment."""
VARIETY = 97
"""Different profiles of a column."""


def main() -> None:
    """Start a server of its own, fill it, and print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        try:
            measure(Database(server.ensure_running()))
        finally:
            server.destroy()


def measure(database: Database) -> None:
    upgrade(database)
    took = seconds(lambda: fill(database), best_of=1)
    hours, profiles = DAYS * 24, DAYS * 24 * len(SEGMENTS) * len(COLUMNS)
    print(f"{hours:,} hours x {len(SEGMENTS)} segments x {len(COLUMNS)} columns = {profiles:,}")
    print(f"written in {took:.0f} s, {megabytes(database):,.0f} MB with indexes")
    weeks = [START + timedelta(weeks=number) for number in range(DAYS // 7 + 1)]
    asked: dict[str, tuple[list[datetime], Wanted]] = {
        "one week of everything": (weeks[1:3], Wanted()),
        "year by weeks, segment all": (weeks, Wanted(segments=[ALL])),
        "year by weeks, one column": (weeks, Wanted(columns=["column_03"], quality=False)),
        "year by weeks, quality only": (weeks, Wanted(columns=())),
        "year by weeks, everything": (weeks, Wanted()),
    }
    for name, (bounds, wanted) in asked.items():
        found = read(database, bounds, wanted)
        took = seconds(partial(read, database, bounds, wanted))
        sums = sum(len(span.columns) + len(span.quality) for span in found)
        print(f"  {name:<28} {took:6.2f} s for {sums:,} sums in {len(found)} weeks")


def read(database: Database, bounds: list[datetime], wanted: Wanted) -> list[SpanProfiles]:
    return read_spans(database, MODEL, bounds, wanted)


def fill(database: Database) -> None:
    with arrow_transaction(database) as transaction:
        transaction.stage(pool(), "pool")
        transaction.stage(quality_pool(), "quality_pool")
        for statement in (WINDOWS, PROFILES, SUMS):
            transaction.run(sa.text(statement))
    with database.engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            sa.text("VACUUM ANALYZE monitoring.window_profile, monitoring.quality_profile")
        )


def pool() -> pa.Table:
    """Return different profiles of a column of numbers and of one of categories."""
    generator = np.random.default_rng(0)
    even, uneven = np.full(265, 1 / 265), 1 / np.arange(1, 101)
    rows = [
        {"numerical": numerical, "large": large, "n": n, "counts": pack(counts)}
        for numerical, shares in ((True, even), (False, uneven / uneven.sum()))
        for large, size in ROWS.items()
        for n, counts in enumerate(generator.multinomial(size, shares, VARIETY))
    ]
    return pa.Table.from_pylist(rows)


def quality_pool() -> pa.Table:
    generator = np.random.default_rng(1)
    rows = [
        {"large": large, "n": n, "sums": json.dumps(profile.to_sums())}
        for large, size in ROWS.items()
        for n in range(VARIETY)
        for target in [generator.normal(20, 9, size)]
        for profile in [profile_regression(target, target + generator.normal(0, 3, size), 20.0)]
    ]
    return pa.Table.from_pylist(rows)


_HOURS = f"""
    FROM generate_series(0, {DAYS * 24 - 1}) AS hour
    CROSS JOIN LATERAL (
        SELECT '{START.isoformat()}'::timestamptz + hour * interval '1 hour' AS start
    ) AS begun
"""
_SEGMENTS = f"""
    CROSS JOIN generate_series(0, {len(SEGMENTS) - 1}) AS place
    CROSS JOIN LATERAL (SELECT CASE place WHEN 0 THEN 'all' ELSE 'zone=' || place END AS name,
                               place = 0 AS large) AS segment
"""
WINDOWS = f"""
    INSERT INTO monitoring."window" (model_id, granularity, window_start, window_end, partition_key,
        rows_scored, status, computed_at, computation_id)
    SELECT 'hourly', 'hour', start, start + interval '1 hour', to_char(start, 'YYYY-MM-DD-HH24:00'),
        {ROWS[True]}, 'complete', now(), hour {_HOURS}"""
# In the order in which storage/profiles.py writes the profiles of a window.
PROFILES = f"""
    INSERT INTO monitoring.window_profile (model_id, granularity, window_start, segment,
        column_name, bins_version, kind, rows, missing, positive_infinite, negative_infinite,
        minimum, maximum, moment_1, moment_2, counts, outside, computation_id)
    SELECT 'hourly', 'hour', start, segment.name, 'column_' || lpad("column"::text, 2, '0'), 1,
        CASE WHEN numerical THEN 'numerical' ELSE 'categorical' END,
        CASE WHEN pool.large THEN {ROWS[True]} ELSE {ROWS[False]} END + 5, 5, 0, 0,
        CASE WHEN numerical THEN 0.5 END, CASE WHEN numerical THEN 20.5 END, 3.25, 25000.5,
        counts, 3, hour
    {_HOURS} {_SEGMENTS}
    CROSS JOIN generate_series(1, {len(COLUMNS)}) AS "column"
    JOIN pool ON numerical = ("column" <= {NUMBERS}) AND pool.large = segment.large
        AND n = (hour * 7 + place * 13 + "column" * 31) % {VARIETY}
    ORDER BY hour, place > 0, "column", place"""
SUMS = f"""
    INSERT INTO monitoring.quality_profile (model_id, granularity, window_start, segment,
        model_version, labels, sums, computation_id)
    SELECT 'hourly', 'hour', start, segment.name, '1',
        CASE WHEN pool.large THEN {ROWS[True]} ELSE {ROWS[False]} END, sums::jsonb, hour
    {_HOURS} {_SEGMENTS}
    JOIN quality_pool AS pool ON pool.large = segment.large AND n = (hour * 7 + place) % {VARIETY}
    ORDER BY hour, place"""


def megabytes(database: Database) -> float:
    size = sa.func.pg_total_relation_size("monitoring.window_profile")
    with database.connect() as connection:
        return connection.execute(sa.select(size)).scalar_one() / 1e6


def seconds(work: Callable[[], object], best_of: int = 3) -> float:
    """Return how long it takes at best."""
    times: list[float] = []
    for _ in range(best_of):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
