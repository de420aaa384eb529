"""Every field of the YAML takes what is legal and refuses, by its name, what is not."""

import dataclasses
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.spec.field_table import ROWS, SMALLEST, Row

LEGAL = [(row, value) for row in ROWS for value in row.legal]
ILLEGAL = [(row, value) for row in ROWS for value in row.illegal]


def sections_below(hint: Any) -> Iterator[type]:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
        for inner in get_type_hints(hint).values():
            yield from sections_below(inner)
    for argument in get_args(hint):
        yield from sections_below(argument)


def read(row: Row, value: Any) -> Any:
    return TypeAdapter(row.section).validate_python({**SMALLEST[row.section], row.field: value})


def named(value: Any) -> str:
    return str(value)[:30]


def test_every_field_of_the_yaml_has_one_row() -> None:
    sections = {*sections_below(ModelSpec)}
    fields = {(one, field.name) for one in sections for field in dataclasses.fields(one)}
    rows = [(row.section, row.field) for row in ROWS]
    assert {*rows} == fields
    assert len(rows) == len(fields)


def test_every_row_has_legal_and_illegal_values() -> None:
    assert [str(row) for row in ROWS if not (row.legal and row.illegal)] == []


@pytest.mark.parametrize(("row", "value"), LEGAL, ids=named)
def test_a_legal_value_is_taken(row: Row, value: Any) -> None:
    assert hasattr(read(row, value), row.field)


@pytest.mark.parametrize(("row", "value"), ILLEGAL, ids=named)
def test_an_illegal_value_is_refused_by_the_name_of_its_field(row: Row, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        read(row, value)
    assert {error["loc"][0] for error in caught.value.errors()} == {row.field}


@pytest.mark.parametrize("section", SMALLEST, ids=lambda section: section.__name__)
def test_a_section_is_closed(section: type) -> None:
    with pytest.raises(ValidationError, match="Unexpected keyword argument"):
        TypeAdapter(section).validate_python({**SMALLEST[section], "more": 1})


@pytest.mark.parametrize("section", SMALLEST, ids=lambda section: section.__name__)
def test_a_section_is_frozen(section: type) -> None:
    spec = TypeAdapter(section).validate_python(SMALLEST[section])
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(spec, dataclasses.fields(section)[0].name, None)
