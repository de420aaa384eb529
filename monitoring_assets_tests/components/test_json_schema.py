"""The YAML's JSON schema, which editors and Dagster's tools show: whole, closed and described."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from monitoring_assets.components import MonitoredModel
from monitoring_assets.metrics.registry import DRIFT_METHODS, QUALITY_METRICS
from monitoring_assets.spec.model import ModelSpec


@pytest.fixture(scope="module")
def schema() -> Mapping[str, Any]:
    return MonitoredModel.get_model_cls().model_json_schema()


def sections(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "attributes", schema
    yield from schema["$defs"].items()


def test_the_attributes_are_the_fields_of_a_model_without_its_id(schema: Mapping[str, Any]) -> None:
    fields = {field.name for field in dataclasses.fields(ModelSpec)}
    assert {*schema["properties"]} == fields - {"model_id"}
    assert {*schema["required"]} == {"task", "windows", "source", "columns"}


def test_every_field_has_a_description(schema: Mapping[str, Any]) -> None:
    without = [
        f"{name}.{field}"
        for name, section in sections(schema)
        for field, entry in section["properties"].items()
        if not entry.get("description", "").endswith((".", ")"))
    ]
    assert without == []


def test_every_section_is_closed_and_has_a_description(schema: Mapping[str, Any]) -> None:
    found = dict(sections(schema))
    assert [name for name, one in found.items() if one["additionalProperties"] is not False] == []
    assert [n for n, one in found.items() if n != "attributes" and not one.get("description")] == []


def test_numbers_have_bounds(schema: Mapping[str, Any]) -> None:
    bounds = {"minimum", "maximum", "exclusiveMinimum"}
    free = {
        f"{name}.{field}"
        for name, section in sections(schema)
        for field, entry in section["properties"].items()
        for one in entry.get("anyOf", [entry])
        if one.get("type") in ("number", "integer") and not bounds & {*one}
    }
    # Bounds in a column's or a metric's own unit may be any number.
    assert free == {"FilterSpec.minimum", "FilterSpec.maximum", "QualityThresholdSpec.absolute"}


def test_the_legal_methods_and_metrics_are_listed(schema: Mapping[str, Any]) -> None:
    method = schema["$defs"]["ColumnDriftSpec"]["properties"]["method"]
    metric = schema["$defs"]["QualitySpec"]["properties"]["main_metric"]
    assert method["anyOf"][0]["enum"] == sorted(DRIFT_METHODS)
    assert metric["anyOf"][0]["enum"] == sorted(QUALITY_METRICS)


def test_days_and_durations_are_written_as_text(schema: Mapping[str, Any]) -> None:
    windows = schema["$defs"]["WindowsSpec"]["properties"]
    assert windows["start"]["type"] == "string"
    assert windows["start"]["format"] == "date"
    assert windows["delay"]["type"] == "string"
