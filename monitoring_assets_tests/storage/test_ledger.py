"""Questions about windows."""

from dataclasses import replace
from datetime import datetime

import pytest

from monitoring_assets.records import Layer, WindowStatus
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import (
    complete_windows,
    stale_followers,
    windows_of,
)
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import (
    START,
    a_computation,
    a_window,
    compute_all_layers,
)


def test_windows_come_in_order_of_time_and_of_one_length_if_asked_for(database: Database) -> None:
    days, week = [a_window(day) for day in (0, 1, 2)], replace(a_window(0), granularity="week")
    for window in (*days[::-1], week):
        compute_all_layers(database, window)
    found = windows_of(database, "small", granularity="day")
    assert [state.window for state in found] == days
    assert len(windows_of(database, "small")) == 4
    assert windows_of(database, "another") == []


def test_only_complete_windows_are_given_if_asked_for(database: Database) -> None:
    compute_all_layers(database, a_window(0))
    replace_window(database, a_computation(Layer.LABELS, a_window(1)), [])
    assert [state.window for state in complete_windows(database, "small")] == [a_window(0)]
    incomplete = windows_of(database, "small", status=WindowStatus.INCOMPLETE)
    assert [state.window for state in incomplete] == [a_window(1)]


def compute(database: Database, layer: Layer, day: int) -> None:
    replace_window(database, a_computation(layer, a_window(day)), [])


def rolling(windows: int, days: range) -> dict[datetime, tuple[datetime, datetime]]:
    """Return what windows rest on that are compared with so many before them."""
    return {
        a_window(day).start: (a_window(day - windows).start, a_window(day).start) for day in days
    }


def stale_days(database: Database, spans: dict[datetime, tuple[datetime, datetime]]) -> list[int]:
    stale = stale_followers(database, "small", "day", spans)
    return sorted((start - START).days for start in stale)


@pytest.fixture
def six_days(database: Database) -> Database:
    for day in range(6):
        compute_all_layers(database, a_window(day))
    return database


def test_windows_computed_in_order_rest_on_nothing_newer(six_days: Database) -> None:
    assert stale_days(six_days, rolling(2, range(1, 6))) == []
    assert stale_days(six_days, {}) == []


@pytest.mark.parametrize("layer", [Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES])
def test_new_profiles_of_a_window_make_those_that_rest_on_it_stale(
    six_days: Database, layer: Layer
) -> None:
    compute(six_days, layer, 2)
    assert stale_days(six_days, rolling(2, range(1, 6))) == [3, 4]
    assert stale_days(six_days, rolling(1, range(1, 6))) == [3]
    assert stale_days(six_days, rolling(2, range(4, 6))) == [4]


@pytest.mark.parametrize(
    "layer", [Layer.PREDICTIONS, Layer.LABELS, Layer.DATA_DRIFT, Layer.MODEL_QUALITY]
)
def test_other_layers_of_earlier_windows_do_not_matter(six_days: Database, layer: Layer) -> None:
    compute(six_days, layer, 2)
    assert stale_days(six_days, rolling(2, range(1, 6))) == []


def test_comparing_a_window_again_mends_it_and_makes_no_other_stale(six_days: Database) -> None:
    spans = rolling(2, range(1, 6))
    compute(six_days, Layer.WINDOW_PROFILES, 2)
    for day, rest in ((3, [4]), (4, [])):
        compute(six_days, Layer.DATA_DRIFT, day)
        assert stale_days(six_days, spans) == rest


def test_drift_does_not_stand_in_for_quality(six_days: Database) -> None:
    for layer in (Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES):
        compute(six_days, layer, 2)
    compute(six_days, Layer.DATA_DRIFT, 3)
    assert stale_days(six_days, rolling(1, range(1, 6))) == [3]
    compute(six_days, Layer.MODEL_QUALITY, 3)
    assert stale_days(six_days, rolling(1, range(1, 6))) == []


def test_windows_filled_in_later_count_from_the_first_time_on(database: Database) -> None:
    for day in (5, 4, 0):
        compute_all_layers(database, a_window(day))
    since_the_first = {a_window(day).start: (START, a_window(day).start) for day in range(1, 6)}
    assert stale_days(database, since_the_first) == [4, 5]


def test_a_window_that_was_never_compared_is_incomplete_not_stale(six_days: Database) -> None:
    compute(six_days, Layer.WINDOW_PROFILES, 6)
    compute(six_days, Layer.WINDOW_PROFILES, 5)
    assert stale_days(six_days, rolling(1, range(1, 8))) == []


def test_other_models_and_granularities_do_not_matter(six_days: Database) -> None:
    other = a_window(2, model_id="other")
    hourly = replace(a_window(2), granularity="hour")
    for window in (other, hourly):
        compute_all_layers(six_days, window)
    assert stale_days(six_days, rolling(2, range(1, 6))) == []
