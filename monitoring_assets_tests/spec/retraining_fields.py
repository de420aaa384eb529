"""Legal and illegal values of every field of `retraining` and `notifications`.

Belongs here: one row a field, and the smallest correct section of each. Stays out: rules between
fields (test_retraining_rules.py), assertions.
"""

from typing import Any

from monitoring_assets.spec.notifications import NotificationsSpec
from monitoring_assets.spec.retraining import HoldoutSpec, PromotionSpec, RetrainingSpec
from monitoring_assets_tests.spec.field_rows import NO_NUMBER, SEEDS, Row

NO_COUNT = [0, 2.5, "x", True, None]
NO_DURATION = ["2", 2, "-1 days", "367 days", None]

SMALLEST_RETRAINING: dict[type, dict[str, Any]] = {
    RetrainingSpec: {},
    HoldoutSpec: {},
    PromotionSpec: {},
    NotificationsSpec: {"webhook": "https://chat.example/T0/B0"},
}

RETRAINING_ROWS = [
    Row(
        RetrainingSpec,
        "verdicts",
        [["quality"], ["dataset_drift", "prediction_drift"]],
        ["quality", ["psi"], [None], None],
    ),
    Row(RetrainingSpec, "columns", [[], ["age"]], ["age", [""], [5], None]),
    Row(RetrainingSpec, "metrics", [[], ["mae", "rmse"]], ["mae", ["MAE"], None]),
    Row(RetrainingSpec, "windows_in_a_row", [1, 100], [101, *NO_COUNT]),
    Row(
        RetrainingSpec,
        "blocked_by",
        ["features", "none", [], ["age"]],
        ["targets", [""], [5], 5, None],
    ),
    Row(RetrainingSpec, "blocked_by_drift", [[], ["age"]], ["age", "none", [""], [5], None]),
    Row(RetrainingSpec, "minimum_labelled_rows", [1, 10**9], [10**9 + 1, *NO_COUNT]),
    Row(RetrainingSpec, "cool_down", ["0 days", "366 days"], NO_DURATION),
    Row(RetrainingSpec, "max_age", [None, "3 days"], NO_DURATION[:-1]),
    Row(RetrainingSpec, "attempts", [1, 100], [101, *NO_COUNT]),
    Row(RetrainingSpec, "tries", [1, 20], [21, *NO_COUNT]),
    Row(RetrainingSpec, "backoff", ["0 minutes", "1 hour"], NO_DURATION),
    Row(RetrainingSpec, "time_limit", ["30 minutes", "2 days"], NO_DURATION),
    Row(
        RetrainingSpec,
        "training_span",
        ["since_episode", "expanding"],
        ["all", {"last_windows": 5}, None],
    ),
    Row(RetrainingSpec, "last_windows", [None], [1001, *NO_COUNT[:-1]]),
    Row(RetrainingSpec, "holdout", [{}, {"share": 0.5}], [None, 0.3, {"share": 2}]),
    Row(RetrainingSpec, "promotion", [{}, {"mode": "manual"}], [None, "manual", {"mode": "x"}]),
    Row(HoldoutSpec, "share", [0.01, 0.99], [0, 1, *NO_NUMBER, None]),
    Row(HoldoutSpec, "windows", [1, 1000], [1001, *NO_COUNT]),
    Row(HoldoutSpec, "seed", *SEEDS),
    Row(PromotionSpec, "mode", ["automatic", "manual"], ["asked", None]),
    Row(PromotionSpec, "metric", [None, "rmse"], ["MAE", "", 5]),
    Row(PromotionSpec, "gain", [0, 0.5], [-0.1, 1, *NO_NUMBER, None]),
    Row(PromotionSpec, "confidence", [0.51, 0.99], [0.5, 1, *NO_NUMBER, None]),
    Row(PromotionSpec, "resamples", [100, 100_000], [99, 100_001, *NO_COUNT]),
    Row(PromotionSpec, "minimum_rows", [10, 10**9], [9, 10**9 + 1, *NO_COUNT]),
    Row(
        NotificationsSpec,
        "webhook",
        ["http://host:8080/x"],
        ["", "chat.example/x", "ftp://host/x", "https://", "http://[", 5, None],
    ),
    Row(NotificationsSpec, "events", [["alarm"]], ["alarm", [], ["ok"], None]),
    Row(NotificationsSpec, "after_windows", [1, 100], [101, *NO_COUNT]),
]
