"""Jobs of a model, and the schedule that asks for windows that have become ready.

Belongs here: what runs together and when. Stays out: what a layer does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.assets.moving import stale_windows
from monitoring_assets.assets.partitions import WINDOWS_PER_RUN, ready_windows
from monitoring_assets.assets.planning.stored import chunks_by_layers, stored_out_of_date
from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.records import WINDOW_LAYERS, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.freshness import is_measured
from monitoring_assets.storage.retraining.locking import REPLAYED, is_replayed

RANGE_START: Final = "dagster/asset_partition_range_start"
RANGE_END: Final = "dagster/asset_partition_range_end"

_RUNS_LOOKED_AT: Final = 100
"""Failed runs of a model that the schedule remembers: a quarter of a year of daily failures."""

JUDGING_LAYERS: Final = (Layer.DATA_DRIFT, Layer.DATA_QUALITY, Layer.MODEL_QUALITY)
"""Layers that rest on profiles alone."""

_AFTER_READY: Final = timedelta(minutes=65)
"""How long after the usual moment of readiness the schedule looks. A delay is an exact length of
time, a cron line is a clock face: on the day on which clocks change they differ by an hour."""


def build_jobs(spec: ModelSpec) -> "list[dg.UnresolvedAssetJobDefinition]":
    """Return the jobs that prepare a model, compute its windows, and judge them anew."""
    prepared = [Layer.REFERENCE_DATA, *([Layer.DEPLOYED_MODEL] if spec.model else [])]
    setup = dg.define_asset_job(
        names.setup_job(spec.model_id),
        selection=_assets(spec, prepared),
        description="Trains the first version if there is none, and measures the reference.",
    )
    monitoring = dg.define_asset_job(
        names.monitoring_job(spec.model_id),
        selection=_assets(spec, list(WINDOW_LAYERS)),
        description="Computes windows: predictions, labels, profiles, drift, quality, checks.",
    )
    judging = dg.define_asset_job(
        names.judging_job(spec.model_id),
        selection=_assets(spec, JUDGING_LAYERS),
        description="Judges windows anew from their profiles; reads no rows.",
    )
    return [setup, monitoring, judging]


def range_tags(chunk: Sequence[Window]) -> dict[str, str]:
    """Return the tags that make one run compute neighbouring windows."""
    return {RANGE_START: chunk[0].partition_key, RANGE_END: chunk[-1].partition_key}


def build_schedule(
    spec: ModelSpec, monitoring: "dg.UnresolvedAssetJobDefinition"
) -> dg.ScheduleDefinition:
    """Return the schedule that asks for ready windows that are not complete, newest first."""

    @dg.schedule(
        name=names.ready_windows_schedule(spec.model_id),
        cron_schedule=_cron(spec),
        execution_timezone=spec.windows.time_zone,
        job=monitoring,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Computes windows that have become ready and are not complete.",
    )
    def ready(
        context: dg.ScheduleEvaluationContext, store: Store, runtime: Runtime
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        if is_replayed(store.database, spec.model_id):
            yield dg.SkipReason(REPLAYED)
            return
        try:
            newest = runtime.source(spec).newest_event_time()
        except SourceUnavailableError as error:
            yield dg.SkipReason(str(error))
            return
        known = ready_windows(spec, runtime.now(), newest)
        missing = stored_out_of_date(store.database, spec, known)
        stale = stale_windows(store.database, spec, known)
        # A window that cannot be computed must not keep others from being judged.
        outdated = {window: JUDGING_LAYERS for window in stale if window not in missing}
        if known and not is_measured(store.database, spec):
            yield dg.SkipReason(
                f"{len(known)} windows are ready, but the reference has not been measured under"
                f" the present YAML: launch the job {names.setup_job(spec.model_id)} once"
            )
        elif not missing and not outdated:
            yield dg.SkipReason(f"all {len(known)} ready windows are complete")
        else:
            failed = _failed_before(context.instance, spec, known)
            alone = [window for window in missing if window.partition_key in failed]
            together = {one: missing[one] for one in missing if one.partition_key not in failed}
            yield from _requests(spec, known, together, runtime.now())
            for window in alone[-WINDOWS_PER_RUN[spec.windows.granularity] :]:
                yield from _requests(spec, known, {window: missing[window]}, runtime.now())
            yield from _requests(spec, known, outdated, runtime.now())

    return ready


def _failed_before(
    instance: dg.DagsterInstance, spec: ModelSpec, known: Sequence[Window]
) -> set[str]:
    """Return the partition keys of the windows that were part of a run that failed lately.

    Each of them gets a run of its own, so that a bad one takes no good one with it.
    """
    wanted = dg.RunsFilter(
        job_name=names.monitoring_job(spec.model_id), statuses=[dg.DagsterRunStatus.FAILURE]
    )
    keys = [window.partition_key for window in known]
    place = {key: i for i, key in enumerate(keys)}
    failed: set[str] = set()
    for run in instance.get_runs(wanted, limit=_RUNS_LOOKED_AT):
        first = place.get(run.tags.get(RANGE_START, ""))
        last = place.get(run.tags.get(RANGE_END, ""))
        if first is not None and last is not None:
            failed.update(keys[first : last + 1])
    return failed


def _requests(
    spec: ModelSpec,
    known: Sequence[Window],
    wanted: Mapping[Window, Collection[Layer]],
    now: datetime,
) -> Iterator[dg.RunRequest]:
    """Ask for at most one run's worth of windows a tick, the newest first.

    Where the reference moves along, the oldest first: a window is compared with those before it.
    Dagster wants a key of each run that is asked for among others, and never starts a second run
    under a key it knows: with the time in it, windows that failed are asked for again.

    Parameters
    ----------
    wanted
        Window -> its layers that have to be computed.
    """
    size = WINDOWS_PER_RUN[spec.windows.granularity]
    in_order = sorted(wanted, key=lambda one: one.start, reverse=not spec.reference.moves)[:size]
    for chunk, layers in chunks_by_layers(known, {one: wanted[one] for one in in_order}, size):
        run_key = f"{chunk[0].partition_key}/{now.isoformat()}"
        keys = [names.asset_key(spec.model_id, layer) for layer in layers]
        everything = len(keys) == len(WINDOW_LAYERS)
        yield dg.RunRequest(
            run_key=run_key,
            tags=range_tags(chunk),
            asset_selection=None if everything else keys,
        )


def _cron(spec: ModelSpec) -> str:
    """Return one moment a day (each hour for hourly windows) at which new windows are ready."""
    minutes = int((spec.windows.delay + _AFTER_READY).total_seconds()) // 60
    if spec.windows.granularity == "hour":
        return f"{minutes % 60} * * * *"
    return f"{minutes % 60} {minutes // 60 % 24} * * *"


def _assets(spec: ModelSpec, layers: Sequence[Layer]) -> dg.AssetSelection:
    keys: Any = [names.asset_key(spec.model_id, layer) for layer in layers]
    return dg.AssetSelection.assets(*keys)
