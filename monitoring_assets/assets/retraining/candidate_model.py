"""Step `candidate_model`: a new version, trained on the rows of the retraining.

Belongs here: fitting once and storing the version. Stays out: estimators (training),
the first version (assets/deployed_model.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import dagster as dg

from monitoring_assets.assets.retraining.rows import gather
from monitoring_assets.assets.retraining.steps import build_step
from monitoring_assets.records import Decision, ModelVersion, RetrainingStep
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import training_sets, versions
from monitoring_assets.training import artifacts, fit
from monitoring_assets.training.estimators import training_of


def build_candidate_model(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that trains a challenger."""

    def work(
        context: dg.AssetExecutionContext,  # noqa: ARG001 - every step is called so
        database: Database,
        runtime: Runtime,
        decision: Decision,
    ) -> Mapping[str, Any]:
        version = versions.version_of_decision(database, decision.number)
        if version is None:
            version = _train(spec, database, decision, runtime.now())
        return {
            "model_version": version.model_version,
            "estimator": version.estimator,
            "parameters": dict(version.parameters),
            "training_rows": version.training_rows,
            "training_period": f"{version.training_start} to {version.training_end}",
            "artifact_sha256": version.artifact_sha256,
            "dagster/table_name": "monitoring.model_version",
        }

    return build_step(
        spec,
        RetrainingStep.CANDIDATE_MODEL,
        "A new version of the model, the challenger, trained on these rows.",
        work,
    )


def asked_for(spec: ModelSpec, decision: Decision) -> ModelSpec:
    """Return the model with the estimator and parameters that a person asked for, if one did."""
    training = training_of(spec)
    changes = {
        name: decision.evidence[name]
        for name in ("estimator", "parameters")
        if name in decision.evidence
    }
    return replace(spec, model=replace(training, **changes)) if changes else spec


def _train(spec: ModelSpec, database: Database, decision: Decision, now: datetime) -> ModelVersion:
    rows = gather(spec, database, decision, now)
    used = rows.as_set(decision)
    # Labels may have come since they were gathered: what is stored is what is learned from.
    training_sets.save_training_set(database, used)
    chosen = asked_for(spec, decision)
    training = training_of(chosen)
    content, sha256 = artifacts.dump(fit.fit(chosen, rows.training))
    version = ModelVersion(
        model_id=spec.model_id,
        model_version="",
        estimator=training.estimator,
        parameters=training.parameters,
        training_start=used.start,
        training_end=used.end,
        training_rows=used.training_rows,
        artifact_sha256=sha256,
        library_versions=artifacts.library_versions(),
        metrics={},
        decision_id=decision.number,
        data_hash=used.data_hash,
    )
    return versions.save_candidate(database, version, content)
