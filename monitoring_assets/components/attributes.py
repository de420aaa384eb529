"""A model's attributes as Dagster's own loader and tools want them: one pydantic model.

Belongs here: making that model of the spec, and what the component may be called. Stays out: the
component (monitored_model.py), the meaning of a field (spec).
"""

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model, model_validator
from pydantic.fields import FieldInfo

from monitoring_assets.components.schema_templates import with_templates
from monitoring_assets.components.templates import rendered
from monitoring_assets.spec.model import ModelSpec

COMPONENT_TYPES: Final = (
    "monitoring_assets.MonitoredModel",
    "monitoring_assets.components.MonitoredModel",
    "monitoring_assets.components.monitored_model.MonitoredModel",
)
"""What may stand under `type` in a `defs.yaml`; the first one is how we write it."""


def _is(task: Sequence[str]) -> dict[str, Any]:
    return {"properties": {"task": {"enum": [*task]}}, "required": ["task"]}


_TRAINED: Final = {"properties": {"model": {"type": "object"}}, "required": ["model"]}
_CONDITIONS: Final[Sequence[dict[str, Any]]] = (
    {"if": _is(["binary", "multiclass"]), "then": {"required": ["classification"]}},
    {
        "if": _is(["regression"]),
        "then": {
            "properties": {
                "classification": {"type": "null"},
                "columns": {"properties": {"probabilities": {"maxProperties": 0}}},
            }
        },
    },
    {
        "if": _TRAINED,
        "then": {"properties": {"columns": {"required": ["target"]}}},
        "else": {"required": ["reference"]},
    },
)
"""What an editor can be told of the rules between sections (spec/rules.py, spec/class_rules.py)."""


class _Attributes(BaseModel):
    """What Dagster's own loader and tools need besides the fields themselves."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"allOf": [*_CONDITIONS]}
    )

    @model_validator(mode="before")
    @classmethod
    def render(cls, values: Any) -> Any:
        """Replace templates before anything looks at what they stand for."""
        return rendered(values)

    @classmethod
    def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return the schema of what may be written, templates included."""
        return with_templates(super().model_json_schema(*arguments, **options))


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
    return create_model("MonitoredModelAttributes", __base__=_Attributes, **fields)
