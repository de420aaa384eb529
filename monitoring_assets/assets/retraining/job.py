"""The job that carries out a decision to retrain.

Belongs here: its steps. Stays out: when it is started (sensor.py).
"""

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining.candidate_model import build_candidate_model
from monitoring_assets.assets.retraining.challenger_evaluation import build_challenger_evaluation
from monitoring_assets.assets.retraining.promotion import build_promotion
from monitoring_assets.assets.retraining.training_data import build_training_data
from monitoring_assets.records import RetrainingStep
from monitoring_assets.spec.model import ModelSpec


def build_retraining_steps(spec: ModelSpec) -> list[dg.AssetsDefinition]:
    """Return the assets of a retraining, in the order of its work."""
    return [
        build_training_data(spec),
        build_candidate_model(spec),
        build_challenger_evaluation(spec),
        build_promotion(spec),
    ]


def build_retraining_job(spec: ModelSpec) -> "dg.UnresolvedAssetJobDefinition":
    """Return the job of a retraining; launched by a person, it asks the policy nothing."""
    keys = [names.step_key(spec.model_id, step) for step in RetrainingStep]
    return dg.define_asset_job(
        names.retraining_job(spec.model_id),
        selection=dg.AssetSelection.assets(*keys),
        description="Trains a challenger on labelled windows, compares it with the champion on rows"
        " held out, and promotes it if it wins.",
        tags={"monitoring_assets/model": spec.model_id},
    )
