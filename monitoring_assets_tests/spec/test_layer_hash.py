"""The fingerprint of a layer changes with what the layer looks at, and with nothing else."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from monitoring_assets.records import Layer
from monitoring_assets.spec import layer_hash as module
from monitoring_assets.spec.layer_hash import (
    CODE_VERSIONS,
    PARTS,
    UNCOUNTED,
    layer_hash,
    layer_hashes,
    same_yaml,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.spec.field_table import PERIOD
from monitoring_assets_tests.spec.test_fields import sections_below
from monitoring_assets_tests.specs import WATCHED, binary_spec, small_columns, small_spec

SOMETIMES: Final = {"windows.start"}
"""Counts where windows before the first one could be compared with; see the tests below."""

READ: Final = {Layer.DEPLOYED_MODEL, Layer.REFERENCE_DATA, Layer.PREDICTIONS, Layer.LABELS}
COUNTED: Final = {Layer.WINDOW_PROFILES, Layer.DATA_DRIFT, Layer.DATA_QUALITY}
JANUARY: Final = {"start": "2023-01-01", "end": "2023-02-01"}
MOVING: Final = {"period": PERIOD, "rolling_windows": 7}


def changed(one: ModelSpec, other: ModelSpec) -> set[Layer]:
    before, after = layer_hashes(one), layer_hashes(other)
    return {layer for layer in Layer if before[layer] != after[layer]}


def fields_of(model: type = ModelSpec) -> Iterator[str]:
    """Yield the sections of a YAML; of those that count in parts, their fields."""
    declared = {path for paths in PARTS.values() for path in paths} | UNCOUNTED
    split = {path.partition(".")[0] for path in declared if "." in path}
    sections = {one.__name__: one for one in sections_below(model)}
    for field in dataclasses.fields(model):
        if field.name not in split or field.name in declared:
            yield field.name
        else:
            section = sections[f"{field.name.capitalize()}Spec"]
            yield from (f"{field.name}.{one.name}" for one in dataclasses.fields(section))


def test_every_field_of_the_yaml_counts_for_a_layer_or_is_known_not_to() -> None:
    counted = {path for paths in PARTS.values() for path in paths}
    known = {path for path in counted | UNCOUNTED | SOMETIMES if path not in PARTIAL}
    assert {*fields_of()} == known
    assert not counted & UNCOUNTED


PARTIAL: Final = {"classification.classes", "classification.positive_class"}
"""Fields that count for some layers, where the whole section counts for others."""


def test_every_layer_has_parts_and_a_version_of_its_code() -> None:
    assert [*PARTS] == [*CODE_VERSIONS] == [*Layer]


CHANGES: dict[str, tuple[dict[str, Any], set[Layer]]] = {
    "description": ({"description": "Another text."}, set()),
    "owners": ({"owners": ["team:other"]}, set()),
    "unit": ({"columns": small_columns(units={"distance": "km"})}, set()),
    "delay": ({"windows": {"granularity": "day", "start": "2023-02-01", "delay": "1 day"}}, set()),
    "last window": (
        {"windows": {"granularity": "day", "start": "2023-02-01", "end": "2023-03-01"}},
        set(),
    ),
    "first window": ({"windows": {"granularity": "day", "start": "2023-02-02"}}, set()),
    "expected delay of labels": ({"labels": {"expected_delay": "3 days"}}, set()),
    "retraining": ({"retraining": {"windows_in_a_row": 5}}, set()),
    "notifications": ({"notifications": {"webhook": "https://chat.example/T0"}}, set()),
    "source": ({"source": {"kind": "parquet", "path": "other/*.parquet"}}, READ),
    "time zone": (
        {"windows": {"granularity": "day", "start": "2023-02-01", "time_zone": "Asia/Kolkata"}},
        READ,
    ),
    "filter": ({"filters": [{"name": "far", "column": "distance", "maximum": 9}]}, READ),
    "another feature": (
        {"columns": small_columns(numerical=["distance", "more"])},
        (READ - {Layer.LABELS}) | COUNTED,
    ),
    "target": (
        {"columns": small_columns(target="seconds")},
        READ | {Layer.DATA_QUALITY, Layer.MODEL_QUALITY},
    ),
    "knowledge time": (
        {"columns": small_columns(knowledge_time="known_at")},
        {Layer.LABELS, Layer.REFERENCE_DATA},
    ),
    "segment": (
        {"segments": [{"column": "zone"}]},
        {Layer.REFERENCE_DATA, Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES},
    ),
    "drift threshold": (
        {"drift": {"columns": {"distance": {"threshold": 0.3}}}},
        {Layer.DATA_DRIFT},
    ),
    "drift method": (
        {"drift": {"columns": {"distance": {"method": "psi"}}}},
        {Layer.DATA_DRIFT, Layer.REFERENCE_DATA},
    ),
    "drift threshold of the target": (
        {"drift": {"columns": {"minutes": {"threshold": 0.3}}}},
        {Layer.MODEL_QUALITY},
    ),
    "target that does not decide": (
        {"drift": {"columns": {"minutes": {"deciding": False}}}},
        {Layer.MODEL_QUALITY},
    ),
    "drift method of the target": (
        {"drift": {"columns": {"minutes": {"method": "psi"}}}},
        {Layer.MODEL_QUALITY, Layer.REFERENCE_DATA},
    ),
    "false-alarm rate": (
        {"drift": {"false_alarm_rate": 0.01}},
        {Layer.DATA_DRIFT, Layer.MODEL_QUALITY},
    ),
    "dataset share": ({"drift": {"dataset_share": 0.2}}, {Layer.DATA_DRIFT}),
    "data quality": ({"data_quality": {"maximum_rejected_share": 0.5}}, {Layer.DATA_QUALITY}),
    "quality": ({"quality": {"mature_share": 0.5}}, {Layer.MODEL_QUALITY}),
    "estimator": (
        {"model": {"estimator": "random_forest", "training": JANUARY}},
        {Layer.DEPLOYED_MODEL, Layer.REFERENCE_DATA},
    ),
    "reference": ({"reference": {"period": PERIOD}}, {Layer.REFERENCE_DATA}),
    "moving reference": (
        {"reference": {"rolling_windows": 7}},
        {Layer.DATA_DRIFT, Layer.MODEL_QUALITY},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_counts_for_the_layers_that_look_at_it_and_no_other(name: str) -> None:
    change, layers = CHANGES[name]
    assert changed(small_spec(), small_spec(**change)) == layers


OF_A_CLASSIFIER: dict[str, tuple[dict[str, Any], set[Layer]]] = {
    "decision threshold": (
        {"classification": {"classes": ["no", "yes"], "decision_threshold": 0.4}},
        READ - {Layer.LABELS},
    ),
    "positive class": (
        {"classification": {"classes": ["no", "yes"], "positive_class": "no"}},
        (READ - {Layer.LABELS}) | {Layer.QUALITY_PROFILES, Layer.MODEL_QUALITY},
    ),
    "bound of a class": (
        {"quality": {"by_class": {"yes": {"recall": {"absolute": 0.7}}}}},
        {Layer.MODEL_QUALITY},
    ),
}


@pytest.mark.parametrize("name", OF_A_CLASSIFIER)
def test_a_change_of_a_classifier_counts_for_the_layers_that_look_at_it(name: str) -> None:
    change, layers = OF_A_CLASSIFIER[name]
    columns = small_columns(target="answer", probabilities={"no": "p_no", "yes": "p_yes"})
    before = binary_spec(columns=columns)
    assert changed(before, binary_spec(columns=columns, **change)) == layers


def test_the_targets_own_entry_does_not_count_among_those_of_other_columns() -> None:
    others: dict[str, Any] = {"distance": {"threshold": 0.3}, "zone": {"method": "psi"}}
    before = small_spec(drift={"columns": others})
    after = small_spec(drift={"columns": others | {"minutes": {"threshold": 0.3}}})
    assert changed(before, after) == {Layer.MODEL_QUALITY}


def test_without_a_target_no_layer_but_drift_looks_at_section_drift() -> None:
    watched = WATCHED | {"columns": small_columns(target=None)}
    before, after = (small_spec(**watched, drift={"minimum_rows": rows}) for rows in (50, 60))
    assert changed(before, after) == {Layer.DATA_DRIFT}


def test_where_the_reference_moves_the_first_window_counts() -> None:
    specs = [
        small_spec(reference=MOVING, windows={"granularity": "day", "start": start})
        for start in ("2023-02-01", "2023-02-02")
    ]
    assert changed(*specs) == {Layer.DATA_DRIFT, Layer.MODEL_QUALITY}


def test_rows_of_a_reference_without_times_count_from_the_first_window_on() -> None:
    own = WATCHED | {"reference": {"source": {"kind": "csv", "path": "normal.csv"}}}
    specs = [
        small_spec(**own, windows={"granularity": "day", "start": start})
        for start in ("2023-02-01", "2023-02-02")
    ]
    assert changed(*specs) == {Layer.REFERENCE_DATA}


def test_a_reference_of_its_own_does_not_depend_on_the_source_of_windows() -> None:
    own = WATCHED | {"reference": {"source": {"kind": "csv", "path": "normal.csv"}}}
    moved = {"source": {"kind": "csv", "path": "elsewhere/*.csv"}}
    assert Layer.REFERENCE_DATA not in changed(small_spec(**own), small_spec(**own, **moved))


def test_training_here_and_watching_are_not_the_same() -> None:
    layers = changed(small_spec(), small_spec(**WATCHED))
    assert layers >= {Layer.PREDICTIONS, Layer.REFERENCE_DATA, Layer.MODEL_QUALITY}
    assert Layer.LABELS not in layers


@pytest.mark.parametrize(
    ("derived", "counts"), [({"hour": {"kind": "hour_of_day"}}, False), ({}, True)]
)
def test_labels_depend_on_columns_that_filters_look_at(
    derived: dict[str, Any], counts: bool
) -> None:
    columns = {"columns": small_columns(numerical=["distance", "hour"])}
    filters = [{"name": "day", "column": "hour", "minimum": 6}] if counts else []
    before = small_spec(**columns, derived={"hour": {"kind": "day_of_week"}}, filters=filters)
    after = small_spec(**columns, derived=derived, filters=filters)
    assert (Layer.LABELS in changed(before, after)) is counts


def test_a_raised_version_of_the_code_is_told_from_another_yaml(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = layer_hash(small_spec(), Layer.DATA_DRIFT)
    monkeypatch.setattr(module, "CODE_VERSIONS", {**CODE_VERSIONS, Layer.DATA_DRIFT: 99})
    after = layer_hash(small_spec(), Layer.DATA_DRIFT)
    assert after != before
    assert same_yaml(before, after)
    other = small_spec(drift={"minimum_rows": 7})
    assert not same_yaml(after, layer_hash(other, Layer.DATA_DRIFT))


def test_a_field_that_is_written_out_with_its_default_changes_nothing() -> None:
    written: Mapping[str, Any] = {"drift": {"minimum_rows": 100}, "quality": {"mature_share": 0.9}}
    assert changed(small_spec(), small_spec(**written)) == set()
