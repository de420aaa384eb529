"""Legal and illegal values of every field of `drift`, `data_quality` and `quality`.

Belongs here: one row a field, and the smallest correct section of each. Stays out: rules between
fields (test_verdicts.py), assertions.
"""

from typing import Any

from monitoring_assets.spec.verdicts import (
    ColumnDataQualitySpec,
    ColumnDriftSpec,
    DataQualitySpec,
    DriftSpec,
    QualitySpec,
    QualityThresholdSpec,
)
from monitoring_assets_tests.spec.field_rows import NAN, NO_NUMBER, Row

NO_SHARE = [-0.1, 1.1, NAN, "much", True, None]

SMALLEST_VERDICTS: dict[type, dict[str, Any]] = {
    ColumnDriftSpec: {},
    DriftSpec: {},
    ColumnDataQualitySpec: {},
    DataQualitySpec: {},
    QualityThresholdSpec: {"absolute": 1},
    QualitySpec: {},
}

VERDICT_ROWS = [
    Row(ColumnDriftSpec, "method", [None, "psi", "jensen_shannon"], ["PSI", "", 5]),
    Row(ColumnDriftSpec, "threshold", [None, 0.1, 25], [0, -1, *NO_NUMBER]),
    Row(ColumnDriftSpec, "also", [[], ["psi", "wasserstein"]], ["psi", ["PSI"], None]),
    Row(ColumnDriftSpec, "deciding", [None, True, False], ["perhaps", 5]),
    Row(DriftSpec, "numerical", [{}, {"threshold": 0.2}], [None, 0.2]),
    Row(DriftSpec, "categorical", [{}, {"method": "psi"}], [None, "psi"]),
    Row(DriftSpec, "columns", [{}, {"a": {"deciding": False}}], [None, ["a"], {"": {}}, {"a": 1}]),
    Row(DriftSpec, "minimum_rows", [1, 10**9], [0, 10**9 + 1, 2.5, True, None]),
    Row(DriftSpec, "false_alarm_rate", [0.001, 0.5], [0, 0.51, *NO_NUMBER, None]),
    Row(DriftSpec, "dataset_share", [0, 0.5, 1], NO_SHARE),
    Row(ColumnDataQualitySpec, "maximum_missing_share", [None, 0, 1], NO_SHARE[:-1]),
    Row(ColumnDataQualitySpec, "maximum_unseen_share", [None, 0, 1], NO_SHARE[:-1]),
    Row(DataQualitySpec, "missing_share_margin", [0, 0.01, 1], NO_SHARE),
    Row(DataQualitySpec, "maximum_unseen_share", [0, 1], NO_SHARE),
    Row(DataQualitySpec, "maximum_rejected_share", [0, 1], NO_SHARE),
    Row(DataQualitySpec, "maximum_unscored_share", [0, 1], NO_SHARE),
    Row(DataQualitySpec, "maximum_invalid_probability_share", [0, 0.01, 1], NO_SHARE),
    Row(DataQualitySpec, "columns", [{}, {"a": {}}], [None, ["a"], {"": {}}, {"a": 1}]),
    Row(QualityThresholdSpec, "relative", [None], [0, -0.2, *NO_NUMBER]),
    Row(QualityThresholdSpec, "absolute", [0, -0.5, 12], NO_NUMBER),
    Row(QualitySpec, "main_metric", [None, "rmse"], ["MAE", "", 5]),
    Row(QualitySpec, "thresholds", [{}, {"mae": {"absolute": 4}}], [None, {"x": {"relative": 1}}]),
    Row(
        QualitySpec,
        "by_class",
        [{}, {"yes": {"recall": {"absolute": 0.5}}}, {1: {}}],
        [None, ["yes"], {"yes": None}, {"": {}}, {True: {}}, {"a": {"x": {}}}, {"a": {"f1": {}}}],
    ),
    Row(QualitySpec, "minimum_labels", [2, 10**9], [1, 10**9 + 1, 2.5, True, None]),
    Row(QualitySpec, "mature_share", [0, 0.9, 1], NO_SHARE),
]
