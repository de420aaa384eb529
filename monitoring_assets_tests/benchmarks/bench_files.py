"""Reading one large file: 1,000,000 rows x 20 columns as CSV and as Parquet, one day at a time.

Promised: a few hundred MB at most. The file holds ten days; each format is read in a process of its
own, so that its peak of memory is its own.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.specs import small_spec

ROWS, DAYS = 1_000_000, 10
NUMERICAL = [f"number_{place}" for place in range(11)]
CATEGORICAL = [f"category_{place}" for place in range(6)]
FIRST = datetime(2023, 2, 1, tzinfo=UTC)


def main() -> None:
    """Write the files and print what each format takes."""
    with tempfile.TemporaryDirectory() as folder:
        run("write", folder)
        for kind in ("csv", "parquet"):
            size = (Path(folder) / f"rows.{kind}").stat().st_size
            print(f"{kind}, {size / 1e6:.0f} MB:", flush=True)
            run("measure", folder, kind)


def run(function: str, *arguments: str) -> None:
    """Call a function of this module in a process that begins with nothing in memory."""
    program = f"from {__name__} import {function}; {function}{arguments!r}"
    subprocess.run([sys.executable, "-c", program], check=True)


def write(folder: str) -> None:
    """Write the same invented rows in both formats, in the order of their event times."""
    random = np.random.default_rng(1)
    seconds = np.sort(random.integers(0, DAYS * 86_400, ROWS))
    columns: dict[str, object] = {
        "id": [f"row_{number}" for number in range(ROWS)],
        "time": np.datetime64("2023-02-01T00:00:00", "us") + seconds.astype("timedelta64[s]"),
    }
    columns |= {name: np.round(random.normal(size=ROWS) * 100, 3) for name in NUMERICAL}
    names = np.array([f"value_{place}" for place in range(30)])
    columns |= {name: random.choice(names, ROWS) for name in CATEGORICAL}
    table = pa.table(columns | {"minutes": np.round(random.gamma(2, 6, ROWS), 2)})
    pq.write_table(table, Path(folder, "rows.parquet"))
    pacsv.write_csv(table, Path(folder, "rows.csv"))


def measure(folder: str, kind: str) -> None:
    """Read a day, the next one, one outside, and all rows."""
    columns = {
        "id": "id",
        "event_time": "time",
        "numerical": NUMERICAL,
        "categorical": CATEGORICAL,
        "target": "minutes",
    }
    spec = small_spec(source={"kind": kind, "path": f"rows.{kind}"}, columns=columns)
    source = build_source(spec, Places(Path(folder)))
    print(f"  before                  {'':8}   peak {peak():4} MB")
    for name, day in (("first day", 2), ("the day after", 3), ("a day without rows", 20)):
        report(name, read_day(source, day))
    report("newest event time", source.newest_event_time)
    report("all rows", lambda: source.read().table.num_rows)


def read_day(source: Source, day: int) -> Callable[[], object]:
    start = FIRST + timedelta(days=day)
    return lambda: source.read(start, start + timedelta(days=1)).table.num_rows


def report(name: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    found = work()
    print(f"  {name:<22}{time.perf_counter() - begun:8.2f} s   peak {peak():4} MB   {found}")


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
