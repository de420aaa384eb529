"""The schedule asks for ready windows that are not complete, the newest first, a run's worth."""

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import RANGE_END, RANGE_START, range_tags
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.dagster_runs import Runner, quick_spec
from monitoring_assets_tests.storage.samples import compute_all_layers
from monitoring_assets_tests.stored import rows_of

JANUARY = "2025-02-01T00:00:00-05:00"
MARCH_10 = "2025-03-10T06:00:00-04:00"


def tick(runner: Runner) -> dg.ScheduleExecutionData:
    """Evaluate the schedule once, at the runner's time."""
    schedule = runner.definitions.resolve_schedule_def(
        names.ready_windows_schedule(runner.spec.model_id)
    )
    repository = runner.definitions.get_repository_def()
    with dg.build_schedule_context(runner.instance, repository_def=repository) as context:
        return schedule.evaluate_tick(context)
