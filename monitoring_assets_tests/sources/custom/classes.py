"""Modules with a class that reads rows for `specs.small_spec`, and sources that name it.

Belongs here: their code, building a source. Stays out: writing them (conftest.py), assertions.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitoring_assets.sources.base import Places, Source, SourceRows
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.specs import small_columns, small_spec

Maker = Callable[..., Source]

READS = """
    import pyarrow as pa
    from datetime import UTC, datetime, timedelta

    class Scores:
        def __init__(self, rows=3, step=12):
            self.rows, self.step, self.asked = rows, step, []

        def read(self, start, end):
            self.asked.append((start, end))
            begin = datetime(2023, 2, 1, tzinfo=UTC)
            times = [begin + timedelta(hours=self.step * n) for n in range(self.rows)]
            number = [float(n) for n in range(self.rows)]
            return pa.table({
                "id": [f"r{n}" for n in range(self.rows)], "time": times, "distance": number,
                "zone": ["x"] * self.rows, "minutes": number, "more": number,
            })
"""
BROKEN = (
    READS.replace("{", "{{").replace("}", "}}")
    + """
    class Broken(Scores):
        def {}:
            {}
"""
)
DAY = (utc(2023, 2, 1), utc(2023, 2, 2))


def source_of(python_class: str, folder: Path, **options: Any) -> Source:
    columns = options.pop("columns", small_columns())
    source = {"kind": "custom", "python_class": python_class, "options": options}
    spec = small_spec(source=source, columns=columns)
    return build_source(spec, Places(folder, python_folders=(folder / "none", folder)))


def ids(rows: SourceRows) -> list[str]:
    return rows.table["row_id"].to_pylist()
