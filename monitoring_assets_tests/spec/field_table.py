"""Legal and illegal values of every field of the YAML: one row a field.

Belongs here: the table, and the smallest correct section of each kind. Stays out: rules between
fields (test_rules.py and the section's own test) and assertions.
"""

from dataclasses import dataclass
from typing import Any

from monitoring_assets.spec.columns import (
    ColumnsSpec,
    DayOfWeek,
    FilterSpec,
    HourOfDay,
    MinutesBetween,
    MonitoredOnlySpec,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.sources import ParquetSourceSpec, SimulatedTripsSpec
from monitoring_assets.spec.training import TrainingSpec
from monitoring_assets.spec.verdicts import (
    ColumnDataQualitySpec,
    ColumnDriftSpec,
    DataQualitySpec,
    DriftSpec,
    QualitySpec,
    QualityThresholdSpec,
)
from monitoring_assets.spec.windows import WindowsSpec

PERIOD = {"start": "2025-12-01", "end": "2026-01-01"}
TRAINING = {"estimator": "linear", "training": PERIOD}
NAN, INFINITY = float("nan"), float("inf")
NO_SHARE = [-0.1, 1.1, NAN, "much", None]
NO_NAME = ["", "x" * 201, 5]

SMALLEST: dict[type, dict[str, Any]] = {
    ModelSpec: {
        "model_id": "churn",
        "task": "regression",
        "windows": {"granularity": "day", "start": "2026-01-01"},
        "source": {"kind": "parquet", "path": "scores/*.parquet"},
        "columns": {"event_time": "scored_at", "numerical": ["age"], "target": "outcome"},
        "reference": {"period": PERIOD},
    },
    WindowsSpec: {"granularity": "day", "start": "2026-01-01"},
    ColumnsSpec: {"event_time": "scored_at"},
    MonitoredOnlySpec: {},
    MinutesBetween: {"kind": "minutes_between", "start": "a", "end": "b"},
    HourOfDay: {"kind": "hour_of_day"},
    DayOfWeek: {"kind": "day_of_week"},
    FilterSpec: {"name": "adult", "column": "age"},
    ParquetSourceSpec: {"kind": "parquet", "path": "scores/*.parquet"},
    SimulatedTripsSpec: {"kind": "simulated_trips"},
    PeriodSpec: PERIOD,
    TrainingSpec: TRAINING,
    ReferenceSpec: {},
    ColumnDriftSpec: {},
    DriftSpec: {},
    ColumnDataQualitySpec: {},
    DataQualitySpec: {},
    QualityThresholdSpec: {"absolute": 1},
    QualitySpec: {},
}


@dataclass(frozen=True)
class Row:
    """One field: values that are taken, and values that are refused by name."""

    section: type
    field: str
    legal: list[Any]
    illegal: list[Any]

    def __str__(self) -> str:
        return f"{self.section.__name__}.{self.field}"


ROWS = [
    Row(ModelSpec, "model_id", ["a", "a_1", "x" * 40], ["", "A", "1a", "a-b", "x" * 41, "a\n"]),
    Row(ModelSpec, "task", ["regression"], ["classification", None]),
    Row(ModelSpec, "windows", [SMALLEST[WindowsSpec]], ["day", None, {}]),
    Row(ModelSpec, "source", [{"kind": "simulated_trips"}], [None, "x", {}, {"kind": "csv"}]),
    Row(ModelSpec, "columns", [SMALLEST[ColumnsSpec] | {"numerical": ["a"]}], [None, {}, ["a"]]),
    Row(ModelSpec, "description", ["", "What it does."], [5, None]),
    Row(ModelSpec, "owners", [[], ["me@work.com", "team:a b"]], ["me@work.com", [5]]),
    Row(ModelSpec, "derived", [{}, {"age": {"kind": "hour_of_day"}}], [[], {"age": {}}, None]),
    Row(ModelSpec, "filters", [[], [{"name": "a", "column": "age"}]], [{}, ["a"], None]),
    Row(ModelSpec, "model", [None, TRAINING], ["linear", {}]),
    Row(ModelSpec, "reference", [{"period": PERIOD}], [None, PERIOD]),
    Row(ModelSpec, "drift", [{}, {"minimum_rows": 5}], [None, 5, {"methods": []}]),
    Row(ModelSpec, "data_quality", [{}, {"columns": {"age": {}}}], [None, 5]),
    Row(ModelSpec, "quality", [{}, {"main_metric": "rmse"}], [None, "mae"]),
    Row(WindowsSpec, "granularity", ["hour", "day"], ["daily", "quarter", None]),
    Row(WindowsSpec, "start", ["2024-02-29"], ["2023-02-29", "01.02.2024", 20240101, None]),
    Row(WindowsSpec, "end", [None, "2026-01-02"], ["soon", "2026-01-02T00:00:00", 0]),
    Row(WindowsSpec, "time_zone", ["Asia/Kolkata", "UTC"], ["CEST+1", "", "europe/berlin", None]),
    Row(WindowsSpec, "delay", ["0 hours", "6 hours", "366 days"], ["6", 6, "-1 days", "367 days"]),
    Row(WindowsSpec, "late_after", [None, "2 days", "1 week"], ["soon", "53 weeks", 5]),
    Row(ColumnsSpec, "event_time", ["t", "Pickup Time"], [*NO_NAME, None]),
    Row(ColumnsSpec, "id", [None, "trip_id"], NO_NAME),
    Row(ColumnsSpec, "numerical", [[], ["a", "b"]], ["a", [""], [5], None]),
    Row(ColumnsSpec, "categorical", [[], ["a", "b"]], ["a", [""], [5], None]),
    Row(ColumnsSpec, "monitored", [{}, {"numerical": ["a"]}], [["a"], None]),
    Row(ColumnsSpec, "target", [None, "minutes"], NO_NAME),
    Row(ColumnsSpec, "prediction", ["score"], [*NO_NAME, None]),
    Row(ColumnsSpec, "model_version", [None, "model_version"], NO_NAME),
    Row(ColumnsSpec, "knowledge_time", [None, "known_at"], NO_NAME),
    Row(ColumnsSpec, "units", [{}, {"distance": "miles"}], [["miles"], {"distance": 5}, None]),
    Row(MonitoredOnlySpec, "numerical", [[], ["a"]], ["a", [""], None]),
    Row(MonitoredOnlySpec, "categorical", [[], ["a"]], ["a", [""], None]),
    Row(MinutesBetween, "kind", ["minutes_between"], ["hours_between", None]),
    Row(MinutesBetween, "start", ["pickup"], [*NO_NAME, None]),
    Row(MinutesBetween, "end", ["dropoff"], [*NO_NAME, None]),
    Row(HourOfDay, "kind", ["hour_of_day"], ["hour", None]),
    Row(DayOfWeek, "kind", ["day_of_week"], ["weekday", None]),
    Row(FilterSpec, "name", ["a", "a_1"], ["", "A", "a b", "1", "x" * 62, None]),
    Row(FilterSpec, "column", ["age"], [*NO_NAME, None]),
    Row(FilterSpec, "minimum", [None, 0, -1.5], [NAN, INFINITY, "low"]),
    Row(FilterSpec, "maximum", [None, 0, 60.0], [NAN, -INFINITY, "high"]),
    Row(FilterSpec, "allowed", [None, ["a"], ["7", "8"]], [[], [7], "a"]),
    Row(FilterSpec, "allow_missing", [False], ["perhaps", None]),
    Row(ParquetSourceSpec, "kind", ["parquet"], ["csv", None]),
    Row(ParquetSourceSpec, "path", ["x.parquet", "s3://bucket/*.parquet"], ["", 5, None]),
    Row(ParquetSourceSpec, "event_time_zone", [None, "America/New_York"], ["EST5", ""]),
    Row(ParquetSourceSpec, "rename", [{}, {"age": "Age"}], [["age"], {"age": ""}, {"": "a"}, None]),
    Row(ParquetSourceSpec, "on_duplicate", ["keep_last", "fail"], ["keep_first", None]),
    Row(SimulatedTripsSpec, "kind", ["simulated_trips"], ["trips", None]),
    Row(SimulatedTripsSpec, "rows_per_day", [1, 1_000_000], [0, 1_000_001, 1.5, None]),
    Row(SimulatedTripsSpec, "seed", [0, 20250201], [-1, "x", None]),
    Row(SimulatedTripsSpec, "changes", [True, False], ["some", None]),
    Row(SimulatedTripsSpec, "on_duplicate", ["keep_last", "fail"], ["keep_first", None]),
    Row(PeriodSpec, "start", ["2025-11-30"], ["2025-11", None, 5]),
    Row(PeriodSpec, "end", ["2025-12-02"], ["later", None, 5]),
    Row(TrainingSpec, "estimator", ["linear", "random_forest"], ["xgboost", None]),
    Row(TrainingSpec, "training", [PERIOD], [None, {}, {"start": "2025-12-01"}]),
    Row(TrainingSpec, "parameters", [{}, {"alpha": 0.5}], [None, ["alpha"], {5: 1}]),
    Row(TrainingSpec, "folds", [2, 20], [1, 21, 2.5, None]),
    Row(TrainingSpec, "seed", [0, 7], [-1, "x", None]),
    Row(ReferenceSpec, "period", [None, PERIOD], ["2025", {}]),
    Row(ColumnDriftSpec, "method", [None, "psi", "jensen_shannon"], ["PSI", "", 5]),
    Row(ColumnDriftSpec, "threshold", [None, 0.1, 25], [0, -1, NAN, INFINITY, "low"]),
    Row(ColumnDriftSpec, "also", [[], ["psi", "wasserstein"]], ["psi", ["PSI"], None]),
    Row(ColumnDriftSpec, "deciding", [None, True, False], ["perhaps", 5]),
    Row(DriftSpec, "numerical", [{}, {"threshold": 0.2}], [None, 0.2]),
    Row(DriftSpec, "categorical", [{}, {"method": "psi"}], [None, "psi"]),
    Row(DriftSpec, "columns", [{}, {"a": {"deciding": False}}], [None, ["a"], {"": {}}, {"a": 1}]),
    Row(DriftSpec, "minimum_rows", [1, 1000], [0, 2.5, None]),
    Row(DriftSpec, "false_alarm_rate", [0.001, 0.5], [0, 0.51, NAN, None]),
    Row(DriftSpec, "dataset_share", [0, 0.5, 1], NO_SHARE),
    Row(ColumnDataQualitySpec, "maximum_missing_share", [None, 0, 1], NO_SHARE[:-1]),
    Row(ColumnDataQualitySpec, "maximum_unseen_share", [None, 0, 1], NO_SHARE[:-1]),
    Row(DataQualitySpec, "missing_share_margin", [0, 0.01, 1], NO_SHARE),
    Row(DataQualitySpec, "maximum_unseen_share", [0, 1], NO_SHARE),
    Row(DataQualitySpec, "maximum_rejected_share", [0, 1], NO_SHARE),
    Row(DataQualitySpec, "maximum_unscored_share", [0, 1], NO_SHARE),
    Row(DataQualitySpec, "columns", [{}, {"a": {}}], [None, ["a"], {"": {}}, {"a": 1}]),
    Row(QualityThresholdSpec, "relative", [None], [0, -0.2, NAN, INFINITY, "much"]),
    Row(QualityThresholdSpec, "absolute", [0, -0.5, 12], [NAN, INFINITY, "much"]),
    Row(QualitySpec, "main_metric", [None, "rmse"], ["MAE", "", 5]),
    Row(QualitySpec, "thresholds", [{}, {"mae": {"absolute": 4}}], [None, {"x": {"relative": 1}}]),
    Row(QualitySpec, "minimum_labels", [2, 50], [1, 2.5, None]),
    Row(QualitySpec, "mature_share", [0, 0.9, 1], NO_SHARE),
]
