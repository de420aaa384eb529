"""The work of `train`: a retraining that a person asks for, in this process.

Belongs here: from a span of days to the job's run and its result. Stays out: options
(promoting.py), the steps (assets/retraining).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining.by_hand import decision_by_hand
from monitoring_assets.assets.retraining.promotion import conclude
from monitoring_assets.assets.retraining.sensor import run_tags
from monitoring_assets.cli.backfilling import run_job
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
    days: tuple[date | None, date | None],
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
    """
    runtime = Runtime()
    start, last = days
    span = (
        None if start is None else spec.windows.midnight(start),
        None if last is None else spec.windows.midnight(last + timedelta(days=1)),
    )
    decision = decision_by_hand(spec, database, runtime.now(), asked, span)
    job = names.retraining_job(spec.model_id)
    run = run_job(spec, instance, job, run_tags(decision, 1))
    if run.error is not None:
        failed = (RetrainingResult.FAILED, run.error, None)
        conclude(spec, database, runtime, decision, failed)
        raise MonitoringError(f"model '{spec.model_id}': training failed: {run.error}")
    return decisions.read_decision(database, decision.number)
