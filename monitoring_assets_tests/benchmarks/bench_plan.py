"""The plan of a model with a year of hourly windows, whose rows lie in a file a day.

Nothing is promised of it. The ledger is filled as if every window had been computed; nothing else
of windows is stored, since a plan looks at nothing else. Takes a minute. A smaller year can be
given: MONITORING_BENCHMARK_DAYS=28.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from monitoring_assets.assets.fingerprints import fingerprints_of
from monitoring_assets.assets.partitions import partitions_definition, windows_for_keys
from monitoring_assets.assets.planning.making import make_plan
from monitoring_assets.assets.planning.plan import Plan
from monitoring_assets.records import WINDOW_LAYERS, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.layer_hash import layer_hashes
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.schema import upgrade
from monitoring_assets.storage.tables import computation, window
from monitoring_assets_tests.assets.small_model import good_rows, write_day
from monitoring_assets_tests.dagster_runs import NOW, Runner
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec
from monitoring_assets_tests.stored import Row

DAYS = int(os.environ.get("MONITORING_BENCHMARK_DAYS", "365"))
FIRST = date(2023, 2, 1)
CHANGED = FIRST + timedelta(days=5)
"""The day whose file is written again, and then with other rows."""
ROWS = 120
"""Rows of a day: what reading a file takes is measured, not what rows take."""


def main() -> None:
    """Start a server of its own, fill it, and print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder) / "server")
        try:
            database = Database(server.ensure_running())
            upgrade(database)
            measure(database, Path(folder))
        finally:
            server.destroy()


def measure(database: Database, folder: Path) -> None:
    begun = time.perf_counter()
    spec = a_spec()
    for day in [FIRST - timedelta(days=20 - n) for n in range(10)]:
        write(folder, f"{day}")
    for number in range(DAYS):
        write(folder, f"{FIRST + timedelta(days=number)}")
    with Runner(spec, database, folder) as runner:
        runner.set_up()
    runtime = Runtime(data_folder=str(folder), frozen_now=NOW)
    windows = fill(database, spec, runtime)
    print(f"{len(windows):,} windows, prepared in {time.perf_counter() - begun:.0f} s")
    plan("by what is stored", spec, runtime, database, read=False)
    plan("files as they were", spec, runtime, database)
    write(folder, f"{CHANGED}")
    plan("a file written again", spec, runtime, database)
    write(folder, f"{CHANGED}", distance=good_rows(f"{CHANGED}", ROWS)["distance"] + 1)
    plan("a file with other rows", spec, runtime, database)
    drift = {"numerical": {"method": "kolmogorov_smirnov", "threshold": 0.3}}
    plan("a threshold", a_spec(drift=drift), runtime, database)
    plan("a reference", a_spec(reference={"period": JANUARY_LATER}), runtime, database)


def plan(
    name: str, spec: ModelSpec, runtime: Runtime, database: Database, *, read: bool = True
) -> Plan:
    begun = time.perf_counter()
    made = make_plan(spec, runtime, database, read_source=read, rescore=False)
    took, layers = time.perf_counter() - begun, sum(map(len, made.windows.values()))
    print(f"  {name:<24} {took:6.1f} s: {layers:,} layers of {len(made.windows):,} windows")
    return made


JANUARY = {"start": "2023-01-12", "end": "2023-01-22"}
JANUARY_LATER = {"start": "2023-01-12", "end": "2023-01-20"}


def a_spec(**changes: object) -> ModelSpec:
    """Return the small model with hourly windows, predictions in the source."""
    windows = {"granularity": "hour", "start": f"{FIRST}", "end": f"{FIRST + timedelta(days=DAYS)}"}
    sections = {
        "windows": windows,
        "columns": small_columns(prediction="tip"),
        "drift": {"numerical": {"method": "kolmogorov_smirnov"}},
        "reference": {"period": JANUARY},
    }
    return small_spec(**(WATCHED | sections | changes))


def write(folder: Path, day: str, **columns: object) -> None:
    write_day(folder, day, ROWS, **columns)


def fill(database: Database, spec: ModelSpec, runtime: Runtime) -> Sequence[Window]:
    """Write the lines of all windows, with the stamps of their files.

    Only of the day whose file is written again the rows are known: no other is compared with them.
    """
    keys = partitions_definition(spec).get_partition_keys(current_time=runtime.now())
    windows = windows_for_keys(spec, keys)
    source, labels = runtime.source(spec), runtime.window_labels(spec)
    fingerprints, hashes = fingerprints_of(spec, runtime), layer_hashes(spec)
    lines, states = list[Row](), list[Row]()
    for one in windows:
        key = {"model_id": spec.model_id, "granularity": "hour", "window_start": one.start}
        stamps = {
            Layer.PREDICTIONS: source.stamp(one.start, one.end),
            Layer.LABELS: labels.stamp(one.start, one.end),
        }
        known = dict[Layer, str]()
        if one.partition_key.startswith(f"{CHANGED}"):
            known[Layer.PREDICTIONS] = fingerprints.of_rows(source.read(one.start, one.end))
            known[Layer.LABELS] = fingerprints.of_table(labels.read(one.start, one.end))
        lines += [
            key
            | {
                "layer": layer.value,
                "window_end": one.end,
                "run_id": "filled",
                "code_version": "0",
                "spec_hash": hashes[layer],
                "reference_version": 1,
                "source_stamp": stamps.get(layer),
                "source_fingerprint": known.get(layer),
                "started_at": one.end,
                "finished_at": one.end,
            }
            for layer in WINDOW_LAYERS
        ]
        states.append(
            key
            | {
                "window_end": one.end,
                "partition_key": one.partition_key,
                "rows_read": ROWS // 24,
                "rows_scored": ROWS // 24,
                "status": "complete",
                "computed_at": one.end,
                "computation_id": 0,
            }
        )
    with database.begin() as connection:
        connection.execute(sa.insert(computation), lines)
        connection.execute(sa.insert(window), states)
    return windows
