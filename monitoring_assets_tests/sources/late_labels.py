"""The same labels in every kind of source, for the model of `specs.small_spec`.

Belongs here: writing labels, models that read them. Stays out: assertions.
"""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.sources.base import Places
from monitoring_assets.sources.label_feed import LabelFeed, build_label_feed
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import at, utc, write
from monitoring_assets_tests.sources.sql.tables import make_file, make_table
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec

Label = tuple[str, datetime, datetime | None, float | None]
"""Id, event time, knowledge time, minutes."""

KINDS = (
    *("parquet", "csv", "sqlite", "postgres", "custom", "custom_by_knowledge_time"),
    *("joined", "joined_by_time"),
)
COLUMNS = small_columns(knowledge_time="known", prediction="predicted")
NAMES = ("id", "time", "known", "minutes", "distance", "zone", "predicted")
TIME = pa.timestamp("us", "UTC")

NO_DATABASE = Database("postgresql://nobody@localhost:1/none")
"""For kinds that ask none: making one takes half a second."""

CORRECTED: Sequence[Label] = (
    ("a", utc(2023, 2, 1, 1), utc(2023, 2, 3), 10.0),
    ("b", utc(2023, 2, 1, 2), utc(2023, 2, 4, 0, 0, 0, 1), 20.0),
    ("a", utc(2023, 2, 1, 1), utc(2023, 2, 5), 11.0),
    ("c", utc(2023, 2, 1, 3), None, None),
    ("a", utc(2023, 2, 1, 1), utc(2023, 2, 4), 12.0),
)

_CLASS = """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    class Labels:
        def __init__(self, path):
            self.path = path

        def read(self, start, end):
            rows = pq.read_table(self.path)
            if start is not None:
                rows = rows.filter(pc.field("time") >= start)
            return rows if end is None else rows.filter(pc.field("time") < end)

    class Known(Labels):
        def read(self, start, end):
            if start is None and end is None:
                raise RuntimeError("all rows were asked for")
            return super().read(start, end)

        def read_known(self, start, end):
            rows = pq.read_table(self.path)
            return rows.filter((pc.field("known") >= start) & (pc.field("known") < end))

        def newest_knowledge_time(self):
            return pc.max(pq.read_table(self.path)["known"]).as_py()
"""


def put(
    kind: str,
    folder: Path,
    database: Database = NO_DATABASE,
    rows: Sequence[Label] = CORRECTED,
) -> Path:
    """Write labels, with what else a row of the model needs, where `labels_spec` looks for them."""
    whole = [(*row, 1.0, "x", 10.0) for row in rows]
    scores: dict[str, list[Any]] = {name: [1.0] * 3 for name in ("distance", "predicted")}
    scores |= {"id": ["a", "b", "c"], "time": [at(1), at(2), at(3)], "zone": ["x"] * 3}
    if kind.startswith("joined"):
        write(folder, scores, "../rows/a.parquet")
    if kind == "postgres":
        columns = "id text, time timestamptz, known timestamptz, minutes float8"
        make_table(database, f"{columns}, distance float8, zone text, predicted float8", whole)
        return folder
    (folder / "small").mkdir(exist_ok=True)
    if kind == "csv":
        with (folder / "small" / "a.csv").open("w") as file:
            csv.writer(file).writerows([NAMES, *whole])
    elif kind == "sqlite":
        make_file(folder / "small.db", ", ".join(NAMES), [_texts(row) for row in whole])
    else:
        pq.write_table(_table(whole), folder / "small" / "a.parquet")
    return folder


def labels_spec(
    kind: str, folder: Path, database: Database = NO_DATABASE, **changes: Any
) -> ModelSpec:
    """Return the small model whose labels come from this kind of source."""
    rows = {"kind": "parquet", "path": "rows/*.parquet"}
    sections: dict[str, Any] = WATCHED | {"columns": COLUMNS, "source": rows}
    labels = {"name": "labels", "columns": ["minutes", "known"]}
    match kind:
        case "joined":
            sections["joined"] = [labels | {"source": {"kind": "parquet", "path": "small/*"}}]
        case "joined_by_time":
            stored = {"source": {"kind": "parquet", "path": "small/*"}, "event_time": "time"}
            sections["joined"] = [labels | stored | {"within": "1 day"}]
        case "sqlite" | "postgres":
            url = database.url if kind == "postgres" else f"sqlite:///{folder}/small.db"
            sections["source"] = {"kind": "sql", "url": url, "table": "trips"}
        case "custom" | "custom_by_knowledge_time":
            options = {"path": str(folder / "small" / "a.parquet")}
            name = "Labels" if kind == "custom" else "Known"
            named = {"python_class": f"{_module(folder)}:{name}", "options": options}
            sections["source"] = {"kind": "custom", **named}
        case _:
            sections["source"] = {"kind": kind, "path": "small/*"}
    return small_spec(**(sections | changes))


def feed_of(spec: ModelSpec, folder: Path = Path("/nowhere")) -> LabelFeed:
    """Return the labels of a model by knowledge time."""
    feed = build_label_feed(spec, Places(folder, python_folders=(folder,)))
    if feed is None:
        raise TypeError("this model has no labels that come late")
    return feed


def found(labels: pa.Table) -> list[tuple[str, datetime, float | None]]:
    """Return id, knowledge time and value of labels."""
    names = ("row_id", "knowledge_time", "target")
    return list(zip(*(labels[name].to_pylist() for name in names), strict=True))


def _texts(row: Sequence[Any]) -> list[Any]:
    return [
        one.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(one, datetime) else one for one in row
    ]


def _table(rows: Sequence[Sequence[Any]]) -> pa.Table:
    kinds = [pa.string(), TIME, TIME, pa.float64(), pa.float64(), pa.string(), pa.float64()]
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return pa.table(
        {name: pa.array(c, k) for name, c, k in zip(NAMES, columns, kinds, strict=True)}
    )


def _module(folder: Path) -> str:
    name = f"labels_{abs(hash(folder))}"
    (folder / f"{name}.py").write_text(dedent(_CLASS))
    return name
