"""A model whose labels lie in a table of a database and come late, in pieces and corrected.

Belongs here: its rows, its labels, letting time pass. Stays out: assertions.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.assets.late_labels import LateLabels, read_late_labels
from monitoring_assets.records import Computation, Layer, Window
from monitoring_assets.sources.label_rows import label_schema
from monitoring_assets.spec.layer_hash import layer_hash
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.label_progress import advance_watermark
from monitoring_assets.storage.labels import merge_labels
from monitoring_assets.storage.ledger import windows_of
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets_tests.assets.small_model import good_rows, write_day
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.specs import small_columns, small_spec
from monitoring_assets_tests.stored import rows_of

ROWS: Final = 120
JANUARY: Final = tuple(f"2023-01-{day:02}" for day in range(1, 11))
DAYS: Final = tuple(f"2023-02-{day:02}" for day in range(1, 7))
SEEN: Final = datetime(2023, 2, 7, tzinfo=UTC)
"""When the windows were computed."""

Label = tuple[str, float, datetime | None]
"""Id, minutes, knowledge time."""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class LateModel:
    """The model on a database that also holds its labels."""

    runner: Runner

    @property
    def spec(self) -> ModelSpec:
        return self.runner.spec

    @property
    def database(self) -> Database:
        return self.runner.database

    def report(self, labels: Sequence[Label]) -> None:
        """Put labels into their table."""
        table = sa.table("outcomes", *(sa.column(name) for name in ("id", "minutes", "known")))
        rows = [{"id": name, "minutes": minutes, "known": known} for name, minutes, known in labels]
        with self.database.begin() as connection:
            connection.execute(sa.insert(table), rows)

    def forget(self) -> None:
        """Take away all labels of the windows, here and in the source, which has come to `SEEN`."""
        stored = rows_of(self.database, tables.row_table, kind="labels")[0]["table_name"]
        with self.database.begin() as connection:
            connection.execute(sa.delete(sa.table(stored, schema="rows")))
            connection.exec_driver_sql("DELETE FROM outcomes WHERE id NOT LIKE '2023-01%%'")
            connection.execute(sa.delete(tables.label_watermark))
        advance_watermark(self.database, self.spec.model_id, SEEN, 0, SEEN)

    def merge(self, labels: Sequence[Label], day: str) -> None:
        """Take labels of a window in, and go no further, as another run may at any moment."""
        rows = pd.DataFrame(labels, columns=["row_id", "target", "knowledge_time"])
        times = dict(zip(good_rows(day, ROWS)["id"], good_rows(day, ROWS)["time"], strict=True))
        rows["event_time"] = pd.to_datetime(rows["row_id"].map(times), utc=True)
        window = next(
            one.window
            for one in windows_of(self.database, self.spec.model_id)
            if one.window.partition_key == day
        )
        record = _recorder(self.spec, moment(day), Layer.LABELS)(window)
        merge_labels(
            self.database,
            record,
            row_table(self.database, self.spec.model_id, "labels"),
            pa.Table.from_pandas(rows, label_schema(self.spec), preserve_index=False),
        )

    def read(
        self, now: datetime, watching: Callable[[Layer], None] = lambda _layer: None
    ) -> LateLabels:
        """Read what has become known by now.

        Parameters
        ----------
        watching
            Called whenever a computation is about to be stored.
        """
        runner = replace(self.runner, now=now.isoformat(), recorded_in=self.runner.instance)
        runtime = runner.resources["runtime"]
        feed = runtime.label_feed(self.spec)
        assert feed is not None
        recorder = partial(_recorder, self.spec, now, watching=watching)
        return read_late_labels(self.spec, self.database, feed, now, recorder)

    def quality(self, **equal: Any) -> list[dict[str, Any]]:
        """Return the rows of `model_quality`, in order, without what says who wrote them."""
        return in_order(rows_of(self.database, tables.model_quality, **equal))


def in_order(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [{k: v for k, v in one.items() if k not in _STAMPS} for one in rows]
    return sorted(kept, key=lambda one: repr((one["window_start"], one["segment"], one["metric"])))


_STAMPS: Final = {"computation_id", "recorded_at"}


def _recorder(
    spec: ModelSpec,
    now: datetime,
    layer: Layer,
    watching: Callable[[Layer], None] = lambda _layer: None,
) -> Any:
    def record(window: Window) -> Computation:
        watching(layer)
        return Computation(
            model_id=spec.model_id,
            layer=layer,
            run_id="late",
            code_version="0",
            spec_hash=layer_hash(spec, layer),
            started_at=now,
            window=window,
        )

    return record


def late_spec(url: str, **changes: Any) -> ModelSpec:
    """Return the model, reading its labels from this database."""
    sections: dict[str, Any] = {
        "model": None,
        "reference": {"period": {"start": "2023-01-01", "end": "2023-02-01"}},
        "columns": small_columns(prediction="said", knowledge_time="known"),
        "joined": [
            {
                "name": "outcomes",
                "source": {"kind": "sql", "url": url, "table": "outcomes"},
                "columns": ["minutes", "known"],
            }
        ],
        "quality": {"mature_share": 0.5, "minimum_labels": 20},
        "labels": {"expected_delay": "3 days", "overlap": "60 days"},
    }
    return small_spec(**(sections | changes))


@contextmanager
def late_model(new_database: NewDatabase, folder: Path, **changes: Any) -> Iterator[LateModel]:
    """Open the model with its reference measured and its windows computed, without any label."""
    with new_database() as database:
        with database.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE outcomes (id text, minutes float8, known timestamptz)"
            )
        spec = late_spec(database.url, **changes)
        with Runner(spec, database, folder, now=SEEN.isoformat()) as runner:
            model = LateModel(runner)
            for day in (*JANUARY, *DAYS):
                write_day(folder, day, minutes=None, said=said(day))
            model.report([one for day in JANUARY for one in labels_of(day, moment("2022-11-01"))])
            runner.set_up()
            runner.span(DAYS[0], DAYS[-1])
            yield model


def said(day: str) -> Any:
    """Return the predictions of a day."""
    return 4 * good_rows(day, ROWS)["distance"] + 5


def labels_of(day: str, known: datetime | None = None) -> list[Label]:
    """Return the labels of a day, known from this moment, else from three days later on."""
    rows = good_rows(day, ROWS)
    moment_known = known or moment(day) + timedelta(days=3)
    return [
        (name, float(minutes), moment_known)
        for name, minutes in zip(rows["id"], rows["minutes"], strict=True)
    ]


def mean_absolute_error(labels: Sequence[Label], day: str) -> float:
    """Return the error of a day by pandas: of several labels of an id the newest counts."""
    known = pd.DataFrame(labels, columns=["id", "minutes", "known"]).sort_values("known")
    newest = known.groupby("id").last()["minutes"]
    predicted = pd.Series(said(day), index=good_rows(day, ROWS)["id"])
    return float((predicted - newest).abs().mean())
