"""Legal and illegal values of every field of the YAML: one row a field.

Belongs here: the table, and the smallest correct section of each kind; those of sources, of
verdicts and of retraining are gathered from modules of their own. Stays out: rules between fields
(test_rules.py and the section's own test) and assertions.
"""

from typing import Any

from monitoring_assets.spec.classification import ClassificationSpec
from monitoring_assets.spec.columns import (
    ColumnsSpec,
    DayOfWeek,
    FilterSpec,
    HourOfDay,
    MinutesBetween,
    MonitoredOnlySpec,
)
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.labels import LabelsSpec
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.segments import SegmentSpec
from monitoring_assets.spec.training import TrainingSpec
from monitoring_assets.spec.windows import WindowsSpec
from monitoring_assets_tests.spec.field_rows import (
    INFINITY,
    NO_NAME,
    NO_NUMBER,
    SEEDS,
    Row,
)
from monitoring_assets_tests.spec.retraining_fields import RETRAINING_ROWS, SMALLEST_RETRAINING
from monitoring_assets_tests.spec.source_fields import SMALLEST_SOURCES, SOURCE_ROWS
from monitoring_assets_tests.spec.verdict_fields import SMALLEST_VERDICTS, VERDICT_ROWS

PERIOD = {"start": "2025-12-01", "end": "2026-01-01"}
TRAINING = {"estimator": "linear", "training": PERIOD}
CLASSES = {"classes": ["no", "yes"]}
LABELS = {"name": "labels", "source": {"kind": "parquet", "path": "l"}, "columns": ["outcome"]}

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
    SegmentSpec: {"where": "age >= 18", "name": "adult"},
    LabelsSpec: {},
    ClassificationSpec: CLASSES,
    JoinedSpec: LABELS,
    PeriodSpec: PERIOD,
    TrainingSpec: TRAINING,
    ReferenceSpec: {},
    **SMALLEST_SOURCES,
    **SMALLEST_VERDICTS,
    **SMALLEST_RETRAINING,
}

