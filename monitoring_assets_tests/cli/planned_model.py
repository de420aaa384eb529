"""A model of which something changes, and what an empty database says has changed by it.

Belongs here: its YAML, its class, its rows and labels; what is stored, by window and layer. Stays
out: assertions.

It is trained and scored here; rows come through a class of its own, labels with knowledge times
from files, the reference is days that the model did not learn from.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.components.loading import load_model
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import good_rows
from monitoring_assets_tests.command_line import CommandLine, Outcome, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner, write_model
from monitoring_assets_tests.stored import Row, comparable, rows_of, stored_rows

ROWS: Final = 60
DAYS: Final = [f"2023-02-{day:02}" for day in range(1, 5)]
CHANGED: Final = DAYS[1]
"""The day whose rows or labels a test changes."""

LATE: Final = f"{CHANGED}-{ROWS - 1}"
"""The row, the last one of that day, whose label has not come."""

YAML: Final = """\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {granularity: day, start: 2023-02-01, end: 2023-02-05}
  source: {kind: custom, python_class: "planned.rows:Rows"}
  columns:
    id: id
    event_time: time
    numerical: [distance]
    categorical: [zone]
    monitored: {numerical: [tip]}
    target: minutes
    knowledge_time: known_at
  joined:
    - name: labels
      source: {kind: parquet, path: "labels/*.parquet"}
      columns: [minutes, known_at]
  model:
    estimator: linear
    training: {start: 2023-01-01, end: 2023-01-11}
  reference:
    period: {start: 2023-01-11, end: 2023-01-21}
  drift:
    numerical: {method: kolmogorov_smirnov}
"""

_CLASS: Final = '''\
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitoring_assets.errors import SourceUnavailableError

FACTOR = 1.0


class Rows:
    """All files of a folder, with distances in another unit."""

    def read(self, start, end):
        folder = Path(os.environ["MONITORING_DATA_FOLDER"]) / "rows"
        if (folder / "refused").exists():
            raise SourceUnavailableError("the rows are locked away")
        files = sorted(folder.glob("*.parquet"))
        rows = pa.concat_tables([pq.read_table(file) for file in files])
        distance = pc.multiply(rows["distance"], FACTOR)
        return rows.set_column(rows.column_names.index("distance"), "distance", distance)

    def newest_event_time(self):
        return pc.max(self.read(None, None)["time"]).as_py()
'''


@dataclass(frozen=True)
class Planned:
    """The model in a folder of its own, on a database of its own."""

    folder: Path
    database: Database
    command: CommandLine

    @property
    def yaml(self) -> Path:
        """Its YAML."""
        return self.folder / "models" / "planned" / "defs.yaml"

    def __call__(self, *arguments: str) -> Outcome:
        """Call `monitoring-assets`, as in a process of its own: modules are imported anew."""
        forget_modules()
        return self.command(*arguments)

    def rewrite(self, old: str, new: str) -> None:
        """Change its YAML."""
        _replace(self.yaml, old, new)

    def rewrite_class(self, old: str, new: str) -> None:
        """Change the code of its class."""
        _replace(self.yaml.parent / "rows.py", old, new)

    def rows(self, day: str) -> dict[str, list[Any]]:
        """Return the rows of a day's file."""
        return pq.read_table(self.folder / "rows" / f"{day}.parquet").to_pydict()

    def write(self, day: str, rows: dict[str, Any]) -> None:
        """Write the rows of a day's file."""
        _write(self.folder / "rows" / f"{day}.parquet", rows)

    def write_labels(
        self, name: str, ids: list[str], minutes: Sequence[float | None], known: datetime
    ) -> None:
        """Write one more file of labels; None withdraws what was known before."""
        write_labels(self.folder, name, ids, minutes, known)


