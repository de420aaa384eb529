"""From folders of models to specs; every mistake is one line with file, line and legal values.

Belongs here: finding and reading `defs.yaml`. Stays out: templates (templates.py), wording of
mistakes (mistakes.py), the meaning of a field (spec).

Dagster's own loader reports a mistake in a component twice ("should be a valid string", since it
lets any field be a template), without file and line for cross-field rules, and lets one broken
file take the whole code location down; so the YAML is read here, with Dagster's parser.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from dagster_shared.yaml_utils import parse_yamls_with_source_position
from dagster_shared.yaml_utils.source_position import ValueAndSourcePositionTree
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.components.attributes import COMPONENT_TYPES
from monitoring_assets.components.masking import Masks, is_secret, without_addresses
from monitoring_assets.components.mistakes import Describer
from monitoring_assets.components.templates import TemplateError, rendered, strings
from monitoring_assets.components.wording import shown, unknown_field
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets.spec.model import ModelSpec

DEFINITION_FILE = "defs.yaml"

_TOP_LEVEL = ("type", "attributes")
_NAMES = re.compile(r"(alias|anchor|tag) '[^']*'")
_HINTS = {
    r"'\t'": "; indent with blanks",
    "undefined alias": "; put text that begins with * in quotation marks",
    "mapping values are not allowed": "; put text that has a colon in quotation marks",
}


@dataclass(frozen=True)
class LoadedModels:
    """What the folders of models hold: specs, and the errors of those that are broken."""

    specs: tuple[ModelSpec, ...]
    broken: tuple[ModelDefinitionError, ...]


def load_models(folders: Iterable[Path]) -> LoadedModels:
    """Read every `<folder>/<model_id>/defs.yaml`, each by itself.

    A model id that occurs twice is an error of the later one; a folder that is not there, or is
    itself a model, is an error by its own name.
    """
    specs: dict[str, ModelSpec] = {}
    broken: list[ModelDefinitionError] = []
    for folder in folders:
        try:
            files = _definition_files(folder)
        except ModelDefinitionError as error:
            broken.append(error)
            continue
        for file in files:
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
    attributes = _attributes(parsed, file, model_id)
    describer = Describer(file, parsed.source_position_tree, Masks(attributes))
    problems = [*_stray_id(attributes, describer), *_template_problems(attributes, describer)]
    if problems:
        raise ModelDefinitionError(model_id, tuple(problems))
    values = {**rendered(attributes), "model_id": model_id}
    describer = replace(describer, masks=Masks(attributes, values))
    try:
        return TypeAdapter(ModelSpec).validate_python(values)
    except ValidationError as error:
        # Not `from error`: what pydantic found, secrets as well, is in the error that it raised.
        raise ModelDefinitionError(model_id, tuple(describer.problems(error))) from None


def _load_new(file: Path, known: Mapping[str, ModelSpec]) -> ModelSpec:
    model_id = file.parent.name
    if model_id in known:
        problem = f"{file}:1: another model is called '{model_id}' already; rename this folder"
        raise ModelDefinitionError(model_id, (problem,))
    return load_model(file)


def _definition_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        problem = f"{folder}: there is no such folder of models"
        raise ModelDefinitionError(folder.name, (problem,))
    if (folder / DEFINITION_FILE).exists():
        problem = (
            f"{folder / DEFINITION_FILE}:1: this folder is a model, not a folder of models;"
            f" name {folder.parent} instead"
        )
        raise ModelDefinitionError(folder.name, (problem,))
    return sorted(folder.glob(f"*/{DEFINITION_FILE}"))


def _parse(file: Path, model_id: str) -> ValueAndSourcePositionTree:
    try:
        text = file.read_text(encoding="utf-8")
        problems = tuple(_doubled_keys(text, file))
        documents = [] if problems else parse_yamls_with_source_position(text, str(file))
    except yaml.YAMLError as error:
        # Not `from error`: its text quotes the line, with any secret in it.
        raise ModelDefinitionError(model_id, (_not_yaml(error, file),)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelDefinitionError(model_id, (f"{file}: cannot be read: {error}",)) from error
    if not problems and len(documents) != 1:
        wanted = "one YAML document, with type and attributes of one model"
        problems = (f"{file}:1: expected {wanted}, found {len(documents)}",)
    if problems:
        raise ModelDefinitionError(model_id, problems)
    return documents[0]


def _not_yaml(error: yaml.YAMLError, file: Path) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f"{file}:1: this is not YAML: {without_addresses(str(error).splitlines()[0])}"
    begun = ""
    if error.context and error.context_mark:
        begun = f", {error.context} that begins in line {error.context_mark.line + 1}"
    problem = without_addresses(_NAMES.sub(r"\1", str(error.problem)))
    hint = next((hint for words, hint in _HINTS.items() if words in problem), "")
    return f"{file}:{error.problem_mark.line + 1}: this is not YAML: {problem}{begun}{hint}"


def _doubled_keys(text: str, file: Path) -> Iterator[str]:
    """Yield keys that are no names, and keys given twice: YAML would keep the last one, unsaid."""
    waiting: list[yaml.Node] = [one for one in yaml.compose_all(text, yaml.SafeLoader) if one]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        if isinstance(node, yaml.MappingNode):
            waiting.extend(value for _, value in node.value)
            yield from _key_problems([key for key, _ in node.value], file)


def _key_problems(keys: list[yaml.Node], file: Path) -> Iterator[str]:
    first: dict[str, int] = {}
    for key in keys:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            yield f"{file}:{line}: a list or a section cannot be the name of a field; write a name"
        elif key.value in first:
            name = without_addresses(key.value)
            yield f"{file}:{line}: '{name}' is given twice, first in line {first[key.value]}"
        else:
            first[key.value] = line


def _attributes(parsed: ValueAndSourcePositionTree, file: Path, model_id: str) -> Mapping[str, Any]:
    """Return what stands below `attributes`, if that and a legal `type` is all there is."""
    lines = {
        name: one.position.start.line for name, one in parsed.source_position_tree.children.items()
    }
    document: Mapping[Any, Any] = parsed.value if isinstance(parsed.value, dict) else {}
    problems = [
        f"{file}:{lines[name]}: '{without_addresses(str(name))}'"
        f" {unknown_field(str(name), _TOP_LEVEL)}"
        for name in document
        if name not in _TOP_LEVEL
    ]
    kind, attributes = document.get("type"), document.get("attributes")
    if not problems and kind not in COMPONENT_TYPES:
        problems.append(
            f"{file}:{lines.get('type', 1)}: type: must be {COMPONENT_TYPES[0]},"
            f" found {without_addresses(shown(kind))}"
        )
    if not problems and not isinstance(attributes, dict):
        problems.append(
            f"{file}:{lines.get('attributes', 1)}: attributes: must hold the fields of a model"
        )
    if problems or not isinstance(attributes, dict):
        raise ModelDefinitionError(model_id, tuple(problems))
    return attributes


def _stray_id(attributes: Mapping[str, Any], describer: Describer) -> Iterator[str]:
    if "model_id" in attributes:
        yield describer.line(("model_id",), "is the name of the folder; leave it out")


def _template_problems(attributes: Mapping[str, Any], describer: Describer) -> Iterator[str]:
    for path, text in strings(attributes):
        try:
            rendered(text)
        except TemplateError as error:
            quoted = "" if is_secret(path) or "://" in text else str(error)
            yield describer.line(path, quoted or error.text)
