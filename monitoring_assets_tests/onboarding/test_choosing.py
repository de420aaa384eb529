"""The window to look at: the newest that the source has come past, or the one asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitoring_assets.assets.partitions import partitions_definition, windows_for_keys
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.choosing import choose
from monitoring_assets.spec.calendar import window_key
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_spec

NOW = datetime(2023, 12, 1, tzinfo=UTC)
ZONES = ("UTC", "America/New_York", "Asia/Kolkata")
STARTS = {"hour": "2023-10-20", "day": "2023-01-01", "week": "2023-01-02", "month": "2022-01-01"}


def spec_of(granularity: str, zone: str = "UTC", **windows: Any) -> ModelSpec:
    cut = {"granularity": granularity, "start": STARTS[granularity], "time_zone": zone} | windows
    period = {"start": "2021-01-01", "end": "2021-02-01"}
    return small_spec(windows=cut, model=None, reference={"period": period})


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("granularity", [*STARTS])
def test_keys_are_those_of_dagsters_partitions(granularity: str, zone: str) -> None:
    spec = spec_of(granularity, zone)
    keys = partitions_definition(spec).get_partition_keys(current_time=NOW)[-800:]
    for window in windows_for_keys(spec, keys):
        assert window_key(spec.windows, window.start) == window.partition_key
        found = choose(spec.windows, NOW, NOW, window.partition_key)
        assert (found.start, found.end) == (window.start, window.end)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("granularity", [*STARTS])
def test_the_newest_window_is_dagsters_newest(granularity: str, zone: str) -> None:
    spec = spec_of(granularity, zone)
    for hours in (0, 1, 13, 24, 500):
        newest = NOW - timedelta(hours=hours)
        keys = partitions_definition(spec).get_partition_keys(current_time=newest)
        found = choose(spec.windows, newest, NOW)
        assert (found.key, found.last_key, found.count) == (keys[-1], keys[-1], len(keys))
        assert found.is_passed


def test_a_source_that_reaches_into_the_future_is_looked_at_until_now() -> None:
    found = choose(spec_of("day").windows, datetime.max.replace(tzinfo=UTC), NOW)
    assert (found.key, found.count) == ("2023-11-30", 334)


def test_windows_end_where_the_yaml_says_so() -> None:
    found = choose(spec_of("day", end="2023-03-01").windows, NOW, NOW)
    assert (found.key, found.count) == ("2023-02-28", 59)


def test_before_the_end_of_the_first_window_that_one_is_looked_at() -> None:
    found = choose(spec_of("day").windows, datetime(2023, 1, 1, 12, tzinfo=UTC), NOW)
    assert (found.key, found.is_passed, found.count) == ("2023-01-01", False, 0)
    assert found.first_key is None


def test_a_day_names_the_window_it_lies_in() -> None:
    spec = spec_of("week")
    assert choose(spec.windows, NOW, NOW, "2023-03-02").key == "2023-02-27"
    assert choose(spec_of("hour").windows, NOW, NOW, "2023-11-05").key == "2023-11-05-00:00"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("yesterday", "'yesterday' is no window; write a day"),
        ("2022-12-31", "2022-12-31 is no window of this model: they go from 2023-01-01 to 2023-02"),
        ("2023-03-01", "go from 2023-01-01 to 2023-02-28"),
    ],
)
def test_what_is_no_window_is_refused(wanted: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        choose(spec_of("day", end="2023-03-01").windows, NOW, NOW, wanted)
