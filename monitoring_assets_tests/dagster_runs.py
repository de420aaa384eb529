"""A model's assets, materialized by real Dagster in this process on a real database.

Belongs here: a quick model, and running its layers for one window or a range. Stays out:
assertions, rows of other models.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import dagster as dg
import yaml
from pydantic import TypeAdapter

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import RANGE_END, RANGE_START
from monitoring_assets.components.loading import load_model
from monitoring_assets.components.monitored_model import model_definitions
from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database

NOW: Final = "2026-01-01T00:00:00+00:00"
QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

QUICK: Final = """\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows: {granularity: day, start: 2025-02-01, end: 2025-03-20, time_zone: America/New_York}
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
  model:
    estimator: linear
    training: {start: 2025-01-01, end: 2025-02-01}
  drift: {dataset_share: 0.25}
"""
"""A model that is trained and scored in a moment; trips get longer on its 21st day, 21 February."""


def failures_of(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return what the UI shows of the errors that ended the steps of a run."""
    errors = [e.step_failure_data.error for e in result.all_events if e.is_step_failure]
    return [(error.cause or error).message for error in errors if error]


def write_model(folder: Path, text: str = QUICK, model_id: str = "quick") -> Path:
    """Write a model's YAML into a folder of models; return the file."""
    file = folder / model_id / "defs.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def yaml_of(spec: ModelSpec) -> str:
    """Return a `defs.yaml` that gives this spec."""
    attributes = TypeAdapter(ModelSpec).dump_python(spec, mode="json", exclude_defaults=True)
    del attributes["model_id"]
    return yaml.safe_dump({"type": "monitoring_assets.MonitoredModel", "attributes": attributes})


def quick_spec(folder: Path, text: str = QUICK) -> ModelSpec:
    """Return the quick model, or one whose YAML is `text`."""
    return load_model(write_model(folder / "models", text))


@dataclass(frozen=True)
class Runner:
    """A model on a database, at a moment of its own.

    Parameters
    ----------
    folder
        Data folder, where relative paths of the model begin.
    now
        The time, for the model.
    recorded_in
        Dagster instance that is somebody else's to close; without it, one in memory.
    """

    spec: ModelSpec
    database: Database
    folder: Path
    now: str = NOW
    recorded_in: dg.DagsterInstance | None = None

    @cached_property
    def instance(self) -> dg.DagsterInstance:
        """Where runs are recorded: in memory, unless it was said where."""
        return self.recorded_in or dg.DagsterInstance.ephemeral(tempdir=str(self.folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.recorded_in is None:
            self.instance.dispose()

    @cached_property
    def definitions(self) -> dg.Definitions:
        """The model's definitions with their resources."""
        shared = dg.Definitions(resources=self.resources, executor=dg.in_process_executor)
        return dg.Definitions.merge(model_definitions(self.spec), shared)

    @property
    def resources(self) -> dict[str, Any]:
        """The database, the clock and the folder, by the names that assets know."""
        return {
            "store": Store(database_url=self.database.url),
            "runtime": Runtime(
                data_folder=str(self.folder), frozen_now=self.now, database_url=self.database.url
            ),
        }

    def set_up(self) -> dg.ExecuteInProcessResult:
        """Train and measure the reference."""
        job = self.definitions.resolve_job_def(names.setup_job(self.spec.model_id))
        return job.execute_in_process(instance=self.instance, run_config=QUIET)

    def one(
        self, key: str, layers: Sequence[Layer] = (), *, raises: bool = True
    ) -> dg.ExecuteInProcessResult:
        """Compute one window in a run of its own, all layers or only these."""
        return self._job.execute_in_process(
            instance=self.instance,
            run_config=QUIET,
            partition_key=key,
            asset_selection=self._keys(layers),
            raise_on_error=raises,
        )

    def span(
        self, first: str, last: str, layers: Sequence[Layer] = (), *, raises: bool = True
    ) -> dg.ExecuteInProcessResult:
        """Compute a range of windows in one run, all layers or only these."""
        return self._job.execute_in_process(
            instance=self.instance,
            run_config=QUIET,
            tags={RANGE_START: first, RANGE_END: last},
            asset_selection=self._keys(layers),
            raise_on_error=raises,
        )

    def tick(self) -> Any:
        """Evaluate the schedule of ready windows once, at the runner's time."""
        name = names.ready_windows_schedule(self.spec.model_id)
        with ExitStack() as stack:
            instance = self.instance
            if not instance.is_persistent:  # a schedule is given one by its address only
                instance = stack.enter_context(dg.DagsterInstance.local_temp())
            context = dg.build_schedule_context(instance, resources=self.resources)
            schedule = self.definitions.resolve_schedule_def(name)
            return schedule.evaluate_tick(stack.enter_context(context))

    def check_only(self, key: str, layer: Layer) -> dg.AssetCheckEvaluation:
        """Run the one check of a layer for a window, without its asset."""
        asset = names.asset_key(self.spec.model_id, layer)
        selection = dg.AssetSelection.checks_for_assets(asset)
        found = dg.Definitions.merge(
            self.definitions, dg.Definitions(jobs=[dg.define_asset_job("check", selection)])
        )
        result = found.resolve_job_def("check").execute_in_process(
            instance=self.instance, run_config=QUIET, tags={"dagster/partition": key}
        )
        (evaluation,) = result.get_asset_check_evaluations()
        return evaluation

    @property
    def _job(self) -> dg.JobDefinition:
        return self.definitions.resolve_job_def(names.monitoring_job(self.spec.model_id))

    def _keys(self, layers: Sequence[Layer]) -> list[dg.AssetKey]:
        return [names.asset_key(self.spec.model_id, layer) for layer in layers or WINDOW_LAYERS]
