"""`MonitoredModel`: one folder `<model_id>/defs.yaml` becomes assets, checks, jobs and a schedule.

Belongs here: the component and what it wires. Stays out: everything it wires.
"""

import dataclasses
import warnings
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import dagster as dg
from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model
from pydantic.fields import FieldInfo

from monitoring_assets.assets.checks import build_checks
from monitoring_assets.assets.data_drift import build_data_drift
from monitoring_assets.assets.data_quality import build_data_quality
from monitoring_assets.assets.deployed_model import build_deployed_model
from monitoring_assets.assets.jobs import build_jobs, build_schedule
from monitoring_assets.assets.labels import build_labels
from monitoring_assets.assets.model_quality import build_model_quality
from monitoring_assets.assets.predictions import build_predictions
from monitoring_assets.assets.quality_profiles import build_quality_profiles
from monitoring_assets.assets.reference_data import build_reference_data
from monitoring_assets.assets.window_profiles import build_window_profiles
from monitoring_assets.components.templates import rendered
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
        plain = attributes.model_dump(exclude_unset=True) if attributes else {}
        values = {**rendered(plain), "model_id": Path(context.path).name}
        return cls(TypeAdapter(ModelSpec).validate_python(values))

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
        setup, monitoring = build_jobs(spec)
        return dg.Definitions(
            assets=[build(spec) for build in factories],
            asset_checks=[build_checks(spec)],
            jobs=[setup, monitoring],
            schedules=[build_schedule(spec, monitoring)],
        )


@cache
def attributes_model() -> type[BaseModel]:
    """Return a pydantic model with the fields of `ModelSpec`, all but `model_id`."""
    hints = get_type_hints(ModelSpec, include_extras=True)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(ModelSpec):
        if field.name == "model_id":
            continue
        default = field.default if field.default is not dataclasses.MISSING else ...
        if isinstance(default, FieldInfo) and default.default_factory is not None:
            default = FieldInfo(default_factory=default.default_factory)
        fields[field.name] = (hints[field.name], default)
    closed = ConfigDict(extra="forbid")
    return create_model("MonitoredModelAttributes", __config__=closed, **fields)
