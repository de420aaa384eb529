"""A model whose target changes three times: rows, windows and its loop in real Dagster.

Belongs here: the model, its rows as files, ticks of its sensor, what is stored. Stays out:
assertions.

The target is a multiple of one number; at each break it becomes another multiple. The noise is the
same all along, so that a good new version is as good as the first one was.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining.by_hand import decision_by_hand
from monitoring_assets.components.loading import load_model
from monitoring_assets.records import Decision, Outcome
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner, write_model
from monitoring_assets_tests.stored import Row, rows_of, stored_rows

YAML: Final = """\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {granularity: day, start: 2025-03-01}
  source: {kind: parquet, path: "story/*.parquet"}
  columns:
    id: id
    event_time: time
    numerical: [effort]
    target: hours
  model:
    estimator: linear
    training: {start: 2025-02-23, end: 2025-03-01}
  drift: {numerical: {method: kolmogorov_smirnov}}
  quality: {thresholds: {mae: {relative: 0.5}}}
  retraining:
    minimum_labelled_rows: 500
    promotion: {minimum_rows: 50}
  notifications: {webhook: "http://127.0.0.1:9/nobody-listens"}
"""
MODEL: Final = "story"
FIRST: Final = datetime(2025, 3, 1, tzinfo=UTC)
"""Start of the first window."""

LEARNED: Final = 6
"""Windows before the first one, which version 1 learns from."""

ROWS: Final = 200
SLOPES: Final = (2.0, 3.0, 1.5, 2.5)
"""What the target is a multiple by, before the first break and after each."""


@dataclass(frozen=True, kw_only=True)
class Plot:
    """When what happens: windows are counted from 0, `breaks` are the first changed ones."""

    breaks: tuple[int, ...]
    windows: int
    start: datetime = FIRST
    length: timedelta = timedelta(days=1)

    def begin(self, window: int) -> datetime:
        """Return the start of a window."""
        return self.start + window * self.length

    def key(self, window: int) -> str:
        """Return Dagster's name of a window."""
        form = "%Y-%m-%d" if self.length == timedelta(days=1) else "%Y-%m-%d-%H:%M"
        return f"{self.begin(window):{form}}"

    def rows(self, window: int) -> pa.Table:
        """Return the rows of a window: the same ones each time."""
        random = np.random.default_rng(window + LEARNED)
        effort = random.uniform(1, 10, ROWS)
        slope = SLOPES[sum(window >= one for one in self.breaks)]
        begin, step = (
            np.datetime64(self.begin(window).replace(tzinfo=None), "us"),
            self.length / ROWS,
        )
        times = begin + np.arange(ROWS) * np.timedelta64(step)
        return pa.table(
            {
                "id": [f"{window}/{number}" for number in range(ROWS)],
                "time": pa.array(times).cast(pa.timestamp("us", "UTC")),
                "effort": effort,
                "hours": slope * effort + random.normal(5, 1, ROWS),
            }
        )

    def write(self, folder: Path, first: int | None = None, end: int | None = None) -> None:
        """Write the rows of windows to files, all without `first` and `end`."""
        span = range(-LEARNED if first is None else first, self.windows if end is None else end)
        place = folder / "story" / f"{span[0] + LEARNED:05}.parquet"
        place.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.concat_tables([self.rows(one) for one in span]), place)


