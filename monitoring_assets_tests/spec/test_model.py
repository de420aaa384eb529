"""`ModelSpec`: what it answers about a model, and its hash."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.records import ColumnKind, ColumnRole
from monitoring_assets.spec.columns import HourOfDay, MonitoredOnlySpec
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.sources import SimulatedTripsSpec
from monitoring_assets.spec.verdicts import QualityThresholdSpec
from monitoring_assets_tests.specs import (
    binary_spec,
    green_taxi_spec,
    multiclass_spec,
    simulated_spec,
    small_columns,
    small_spec,
)

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
    training = PeriodSpec(start=date(2023, 1, 1), end=date(2023, 2, 1))
    assert small_spec().reference_period == training
    assert own.reference_period == PeriodSpec(start=date(2022, 12, 1), end=date(2023, 1, 1))


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


@pytest.mark.parametrize("make", [small_spec, binary_spec, multiclass_spec])
def test_the_quality_metrics_are_those_of_the_task_in_the_registrys_order(
    make: Callable[..., ModelSpec],
) -> None:
    spec = make()
    of_task = [name for name, metric in QUALITY_METRICS.items() if spec.task in metric.tasks]
    assert [*spec.quality_metrics] == of_task


def test_without_probabilities_there_are_only_metrics_of_classes() -> None:
    spec = binary_spec(columns=small_columns(target="answer"))
    assert {*spec.quality_metrics} == {"accuracy", "balanced_accuracy", "precision", "recall", "f1"}
    assert not spec.answer_follows_from_probabilities


def test_a_bound_of_a_class_is_its_own() -> None:
    spec = binary_spec(quality={"by_class": {"yes": {"recall": {"absolute": 0.7}}}})
    assert spec.quality_threshold("recall", "yes") == QualityThresholdSpec(absolute=0.7)
    assert spec.quality_threshold("recall", "no") is None
    assert spec.quality_threshold("recall") is None


def test_a_classifier_has_categories_as_prediction_and_target_and_numbers_between() -> None:
    entries = multiclass_spec().column_dictionary()[2:]
    assert [(e.column_name, e.kind.value, e.role.value) for e in entries] == [
        ("prediction", "categorical", "prediction"),
        ("p_red", "numerical", "probability"),
        ("p_green", "numerical", "probability"),
        ("p_blue", "numerical", "probability"),
        ("colour", "categorical", "target"),
    ]


def test_the_order_of_probabilities_is_that_of_the_classes() -> None:
    named = {"blue": "b", "red": "r", "green": "g"}
    spec = multiclass_spec(columns=small_columns(target="colour", probabilities=named))
    assert [*spec.probability_columns.items()] == [("red", "r"), ("green", "g"), ("blue", "b")]


TRAINING = {"estimator": "linear", "training": {"start": "2023-01-01", "end": "2023-02-01"}}


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (small_spec, []),
        (binary_spec, ["probability_yes"]),
        (multiclass_spec, ["probability_red", "probability_green", "probability_blue"]),
    ],
)
def test_a_classifier_that_is_trained_here_has_probabilities_unasked(
    make: Callable[..., ModelSpec], names: list[str]
) -> None:
    spec = make(model=TRAINING, columns=small_columns(target="answer"))
    assert [*spec.probability_columns.values()] == names
    assert [e.column_name for e in spec.delivered_columns] == ["distance", "zone", "answer"]


def test_what_is_predicted_or_decided_here_comes_from_no_source() -> None:
    delivered = [entry.column_name for entry in binary_spec().delivered_columns]
    assert delivered == ["distance", "zone", "p_yes", "answer"]
    columns = small_columns(target="answer", probabilities={"yes": "p"}, prediction="said")
    spec = binary_spec(columns=columns)
    assert [e.column_name for e in spec.delivered_columns][2:] == ["said", "p", "answer"]


def test_a_model_that_watches_has_a_positive_class_and_a_threshold_without_naming_them() -> None:
    classification = binary_spec().classification
    assert classification is not None
    assert (classification.positive, classification.threshold) == ("yes", 0.5)


def test_a_model_can_read_from_another_source() -> None:
    source = SimulatedTripsSpec(kind="simulated_trips", seed=7)
    assert dataclasses.replace(simulated_spec(), source=source).source == source


# A field of ModelSpec -> another legal value of it; `source` and `columns` count in detail below.
OTHER_VALUES: dict[str, Any] = {
    "model_id": "other",
    "task": None,
    "windows": {"granularity": "day", "start": "2023-02-01", "time_zone": "Asia/Kolkata"},
    "source": {"kind": "parquet", "path": "other/*.parquet"},
    "columns": small_columns(prediction="answer"),
    "description": "Another text.",
    "owners": ["team:other"],
    "classification": None,
    "joined": [{"name": "a", "source": {"kind": "csv", "path": "a"}, "columns": ["minutes"]}],
    "derived": {"distance": {"kind": "hour_of_day"}},
    "filters": [{"name": "short", "column": "distance", "maximum": 10}],
    "segments": [{"where": "distance < 10", "name": "short"}],
    "labels": {"expected_delay": "3 days"},
    "model": {"estimator": "linear", "training": PERIOD},
    "reference": {"period": PERIOD},
    "drift": {"minimum_rows": 101},
    "data_quality": {"missing_share_margin": 0.1},
    "quality": {"minimum_labels": 51},
    "retraining": {"windows_in_a_row": 4},
    "notifications": {"webhook": "https://chat.example/T0"},
}
COSMETIC = {"description", "owners"}
NOT_ALONE = {"task", "classification"}
"""They change together with others; see the classifiers below."""


def test_every_field_of_a_model_has_a_row_about_the_hash() -> None:
    assert [*OTHER_VALUES] == [field.name for field in dataclasses.fields(ModelSpec)]


@pytest.mark.parametrize("field", sorted({*OTHER_VALUES} - COSMETIC - NOT_ALONE))
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


CLASSES = {"classes": ["no", "yes"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"classification": {"classes": ["yes", "no"], "positive_class": "yes"}},
        {"classification": CLASSES | {"decision_threshold": 0.4}},
        {"columns": small_columns(target="answer", probabilities={"yes": "p"})},
        {"quality": {"by_class": {"yes": {"recall": {"absolute": 0.7}}}}},
        {"data_quality": {"maximum_invalid_probability_share": 0.2}},
        {"reference": {"period": PERIOD, "rolling_windows": 7}},
        {"reference": {"source": {"kind": "csv", "path": "normal.csv"}}},
    ],
    ids=str,
)
def test_the_hash_of_a_classifier_changes_with_every_detail(changes: dict[str, Any]) -> None:
    assert binary_spec(**changes).spec_hash != binary_spec().spec_hash


def warehouse(url: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "sql", "url": url, "table": "scores"} | changes


def test_the_hash_does_not_depend_on_a_secret_but_on_all_else_about_its_source() -> None:
    old = small_spec(source=warehouse("postgresql://me:old@warehouse/sales"))
    new = small_spec(source=warehouse("postgresql://me:new@warehouse/sales"))
    other = small_spec(source=warehouse("postgresql://me:old@warehouse/sales", table="others"))
    assert old.spec_hash == new.spec_hash
    assert old.spec_hash != other.spec_hash
    assert old != new


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
