"""The component's JSON schema, which Dagster's tools show: whole, closed, described, bounded."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from monitoring_assets.components import MonitoredModel
from monitoring_assets.components.schema_templates import TEMPLATE, parts_of
from monitoring_assets.metrics.registry import DRIFT_METHODS, QUALITY_METRICS
from monitoring_assets.spec.model import ModelSpec

OPEN = {"CustomSourceSpec.options", "TrainingSpec.parameters"}
"""Handed on as they are: what may stand there is known to others."""


@pytest.fixture(scope="module")
def schema() -> Mapping[str, Any]:
    return MonitoredModel.get_model_cls().model_json_schema()


def sections(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "attributes", schema
    for name, one in schema["$defs"].items():
        if name != TEMPLATE:
            yield name, one


def fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, section in sections(schema):
        for field, one in section["properties"].items():
            yield f"{name}.{field}", one


def test_the_attributes_are_the_fields_of_a_model_without_its_id(schema: Mapping[str, Any]) -> None:
    names = {field.name for field in dataclasses.fields(ModelSpec)}
    assert {*schema["properties"]} == names - {"model_id"}
    assert {*schema["required"]} == {"task", "windows", "source", "columns"}


def test_every_field_has_a_description(schema: Mapping[str, Any]) -> None:
    described = {name: one.get("description", "") for name, one in fields(schema)}
    assert [name for name, text in described.items() if not text.endswith((".", ")"))] == []


def test_every_section_is_closed_and_has_a_description(schema: Mapping[str, Any]) -> None:
    found = dict(sections(schema))
    assert [name for name, one in found.items() if one["additionalProperties"] is not False] == []
    assert [n for n, one in found.items() if n != "attributes" and not one.get("description")] == []


def test_nothing_inside_a_field_is_open_but_what_is_handed_on(schema: Mapping[str, Any]) -> None:
    is_open = {
        name
        for name, one in fields(schema)
        for part in parts_of(one)
        if part.get("type") == "object" and part.get("additionalProperties") in (None, True)
    }
    assert is_open == OPEN


def test_numbers_have_bounds(schema: Mapping[str, Any]) -> None:
    bounds = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    free = {
        name
        for name, one in fields(schema)
        for part in parts_of(one)
        if part.get("type") in ("number", "integer") and not bounds & {*part}
    }
    # Bounds in a column's or a metric's own unit may be any number; a class is only called so.
    names = {"ClassificationSpec.classes", "ClassificationSpec.positive_class"}
    bounds_of_their_own = {"FilterSpec.minimum", "FilterSpec.maximum"}
    assert free == bounds_of_their_own | {"QualityThresholdSpec.absolute"} | names


def test_the_legal_methods_and_metrics_are_listed(schema: Mapping[str, Any]) -> None:
    found = dict(fields(schema))
    assert found["ColumnDriftSpec.method"]["anyOf"][0]["enum"] == sorted(DRIFT_METHODS)
    assert found["QualitySpec.main_metric"]["anyOf"][0]["enum"] == sorted(QUALITY_METRICS)
    assert found["QualitySpec.thresholds"]["propertyNames"]["enum"] == sorted(QUALITY_METRICS)


def test_days_and_durations_are_written_as_text(schema: Mapping[str, Any]) -> None:
    found = dict(fields(schema))
    day, template = found["WindowsSpec.start"]["anyOf"]
    assert (day["type"], day["format"]) == ("string", "date")
    assert template == {"$ref": f"#/$defs/{TEMPLATE}"}
    assert "default" not in found["WindowsSpec.delay"]


def test_a_template_may_stand_for_all_but_plain_text_and_the_kind_of_a_section(
    schema: Mapping[str, Any],
) -> None:
    scalars = {"number", "integer", "boolean"}
    for name, one in fields(schema):
        parts = [*parts_of(one)]
        names = [id(part) for whole in parts for part in parts_of(whole.get("propertyNames", {}))]
        values = [part for part in parts if id(part) not in names]
        chosen = [part for part in values if part.get("type") in scalars or "enum" in part]
        takes_template = f"#/$defs/{TEMPLATE}" in [part.get("$ref") for part in values]
        assert takes_template or not chosen, name
        assert not (name.endswith(".kind") and takes_template), name


def test_a_kind_of_source_is_told_by_its_kind(schema: Mapping[str, Any]) -> None:
    kinds = [
        schema["$defs"][one["$ref"].rpartition("/")[2]]["properties"]["kind"]["const"]
        for one in schema["properties"]["source"]["oneOf"]
    ]
    assert kinds == ["parquet", "csv", "sql", "tlc_trips", "bundled", "custom", "simulated_trips"]
