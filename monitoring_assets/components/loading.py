"""From folders of models to specs; every mistake is one line with file, line and legal values.

Belongs here: reading `defs.yaml`, templates (`{{ env('NAME', 'default') }}`), positions of
mistakes. Stays out: the meaning of a field (spec).

Dagster's own loader reports a mistake in a component twice ("should be a valid string", since it
lets any field be a template), without file and line for cross-field rules, and lets one broken
file take the whole code location down; so the YAML is read here, with Dagster's parser and
templates.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_shared.yaml_utils import parse_yamls_with_source_position
from dagster_shared.yaml_utils.source_position import (
    SourcePositionTree,
    ValueAndSourcePositionTree,
)
from pydantic import TypeAdapter, ValidationError
from yaml import MarkedYAMLError

from monitoring_assets.components.monitored_model import MonitoredModel
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets.spec.model import ModelSpec

DEFINITION_FILE = "defs.yaml"
COMPONENT_TYPES = (
    "monitoring_assets.MonitoredModel",
    "monitoring_assets.components.MonitoredModel",
    f"{MonitoredModel.__module__}.MonitoredModel",
)


@dataclass(frozen=True)
class LoadedModels:
    """What the folders of models hold: specs, and the errors of those that are broken."""

    specs: tuple[ModelSpec, ...]
    broken: tuple[ModelDefinitionError, ...]


def load_models(folders: Iterable[Path]) -> LoadedModels:
    """Read every `<folder>/<model_id>/defs.yaml`, each by itself.

    A model id that occurs twice is an error of the later one.
    """
    specs: dict[str, ModelSpec] = {}
    broken: list[ModelDefinitionError] = []
    for file in _definition_files(folders):
        try:
            specs[file.parent.name] = _load_new(file, specs)
        except ModelDefinitionError as error:
            broken.append(error)
    return LoadedModels(tuple(specs.values()), tuple(broken))


def load_model(file: Path) -> ModelSpec:
    """Read one `defs.yaml`.

    Raises
    ------
    ModelDefinitionError
        With one line for each mistake.
    """
    model_id = file.parent.name
    parsed = _parse(file, model_id)
    positions = parsed.source_position_tree
    document: Mapping[str, Any] = parsed.value if isinstance(parsed.value, dict) else {}
    kind = document.get("type")
    attributes = document.get("attributes")
    if kind not in COMPONENT_TYPES or not isinstance(attributes, dict):
        wanted = f"'type: {COMPONENT_TYPES[0]}' and below it 'attributes:'"
        raise ModelDefinitionError(model_id, (f"{file}:1: expected {wanted}, found type {kind!r}",))
    try:
        rendered = dg.ResolutionContext.default(positions).resolve_value(attributes)
    except Exception as error:
        raise ModelDefinitionError(model_id, (f"{file}: a template fails: {error}",)) from error
    try:
        return TypeAdapter(ModelSpec).validate_python({"model_id": model_id, **rendered})
    except ValidationError as error:
        problems = _problems(error, file, positions)
        raise ModelDefinitionError(model_id, tuple(problems)) from error


def _load_new(file: Path, known: Mapping[str, ModelSpec]) -> ModelSpec:
    model_id = file.parent.name
    if model_id in known:
        raise ModelDefinitionError(model_id, (f"{file}: another model has this name already",))
    return load_model(file)


def _definition_files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if not folder.is_dir():
            raise ModelDefinitionError(
                folder.name, (f"{folder}: there is no such folder of models",)
            )
        yield from sorted(folder.glob(f"*/{DEFINITION_FILE}"))


def _parse(file: Path, model_id: str) -> ValueAndSourcePositionTree:
    try:
        documents = parse_yamls_with_source_position(file.read_text(encoding="utf-8"), str(file))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = f"{file}:{line}: this is not YAML: {error.problem}"
        raise ModelDefinitionError(model_id, (problem,)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ModelDefinitionError(model_id, (f"{file}: cannot be read: {error}",)) from error
    if len(documents) != 1:
        raise ModelDefinitionError(
            model_id, (f"{file}:1: expected one YAML document, found {len(documents)}",)
        )
    return documents[0]


def _problems(error: ValidationError, file: Path, positions: SourcePositionTree) -> Iterator[str]:
    for one in error.errors():
        path = [part for part in one["loc"] if part != "__init__"]
        if path[:1] == ["model_id"]:
            yield f"{file.parent}: the folder's name is the model's id: {one['msg']}"
            continue
        line, known = _position(positions, path)
        where = ".".join(str(part) for part in known) or "attributes"
        yield f"{file}:{line}: {where}: {_message(one, known)}"


def _position(positions: SourcePositionTree, path: Sequence[Any]) -> tuple[int, list[Any]]:
    """Return the line of a mistake and its path, without the names of union members."""
    tree = positions.children.get("attributes", positions)
    known: list[Any] = []
    for i, part in enumerate(path):
        if part in tree.children:
            tree = tree.children[part]
            known.append(part)
        elif i == len(path) - 1:
            known.append(part)
    return tree.position.start.line, known


def _message(one: Mapping[str, Any], path: Sequence[Any]) -> str:
    text = str(one["msg"]).removeprefix("Value error, ")
    match one["type"]:
        case "missing":
            return "is required"
        case "unexpected_keyword_argument" | "extra_forbidden":
            return f"is not a field here{_suggestion(path)}"
        case "value_error":
            return text
        case _:
            found = one.get("input")
            return f"{text}, found {found!r}" if not isinstance(found, dict | list) else text


def _suggestion(path: Sequence[Any]) -> str:
    legal = _legal_fields(path[:-1])
    close = get_close_matches(str(path[-1]), legal, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"{hint} Legal: {', '.join(legal)}" if legal else hint


def _legal_fields(path: Sequence[Any]) -> list[str]:
    """Return the fields at a place of the YAML, from the JSON schema of the spec."""
    schema = TypeAdapter(ModelSpec).json_schema()
    places = [schema]
    for part in path:
        places = [inner for place in places for inner in _step(schema, place, part)]
    fields = {name for place in places for name in place.get("properties", {})}
    return sorted(fields - {"model_id"} if not path else fields)


def _step(schema: Mapping[str, Any], place: Mapping[str, Any], part: Any) -> Iterator[Any]:
    inner = place.get("properties", {}).get(part)
    if inner is None and isinstance(part, int):
        inner = place.get("items")
    if inner is None:
        inner = place.get("additionalProperties")
    if isinstance(inner, dict):
        yield from _resolved(schema, inner)


def _resolved(schema: Mapping[str, Any], place: Mapping[str, Any]) -> Iterator[Any]:
    """Follow references and unions to the objects they stand for."""
    if "$ref" in place:
        yield from _resolved(schema, schema["$defs"][place["$ref"].rsplit("/", 1)[-1]])
    elif "anyOf" in place or "oneOf" in place:
        for one in (*place.get("anyOf", ()), *place.get("oneOf", ())):
            yield from _resolved(schema, one)
    else:
        yield place
