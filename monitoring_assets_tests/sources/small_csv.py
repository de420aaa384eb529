"""Small CSV files for the model of `specs.small_spec`, and reading them.

Belongs here: writing lines and reading a day of them. Stays out: assertions.
"""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.sources.small_files import read_day
from monitoring_assets_tests.specs import small_columns, small_spec

NAMES = "id,time,distance,zone,minutes"
ROWS = ["a,2023-02-01 01:00,1.5,x,10", "b,2023-02-01 02:00,2,y,20", "c,2023-02-01 03:00,3,x,30"]

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "a.csv.gz": gzip.compress,
    "a.csv.bz2": bz2.compress,
    "a.csv.zst": lambda content: pa.compress(content, codec="zstd", asbytes=True),
}


def csv_spec(columns: dict[str, Any] | None = None, **source: Any) -> ModelSpec:
    """Return the small model reading `small/*` as CSV."""
    described = {"kind": "csv", "path": "small/*.csv*"} | source
    return small_spec(source=described, columns=columns or small_columns())


def put(folder: Path, *lines: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    """Write lines where `csv_spec` looks for them."""
    path = folder / "small" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def read(folder: Path, *lines: str, **source: Any) -> dict[str, list[Any]]:
    """Write lines and return what is read of 1 February, by column."""
    put(folder, *lines)
    return read_day(folder, csv_spec(**source)).table.to_pydict()


def source_of(folder: Path) -> Source:
    return build_source(csv_spec(), Places(folder))


NO_ID = csv_spec(small_columns(id=None))
