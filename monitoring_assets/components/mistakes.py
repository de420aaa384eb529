"""From what is wrong with a model's YAML to one line for each mistake.

Belongs here: positions in the file, and what the schema says of them. Stays out: reading files
(loading.py), wording (wording.py), secrets in messages (masking.py), the meaning of a field (spec).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_shared.yaml_utils.source_position import SourcePositionTree
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.components.masking import Masks, is_secret
from monitoring_assets.components.wording import (
    UNKNOWN_ERRORS,
    closest,
    id_text,
    text_for,
    unknown_field,
)
from monitoring_assets.spec.base import RuleError
from monitoring_assets.spec.model import ModelSpec


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
    """Writes the mistakes of one file down.

    Parameters
    ----------
    file, positions
        The file and where in it everything stands.
    masks
        Hides what may be a password.
    """

    file: Path
    positions: SourcePositionTree
    masks: Masks

    def problems(self, error: ValidationError) -> Iterator[str]:
        """Yield one line for each mistake in the attributes."""
        found = error.errors(include_url=False)
        meant = {name for one in found if (name := self._meant_field(one)) is not None}
        for one in found:
            place = self._place(one["loc"])
            broken = one.get("ctx", {}).get("error")
            if isinstance(broken, RuleError):
                for mistake in broken.mistakes:
                    yield self.line((*place.path, *mistake.path), mistake.text)
            elif (one["type"] == "missing" and place.path in meant) or _is_long_enough(one):
                continue  # it is there, misspelt or with mistakes in it, and that is said already
            elif one["type"] in ("union_tag_invalid", "union_tag_not_found"):
                yield self.line((*place.path, "kind"), _kind_text(one, place))
            else:
                yield self.line(place.path, self._text(one, place))

    def line(self, path: Sequence[str | int], text: str) -> str:
        """Return one mistake with file and line; a path that is not there counts as its section."""
        tree = self.positions.children.get("attributes", self.positions)
        for part in path:
            if part not in tree.children:
                break
            tree = tree.children[part]
        where = ".".join(map(str, path)) or "attributes"
        return f"{self.file}:{tree.position.start.line}: {self.masks.apply(f'{where}: {text}')}"

    def _text(self, one: Mapping[str, Any], place: Place) -> str:
        if place.path == ("model_id",):
            return id_text(str(one["input"]))
        if one["type"] in UNKNOWN_ERRORS:
            return unknown_field(str(one["loc"][-1]), self._place(one["loc"][:-1]).fields)
        found = "***" if is_secret(place.path) else one["input"]
        return text_for({**one, "input": found}, place.schema, place.fields)

    def _meant_field(self, one: Mapping[str, Any]) -> tuple[str | int, ...] | None:
        """Return the path of the field that a misspelt one stands for."""
        if one["type"] not in UNKNOWN_ERRORS:
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


def _is_long_enough(one: Mapping[str, Any]) -> bool:
    """Whether a list is called too short only because some of what it holds is wrong."""
    found = one["input"]
    return (
        one["type"] == "too_short"
        and isinstance(found, list)
        and len(found) >= one["ctx"]["min_length"]
    )


def _kind_text(one: Mapping[str, Any], place: Place) -> str:
    legal = ", ".join(map(repr, sorted(place.kinds)))
    if one["type"] == "union_tag_not_found":
        return f"is required; legal: {legal}"
    return f"{one['ctx']['tag']!r} is no kind there is; legal: {legal}"


def _step(schema: Mapping[str, Any], part: str | int) -> Mapping[str, Any]:
    inner = schema.get("properties", {}).get(part)
    if inner is None:
        inner = schema.get("items" if isinstance(part, int) else "additionalProperties")
    return inner if isinstance(inner, dict) else {}
