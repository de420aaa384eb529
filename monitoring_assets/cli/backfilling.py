"""The work of a backfill: which windows, in which runs, and what became of each run.

Belongs here: from a model and a span to runs in the Dagster instance. Stays out: options and the
progress bar (backfill.py).
"""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import dagster as dg
import psutil

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import range_tags
from monitoring_assets.assets.moving import stale_windows
from monitoring_assets.assets.partitions import (
    WINDOWS_PER_RUN,
    contiguous_chunks,
    ready_windows,
)
from monitoring_assets.assets.planning.stored import (
    Chunk,
    chunks_by_layers,
    stored_out_of_date,
)
from monitoring_assets.cli.days import Days
from monitoring_assets.components.loading import LoadedModels
from monitoring_assets.definitions import build_definitions
from monitoring_assets.errors import (
    DataError,
    DuplicateIdError,
    MonitoringError,
    SourceFileError,
    SourceSchemaError,
)
from monitoring_assets.records import WINDOW_LAYERS, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database

if TYPE_CHECKING:
    from dagster import DagsterInstance

PROCESS_TAG: Final = "monitoring_assets/process"
QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_INTERRUPTIONS: Final = {dg.DagsterExecutionInterruptedError.__name__, "KeyboardInterrupt"}
_ROW_ERRORS: Final = {
    one.__name__ for one in (DataError, DuplicateIdError, SourceFileError, SourceSchemaError)
}
"""Errors for which the rows of a single window may be the reason."""

CHUNK: Final = 10
"""Windows of one run started by hand: small enough for a progress bar to move."""


@dataclass(frozen=True)
class Plan:
    """What a backfill is going to do; `newest` is the source's newest event time, if it has any."""

    newest: datetime | None
    ready: tuple[Window, ...]
    complete: int
    chunks: tuple[Chunk, ...]

    @property
    def windows(self) -> int:
        """Windows to compute."""
        return sum(len(windows) for windows, _ in self.chunks)


@dataclass(frozen=True)
class ChunkResult:
    """What became of one run."""

    windows: tuple[Window, ...]
    run_id: str
    error: str | None
    rows_are_to_blame: bool = False


def plan(spec: ModelSpec, database: Database, span: Days, *, again: bool) -> Plan:
    """Return the ready windows of a span of which something is out of date by the ledger, and what.

    Parameters
    ----------
    again
        Compute all layers of all windows once more.
    """
    runtime = Runtime()
    newest = runtime.source(spec).newest_event_time()
    ready = ready_windows(spec, runtime.now(), newest, span)
    stale = stored_out_of_date(database, spec, ready)
    todo = dict.fromkeys(ready, WINDOW_LAYERS) if again else stale
    size = min(CHUNK, WINDOWS_PER_RUN[spec.windows.granularity])
    return Plan(newest, ready, len(ready) - len(stale), chunks_by_layers(ready, todo, size))


def set_up(spec: ModelSpec, instance: "DagsterInstance") -> None:
    """Train the first version if there is none, and measure the reference.

    Raises
    ------
    MonitoringError
        It failed; nothing else was done.
    """
    result = _execute(spec, instance, names.setup_job(spec.model_id), ())
    if result.error:
        raise MonitoringError(f"preparing model '{spec.model_id}' failed: {result.error}")


def run_chunks(
    spec: ModelSpec, instance: "DagsterInstance", chunks: Sequence[Chunk]
) -> Iterator[ChunkResult]:
    """Compute chunks one after the other; a failed one does not keep the next from running.

    Where it failed for the rows of some window, its windows are computed one by one, so that a bad
    one takes no good one with it.
    """
    job = names.monitoring_job(spec.model_id)
    for windows, layers in chunks:
        result = _execute(spec, instance, job, windows, layers)
        if result.rows_are_to_blame and len(windows) > 1:
            yield from (_execute(spec, instance, job, (one,), layers) for one in windows)
        else:
            yield result


def judge_again(
    spec: ModelSpec, database: Database, instance: "DagsterInstance", newest: datetime | None
) -> Iterator[ChunkResult]:
    """Judge windows anew whose moving reference has changed; for others there is nothing to do.

    All windows are looked at: those that follow a span lie outside it.

    Parameters
    ----------
    newest
        The source's newest event time, if it has any.
    """
    ready = ready_windows(spec, Runtime().now(), newest)
    stale = stale_windows(database, spec, ready)
    for chunk in contiguous_chunks(ready, stale, WINDOWS_PER_RUN[spec.windows.granularity]):
        yield _execute(spec, instance, names.judging_job(spec.model_id), chunk)


def end_orphaned_runs(instance: "DagsterInstance") -> int:
    """Report runs as failed whose process on this machine is gone; return how many there were.

    A process ended by kill -9 leaves its run "started" for ever.
    """
    started = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    orphans = [run for run in started if _is_gone(run.tags.get(PROCESS_TAG))]
    for run in orphans:
        instance.report_run_failed(run, message="the process of this run has ended without a word")
    return len(orphans)


def run_job(
    spec: ModelSpec, instance: "DagsterInstance", job_name: str, tags: Mapping[str, str]
) -> ChunkResult:
    """Run a whole job that computes no window, in this process."""
    return _execute(spec, instance, job_name, (), tags=tags)


def _execute(
    spec: ModelSpec,
    instance: "DagsterInstance",
    job_name: str,
    windows: tuple[Window, ...],
    layers: Sequence[Layer] = (),
    *,
    tags: Mapping[str, str] | None = None,
) -> ChunkResult:
    """Run a job in this process, all of it or only these layers."""
    definitions = build_definitions(LoadedModels((spec,), ()))
    everything = not layers or len(layers) == len(WINDOW_LAYERS)
    more = range_tags(windows) if windows else tags or {}
    result = definitions.resolve_job_def(job_name).execute_in_process(
        instance=instance,
        tags={PROCESS_TAG: this_process(), **more},
        run_config=QUIET,
        raise_on_error=False,
        asset_selection=None
        if everything
        else [names.asset_key(spec.model_id, layer) for layer in layers],
    )
    pass_on_interruption(result)
    if result.success:
        return ChunkResult(windows, result.run_id, None)
    name, text = first_error(result)
    return ChunkResult(windows, result.run_id, text, rows_are_to_blame=name in _ROW_ERRORS)


def pass_on_interruption(result: dg.ExecuteInProcessResult) -> None:
    """Stop for Ctrl-C and SIGTERM: Dagster takes both for the failure of the run they end."""
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        causes = (error, error.cause) if error is not None else ()
        if _INTERRUPTIONS & {one.cls_name for one in causes if one is not None}:
            raise KeyboardInterrupt


def first_error(result: dg.ExecuteInProcessResult) -> tuple[str, str]:
    """Return the class and the text of the first error."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            if error is not None:
                cause = error.cause or error
                return cause.cls_name or "", f"{event.step_key}: {cause.message.strip()}"
    return "", "the run failed before its first step; its log in the UI says why"


def this_process() -> str:
    """Return what tells this process from others, also from a later one of the same number."""
    own = psutil.Process()
    return f"{socket.gethostname()}:{os.getpid()}:{own.create_time():.0f}"


def _is_gone(tag: str | None) -> bool:
    host, _, process = (tag or "").partition(":")
    pid, _, created = process.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return f"{psutil.Process(int(pid)).create_time():.0f}" != created
    except psutil.NoSuchProcess:
        return True
