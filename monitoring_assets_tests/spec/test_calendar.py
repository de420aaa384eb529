"""Walking over windows by the calendar, beside Dagster's partitions as a witness."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.assets.partitions import partitions_definition, windows_for_keys
from monitoring_assets.spec.calendar import start_after, window_holding
from monitoring_assets.spec.windows import WindowsSpec
from monitoring_assets_tests.specs import small_spec

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
STARTS = {"hour": "2023-03-10", "day": "2023-01-01", "week": "2023-01-02", "month": "2022-01-01"}
NOW = datetime(2023, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("granularity", [*STARTS])
def test_windows_are_dagsters_partitions(granularity: str, zone: str) -> None:
    windows = {"granularity": granularity, "start": STARTS[granularity], "time_zone": zone}
    spec = small_spec(windows=windows, model=None, reference={"period": PERIOD})
    keys = partitions_definition(spec).get_partition_keys(current_time=NOW)[:400]
    for window in windows_for_keys(spec, keys):
        inside = window.start + (window.end - window.start) / 2
        for moment in (window.start, inside, window.end - timedelta(microseconds=1)):
            assert window_holding(spec.windows, moment) == (window.start, window.end)


PERIOD = {"start": "2021-01-01", "end": "2021-02-01"}


@given(
    st.sampled_from([*STARTS]),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(-500, 500),
)
def test_there_and_back_is_the_same_window(
    granularity: str, zone: str, stamp: datetime, count: int
) -> None:
    windows = WindowsSpec(
        granularity=granularity,  # pyright: ignore[reportArgumentType] - one of the four
        start=date(2018, 1, 1),
        time_zone=zone,
    )
    start, _ = window_holding(windows, stamp.replace(tzinfo=UTC))
    assert start_after(windows, start_after(windows, start, count), -count) == start
