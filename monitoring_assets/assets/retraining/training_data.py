"""Step `training_data`: the rows that a retraining uses.

Belongs here: the decision of a run that a person launched, and what is recorded of the rows. Stays
out: reading them (rows.py).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining.by_hand import decision_by_hand
from monitoring_assets.assets.retraining.rows import gather
from monitoring_assets.assets.retraining.steps import build_step, decision_or_none, run_tags
from monitoring_assets.records import Decision, Layer, RetrainingStep
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions, training_sets


def build_training_data(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that gathers the rows of a retraining."""

    def find(
        context: dg.AssetExecutionContext, database: Database, runtime: Runtime
    ) -> Decision | None:
        return _launched_by_hand(context, spec, database, runtime)

    def work(
        context: dg.AssetExecutionContext,
        database: Database,
        runtime: Runtime,
        decision: Decision,
    ) -> Mapping[str, Any]:
        decisions.note_run(database, decision.number, context.run.run_id)
        rows = gather(spec, database, decision, runtime.now())
        used = rows.as_set(decision)
        training_sets.save_training_set(database, used)
        return {
            "dagster/row_count": used.training_rows,
            "dagster/table_name": "monitoring.training_set",
            "rows_held_out": used.holdout_rows,
            "windows": len(used.windows),
            "first_window": rows.windows[0].partition_key,
            "last_window": rows.windows[-1].partition_key,
            "data_hash": used.data_hash,
        }

    return build_step(
        spec,
        RetrainingStep.TRAINING_DATA,
        "Labelled rows that a challenger learns from, and those it is judged on.",
        work,
        find,
        deps=[names.asset_key(spec.model_id, layer) for layer in (Layer.PREDICTIONS, Layer.LABELS)],
    )


def _launched_by_hand(
    context: dg.AssetExecutionContext, spec: ModelSpec, database: Database, runtime: Runtime
) -> Decision | None:
    """Decide to retrain where a person has launched the job itself, in Dagster's UI."""
    if decision_or_none(context, database) is not None:
        return None
    run = context.run.run_id
    asked = {"decided_by": "launched in Dagster", "run": run}
    decision = decision_by_hand(spec, database, runtime.now(), asked)
    # A run that does this one again has its tags, however many there are between.
    context.instance.add_run_tags(run, run_tags(decision, 1))
    return decision
