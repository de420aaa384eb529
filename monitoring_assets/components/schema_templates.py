"""A JSON schema of a model's YAML as it is written: templates where they may stand.

Belongs here: changing the schema that pydantic makes of the spec. Stays out: the schema of a whole
file (yaml_schema.py), rendering templates (templates.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

TEMPLATE: Final = "Template"
_TEMPLATE_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "string",
    "pattern": r"\{\{.+\}\}",
    "description": "Read from the environment: {{ env('NAME') }} or {{ env('NAME', 'default') }}.",
}

_OF_MAPPINGS: Final = ("properties", "$defs")
_OF_ONE: Final = ("items", "additionalProperties", "propertyNames")
_OF_MANY: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SCALARS: Final = ("integer", "number", "boolean")
_ABOUT: Final = ("description", "default", "examples")


def with_templates(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that lets a template stand for each number, truth value, day and choice.

    What stands under `kind` decides what else may stand beside it: no template there.
    """
    changed = _changed(schema)
    changed["$defs"] = {**changed.get("$defs", {}), TEMPLATE: dict(_TEMPLATE_SCHEMA)}
    return changed


def parts_of(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and every schema inside it."""
    yield schema
    for keyword, value in schema.items():
        if keyword in _OF_MAPPINGS:
            for one in value.values():
                yield from parts_of(one)
        elif keyword in _OF_ONE and isinstance(value, Mapping):
            yield from parts_of(value)
        elif keyword in _OF_MANY:
            for one in value:
                yield from parts_of(one)


def _changed(schema: Mapping[str, Any]) -> dict[str, Any]:
    # Titles repeat the name of the field; `discriminator` is OpenAPI's, not JSON Schema's.
    kept = {key: one for key, one in schema.items() if key not in ("title", "discriminator")}
    if kept.get("default", "") is None or str(kept.get("default")).startswith("PT"):
        del kept["default"]  # nothing, or a duration spelt as nobody may write it
    for keyword, value in kept.items():
        if keyword in _OF_MAPPINGS:
            kept[keyword] = {name: _changed(one) for name, one in value.items()}
        elif keyword in _OF_ONE and keyword != "propertyNames" and isinstance(value, Mapping):
            kept[keyword] = _changed(value)
        elif keyword in _OF_MANY:
            kept[keyword] = [inner for one in value for inner in _choices(_changed(one))]
    return _or_template(kept)


def _choices(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the choices of a schema that is nothing but a choice, else the schema."""
    return schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]


def _or_template(schema: dict[str, Any]) -> dict[str, Any]:
    if not _needs_template(schema):
        return schema
    about = {key: schema[key] for key in _ABOUT if key in schema}
    value = {key: one for key, one in schema.items() if key not in about}
    return {**about, "anyOf": [value, {"$ref": f"#/$defs/{TEMPLATE}"}]}


def _needs_template(schema: Mapping[str, Any]) -> bool:
    if schema.get("type") in _SCALARS:
        return True
    chosen = "pattern" in schema or "enum" in schema or schema.get("maxLength") == 1
    return schema.get("type") == "string" and chosen
