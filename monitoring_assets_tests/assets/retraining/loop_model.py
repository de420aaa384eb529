"""A quick model whose trips take longer from a day on, and its loop in real Dagster.

Belongs here: the model, deciding once, running the job, what is stored. Stays out: assertions.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pandas as pd
import skops.io

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining.steps import run_tags
from monitoring_assets.assets.retraining.telling import teller_of
from monitoring_assets.assets.retraining.thinking import think
from monitoring_assets.records import Decision
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner, quick_spec, yaml_of
from monitoring_assets_tests.stored import Row, comparable, rows_of, stored_rows

LOOPING: Final = """\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {granularity: day, start: 2025-02-01, end: 2025-04-02, time_zone: America/New_York}
  source: {kind: simulated_trips, rows_per_day: 200, seed: 7}
  columns:
    id: trip_id
    event_time: pickup_time
    numerical: [passenger_count, trip_distance]
    categorical: [pickup_zone]
    target: duration_minutes
    units: {trip_distance: miles}
  filters:
    - {name: duration_out_of_range, column: duration_minutes, minimum: 1, maximum: 60}
  segments:
    - {name: far, where: trip_distance > 3}
  model:
    estimator: linear
    training: {start: 2025-01-01, end: 2025-02-01}
  drift:
    dataset_share: 0.25
    numerical: {method: kolmogorov_smirnov}
    categorical: {method: chi_squared}
  retraining: {minimum_labelled_rows: 300, promotion: {minimum_rows: 50}}
"""
"""Trips take 1.3 times as long from its 46th day on, 18 March."""

FEATURES: Final = ["passenger_count", "trip_distance", "pickup_zone"]

BEFORE: Final = ("2025-03-16", "2025-03-17")
BAD: Final = ("2025-03-18", "2025-03-19", "2025-03-20")
AFTER: Final = ("2025-03-21", "2025-03-22")
SOON: Final = "2025-03-21T12:00:00+00:00"
"""When the third bad window has just become complete."""
LATER: Final = "2025-03-24T12:00:00+00:00"

_OF_WINDOWS: Final = (
    tables.window,
    tables.drift_score,
    tables.dataset_drift,
    tables.data_quality,
    tables.model_quality,
)


@dataclass(frozen=True, eq=False)
class Loop:
    """A model with its loop, on a database of its own."""

    runner: Runner

    @property
    def database(self) -> Database:
        """Where it is stored."""
        return self.runner.database

    def decide(self) -> Decision:
        """Look at the newest windows once; return the decision that follows."""
        runner = self.runner
        runtime = Runtime(frozen_now=runner.now)
        teller = teller_of(runner.spec, self.database, runtime)
        thought = think(runner.spec, self.database, runtime.now(), teller)
        if thought.decision is None:
            raise LookupError(thought.reason)
        return thought.decision

    def retrain(
        self, decision: Decision | None, attempt: int = 1, *, raises: bool = True
    ) -> dg.ExecuteInProcessResult:
        """Run the job for a decision; without one, as a person does in the UI."""
        job = self.runner.definitions.resolve_job_def(names.retraining_job(self.model_id))
        return job.execute_in_process(
            instance=self.runner.instance,
            run_config=QUIET,
            tags=run_tags(decision, attempt) if decision else {},
            raise_on_error=raises,
        )

    def decision(self, number: int = 1) -> Decision:
        """Return a decision as it is stored now."""
        return decisions.read_decision(self.database, number)

    def carry_out(self) -> Decision:
        """Decide and retrain; return the decision with its result."""
        made = self.decide()
        self.retrain(made)
        return self.decision(made.number)

    @contextmanager
    def at(self, now: str, spec: ModelSpec | None = None) -> Iterator["Loop"]:
        """Go on at another time, and maybe under another YAML."""
        with replace(self.runner, now=now, spec=spec or self.runner.spec) as runner:
            yield Loop(runner)

    @property
    def model_id(self) -> str:
        """The model's name."""
        return self.runner.spec.model_id

    def rows(self, table: Any, **equal: Any) -> list[Row]:
        """Return the rows of a table in which these columns have these values."""
        return rows_of(self.database, table, **equal)

    def mae(self, day: str, **equal: Any) -> Row:
        """Return the mean absolute error of a day over all rows, as it is stored."""
        key = {"metric": "mae", "segment": "all", "class_name": "", "kind": "realised"}
        return self.of_day(tables.model_quality, day, **(key | equal))

    def predictions(self, day: str) -> pd.DataFrame:
        """Return the stored rows of a day that were scored, by row id."""
        (window,) = self.rows(tables.window, partition_key=day)
        rows = stored_rows(self.database, self.model_id, "predictions").to_pandas()
        inside = rows["event_time"].between(
            window["window_start"], window["window_end"], inclusive="left"
        )
        scored = rows[inside & rows["prediction"].notna()]
        return scored.sort_values("row_id", ignore_index=True)

    def pipeline(self, version: str) -> Any:
        """Open the stored model of a version, without our code."""
        (stored,) = self.rows(tables.model_version, model_version=version)
        (file,) = self.rows(tables.artifact, sha256=stored["artifact_sha256"])
        content = bytes(file["content"])
        return skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))

    def until(self, day: str) -> dict[str, list[str]]:
        """Return all that is stored of windows up to a day."""
        (last,) = self.rows(tables.window, partition_key=day)
        found = {
            table.name: comparable(
                [row for row in self.rows(table) if row["window_start"] <= last["window_start"]]
            )
            for table in _OF_WINDOWS
        }
        scored = stored_rows(self.database, self.model_id, "predictions").to_pandas()
        scored = scored[scored["event_time"] < last["window_end"]].sort_values("row_id")
        return found | {"rows": [scored.to_csv(index=False)]}

    def references_of(self, day: str) -> set[int]:
        """Return the versions of the reference that the drift of a day was measured against."""
        start = self.of_day(tables.window, day)["window_start"]
        rows = [*self.rows(tables.drift_score), *self.rows(tables.dataset_drift)]
        return {row["reference_version"] for row in rows if row["window_start"] == start}

    def command(self, folder: Path) -> CommandLine:
        """Return the command line on this model and database."""
        (folder / "models" / self.model_id).mkdir(parents=True, exist_ok=True)
        file = folder / "models" / self.model_id / "defs.yaml"
        file.write_text(yaml_of(self.runner.spec), encoding="utf-8")
        return command_line(self.database, folder, MONITORING_MODELS=str(folder / "models"))

    def of_day(self, table: Any, day: str, **equal: Any) -> Row:
        """Return the one row of a table that speaks of a day."""
        starts = {row["window_start"] for row in self.rows(tables.window, partition_key=day)}
        (found,) = (row for row in self.rows(table, **equal) if row["window_start"] in starts)
        return found


@contextmanager
def opened(
    new_database: NewDatabase,
    template: Database | None,
    folder: Path,
    changes: Mapping[str, str] | None = None,
    now: str = SOON,
) -> Iterator[Loop]:
    """Open the model on a copy of a database, with pieces of its YAML replaced by others."""
    text = LOOPING
    for old, new in (changes or {}).items():
        if old not in text:
            raise LookupError(old)
        text = text.replace(old, new)
    with (
        new_database(template) as database,
        Runner(quick_spec(folder, text), database, folder, now) as runner,
    ):
        yield Loop(runner)
