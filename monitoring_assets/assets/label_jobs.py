"""The job that reads labels which come late, and the schedule that asks for it.

Belongs here: what Dagster sees of late labels: one run, the windows it brought up to date as
materializations and checks of their own. Stays out: the work (late_labels.py).

The job is no asset job: a run over a range of partitions would report every window between the
first and the last one that labels have touched.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

import dagster as dg

from monitoring_assets.assets import names, runs
from monitoring_assets.assets.checks import log_quality_verdicts
from monitoring_assets.assets.label_start import FROM_THE_FIRST, reading_start
from monitoring_assets.assets.late_labels import (
    LABEL_LAYERS,
    LateLabels,
    Reports,
    read_late_labels,
)
from monitoring_assets.assets.runs import Recorder
from monitoring_assets.errors import (
    MonitoringError,
    ReferenceMissingError,
    SourceUnavailableError,
)
from monitoring_assets.records import Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.sources.label_feed import LabelFeed
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import present_references
from monitoring_assets.storage.label_progress import (
    Watermark,
    read_watermark,
    windows_behind_labels,
    windows_judged_by,
)
from monitoring_assets.storage.retraining.locking import REPLAYED, is_replayed

_CRON: Final = {"hour": "*/10 * * * *"}
"""How often labels are looked for; every hour where windows are longer than one."""

_REPORTED: Final = "monitoring_assets/reported"
"""Tag of a run that told of all windows it brought up to date, whether it failed after that or not.

A run that is killed has neither this tag nor success: the next one tells of its windows.
"""

_RUNS_BACK: Final = 20
"""Runs that are looked at for that; more were never killed one after the other."""


def build_labels_job(spec: ModelSpec) -> dg.JobDefinition:
    """Return the job that brings the windows of late labels up to date."""

    @dg.op(name=names.labels_step(spec.model_id), out=dg.Out(dg.Nothing))
    def late_labels(context: dg.OpExecutionContext, store: Store, runtime: Runtime) -> None:
        feed = runtime.label_feed(spec)
        if feed is None:
            context.log.info("labels of this model come with its rows and never change")
            return

        def recorder(layer: Layer) -> Recorder:
            return partial(runs.computation, context, spec, layer, runtime)

        def done(window: Window, metadata: Mapping[Layer, Mapping[str, Any]]) -> None:
            for layer in LABEL_LAYERS:
                context.log_event(
                    dg.AssetMaterialization(
                        names.asset_key(spec.model_id, layer),
                        partition=window.partition_key,
                        metadata=dict(metadata[layer]),
                    )
                )

        database = store.database
        reports = Reports(done=done, again=_untold(context, spec, database))
        result = read_late_labels(spec, database, feed, runtime.now(), recorder, reports)
        log_quality_verdicts(context, spec, database, result.touched)
        context.instance.add_run_tags(context.run_id, {_REPORTED: "yes"})
        context.add_output_metadata(_summary(result))
        for text in result.waiting.texts():
            context.log.warning(text)
        _pass_on_failures(spec, result)

    @dg.job(
        name=names.labels_job(spec.model_id),
        description="Reads labels that have become known, and brings exactly their windows up to"
        " date: labels, quality profiles, quality, checks.",
        tags={"monitoring_assets/model": spec.model_id},
    )
    def labels() -> None:
        late_labels()

    return labels


def build_labels_schedule(spec: ModelSpec, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Return the schedule that starts the job once the source knows more labels."""

    @dg.schedule(
        name=names.labels_schedule(spec.model_id),
        cron_schedule=_CRON.get(spec.windows.granularity, "20 * * * *"),
        execution_timezone=spec.windows.time_zone,
        job=job,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Reads labels that have become known since they were last read.",
    )
    def late(
        context: dg.ScheduleEvaluationContext,  # noqa: ARG001 - Dagster signature
        store: Store,
        runtime: Runtime,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        if is_replayed(store.database, spec.model_id):
            yield dg.SkipReason(REPLAYED)
            return
        feed = runtime.label_feed(spec)
        try:
            reason = nothing_to_read(spec, store.database, feed, runtime)
        except SourceUnavailableError as error:
            reason = str(error)
        if reason is None:
            yield dg.RunRequest(run_key=runtime.now().isoformat())
        else:
            yield dg.SkipReason(reason)

    return late


def _untold(context: dg.OpExecutionContext, spec: ModelSpec, database: Database) -> set[datetime]:
    """Return the starts of windows that earlier runs brought up to date and did not report."""
    ours = dg.RunsFilter(job_name=names.labels_job(spec.model_id))
    runs = [
        run.run_id
        for run in context.instance.get_runs(ours, limit=_RUNS_BACK)
        if run.run_id != context.run_id
        and run.status is not dg.DagsterRunStatus.SUCCESS
        and _REPORTED not in run.tags
    ]
    return windows_judged_by(database, spec.model_id, spec.windows.granularity, runs)


def nothing_to_read(
    spec: ModelSpec, database: Database, feed: LabelFeed | None, runtime: Runtime
) -> str | None:
    """Return why labels need not be read now; None if they have to be."""
    start = reading_start(spec, database)
    if feed is None or start is None:
        never = "labels come with the rows and never change"
        return never if feed is None else "no window has been computed yet"
    try:
        present_references(database, spec)
    except ReferenceMissingError as error:
        return str(error)
    if windows_behind_labels(database, spec.model_id, spec.windows.granularity):
        return None
    newest = feed.newest_knowledge_time(start, runtime.now())
    return _all_read(spec, read_watermark(database, spec.model_id), start, newest)


def _all_read(
    spec: ModelSpec, watermark: Watermark | None, start: datetime, newest: datetime | None
) -> str | None:
    """Return why no label is to be expected that was not read yet; None if there may be one.

    The newest label's moment does not tell of labels that show late in the source: labels are read
    until one overlap after the newest one.
    """
    if newest is None or newest < start:
        since = "" if start == FROM_THE_FIRST else f" since {start:%Y-%m-%d %H:%M} UTC"
        return f"no label has become known{since}"
    if watermark is None or newest > watermark.knowledge_time:
        return None
    if watermark.updated_at <= newest + spec.labels.overlap:
        return None
    return f"all labels known until {newest:%Y-%m-%d %H:%M} UTC have been read"


def _summary(result: LateLabels) -> dict[str, Any]:
    """Return what the UI shows of a run."""
    return {
        "labels_read": result.read,
        "labels_without_prediction": result.orphans,
        "windows_touched": len(result.touched),
        "windows": ", ".join(window.partition_key for window in result.touched[:50]),
        "windows_failed": len(result.failed),
        "labels_waiting": result.waiting.labels,
        **({"why_labels_wait": " ".join(texts)} if (texts := [*result.waiting.texts()]) else {}),
    }


def _pass_on_failures(spec: ModelSpec, result: LateLabels) -> None:
    """Fail once all other windows are done, with every window that could not be."""
    if not result.failed:
        return
    first = next(iter(result.failed.values()))
    for window, error in result.failed.items():
        first.add_note(f"window {window.partition_key}: {error}")
    raise MonitoringError(
        f"model '{spec.model_id}': late labels of {len(result.failed)} windows could not be"
        f" taken in ({', '.join(one.partition_key for one in result.failed)}); the others are up to"
        " date, these are tried again next time"
    ) from first
