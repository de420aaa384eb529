"""Small Parquet files for the model of `specs.small_spec`, and reading them.

Belongs here: writing rows and reading a day of them. Stays out: assertions.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.sources.base import Places, SourceRows
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_spec

FIRST = date(2023, 2, 1)


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    """Return a naive time on 1 February 2023, or on another day of that month."""
    return datetime.fromisoformat(f"2023-02-{day:02}T{hour:02}:{minute:02}")


def three_rows(**columns: Any) -> dict[str, Any]:
    """Return three good rows of 1 February, with these columns instead; None leaves one out."""
    good: dict[str, Any] = {
        "id": ["a", "b", "c"],
        "time": pa.array([at(1), at(2), at(3)], pa.timestamp("us")),
        "distance": [1.0, 2.0, 3.0],
        "zone": ["x", "y", "x"],
        "minutes": [10.0, 20.0, 30.0],
    }
    return {name: values for name, values in (good | columns).items() if values is not None}


def write(folder: Path, columns: dict[str, Any], name: str = "a.parquet", **options: Any) -> Path:
    """Write a file where `small_spec` looks for it."""
    path = folder / "small" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, **options)
    return path


def read_day(folder: Path, spec: ModelSpec | None = None, day: date = FIRST) -> SourceRows:
    """Read one day in the model's time zone."""
    spec = spec or small_spec()
    windows = spec.windows
    ends = windows.midnight(day), windows.midnight(day + timedelta(days=1))
    return build_source(spec, Places(folder)).read(*ends)


def read_rows(folder: Path, **columns: Any) -> SourceRows:
    """Write `three_rows` with these columns instead, and read their day."""
    write(folder, three_rows(**columns))
    return read_day(folder)


def utc(*parts: int) -> datetime:
    """Return an instant in UTC."""
    year, month, day, *rest = parts
    return datetime(year, month, day, *rest, tzinfo=UTC)
