"""From what is wrong with a model's YAML to one line for each mistake.

Belongs here: positions in the file, wording, legal fields and suggestions. Stays out: reading files
(loading.py) and the meaning of a field (spec).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_shared.yaml_utils.source_position import SourcePositionTree
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.spec.base import RuleError
from monitoring_assets.spec.model import ModelSpec

_UNKNOWN_ERRORS = ("unexpected_keyword_argument", "extra_forbidden", "invalid_key")
_PLAIN_ERRORS: Mapping[str, str] = {
    "missing": "is required",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}
_SECTION = "must be a section with fields of its own ({fields})"
_SHAPE_ERRORS: Mapping[str, str] = {
    "dataclass_type": _SECTION,
    "model_attributes_type": _SECTION,
    "tuple_type": "must be a list",
    "dict_type": "must be names with values, one 'name: value' a line",
}


@dataclass(frozen=True)
class Place:
    """A place in the YAML below `attributes`, and what the schema says may stand there."""

    path: tuple[str | int, ...]
    schema: Mapping[str, Any]

    @property
    def fields(self) -> list[str]:
        """Legal fields of a section; the model's id is no field, but the folder's name."""
        return sorted(
            {*self.schema.get("properties", {})} - ({"model_id"} if not self.path else set())
        )

    @property
    def kinds(self) -> Mapping[str, str]:
        """Kind -> its schema, where a section has several kinds."""
        return self.schema.get("discriminator", {}).get("mapping", {})


@dataclass(frozen=True)
class Describer:
    """Writes the mistakes of one file down."""

    file: Path
    positions: SourcePositionTree

    def problems(self, error: ValidationError) -> Iterator[str]:
        """Yield one line for each mistake in the attributes."""
        found = error.errors(include_url=False)
        meant = {name for one in found if (name := self._meant_field(one)) is not None}
        for one in found:
            place, parent = self._place(one["loc"]), self._place(one["loc"][:-1])
            broken = one.get("ctx", {}).get("error")
            if isinstance(broken, RuleError):
                for mistake in broken.mistakes:
                    yield self.line((*place.path, *mistake.path), mistake.text)
            elif one["type"] == "missing" and place.path in meant:
                continue  # it is there, misspelt, and that is said already
            elif place.path == ("model_id",):
                yield self.line(place.path, _id_text(str(one["input"])))
            elif one["type"] in ("union_tag_invalid", "union_tag_not_found"):
                yield self.line((*place.path, "kind"), _kind_text(one, place))
            else:
                yield self.line(place.path, _text(one, place, parent))

    def line(self, path: Sequence[str | int], text: str) -> str:
        """Return one mistake with file and line; a path that is not there counts as its section."""
        tree = self.positions.children.get("attributes", self.positions)
        for part in path:
            if part not in tree.children:
                break
            tree = tree.children[part]
        where = ".".join(map(str, path)) or "attributes"
        return f"{self.file}:{tree.position.start.line}: {where}: {text}"

    def _meant_field(self, one: Mapping[str, Any]) -> tuple[str | int, ...] | None:
        """Return the path of the field that a misspelt one stands for."""
        if one["type"] not in _UNKNOWN_ERRORS:
            return None
        parent = self._place(one["loc"][:-1])
        close = closest(str(one["loc"][-1]), parent.fields)
        return None if close is None else (*parent.path, close)

    def _place(self, location: Sequence[str | int]) -> Place:
        """Follow pydantic's location, which also names the kind of a section and '[key]'."""
        place = Place((), self._plain(self._schema))
        for part in location:
            if part == "[key]":
                continue
            if part in place.kinds:
                place = Place(place.path, self._plain({"$ref": place.kinds[str(part)]}))
                continue
            place = Place((*place.path, part), self._plain(_step(place.schema, part)))
        return place

    @cached_property
    def _schema(self) -> Mapping[str, Any]:
        return TypeAdapter(ModelSpec).json_schema()

    def _plain(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow references, and 'this or null' to what it is when it is not null."""
        while "$ref" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = self._schema["$defs"][schema["$ref"].rpartition("/")[2]]
            else:
                schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
        return schema


def closest(name: str, legal: Sequence[str]) -> str | None:
    """Return the legal name that a misspelt one probably stands for."""
    return next(iter(get_close_matches(name, legal, n=1)), None)


def unknown_field(name: str, legal: Sequence[str]) -> str:
    """Return the text about a field that does not exist."""
    close = closest(name, legal)
    hint = f"; did you mean '{close}'?" if close else "."
    return f"is not a field here{hint} Legal: {', '.join(legal)}"


def _text(one: Mapping[str, Any], place: Place, parent: Place) -> str:
    if one["type"] in _UNKNOWN_ERRORS:
        return unknown_field(str(one["loc"][-1]), parent.fields)
    if one["type"] in _PLAIN_ERRORS:
        return _PLAIN_ERRORS[one["type"]]
    found = "nothing" if one["input"] is None else repr(one["input"])
    if one["type"] in _SHAPE_ERRORS:
        fields = ", ".join(place.fields or ["kind"])
        return f"{_SHAPE_ERRORS[one['type']].format(fields=fields)}, found {found}"
    text = str(one["msg"]).removeprefix("Value error, ")
    quoted = one["type"] == "value_error" or isinstance(one["input"], dict | list)
    return text if quoted else f"{text}, found {found}"


def _id_text(name: str) -> str:
    legal = "small letters, digits and _, a letter first, at most 40 characters"
    return f"the folder's name {name!r} is the model's id; legal: {legal}"


def _kind_text(one: Mapping[str, Any], place: Place) -> str:
    legal = ", ".join(map(repr, sorted(place.kinds)))
    if one["type"] == "union_tag_not_found":
        return f"is required; legal: {legal}"
    return f"{one['ctx']['tag']!r} is none of the legal kinds: {legal}"


def _step(schema: Mapping[str, Any], part: str | int) -> Mapping[str, Any]:
    inner = schema.get("properties", {}).get(part)
    if inner is None:
        inner = schema.get("items" if isinstance(part, int) else "additionalProperties")
    return inner if isinstance(inner, dict) else {}
