"""Step `promotion`: the challenger takes the champion's place, or is refused.

Belongs here: acting on the comparison, what Dagster is told. Stays out: whether the challenger is
better (evaluation/retraining/comparison.py), its reference (new_reference.py), the transaction
(storage/retraining/promoting.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from monitoring_assets.assets import names, runs
from monitoring_assets.assets.measuring import again_if_taken
from monitoring_assets.assets.retraining.challenger_evaluation import rivals_of
from monitoring_assets.assets.retraining.new_reference import measure_for_version
from monitoring_assets.assets.retraining.rows import gather, policy_of
from monitoring_assets.assets.retraining.steps import build_step
from monitoring_assets.assets.retraining.telling import told_of_result
from monitoring_assets.assets.retraining.thinking import CHANNEL
from monitoring_assets.errors import PromotionRefusedError
from monitoring_assets.evaluation.retraining.comparison import judge_challenger
from monitoring_assets.evaluation.retraining.wording import moment_words
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
from monitoring_assets.storage.retraining.messages import write_messages
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
                what = (decision, rivals, reason)
                deployment = again_if_taken(
                    lambda: _promote(context, spec, database, runtime, what)
                )
            except PromotionRefusedError as error:
                # The champion that it was compared with serves no longer: a result, not a failure.
                wins, reason = False, str(error)
            else:
                for event in changed_assets(spec, deployment):
                    context.log_event(event)
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
    told = told_of_result(spec, database, runtime, decision, came_of_it)
    with loop_transaction(database, spec.model_id) as connection:
        if decisions.finish(connection, decision.number, came_of_it, runtime.now()):
            write_messages(connection, told, CHANNEL)


def changed_assets(spec: ModelSpec, deployment: Deployment) -> Iterator[dg.AssetMaterialization]:
    """Yield what Dagster is told of a deployment: the assets that it has changed."""
    for layer in (Layer.DEPLOYED_MODEL, Layer.REFERENCE_DATA):
        key = names.asset_key(spec.model_id, layer)
        yield dg.AssetMaterialization(key, metadata=_shown(deployment))


def _promote(
    context: dg.AssetExecutionContext,
    spec: ModelSpec,
    database: Database,
    runtime: Runtime,
    what: tuple[Decision, tuple[str, str], str],
) -> Deployment:
    decision, (champion, challenger), reason = what
    promoted = (RetrainingResult.PROMOTED, reason, challenger)
    rows = gather(spec, database, decision, runtime.now())
    record = runs.computation(context, spec, Layer.REFERENCE_DATA, runtime)
    reference = measure_for_version(spec, database, record, rows, (decision, challenger))
    return promote(
        database,
        Promotion(
            computation=runs.computation(context, spec, Layer.DEPLOYED_MODEL, runtime),
            model_version=challenger,
            champion=champion,
            not_before=decision.window.end,
            decided_at=runtime.now(),
            decided_by=decision.decided_by,
            reason=reason,
            decision_id=decision.number,
            reference=reference,
            messages=told_of_result(spec, database, runtime, decision, promoted),
            channel=CHANNEL,
        ),
    )


def _shown(deployment: Deployment) -> dict[str, Any]:
    return {
        "model_version": deployment.model_version,
        "valid_from": moment_words(deployment.valid_from),
        "decided_by": deployment.decided_by,
        "why": deployment.reason,
        "dagster/table_name": "monitoring.deployment",
    }
