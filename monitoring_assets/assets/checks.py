"""The verdicts of a window as asset checks, right for every window of a run.

Belongs here: one step that reports all verdicts of a model's windows. Stays out: what a verdict is
(evaluation).

A run over a range of partitions, even of one, stores the result that a check yields without its
partition, and the UI shows every partition as skipped. So a range run logs one evaluation for each
window, naming the newest materialization of that partition, from a step that runs after the
assets; the class that carries this name is not public, and this is the one file that imports it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (  # noqa: TID251 - see above
    AssetCheckEvaluationTargetMaterializationData,
)

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import RANGE_START
from monitoring_assets.assets.partitions import partitions_definition, windows_for_keys
from monitoring_assets.records import Finding, Layer, Verdict, Window
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.verdicts import WindowVerdicts, window_verdicts

_ON_ASSET: Mapping[str, tuple[Layer, str]] = {
    names.NO_DATASET_DRIFT: (Layer.DATA_DRIFT, "The window looks like the reference."),
    names.DATA_QUALITY_HOLDS: (Layer.DATA_QUALITY, "No data-quality bound is broken."),
    names.MODEL_QUALITY_HOLDS: (Layer.MODEL_QUALITY, "Quality metrics keep their bounds."),
    names.WINDOW_IS_COMPLETE: (Layer.PREDICTIONS, "Every layer of the window is up to date."),
}


def build_checks(spec: ModelSpec) -> dg.AssetChecksDefinition:
    """Return the step that reports the verdicts of a model's windows."""
    specs = [
        dg.AssetCheckSpec(
            name,
            asset=names.asset_key(spec.model_id, layer),
            description=description,
            partitions_def=partitions_definition(spec),
        )
        for name, (layer, description) in _ON_ASSET.items()
        if spec.columns.target is not None or layer is not Layer.MODEL_QUALITY
    ]

    @dg.multi_asset_check(specs=specs, name=names.checks_step(spec.model_id), can_subset=True)
    def verdicts(
        context: dg.AssetCheckExecutionContext, store: Store
    ) -> Iterator[dg.AssetCheckResult]:
        windows = windows_for_keys(spec, context.partition_keys)
        concluded = window_verdicts(
            store.database, spec.model_id, spec.main_metric, [window.start for window in windows]
        )
        starts = {window.partition_key: window.start for window in windows}
        in_range, log = RANGE_START in context.run.tags, context.op_execution_context.log_event
        complete = _key_of(spec, names.WINDOW_IS_COMPLETE)
        if in_range and complete not in context.selected_asset_check_keys:
            # A run of some layers may be the one that completes a window.
            _log_each_window(context.instance, log, complete, starts, concluded)
        for key in sorted(context.selected_asset_check_keys):
            if in_range:
                _log_each_window(context.instance, log, key, starts, concluded)
                yield _summary(key, starts, concluded)
            else:
                only = concluded.get(windows[0].start)
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key, check_name=key.name, **_outcome(key.name, only)
                )

    return verdicts


def log_quality_verdicts(
    context: dg.OpExecutionContext, spec: ModelSpec, database: Database, windows: Sequence[Window]
) -> None:
    """Report what quality says of windows whose labels changed; none of their other verdicts did.

    To be called once their materializations are logged.
    """
    starts = {window.partition_key: window.start for window in windows}
    concluded = window_verdicts(database, spec.model_id, spec.main_metric, list(starts.values()))
    for name in (names.MODEL_QUALITY_HOLDS, names.WINDOW_IS_COMPLETE):
        key = _key_of(spec, name)
        _log_each_window(context.instance, context.log_event, key, starts, concluded)


def _key_of(spec: ModelSpec, name: str) -> dg.AssetCheckKey:
    layer, _ = _ON_ASSET[name]
    return dg.AssetCheckKey(names.asset_key(spec.model_id, layer), name)


