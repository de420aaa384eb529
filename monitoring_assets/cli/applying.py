"""Doing what a plan says, and no more: in the right order, in runs of neighbouring windows.

Belongs here: from a plan to runs in the Dagster instance. Stays out: the plan (assets/planning), a
single run (backfilling.py), options and what is printed (plan.py).

The deployed model and the reference come first, as windows rest on them. Then come windows in order
of time, as a window may be compared with earlier ones; each with the layers that are out of date.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from monitoring_assets.assets.partitions import WINDOWS_PER_RUN
from monitoring_assets.assets.planning.costs import READING
from monitoring_assets.assets.planning.making import plan_again
from monitoring_assets.assets.planning.plan import Plan
from monitoring_assets.assets.planning.stored import Chunk, chunks_by_layers
from monitoring_assets.cli.backfilling import CHUNK, ChunkResult, run_chunks, set_up
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import registry, staleness
from monitoring_assets.storage.database import Database

if TYPE_CHECKING:
    from dagster import DagsterInstance


def prepare(
    plan: Plan, spec: ModelSpec, runtime: Runtime, database: Database, instance: "DagsterInstance"
) -> Plan:
    """Bring what windows rest on up to date; return the plan of what is then left to do.

    Raises
    ------
    MonitoringError
        Training or measuring the reference failed; nothing else was done.
    """
    registry.register_model(database, spec, runtime.now())
    staleness.write_stamps(database, plan.stamps)
    if not plan.prepared:
        return plan
    set_up(spec, instance)
    return plan_again(plan, spec, database)


def apply_windows(
    plan: Plan, spec: ModelSpec, instance: "DagsterInstance"
) -> Iterator[ChunkResult]:
    """Compute what is out of date of windows, run by run; a failed run does not stop the next."""
    size = WINDOWS_PER_RUN[spec.windows.granularity]
    chunks = chunks_by_layers(plan.looked_at, plan.windows, size)
    return run_chunks(spec, instance, [piece for chunk in chunks for piece in _pieces(chunk)])


def _pieces(chunk: Chunk) -> Iterator[Chunk]:
    """Cut a run that reads rows, so that the bar moves and one bad window holds up few others."""
    windows, layers = chunk
    size = CHUNK if READING & {*layers} else len(windows)
    yield from ((windows[i : i + size], layers) for i in range(0, len(windows), size))
