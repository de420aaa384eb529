"""The work of `train`: a retraining that a person asks for, in this process.

Belongs here: from a span of days to the job's run and its result. Stays out: options
(promoting.py), the steps (assets/retraining).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from monitoring_assets.assets import names
from monitoring_assets.assets.partitions import instants_of
from monitoring_assets.assets.retraining.by_hand import decision_by_hand
from monitoring_assets.assets.retraining.promotion import conclude
from monitoring_assets.assets.retraining.steps import run_tags
from monitoring_assets.cli.backfilling import run_job
from monitoring_assets.cli.days import Days
from monitoring_assets.errors import MonitoringError
from monitoring_assets.records import Decision, RetrainingResult
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions

if TYPE_CHECKING:
    from dagster import DagsterInstance


def train_by_hand(
    spec: ModelSpec,
    database: Database,
    instance: "DagsterInstance",
    asked: Mapping[str, Any],
    days: Days,
) -> Decision:
    """Carry out a retraining and return its decision with the result.

    Parameters
    ----------
    days
        First and last day to learn from.

    Raises
    ------
    MonitoringError
        It failed; that is noted as its result, nothing was deployed.
    KeyboardInterrupt
        Somebody stopped it; that is noted as well.
    """
    runtime = Runtime()
    span = instants_of(spec, days)
    decision = decision_by_hand(spec, database, runtime.now(), asked, span)
    job = names.retraining_job(spec.model_id)
    try:
        run = run_job(spec, instance, job, run_tags(decision, 1))
    except KeyboardInterrupt:
        # Without a result it would be underway for ever, and no other could begin.
        stopped = (RetrainingResult.FAILED, "stopped by hand", None)
        conclude(spec, database, runtime, decision, stopped)
        raise
    if run.error is not None:
        failed = (RetrainingResult.FAILED, run.error, None)
        conclude(spec, database, runtime, decision, failed)
        raise MonitoringError(f"model '{spec.model_id}': training failed: {run.error}")
    return decisions.read_decision(database, decision.number)
