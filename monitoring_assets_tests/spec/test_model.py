"""`ModelSpec`: what it answers about a model, and its hash."""

import dataclasses
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.records import ColumnKind, ColumnRole
from monitoring_assets.spec.columns import HourOfDay, MonitoredOnlySpec
from monitoring_assets.spec.model import ModelSpec, with_source
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.sources import SimulatedTripsSpec
from monitoring_assets.spec.verdicts import QualityThresholdSpec
from monitoring_assets_tests.specs import green_taxi_spec, simulated_spec, small_columns, small_spec

PERIOD = {"start": "2022-12-01", "end": "2023-01-01"}


def test_the_column_dictionary_has_features_monitored_prediction_and_target_in_this_order() -> None:
    spec = green_taxi_spec("folder")
    entries = spec.column_dictionary()
    assert [entry.number for entry in entries] == [*range(1, 11)]
    assert [entry.column_name for entry in entries] == [
        *("passenger_count", "trip_distance", "hour"),
        *("pickup_zone", "dropoff_zone", "weekday"),
        *("fare_amount", "total_amount", spec.prediction_column, "duration_minutes"),
    ]
    roles = [entry.role for entry in entries]
    assert roles[:8] == [ColumnRole.FEATURE] * 6 + [ColumnRole.MONITORED] * 2
    assert roles[8:] == [ColumnRole.PREDICTION, ColumnRole.TARGET]


def test_the_column_dictionary_has_kinds_and_units() -> None:
    columns = small_columns(monitored={"categorical": ["plan"]}, units={"distance": "miles"})
    entries = {e.column_name: e for e in small_spec(columns=columns).column_dictionary()}
    categories = [n for n, e in entries.items() if e.kind is ColumnKind.CATEGORICAL]
    assert categories == ["zone", "plan"]
    assert (entries["distance"].unit, entries["minutes"].unit) == ("miles", None)


def test_without_a_target_the_dictionary_ends_with_the_prediction() -> None:
    spec = small_spec(columns=small_columns(target=None), model=None, reference={"period": PERIOD})
    assert spec.column_dictionary()[-1].role is ColumnRole.PREDICTION


def test_the_reference_is_the_training_period_unless_it_has_its_own() -> None:
    own = small_spec(reference={"period": PERIOD})
    assert str(small_spec().reference_period.start) == "2023-01-01"
    assert str(own.reference_period.start) == "2022-12-01"


def test_a_period_is_two_midnights_in_the_windows_zone() -> None:
    days = PeriodSpec(start=date(2022, 12, 1), end=date(2023, 1, 1))
    start, end = green_taxi_spec("folder").period(days)
    assert (start, end) == (
        datetime(2022, 12, 1, 5, tzinfo=UTC),
        datetime(2023, 1, 1, 5, tzinfo=UTC),
    )


def test_without_thresholds_the_main_metric_may_be_a_fifth_worse() -> None:
    spec = small_spec()
    assert spec.main_metric == "mae"
    assert spec.quality_threshold("mae") == QualityThresholdSpec(relative=0.2)
    assert spec.quality_threshold("rmse") is None


def test_thresholds_that_are_given_are_the_only_ones() -> None:
    quality = {"main_metric": "rmse", "thresholds": {"r2": {"absolute": 0.5}}}
    spec = small_spec(quality=quality)
    assert spec.main_metric == "rmse"
    assert spec.quality_threshold("r2") == QualityThresholdSpec(absolute=0.5)
    assert spec.quality_threshold("rmse") is None


def test_the_quality_metrics_are_those_of_the_task_in_the_registrys_order() -> None:
    assert small_spec().quality_metrics == tuple(
        name for name, metric in QUALITY_METRICS.items() if metric.task == "regression"
    )


def test_a_model_can_read_from_another_source() -> None:
    source = SimulatedTripsSpec(kind="simulated_trips", seed=7)
    spec = with_source(simulated_spec(), source)
    assert spec.source == source
    assert spec.spec_hash != simulated_spec().spec_hash


