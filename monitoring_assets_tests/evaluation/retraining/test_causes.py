"""Which causes count, which are told, and how old they may be."""

from datetime import timedelta
from typing import Any

import pytest

from monitoring_assets.evaluation.retraining.causes import (
    counting_causes,
    is_too_old,
    oldest,
    read_causes,
    watched_causes,
)
from monitoring_assets_tests.evaluation.retraining.story import FIRST, MAE, looping
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec

DAY = timedelta(days=1)


def test_without_an_entry_the_main_metric_counts() -> None:
    assert counting_causes(looping()) == (MAE,)


def test_causes_stand_in_the_order_of_the_policy_and_columns_behind_verdicts() -> None:
    policy = {
        "verdicts": ["prediction_drift", "quality", "dataset_drift"],
        "columns": ["zone", "distance"],
        "metrics": ["rmse", "mae"],
    }
    bounds = {"thresholds": {"mae": {"relative": 0.2}, "rmse": {"absolute": 5}}}
    assert counting_causes(small_spec(retraining=policy, quality=bounds)) == (
        "prediction_drift",
        "quality/rmse",
        "quality/mae",
        "dataset_drift",
        "drift/zone",
        "drift/distance",
    )


def test_drift_data_quality_and_the_main_metric_are_told_whether_they_count_or_not() -> None:
    assert watched_causes(looping(verdicts=["prediction_drift"])) == (
        "prediction_drift",
        "dataset_drift",
        "data_quality",
        MAE,
    )
    assert watched_causes(looping()) == (MAE, "dataset_drift", "data_quality")


def test_what_blocks_is_read_but_no_episode_is_kept_of_it() -> None:
    spec = looping(blocked_by_drift=["zone"])
    assert watched_causes(spec) == watched_causes(looping())
    assert read_causes(spec) == (*watched_causes(spec), "drift/zone")


def test_a_model_that_is_not_retrained_is_told_of_all_the_same() -> None:
    assert counting_causes(small_spec()) == ()
    assert watched_causes(small_spec()) == ("dataset_drift", "data_quality", MAE)


def test_without_a_target_there_is_no_quality_to_tell_of() -> None:
    spec = small_spec(**(WATCHED | {"columns": small_columns(target=None)}))
    assert watched_causes(spec) == ("dataset_drift", "data_quality")


@pytest.mark.parametrize(
    ("windows", "labels", "expected"),
    [
        ({"granularity": "day"}, {}, 3 * DAY),
        ({"granularity": "hour", "delay": "30 minutes"}, {}, timedelta(hours=3.5)),
        ({"granularity": "day", "delay": "6 hours"}, {"expected_delay": "7 days"}, 10.25 * DAY),
        ({"granularity": "month"}, {}, 93 * DAY),
    ],
)
def test_by_default_an_alarm_may_be_three_windows_and_all_delays_old(
    windows: dict[str, Any], labels: dict[str, Any], expected: timedelta
) -> None:
    cut = {"start": "2023-02-01", "time_zone": "UTC"} | windows
    assert oldest(small_spec(windows=cut, labels=labels, retraining={})) == expected


def test_a_window_is_too_old_once_it_ended_longer_ago_than_the_policy_says() -> None:
    spec = looping(max_age="2 days")
    assert not is_too_old(spec, FIRST, FIRST + 2 * DAY)
    assert is_too_old(spec, FIRST, FIRST + 2 * DAY + timedelta(seconds=1))
