"""Questions about windows."""

from datetime import timedelta

from monitoring_assets.records import Layer, WindowStatus
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import complete_keys, complete_windows, windows_of
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import (
    START,
    a_computation,
    a_window,
    compute_all_layers,
)


def test_windows_come_in_order_of_time_and_within_bounds(database: Database) -> None:
    for day in (2, 0, 1):
        compute_all_layers(database, a_window(day))
    found = windows_of(database, "small", START, START + timedelta(days=2))
    assert [state.window for state in found] == [a_window(0), a_window(1)]
    assert windows_of(database, "another") == []


def test_only_complete_windows_are_given_if_asked_for(database: Database) -> None:
    compute_all_layers(database, a_window(0))
    replace_window(database, a_computation(Layer.LABELS, a_window(1)), [])
    assert [state.window for state in complete_windows(database, "small")] == [a_window(0)]
    incomplete = windows_of(database, "small", status=WindowStatus.INCOMPLETE)
    assert [state.window for state in incomplete] == [a_window(1)]


def test_a_window_with_a_layer_of_another_yaml_is_not_complete_under_this_one(
    database: Database,
) -> None:
    for day in (0, 1):
        compute_all_layers(database, a_window(day), spec_hash="old")
    compute_all_layers(database, a_window(1), spec_hash="new")
    replace_window(database, a_computation(window=a_window(0), spec_hash="new"), [])
    assert complete_keys(database, "small") == {"2023-02-01", "2023-02-02"}
    assert complete_keys(database, "small", "new") == {"2023-02-02"}
    assert complete_keys(database, "small", "old") == set()