def _log_each_window(
    instance: dg.DagsterInstance,
    log_event: Callable[[Any], None],
    key: dg.AssetCheckKey,
    starts: Mapping[str, datetime],
    concluded: Mapping[datetime, WindowVerdicts],
) -> None:
    newest = _newest_materializations(instance, key, list(starts))
    for partition, start in starts.items():
        outcome = _outcome(key.name, concluded.get(start))
        log_event(
            dg.AssetCheckEvaluation(
                asset_key=key.asset_key,
                check_name=key.name,
                partition=partition,
                target_materialization_data=newest.get(partition),
                **outcome,
            )
        )


def _newest_materializations(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey, partitions: list[str]
) -> dict[str, AssetCheckEvaluationTargetMaterializationData]:
    wanted = dg.AssetRecordsFilter(asset_key=key.asset_key, asset_partitions=partitions)
    newest: dict[str, AssetCheckEvaluationTargetMaterializationData] = {}
    cursor: str | None = None
    while True:
        page = instance.fetch_materializations(wanted, limit=1000, cursor=cursor)
        for record in page.records:
            # Records come newest first: the first one seen of a partition is its newest.
            newest.setdefault(
                str(record.partition_key),
                AssetCheckEvaluationTargetMaterializationData(
                    storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
                ),
            )
        if not page.has_more or len(newest) == len(partitions):
            return newest
        cursor = page.cursor


def _summary(
    key: dg.AssetCheckKey,
    starts: Mapping[str, datetime],
    concluded: Mapping[datetime, WindowVerdicts],
) -> dg.AssetCheckResult:
    """Return the result a range run owes for the check as a whole; it belongs to no partition."""
    outcomes = [_outcome(key.name, concluded.get(start)) for start in starts.values()]
    failed = [outcome for outcome in outcomes if not outcome["passed"]]
    unknown = failed and all(one["severity"] is dg.AssetCheckSeverity.WARN for one in failed)
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN if unknown else dg.AssetCheckSeverity.ERROR,
        description=_counted(outcomes),
    )


def _counted(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """Say how many windows alarm, and of how many it is not known whether they should."""
    failed = [one["severity"] for one in outcomes if not one["passed"]]
    if not failed:
        return f"all {len(outcomes)} windows of this run passed"
    alarms = failed.count(dg.AssetCheckSeverity.ERROR)
    unknown = len(failed) - alarms
    return f"of {len(outcomes)} windows of this run {alarms} alarm, {unknown} are not judged"


def _outcome(check: str, window: WindowVerdicts | None) -> dict[str, Any]:
    """Return passed, severity, description and metadata of one check on one window."""
    if check == names.WINDOW_IS_COMPLETE:
        complete = window is not None and window.complete
        reason = "every layer is up to date" if complete else "a layer is missing or out of date"
        return _result(Verdict.OK if complete else Verdict.UNDEFINED, reason)
    finding: Finding | None = None
    if window is not None:
        finding = {
            names.NO_DATASET_DRIFT: window.drift,
            names.DATA_QUALITY_HOLDS: window.data_quality,
            names.MODEL_QUALITY_HOLDS: window.quality,
        }[check]
    if window is None or finding is None:
        return _result(Verdict.UNDEFINED, "this layer has not been computed for the window")
    result = _result(finding.verdict, finding.reason)
    if check == names.MODEL_QUALITY_HOLDS and window.observed_drift is not None:
        _add_observed_drift(result, window.observed_drift)
    return result


def _add_observed_drift(result: dict[str, Any], drift: Finding) -> None:
    """Say beside quality whether what happened is unusual, which alone is no lack of quality."""
    result["metadata"] |= {
        "target_drift_verdict": drift.verdict.value,
        "target_drift_reason": drift.reason,
    }
    if drift.verdict is Verdict.ALARM:
        result["description"] += f"; the target has drifted: {drift.reason}"


def _result(verdict: Verdict, reason: str) -> dict[str, Any]:
    """Return what a verdict is to Dagster: an alarm is an error, "don't know" is a warning.

    A result that passes is given the severity of an error: the UI shows a passed one of severity
    "warn" as a warning.
    """
    known = verdict in (Verdict.OK, Verdict.ALARM)
    return {
        "passed": verdict is Verdict.OK,
        "severity": dg.AssetCheckSeverity.ERROR if known else dg.AssetCheckSeverity.WARN,
        "description": reason,
        "metadata": {"verdict": verdict.value},
    }
