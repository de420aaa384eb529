"""How long the main job takes: real daily windows by the command line, all assets and checks.

Belongs here: seconds a window and peak memory of the whole process, beside a hand-written loop of
an Evidently report and `to_sql` in the same run. Stays out: assertions.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_COMMAND = [sys.executable, "-c", "from monitoring_assets.cli.main import main; main()"]
_SPAN = ("--start", "2023-02-01", "--end", "2023-03-31")
_EVIDENTLY_WINDOWS = 5
_COLUMNS = ["passenger_count", "trip_distance", "PULocationID", "DOLocationID", "fare_amount"]


def main() -> None:
    """Print the figures; says so where the real trips are not there."""
    trips = _trips()
    if trips is None:
        print("the real trips are not there (MONITORING_TEST_DATA or ../shared/data): not measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "MONITORING_DATA_FOLDER": folder,
            "GREEN_TAXI_FOLDER": str(trips),
            "TLC_TRIP_DATA_URL": "http://127.0.0.1:1",  # nobody there: what is downloaded differs
        }
        ours = _backfill(environment)
        theirs = _evidently_loop(trips, environment)
        _run(environment, "database", "stop")
    print(f"Evidently report and to_sql, by hand: {theirs:.2f} s a window")
    print(f"ratio: {theirs / ours:.1f}")


def _backfill(environment: dict[str, str]) -> float:
    first, prepared = _run(environment, "backfill", "green_taxi", *_SPAN[:2], "--end", "2023-02-01")
    print(f"first window from nothing (server, training, reference): {first:.1f} s, {prepared} MB")
    took, memory = _run(environment, "backfill", "green_taxi", *_SPAN)
    print(f"58 real daily windows, about 2,300 rows x 9 columns: {took:.1f} s, peak {memory} MB")
    start = time.perf_counter()
    _run(environment, "backfill", "green_taxi", *_SPAN)
    overhead = time.perf_counter() - start
    each = (took - overhead) / 58
    print(f"of that, start of the command: {overhead:.1f} s; {each:.3f} s a window")
    return each


def _run(environment: dict[str, str], *arguments: str) -> tuple[float, int]:
    """Return seconds and peak memory in MB of one command of ours."""
    start = time.perf_counter()
    subprocess.run([*_COMMAND, *arguments], env=environment, check=True, capture_output=True)
    took = time.perf_counter() - start
    return took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def _evidently_loop(trips: Path, environment: dict[str, str]) -> float:
    """Return seconds a window of what a person would write by hand."""
    import pandas as pd
    import sqlalchemy as sa
    from evidently import Report
    from evidently.presets import DataDriftPreset, DataSummaryPreset

    url = subprocess.run(
        [*_COMMAND, "database", "url"], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    january = pd.read_parquet(trips / "green_tripdata_2023-01.parquet")[_COLUMNS]
    february = pd.read_parquet(trips / "green_tripdata_2023-02.parquet")
    days = february["lpep_pickup_datetime"].dt.date
    start = time.perf_counter()
    for day in sorted(days.unique())[1 : _EVIDENTLY_WINDOWS + 1]:
        rows = february[days == day][_COLUMNS]
        report = Report([DataDriftPreset(), DataSummaryPreset()]).run(rows, january)
        numbers = pd.DataFrame(
            {"metric": [one["metric_name"] for one in report.dict()["metrics"]], "day": day}
        )
        rows.to_sql("by_hand_rows", engine, if_exists="append", index=False)
        numbers.to_sql("by_hand_metrics", engine, if_exists="append", index=False)
    engine.dispose()
    return (time.perf_counter() - start) / _EVIDENTLY_WINDOWS


def _trips() -> Path | None:
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("MONITORING_TEST_DATA") or beside)
    return folder if (folder / "green_tripdata_2023-01.parquet").exists() else None
