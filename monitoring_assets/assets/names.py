"""Every key and name that Dagster sees, built in this one place.

Belongs here: the grammar of names. Asset key `<model_id>/<layer>`, group `<model_id>`, job and
schedule `<model_id>__<what>`, check named as the state that must hold. Stays out: everything else.
"""

import re
from typing import Final

import dagster as dg

from monitoring_assets.records import Layer, RetrainingStep

NO_DATASET_DRIFT: Final = "dataset_has_not_drifted"
DATA_QUALITY_HOLDS: Final = "data_quality_holds"
MODEL_QUALITY_HOLDS: Final = "model_quality_holds"
WINDOW_IS_COMPLETE: Final = "window_is_complete"
DEFINITION_IS_VALID: Final = "definition_is_valid"


def asset_key(model_id: str, layer: Layer) -> dg.AssetKey:
    """Return the key `<model_id>/<layer>`."""
    return dg.AssetKey([model_id, layer.value])


def step_key(model_id: str, step: RetrainingStep) -> dg.AssetKey:
    """Return the key `<model_id>/<step>` of one step of a retraining."""
    return dg.AssetKey([model_id, step.value])


def definition_key(model_id: str) -> dg.AssetKey:
    """Return the key under which a model that cannot be loaded shows its failing check."""
    return dg.AssetKey([plain(model_id), "definition"])


def plain(model_id: str) -> str:
    """Return a name that Dagster takes, whatever the folder of a broken model is called."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", model_id) or "_"


def setup_job(model_id: str) -> str:
    """Return the name of the job that trains and measures the reference, once."""
    return f"{model_id}__setup"


def monitoring_job(model_id: str) -> str:
    """Return the name of the job that computes windows."""
    return f"{model_id}__monitoring"


def judging_job(model_id: str) -> str:
    """Return the name of the job that judges windows anew from what was counted of them."""
    return f"{model_id}__judging"


def retraining_job(model_id: str) -> str:
    """Return the name of the job that trains a challenger and promotes it if it wins."""
    return f"{model_id}__retraining"


def decisions_sensor(model_id: str) -> str:
    """Return the name of the sensor that decides whether a model is trained anew."""
    return f"{model_id}__decisions"


def labels_job(model_id: str) -> str:
    """Return the name of the job that reads labels which come late.

    Dagster calls the step of asset `<model_id>/labels` `<model_id>__labels`, and wants the names of
    jobs and steps to differ.
    """
    return f"{model_id}__late_labels"


def labels_schedule(model_id: str) -> str:
    """Return the name of the schedule that asks for that job."""
    return f"{model_id}__labels"


def labels_step(model_id: str) -> str:
    """Return the name of the step that brings the windows of late labels up to date."""
    return f"{model_id}__reading_late_labels"


def ready_windows_schedule(model_id: str) -> str:
    """Return the name of the schedule that asks for ready windows."""
    return f"{model_id}__ready_windows"


def checks_step(model_id: str) -> str:
    """Return the name of the step that reports all verdicts of a window."""
    return f"{model_id}__verdicts"


def mirror_sensor() -> str:
    """Return the name of the sensor that tells MLflow about versions."""
    return "monitoring_assets__mlflow"


def definitions_sensor() -> str:
    """Return the name of the sensor that reports broken definitions."""
    return "monitoring_assets__definitions"
