"""What every step of a retraining does around its own work: find its decision, name errors.

Belongs here: from a run to the decision it carries out, arguments that the steps share. Stays out:
the steps.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import dagster as dg

import monitoring_assets
from monitoring_assets.assets import names
from monitoring_assets.assets.runs import define_asset
from monitoring_assets.errors import RetrainingError
from monitoring_assets.records import Decision, RetrainingStep
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions

DECISION_TAG: Final = "monitoring_assets/decision"
"""Tag of a run that carries out a decision: its number."""

TRY_TAG: Final = "monitoring_assets/try"
"""Tag of such a run: the how manieth it is."""


def run_tags(decision: Decision, attempt: int) -> dict[str, str]:
    """Return the tags of the run of a decision."""
    return {DECISION_TAG: str(decision.number), TRY_TAG: str(attempt)}


StepWork = Callable[[dg.AssetExecutionContext, Database, Runtime, Decision], Mapping[str, Any]]
"""Does one step of a decision; returns the metadata to show."""

_UPSTREAM: Final = {
    RetrainingStep.CANDIDATE_MODEL: RetrainingStep.TRAINING_DATA,
    RetrainingStep.CHALLENGER_EVALUATION: RetrainingStep.CANDIDATE_MODEL,
    RetrainingStep.PROMOTION: RetrainingStep.CHALLENGER_EVALUATION,
}


FindDecision = Callable[[dg.AssetExecutionContext, Database, Runtime], Decision | None]
"""Makes the decision that a run carries out, if it has none yet."""


def build_step(
    spec: ModelSpec,
    step: RetrainingStep,
    description: str,
    work: StepWork,
    find: FindDecision | None = None,
    deps: Sequence[dg.AssetKey] = (),
) -> dg.AssetsDefinition:
    """Return the asset of one step; it does nothing once its decision has a result.

    Parameters
    ----------
    find
        Asked first where a run may have no decision yet.
    deps
        What the step rests on beside the step before it.
    """
    before = [names.step_key(spec.model_id, _UPSTREAM[step])] if step in _UPSTREAM else []
    arguments = {
        "key": names.step_key(spec.model_id, step),
        "group_name": spec.model_id,
        "kinds": {"postgres", "scikitlearn"},
        "owners": list(spec.owners),
        "code_version": monitoring_assets.__version__,
        "description": description,
        "deps": [*before, *deps],
    }

    @define_asset(arguments)
    def retraining_step(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        made = find(context, store.database, runtime) if find else None
        decision = made or decision_of(context, spec, store.database)
        shown: Mapping[str, Any] = {}
        if decision.result is None:
            shown = work(context, store.database, runtime, decision)
        else:
            context.log.info("retraining %s has a result: %s", decision.number, decision.result)
        return dg.MaterializeResult(
            metadata={"decision": decision.number, "why": decision.reason, **shown}
        )

    return retraining_step


def decision_of(context: dg.AssetExecutionContext, spec: ModelSpec, database: Database) -> Decision:
    """Return the decision that a run carries out.

    Raises
    ------
    RetrainingError
        It carries out none: the job was not begun with its first step.
    """
    found = decision_or_none(context, database)
    if found is not None:
        return found
    raise RetrainingError(
        f"model '{spec.model_id}': this run belongs to no decision to retrain; launch the whole job"
        f" {names.retraining_job(spec.model_id)}, which begins with {RetrainingStep.TRAINING_DATA}"
    )


def decision_or_none(context: dg.AssetExecutionContext, database: Database) -> Decision | None:
    """Return the decision that a run, or the run that it does again, carries out."""
    tag = context.run.tags.get(DECISION_TAG)
    if tag is not None:
        return decisions.read_decision(database, int(tag))
    runs = filter(None, (context.run.run_id, context.run.root_run_id))
    found = (decisions.decision_of_run(database, one) for one in runs)
    return next(filter(None, found), None)