# A field of ModelSpec -> another legal value of it; `source` and `columns` count in detail below.
OTHER_VALUES: dict[str, Any] = {
    "model_id": "other",
    "task": None,
    "windows": {"granularity": "day", "start": "2023-02-01", "time_zone": "Asia/Kolkata"},
    "source": {"kind": "parquet", "path": "other/*.parquet"},
    "columns": small_columns(prediction="answer"),
    "description": "Another text.",
    "owners": ["team:other"],
    "derived": {"distance": {"kind": "hour_of_day"}},
    "filters": [{"name": "short", "column": "distance", "maximum": 10}],
    "model": {"estimator": "linear", "training": PERIOD},
    "reference": {"period": PERIOD},
    "drift": {"minimum_rows": 101},
    "data_quality": {"missing_share_margin": 0.1},
    "quality": {"minimum_labels": 51},
}
COSMETIC = {"description", "owners"}
ONE_LEGAL_VALUE = {"task"}


def test_every_field_of_a_model_has_a_row_about_the_hash() -> None:
    assert [*OTHER_VALUES] == [field.name for field in dataclasses.fields(ModelSpec)]


@pytest.mark.parametrize("field", sorted({*OTHER_VALUES} - COSMETIC - ONE_LEGAL_VALUE))
def test_the_hash_changes_with_what_matters(field: str) -> None:
    assert small_spec(**{field: OTHER_VALUES[field]}).spec_hash != small_spec().spec_hash


@pytest.mark.parametrize("field", sorted(COSMETIC))
def test_the_hash_does_not_change_with_what_is_only_read_by_people(field: str) -> None:
    assert small_spec(**{field: OTHER_VALUES[field]}).spec_hash == small_spec().spec_hash


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": small_columns(units={"distance": "km"})},
        {"columns": small_columns(numerical=["distance", "more"])},
        {"windows": {"granularity": "day", "start": "2023-02-01", "delay": "1 minute"}},
        {"source": {"kind": "parquet", "path": "small/*.parquet", "on_duplicate": "fail"}},
        {
            "model": {
                "estimator": "linear",
                "training": {"start": "2023-01-01", "end": "2023-01-31"},
            }
        },
        {"drift": {"columns": {"zone": {"deciding": False}}}},
        {"quality": {"thresholds": {"mae": {"relative": 0.2}}}},
    ],
)
def test_the_hash_changes_with_every_detail(changes: dict[str, Any]) -> None:
    assert small_spec(**changes).spec_hash != small_spec().spec_hash


def test_the_hash_does_not_depend_on_spelling() -> None:
    written = {"granularity": "day", "start": "2023-02-01", "time_zone": "UTC", "delay": "24 hours"}
    assert (
        small_spec(windows=written).spec_hash
        == small_spec(windows=dict(reversed((written | {"delay": "1 day"}).items()))).spec_hash
    )


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_hash_is_the_same_in_every_process(seed: str) -> None:
    program = (
        "from monitoring_assets_tests.specs import green_taxi_spec as spec;"
        "print(spec('folder').spec_hash)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == green_taxi_spec("folder").spec_hash


def test_the_hash_is_computed_once_and_is_no_part_of_the_model() -> None:
    spec, fresh = small_spec(), small_spec()
    assert len(spec.spec_hash) == 16
    assert spec.spec_hash is spec.spec_hash
    assert spec == fresh
    assert dataclasses.replace(spec, description="x").spec_hash == fresh.spec_hash


def test_a_section_built_in_python_equals_one_from_yaml() -> None:
    spec = small_spec(
        derived={"distance": {"kind": "hour_of_day"}},
        columns=small_columns(monitored={"numerical": ["fare"]}),
    )
    assert spec.derived["distance"] == HourOfDay(kind="hour_of_day")
    assert spec.columns.monitored == MonitoredOnlySpec(numerical=("fare",))
