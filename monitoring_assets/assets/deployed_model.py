"""Layer `deployed_model`: the version that serves windows; trains version 1 if there is none.

Belongs here: the decision to train a first version and what is recorded of it. Stays out: fitting
(training), the tables (storage), retraining, which is a job of its own.
"""

from typing import Any

import dagster as dg
import pyarrow.compute as pc

from monitoring_assets.assets import runs
from monitoring_assets.assets.runs import asset_arguments, define_asset
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.records import Deployment, Layer, ModelVersion
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import models, registry
from monitoring_assets.storage.database import Database
from monitoring_assets.training import artifacts, fit

FIRST_VERSION = "1"


def build_deployed_model(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset at the top of a model's lineage."""
    description = "The model version that serves windows, read from table `deployment`."

    @define_asset(asset_arguments(spec, Layer.DEPLOYED_MODEL, description))
    def deployed_model(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        registry.register_model(database, spec, runtime.now())
        deployment = models.newest_deployment(database, spec.model_id)
        trained = deployment is None
        if deployment is None:
            deployment = _train_first_version(context, spec, database, runtime)
        version = models.read_model_version(database, spec.model_id, deployment.model_version)
        return dg.MaterializeResult(
            metadata={
                "model_version": version.model_version,
                "trained_now": trained,
                "estimator": version.estimator,
                "training_rows": version.training_rows,
                "training_period": f"{version.training_start} to {version.training_end}",
                "artifact_sha256": version.artifact_sha256,
                "valid_from": str(deployment.valid_from),
                "dagster/table_name": "monitoring.deployment",
            }
        )

    return deployed_model


def _train_first_version(
    context: dg.AssetExecutionContext, spec: ModelSpec, database: Database, runtime: Runtime
) -> Deployment:
    if spec.model is None:
        raise ConfigurationError(f"model '{spec.model_id}' has no section `model`")
    start, end = spec.period(spec.model.training)
    rows = runtime.source(spec).read(start, end).table
    usable = pc.and_(
        pc.is_null(rows.column("rejected_by")), pc.is_valid(rows.column(str(spec.columns.target)))
    )
    rows = rows.filter(usable)
    pipeline = fit.fit(spec, rows)
    content, sha256 = artifacts.dump(pipeline)
    version = ModelVersion(
        model_id=spec.model_id,
        model_version=FIRST_VERSION,
        estimator=spec.model.estimator,
        parameters=spec.model.parameters,
        training_start=start,
        training_end=end,
        training_rows=rows.num_rows,
        artifact_sha256=sha256,
        library_versions=artifacts.library_versions(),
        metrics={},
    )
    deployment = Deployment(
        model_id=spec.model_id,
        model_version=FIRST_VERSION,
        valid_from=end,
        decided_at=runtime.now(),
        decided_by="deployed_model",
        reason="first version, trained because none was deployed",
    )
    record = runs.computation(context, spec, Layer.DEPLOYED_MODEL, runtime)
    return models.deploy_first_version(database, record, version, content, deployment)