def write_everything(folder: Path) -> None:
    """Write the YAML, the class and all rows."""
    file = write_model(folder / "models", YAML, "planned")
    (file.parent / "rows.py").write_text(_CLASS, encoding="utf-8")
    for day in (*(f"2023-01-{one:02}" for one in range(1, 31)), *DAYS):
        rows = good_rows(day, ROWS)
        rows["time"] = pa.array(rows["time"], pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        minutes = rows.pop("minutes")
        known = datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(days=1)
        known_ids = [one for one in rows["id"] if one != LATE]
        write_labels(folder, day, known_ids, minutes[: len(known_ids)], known)
        if "2023-01-21" <= day < "2023-02":
            # Another time, another state of the data: one tip in ten is missing.
            rows["tip"] = pa.array(rows["tip"], mask=np.arange(ROWS) % 10 == 0)
        if "2023-01-26" <= day < "2023-02":
            rows["distance"] = rows["distance"] + 30
        _write(folder / "rows" / f"{day}.parquet", rows)


def write_labels(folder: Path, name: str, ids: list[str], minutes: Any, known: datetime) -> None:
    """Write a file of labels that became known at one time."""
    times = pa.array([known] * len(ids), pa.timestamp("us", "UTC"))
    _write(
        folder / "labels" / f"{name}.parquet", {"id": ids, "minutes": minutes, "known_at": times}
    )


@contextmanager
def opened(new_database: NewDatabase, folder: Path, template: Database | None) -> Iterator[Planned]:
    """Open the model on a copy of a database, with rows, labels and YAML as in the beginning."""
    write_everything(folder)
    with new_database(template) as database:
        yield on(database, folder)


def on(database: Database, folder: Path) -> Planned:
    """Return the model as it is in a folder, on a database; no other model is there."""
    models = str(folder / "models")
    command = command_line(database, folder, MONITORING_MODELS=models, MONITORING_EXAMPLES="off")
    return Planned(folder, database, command)


@contextmanager
def rebuilt(
    new_database: NewDatabase, model: Planned, measured: Database
) -> Iterator[dict[tuple[str, Layer], list[str]]]:
    """Compute everything as it is now in a database without any window; return what is stored.

    Its first reference is the one that was measured before anything changed: bins are kept when a
    reference changes, and that is so here too.
    """
    with new_database(measured) as database:
        again = on(database, model.folder)
        measure(again)
        done = again("backfill", "planned")
        if done.code:
            raise RuntimeError(done.errors)
        yield by_window_and_layer(database)


def planned_set(model: Planned, *options: str) -> set[tuple[str, Layer]]:
    """Return windows and layers that the plan lists; '' is no window."""
    done = model("plan", "planned", "--json", *options)
    if done.code:
        raise RuntimeError(done.errors)
    lines = json.loads(done.output)["out_of_date"]
    return {(key, Layer(one["layer"])) for one in lines for key in one["windows"] or [""]}


def forget_modules() -> None:
    """Forget the team's class, so that the next one who needs it imports it anew."""
    for name in [one for one in sys.modules if one.partition(".")[0] == "planned"]:
        del sys.modules[name]


def measure(model: Planned) -> None:
    """Train the first version and measure the reference, without any window."""
    forget_modules()
    with (
        model.command.applied(),
        Runner(load_model(model.yaml), model.database, model.folder) as runner,
    ):
        runner.set_up()


def by_window_and_layer(database: Database) -> dict[tuple[str, Layer], list[str]]:
    """Return what is stored, by window ('' for none) and by the layer that stores it.

    Without traces of the run and scores against earlier versions of the reference, which stay when
    a window is compared with a new one.
    """
    found: dict[tuple[str, Layer], list[Row]] = {}
    newest = max(
        (row["reference_version"] for row in rows_of(database, tables.reference)), default=0
    )
    for layer, of_target, table, keep in _TABLES:
        for row in rows_of(database, table):
            if row.get("reference_version", newest) == newest or not keep:
                own = of_target if row.get("column_name") == "minutes" else layer
                found.setdefault((_day(row), own), []).append(row)
    for row in rows_of(database, tables.window):
        for layer, names in _OF_WINDOW.items():
            part = {name: row[name] for name in names}
            # How many rows had no label when the rows were read: labels that come later do not
            # change what was found then.
            part.get("rows_adjusted", {}).pop("unmatched:labels", None)
            found.setdefault((_day(row), layer), []).append(part)
    for layer in (Layer.PREDICTIONS, Layer.LABELS):
        for row in stored_rows(database, "planned", layer.value).to_pylist():
            found.setdefault((_day(row), layer), []).append(row)
    return {key: comparable(rows) for key, rows in found.items()}


def differences(
    before: dict[tuple[str, Layer], list[str]], after: dict[tuple[str, Layer], list[str]]
) -> set[tuple[str, Layer]]:
    """Return windows and layers of which other things are stored."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


_TABLES: Final[list[tuple[Layer, Layer, Any, bool]]] = [
    (Layer.REFERENCE_DATA, Layer.REFERENCE_DATA, tables.reference, False),
    (Layer.REFERENCE_DATA, Layer.REFERENCE_DATA, tables.reference_profile, False),
    (Layer.REFERENCE_DATA, Layer.REFERENCE_DATA, tables.bins, False),
    (Layer.REFERENCE_DATA, Layer.REFERENCE_DATA, tables.segment, False),
    (Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES, tables.window_profile, False),
    (Layer.QUALITY_PROFILES, Layer.QUALITY_PROFILES, tables.quality_profile, False),
    (Layer.DATA_DRIFT, Layer.MODEL_QUALITY, tables.drift_score, True),
    (Layer.DATA_DRIFT, Layer.DATA_DRIFT, tables.dataset_drift, True),
    (Layer.DATA_QUALITY, Layer.DATA_QUALITY, tables.data_quality, False),
    (Layer.MODEL_QUALITY, Layer.MODEL_QUALITY, tables.model_quality, False),
]
"""Layer, that of the target's rows, table, and whether only rows of the newest reference count."""

_OF_WINDOW: Final = {
    Layer.PREDICTIONS: (
        "rows_read",
        "rows_scored",
        "rows_rejected",
        "rows_adjusted",
        "rows_by_version",
    ),
    Layer.QUALITY_PROFILES: ("labels", "label_coverage", "newest_knowledge_time"),
}
"""Columns of the ledger that a layer finds out."""


def _day(row: Row) -> str:
    time = row.get("window_start") or row.get("event_time")
    return f"{time:%Y-%m-%d}" if time else ""


def _write(path: Path, columns: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    if old not in text:
        raise ValueError(f"{old!r} is not in {file.name}")
    file.write_text(text.replace(old, new), encoding="utf-8")
