"""Step `promotion`: the challenger takes the champion's place, or is refused.

Belongs here: acting on the comparison, what Dagster is told. Stays out: whether the challenger is
better (evaluation/retraining/comparison.py), its reference (new_reference.py), the transaction
(storage/retraining/promoting.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import dagster as dg

from monitoring_assets.assets import names, runs
from monitoring_assets.assets.retraining.challenger_evaluation import rivals_of
from monitoring_assets.assets.retraining.new_reference import measure_for_version
from monitoring_assets.assets.retraining.rows import gather, policy_of
from monitoring_assets.assets.retraining.steps import build_step
from monitoring_assets.assets.retraining.telling import teller_of
from monitoring_assets.assets.retraining.thinking import CHANNEL
from monitoring_assets.errors import PromotionRefusedError, RetrainingError
from monitoring_assets.evaluation.retraining.comparison import judge_challenger
from monitoring_assets.evaluation.retraining.messages import result_message
from monitoring_assets.records import (
    Decision,
    Deployment,
    Layer,
    RetrainingResult,
    RetrainingStep,
)
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import comparisons, decisions
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets.storage.retraining.promoting import Promotion, promote


def build_promotion(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that promotes a challenger or refuses it."""

    def work(
        context: dg.AssetExecutionContext, database: Database, runtime: Runtime, decision: Decision
    ) -> Mapping[str, Any]:
        # As they were compared: another version may have been deployed since.
        compared = comparisons.compared_versions(database, decision.number)
        rivals = compared or rivals_of(spec, database, decision)
        found = comparisons.read_comparisons(database, decision.number)
        wins, reason = judge_challenger(spec, found)
        automatic = policy_of(spec).promotion.mode == "automatic"
        if wins and automatic:
            try:
                deployment = _promote(context, spec, database, runtime, (decision, rivals, reason))
            except PromotionRefusedError as error:
                # The champion that it was compared with serves no longer: a result, not a failure.
                wins, reason = False, str(error)
            else:
                tell_dagster(context, spec, deployment)
                return {"result": "promoted", "reason": reason, **_shown(deployment)}
        result = RetrainingResult.AWAITS_APPROVAL if wins else RetrainingResult.REFUSED
        conclude(spec, database, runtime, decision, (result, reason, rivals[1]))
        return {"result": result.value, "reason": reason, "model_version": rivals[1]}

    return build_step(
        spec,
        RetrainingStep.PROMOTION,
        "The challenger is deployed with a reference of its own, or refused, and why.",
        work,
    )


def conclude(
    spec: ModelSpec,
    database: Database,
    runtime: Runtime,
    decision: Decision,
    came_of_it: tuple[RetrainingResult, str, str | None],
) -> None:
    """Store what came of a retraining that promotes nothing, and what is to be told about it."""
    now = runtime.now()
    known = replace(
        decision,
        result=came_of_it[0],
        result_reason=came_of_it[1],
        model_version=came_of_it[2],
        finished_at=now,
    )
    teller = teller_of(spec, database, runtime)
    message = result_message(spec, known, now, teller.link)
    with loop_transaction(database, spec.model_id) as connection:
        if decisions.finish(connection, decision.number, came_of_it, now) and message:
            teller.write(connection, [message])


def tell_dagster(
    context: dg.AssetExecutionContext, spec: ModelSpec, deployment: Deployment
) -> None:
    """Report what a promotion has changed beside its own asset."""
    for layer in (Layer.DEPLOYED_MODEL, Layer.REFERENCE_DATA):
        context.log_event(
            dg.AssetMaterialization(
                names.asset_key(spec.model_id, layer), metadata=_shown(deployment)
            )
        )


def _promote(
    context: dg.AssetExecutionContext,
    spec: ModelSpec,
    database: Database,
    runtime: Runtime,
    what: tuple[Decision, tuple[str, str], str],
) -> Deployment:
    decision, (champion, challenger), reason = what
    now = runtime.now()
    promoted = replace(
        decision,
        result=RetrainingResult.PROMOTED,
        result_reason=reason,
        model_version=challenger,
        finished_at=now,
    )
    teller = teller_of(spec, database, runtime)
    message = result_message(spec, promoted, now, teller.link)
    rows = gather(spec, database, decision)
    record = runs.computation(context, spec, Layer.REFERENCE_DATA, runtime)
    reference = measure_for_version(spec, database, record, rows, (decision, challenger))
    return promote(
        database,
        Promotion(
            computation=runs.computation(context, spec, Layer.DEPLOYED_MODEL, runtime),
            model_version=challenger,
            champion=champion,
            not_before=decision.window.end,
            decided_at=now,
            decided_by=decision.decided_by,
            reason=reason,
            decision_id=decision.number,
            reference=reference,
            messages=[replace(message, withheld=teller.withheld)] if message else [],
            channel=CHANNEL,
        ),
    )


def require_deployable(spec: ModelSpec) -> None:
    """Refuse to deploy a version of a model whose predictions come from its source."""
    if spec.model is None:
        raise RetrainingError(
            f"model '{spec.model_id}' is not trained here (its YAML has no section `model`): its"
            " predictions come from its source, there is nothing to deploy"
        )


def _shown(deployment: Deployment) -> dict[str, Any]:
    return {
        "model_version": deployment.model_version,
        "valid_from": _moment(deployment.valid_from),
        "decided_by": deployment.decided_by,
        "why": deployment.reason,
        "dagster/table_name": "monitoring.deployment",
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
