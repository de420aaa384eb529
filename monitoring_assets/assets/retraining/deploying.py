"""Deploying a version by hand: a promotion that somebody else did not decide, or a rollback.

Belongs here: from a version to the deployment and what Dagster is told. Stays out: the transaction
(storage/retraining/promoting.py).
"""

from dataclasses import replace

import dagster as dg

import monitoring_assets
from monitoring_assets.assets.measuring import again_if_taken
from monitoring_assets.assets.retraining.new_reference import measure_for_version
from monitoring_assets.assets.retraining.promotion import changed_assets
from monitoring_assets.assets.retraining.rows import gather
from monitoring_assets.assets.retraining.telling import told_of_result
from monitoring_assets.assets.retraining.thinking import CHANNEL
from monitoring_assets.assets.scoring import pipeline_of
from monitoring_assets.errors import RetrainingError
from monitoring_assets.records import (
    Computation,
    Decision,
    Deployment,
    Layer,
    RetrainingResult,
)
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.layer_hash import layer_hash
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import newest_deployment, read_model_version
from monitoring_assets.storage.references import ReferenceWrite, read_references
from monitoring_assets.storage.retraining.decisions import read_decision
from monitoring_assets.storage.retraining.promoting import Promotion, promote


def deploy_by_hand(
    spec: ModelSpec,
    database: Database,
    instance: dg.DagsterInstance,
    what: tuple[str, str, str],
    in_place_of: str | None = None,
) -> Deployment:
    """Let a version serve from the first window on that has not been scored.

    Parameters
    ----------
    what
        The version, why it is to serve, and who says so.
    in_place_of
        The version that has to serve still; None: whichever serves when this is called.

    Raises
    ------
    PromotionRefusedError
        Another version was deployed meanwhile.
    RetrainingError
        The model is not trained here, nothing is deployed yet, or the version serves already.
    StorageError
        There is no such version.
    ArtifactError
        Its file was tampered with, or belongs to another version of a library.
    """
    _require_trained_here(spec)
    version, reason, person = what
    known = read_model_version(database, spec.model_id, version)
    newest = newest_deployment(database, spec.model_id)
    if newest is None or newest.model_version == version:
        why = "nothing is deployed yet" if newest is None else f"version {version} serves already"
        raise RetrainingError(f"model '{spec.model_id}': {why}; nothing was changed")
    # A file that was tampered with, or of another scikit-learn, must not serve: open it once.
    pipeline_of(database, spec.model_id, version)
    runtime = Runtime()
    decision = None if known.decision_id is None else read_decision(database, known.decision_id)
    awaits = decision and decision.result is RetrainingResult.AWAITS_APPROVAL
    promoted = (RetrainingResult.PROMOTED, reason, version)
    promotion = Promotion(
        computation=_record(spec, Layer.DEPLOYED_MODEL, runtime),
        model_version=version,
        champion=in_place_of or newest.model_version,
        not_before=newest.valid_from,
        decided_at=runtime.now(),
        decided_by=person,
        reason=reason,
        decision_id=known.decision_id if awaits else None,
        messages=(
            told_of_result(spec, database, runtime, decision, promoted)
            if decision and awaits
            else []
        ),
        channel=CHANNEL,
    )

    def with_reference() -> Deployment:
        measured = _reference(spec, database, runtime, decision, version)
        return promote(database, replace(promotion, reference=measured))

    deployment = again_if_taken(with_reference)
    for event in changed_assets(spec, deployment):
        instance.report_runless_asset_event(event)
    return deployment


def _require_trained_here(spec: ModelSpec) -> None:
    """Refuse to deploy a version of a model whose predictions come from its source."""
    if spec.model is None:
        raise RetrainingError(
            f"model '{spec.model_id}' is not trained here (its YAML has no section `model`): its"
            " predictions come from its source, there is nothing to deploy"
        )


def _reference(
    spec: ModelSpec, database: Database, runtime: Runtime, decision: Decision | None, version: str
) -> ReferenceWrite | None:
    """Return the reference of a version that was trained but never deployed; None if it has one."""
    measured = {one.for_model_version for one in read_references(database, spec.model_id)}
    if decision is None or version in measured:
        return None
    record = _record(spec, Layer.REFERENCE_DATA, runtime)
    rows = gather(spec, database, decision, runtime.now())
    return measure_for_version(spec, database, record, rows, (decision, version))


def _record(spec: ModelSpec, layer: Layer, runtime: Runtime) -> Computation:
    return Computation(
        model_id=spec.model_id,
        layer=layer,
        run_id="",
        code_version=monitoring_assets.__version__,
        spec_hash=layer_hash(spec, layer),
        started_at=runtime.now(),
    )