ROWS = [
    Row(ModelSpec, "model_id", ["a", "a_1", "x" * 40], ["", "A", "1a", "a-b", "x" * 41, "a\n"]),
    Row(ModelSpec, "task", ["regression"], ["classification", "Binary", None]),
    Row(ModelSpec, "windows", [SMALLEST[WindowsSpec]], ["day", None, {}]),
    Row(ModelSpec, "source", [{"kind": "simulated_trips"}], [None, "x", {}, {"kind": "xlsx"}]),
    Row(ModelSpec, "columns", [SMALLEST[ColumnsSpec] | {"numerical": ["a"]}], [None, {}, ["a"]]),
    Row(ModelSpec, "description", ["", "What it does."], [5, None]),
    Row(ModelSpec, "owners", [[], ["me@work.com", "team:a b"]], ["me@work.com", [5]]),
    Row(ModelSpec, "classification", [None], ["yes", {}, ["no", "yes"]]),
    Row(ModelSpec, "joined", [[]], [None, {}, LABELS, [{}], ["labels"]]),
    Row(ModelSpec, "derived", [{}, {"age": {"kind": "hour_of_day"}}], [[], {"age": {}}, None]),
    Row(ModelSpec, "filters", [[], [{"name": "a", "column": "age"}]], [{}, ["a"], None]),
    Row(
        ModelSpec,
        "segments",
        [[], [{"column": "age"}, {"where": "age > 9", "name": "a"}]],
        [None, {}, ["age"], [{}]],
    ),
    Row(ModelSpec, "labels", [{}, {"expected_delay": "3 days"}], [None, "3 days", 3]),
    Row(ModelSpec, "model", [None, TRAINING], ["linear", {}]),
    Row(ModelSpec, "reference", [{"period": PERIOD}], [None, PERIOD]),
    Row(ModelSpec, "drift", [{}, {"minimum_rows": 5}], [None, 5, {"methods": []}]),
    Row(ModelSpec, "data_quality", [{}, {"columns": {"age": {}}}], [None, 5]),
    Row(ModelSpec, "quality", [{}, {"main_metric": "rmse"}], [None, "mae"]),
    Row(ModelSpec, "retraining", [None], ["always", [], {"windows_in_a_row": 0}]),
    Row(
        ModelSpec,
        "notifications",
        [None, {"webhook": "https://chat.example/T0"}],
        ["https://chat.example/T0", {}, []],
    ),
    Row(
        ClassificationSpec,
        "classes",
        [["a", "b", "c"], [0, 1], ["0", "x" * 100]],
        [[], ["a"], [True, False], ["a", None], [0.5, "b"], ["", "b"], ["x" * 101, "b"], "ab", 2],
    ),
    Row(ClassificationSpec, "positive_class", [None, "no"], ["", True, 0.5, "x" * 101]),
    Row(ClassificationSpec, "decision_threshold", [None, 0.01, 0.99], [0, 1, *NO_NUMBER]),
    Row(JoinedSpec, "name", ["labels", "a_1"], ["", "Labels", "a b", "1", "x" * 62, None]),
    Row(JoinedSpec, "source", [{"kind": "simulated_trips"}], [None, "labels.csv", {}]),
    Row(JoinedSpec, "columns", [["a"], ["a", "b"]], [[], "a", [""], [5], None]),
    Row(JoinedSpec, "id", [None, "order_id"], NO_NAME),
    Row(JoinedSpec, "event_time", [None, "known_at"], NO_NAME),
    Row(JoinedSpec, "within", ["0 days", "366 days"], ["2", 2, "-1 days", "367 days", None]),
    Row(WindowsSpec, "granularity", ["hour", "day"], ["daily", "quarter", None]),
    Row(
        WindowsSpec, "start", ["2024-02-29"], ["2023-02-29", "01.02.2024", "1969-12-31", 2024, None]
    ),
    Row(WindowsSpec, "end", [None, "2199-12-31"], ["soon", "2026-01-02T00:00:00", "2200-01-01", 0]),
    Row(WindowsSpec, "time_zone", ["Asia/Kolkata", "UTC"], ["CEST+1", "", "europe/berlin", None]),
    Row(WindowsSpec, "delay", ["0 hours", "6 hours", "366 days"], ["6", 6, "-1 days", "367 days"]),
    Row(WindowsSpec, "late_after", [None, "2 days", "1 week"], ["soon", "53 weeks", 5]),
    Row(ColumnsSpec, "event_time", ["t", "Pickup Time"], [*NO_NAME, None]),
    Row(ColumnsSpec, "id", [None, "trip_id"], NO_NAME),
    Row(ColumnsSpec, "numerical", [[], ["a", "b"]], ["a", [""], [5], None]),
    Row(ColumnsSpec, "categorical", [[], ["a", "b"]], ["a", [""], [5], None]),
    Row(ColumnsSpec, "monitored", [{}, {"numerical": ["a"]}], [["a"], None]),
    Row(ColumnsSpec, "target", [None, "minutes"], NO_NAME),
    Row(ColumnsSpec, "prediction", [None, "score"], NO_NAME),
    Row(
        ColumnsSpec,
        "probabilities",
        [{}, {"yes": "p_yes"}, {0: "p"}],
        [["p"], {"yes": ""}, {"": "p"}, {True: "p"}, {"yes": None}, "p", None],
    ),
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
    Row(FilterSpec, "minimum", [None, 0, -1.5], NO_NUMBER),
    Row(FilterSpec, "maximum", [None, 0, 60.0], [-INFINITY, *NO_NUMBER]),
    Row(FilterSpec, "allowed", [None, ["a"], ["7", "8"]], [[], [7], "a"]),
    Row(FilterSpec, "allow_missing", [False], ["perhaps", None]),
    Row(SegmentSpec, "where", ["age = 1", 'not ("a" < 2 or b is null)'], [5, ["age = 1"]]),
    Row(SegmentSpec, "name", ["a", "a_1"], ["", "A", "a b", "1", "a=b", "x" * 62, 5]),
    Row(SegmentSpec, "column", [None], NO_NAME),
    Row(SegmentSpec, "most", [None], [0, 101, 2.5, "many", True]),
    Row(LabelsSpec, "expected_delay", [None, "3 days"], ["3", 3, "-1 days", "367 days"]),
    Row(LabelsSpec, "overlap", ["0 hours", "1 week"], ["1", 1, "-1 hours", "367 days", None]),
    Row(PeriodSpec, "start", ["2025-11-30"], ["2025-11", None, 5]),
    Row(PeriodSpec, "end", ["2025-12-02"], ["later", None, 5]),
    Row(TrainingSpec, "estimator", ["linear", "random_forest"], ["xgboost", None]),
    Row(TrainingSpec, "training", [PERIOD], [None, {}, {"start": "2025-12-01"}]),
    Row(TrainingSpec, "parameters", [{}, {"alpha": 0.5}], [None, ["alpha"], {5: 1}]),
    Row(TrainingSpec, "folds", [2, 20], [1, 21, 2.5, True, None]),
    Row(TrainingSpec, "seed", *SEEDS),
    Row(ReferenceSpec, "period", [None, PERIOD], ["2025", {}]),
    Row(ReferenceSpec, "source", [None, {"kind": "csv", "path": "normal.csv"}], ["normal.csv", {}]),
    Row(ReferenceSpec, "rolling_windows", [None, 1, 1000], [0, 1001, 1.5, True]),
    Row(ReferenceSpec, "since_deployment", [True, False], ["perhaps", 5, None]),
    Row(ReferenceSpec, "minimum_windows", [None], [0, 1001, 1.5, True]),
    *SOURCE_ROWS,
    *VERDICT_ROWS,
    *RETRAINING_ROWS,
]