@dataclass(frozen=True, eq=False)
class Story:
    """The model with its rows, on a database of its own."""

    plot: Plot
    runner: Runner

    @property
    def database(self) -> Database:
        """Where it is stored."""
        return self.runner.database

    @property
    def spec(self) -> ModelSpec:
        """What its YAML says."""
        return self.runner.spec

    def at(self, moment: datetime) -> Self:
        """Return the same at another moment."""
        return replace(
            self, runner=replace(self.runner, now=moment.isoformat(), recorded_in=self.instance)
        )

    def after(self, window: int, later: timedelta = timedelta(minutes=1)) -> Self:
        """Return the same shortly after the end of a window."""
        return self.at(self.plot.begin(window + 1) + later)

    @property
    def instance(self) -> dg.DagsterInstance:
        """Where runs are recorded."""
        return self.runner.instance

    def compute(self, first: int, last: int) -> None:
        """Compute windows in one run, as a range backfill does."""
        self.runner.span(self.plot.key(first), self.plot.key(last))

    def compute_one(self, window: int) -> None:
        """Compute one window in a run of its own."""
        self.runner.one(self.plot.key(window))

    def begin(self, decided: int, last: int) -> None:
        """Train, compute windows, and carry out what is decided after one of them."""
        self.runner.set_up()
        self.compute(0, decided)
        self.after(decided).carry_out()
        self.compute(decided + 1, last)

    def live(self, first: int, last: int) -> None:
        """Compute windows one by one, each at its end, and carry out what is decided then."""
        for window in range(first, last + 1):
            then = self.after(window)
            then.compute_one(window)
            then.carry_out()

    @property
    def command(self) -> CommandLine:
        """The command line on this database, with no other model."""
        folder = self.runner.folder
        models = str(folder / "models")
        return command_line(
            self.database, folder, MONITORING_MODELS=models, MONITORING_EXAMPLES="off"
        )

    def tick(self) -> Any:
        """Evaluate the sensor once; return what Dagster's daemon is given."""
        sensor = self.runner.definitions.resolve_sensor_def(names.decisions_sensor(MODEL))
        with dg.build_sensor_context(self.instance, resources=self.runner.resources) as context:
            return sensor.evaluate_tick(context)

    def asked(self) -> list[str]:
        """Evaluate the sensor once; return the keys of the runs that it asks for."""
        return [str(one.run_key) for one in self.tick().run_requests or []]

    def said(self) -> str:
        """Evaluate the sensor once; return the reason that it shows."""
        return str(self.tick().skip_message)

    def carry_out(self) -> None:
        """Evaluate the sensor once and run what it asks for, as the daemon does."""
        for one in self.tick().run_requests or []:
            self.run(one.tags)

    def run(self, tags: Mapping[str, str]) -> None:
        """Run the retraining with these tags; without any, as a person does in the UI."""
        job = self.runner.definitions.resolve_job_def(names.retraining_job(MODEL))
        job.execute_in_process(instance=self.instance, run_config=QUIET, tags=dict(tags))

    def decide_by_hand(self, run_id: str) -> Decision:
        """Store the decision of a person, as the first step of a run without tags does."""
        now = datetime.fromisoformat(self.runner.now)
        asked = {"decided_by": "launched in Dagster", "run": run_id}
        return decision_by_hand(self.spec, self.database, now, asked)

    def begin_run(self, tags: Mapping[str, str], status: dg.DagsterRunStatus) -> dg.DagsterRun:
        """Record a run of the retraining in this state, as a daemon leaves it."""
        job = self.runner.definitions.resolve_job_def(names.retraining_job(MODEL))
        run = self.instance.create_run_for_job(
            job, tags=dict(tags), status=dg.DagsterRunStatus.STARTED
        )
        if status is dg.DagsterRunStatus.FAILURE:
            self.instance.report_run_failed(run)
        return run

    def decisions(self, *outcomes: Outcome) -> list[Decision]:
        """Return the decisions with these outcomes, oldest first; without any, all."""
        found = decisions.all_decisions(self.database, MODEL)
        return [one for one in found if not outcomes or one.outcome in outcomes]

    def retrainings(self) -> list[str]:
        """Return the windows after which was retrained."""
        return [one.window.partition_key for one in self.decisions(Outcome.RETRAIN)]

    def deployed(self) -> list[tuple[datetime, str]]:
        """Return since when each version serves, in the order of event time."""
        found = [(row["valid_from"], row["model_version"]) for row in self.rows(tables.deployment)]
        return sorted(found)

    def scored_by(self, windows: Sequence[int]) -> list[set[str]]:
        """Return the versions that answered the rows of each of these windows."""
        rows = stored_rows(self.database, MODEL, "predictions").to_pandas()
        begins = [self.plot.begin(one) for one in windows]
        spans = (rows["event_time"].between(b, b + self.plot.length, "left") for b in begins)
        return [{*rows[span]["model_version"]} for span in spans]

    def references_of(self, window: int) -> set[int]:
        """Return the versions of the reference that the drift of a window was measured against."""
        start = self.plot.begin(window)
        found = (*self.rows(tables.drift_score), *self.rows(tables.dataset_drift))
        return {row["reference_version"] for row in found if row["window_start"] == start}

    def mae(self, windows: Sequence[int]) -> float:
        """Return the mean of the stored mean absolute errors of windows."""
        begins = {self.plot.begin(one) for one in windows}
        key = {"metric": "mae", "segment": "all", "kind": "realised"}
        rows = [
            row for row in self.rows(tables.model_quality, **key) if row["window_start"] in begins
        ]
        if len(rows) != len(begins):
            raise LookupError(f"{len(rows)} scores of {len(begins)} windows")
        return float(np.mean([row["value"] for row in rows]))

    def rows(self, table: Any, **equal: Any) -> list[Row]:
        """Return the rows of a table in which these columns have these values."""
        return rows_of(self.database, table, **equal)


@contextmanager
def opened(
    new_database: NewDatabase,
    template: Database | None,
    folder: Path,
    plot: Plot,
    changes: Mapping[str, str] | None = None,
) -> Iterator[Story]:
    """Open the model on a copy of a database, with pieces of its YAML replaced by others."""
    plot.write(folder)
    with (
        new_database(template) as database,
        Runner(story_spec(folder, changes), database, folder) as runner,
    ):
        yield Story(plot, runner)


def story_spec(folder: Path, changes: Mapping[str, str] | None = None) -> ModelSpec:
    """Write the model's YAML, with pieces replaced by others; return what it says."""
    text = YAML
    for old, new in (changes or {}).items():
        if old not in text:
            raise LookupError(old)
        text = text.replace(old, new)
    return load_model(write_model(folder / "models", text, MODEL))
