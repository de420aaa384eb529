"""The sensor of a model: looks at its newest windows every 15 seconds and decides.

Belongs here: what Dagster sees: requested runs, the last reason. Stays out: deciding (thinking.py),
tries (carrying_out.py). Its memory is in our tables; it has no cursor.
"""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining.carrying_out import next_try
from monitoring_assets.assets.retraining.promotion import conclude
from monitoring_assets.assets.retraining.sending import send_due
from monitoring_assets.assets.retraining.steps import DECISION_TAG, run_tags
from monitoring_assets.assets.retraining.telling import teller_of
from monitoring_assets.assets.retraining.thinking import think
from monitoring_assets.records import Decision, DecisionCode, RetrainingResult
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions
from monitoring_assets.storage.retraining.locking import REPLAYED, in_the_present

EVERY_SECONDS: Final = 15

_FAILED: Final = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def build_decisions_sensor(
    spec: ModelSpec, job: "dg.UnresolvedAssetJobDefinition | None"
) -> dg.SensorDefinition:
    """Return the sensor that keeps a model's episodes, decides, starts runs and sends messages.

    Parameters
    ----------
    job
        What carries out a retraining; None for a model whose predictions come from its source.
    """

    @dg.sensor(
        name=names.decisions_sensor(spec.model_id),
        job=job,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Decides by the policy whether the model is trained anew, and sends messages.",
    )
    def decisions_of_model(
        context: dg.SensorEvaluationContext, store: Store, runtime: Runtime
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        database = store.database
        with in_the_present(database, spec.model_id) as present:
            requests, reason = (
                _decided(context.instance, spec, database, runtime) if present else ([], REPLAYED)
            )
        not_taken = send_due(spec, database, runtime)
        if not_taken is not None:
            context.log.warning(not_taken)
        yield from requests
        if not requests:
            yield dg.SkipReason(reason)

    return decisions_of_model


def _decided(
    instance: dg.DagsterInstance, spec: ModelSpec, database: Database, runtime: Runtime
) -> tuple[list[dg.RunRequest], str]:
    """Return the runs to ask for, and why there are none."""
    thought = think(spec, database, runtime.now(), teller_of(spec, database, runtime))
    requests, reasons = _carry_out(instance, spec, database, runtime)
    return requests, "; ".join([*reasons, thought.reason])


def _carry_out(
    instance: dg.DagsterInstance, spec: ModelSpec, database: Database, runtime: Runtime
) -> tuple[list[dg.RunRequest], list[str]]:
    """Return the runs to ask for, and what is to be said about decisions without a result."""
    requests: list[dg.RunRequest] = []
    reasons: list[str] = []
    for decision in decisions.retrain_decisions(database, spec.model_id):
        if decision.result is not None:
            continue
        if decision.replayed:
            # What is known today, and the version that serves, are not those of that time.
            stopped = (RetrainingResult.FAILED, "its replay was stopped", None)
            conclude(spec, database, runtime, decision, stopped)
            reasons.append(f"retraining number {decision.number}: its replay was stopped")
            continue
        now = runtime.now()
        found = next_try(spec, decision, lambda one: _failure(instance, one), now)
        reasons.append(found.reason)
        if found.given_up:
            failed = (RetrainingResult.FAILED, found.given_up, None)
            conclude(spec, database, runtime, decision, failed)
        if found.start is not None and _has_no_run(instance, decision, found.start):
            if found.start > decision.tries:
                decisions.request_try(database, decision.number, now, found.start)
            # Dagster starts one run under a key, however often it is asked for.
            requests.append(
                dg.RunRequest(
                    run_key=f"retraining/{decision.number}/{found.start}",
                    tags=run_tags(decision, found.start),
                )
            )
    return requests, reasons


def _runs(instance: dg.DagsterInstance, decision: Decision, attempt: int) -> list[dg.DagsterRun]:
    """Return the runs of one try, newest first; a person may have done one of them again."""
    tagged = instance.get_runs(dg.RunsFilter(tags=run_tags(decision, attempt)))
    if attempt > 1 or not decision.run_id:
        return [*tagged]
    # A run that a person launched is the first try; until its first step it has no tags.
    own = instance.get_run_by_id(decision.run_id)
    return [*tagged, *([own] if own is not None and DECISION_TAG not in own.tags else [])]


def _has_no_run(instance: dg.DagsterInstance, decision: Decision, attempt: int) -> bool:
    if attempt > decision.tries:
        return True
    if attempt == 1 and decision.code is DecisionCode.BY_HAND:
        # Whoever asked for it starts it: a moment may pass until Dagster knows the run.
        return False
    return not _runs(instance, decision, attempt)


def _failure(instance: dg.DagsterInstance, decision: Decision) -> str | None:
    newest = next(iter(_runs(instance, decision, decision.tries)), None)
    if newest is None or newest.status not in _FAILED:
        return None
    return f"run {newest.run_id[:8]} ended as {newest.status.value}"
