"""`MonitoredModel`: one folder `<model_id>/defs.yaml` becomes assets, checks, jobs and a schedule.

Belongs here: the component and what it wires. Stays out: everything it wires.
"""

import warnings
from pathlib import Path

import dagster as dg
from pydantic import BaseModel, TypeAdapter

from monitoring_assets.assets.checks import build_checks
from monitoring_assets.assets.data_drift import build_data_drift
from monitoring_assets.assets.data_quality import build_data_quality
from monitoring_assets.assets.deployed_model import build_deployed_model
from monitoring_assets.assets.jobs import build_jobs, build_schedule
from monitoring_assets.assets.label_jobs import build_labels_job, build_labels_schedule
from monitoring_assets.assets.labels import build_labels
from monitoring_assets.assets.model_quality import build_model_quality
from monitoring_assets.assets.predictions import build_predictions
from monitoring_assets.assets.quality_profiles import build_quality_profiles
from monitoring_assets.assets.reference_data import build_reference_data
from monitoring_assets.assets.retraining.job import build_retraining_job, build_retraining_steps
from monitoring_assets.assets.retraining.sensor import build_decisions_sensor
from monitoring_assets.assets.window_profiles import build_window_profiles
from monitoring_assets.components.attributes import attributes_model
from monitoring_assets.components.scaffolding import ModelScaffolder
from monitoring_assets.spec.model import ModelSpec

_LAYERS = (
    build_reference_data,
    build_predictions,
    build_labels,
    build_window_profiles,
    build_quality_profiles,
    build_data_drift,
    build_data_quality,
    build_model_quality,
)


@dg.scaffold_with(ModelScaffolder)
class MonitoredModel(dg.Component):
    """A model scored in batches: its lineage of time-partitioned assets, from one YAML file.

    The attributes are the fields of `ModelSpec`, all but `model_id`, which is the folder's name.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec

    @classmethod
    def get_model_cls(cls) -> type[BaseModel]:
        """Return the attributes as Dagster's tools want to see them: closed, described, bounded."""
        return attributes_model()

    @classmethod
    def load(
        cls, attributes: BaseModel | None, context: dg.ComponentLoadContext
    ) -> "MonitoredModel":
        """Build the component from attributes that Dagster has read."""
        given = attributes.model_fields_set if attributes else ()
        values = {name: getattr(attributes, name) for name in given}
        model_id = Path(context.path).name
        return cls(TypeAdapter(ModelSpec).validate_python({**values, "model_id": model_id}))

    def build_defs(self, context: dg.ComponentLoadContext | None) -> dg.Definitions:  # noqa: ARG002 - Dagster signature
        """Wire the model's spec to the factories."""
        return model_definitions(self.spec)


def model_definitions(spec: ModelSpec) -> dg.Definitions:
    """Return all definitions of a model."""
    factories = (build_deployed_model, *_LAYERS) if spec.model else _LAYERS
    with warnings.catch_warnings():
        # Backfill policies are beta and partitioned checks preview in Dagster 1.13. We pin the
        # minor version and test both; whoever reads the log of a load can do nothing about it.
        warnings.simplefilter("ignore", category=dg.BetaWarning)
        warnings.simplefilter("ignore", category=dg.PreviewWarning)
        setup, monitoring, judging = build_jobs(spec)
        labels = [build_labels_job(spec)] if spec.labels_have_times else []
        steps = build_retraining_steps(spec) if spec.model else []
        retraining = build_retraining_job(spec) if spec.model else None
        return dg.Definitions(
            assets=[*(build(spec) for build in factories), *steps],
            asset_checks=[build_checks(spec)],
            jobs=[setup, monitoring, judging, *labels, *([retraining] if retraining else [])],
            schedules=[
                build_schedule(spec, monitoring),
                *(build_labels_schedule(spec, job) for job in labels),
            ],
            sensors=[build_decisions_sensor(spec, retraining)],
        )
