"""Windows before a window: looks at them that meet others who are just writing them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from monitoring_assets.assets.moving import EarlierWindows
from monitoring_assets.records import Layer, Window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import newest_computation
from monitoring_assets.storage.profiles import read_quality_profiles_between
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.window_write import replace_window, window_replaced
from monitoring_assets_tests.specs import WATCHED, small_spec
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_window,
    compute_all_layers,
)
from monitoring_assets_tests.waiting import wait_for_waiters

pytestmark = pytest.mark.slow

BEFORE = 2
FIRST, SECOND, THIRD, FOURTH = (a_window(day) for day in range(4))


@pytest.fixture
def windows(database: Database) -> Database:
    """Four days, the last two of which are each compared with the two before."""
    for window in (FIRST, SECOND, THIRD, FOURTH):
        compute_all_layers(database, window)
    return database


def earlier(database: Database, *windows: Window, **reference: Any) -> EarlierWindows[Any]:
    changes = reference or {"rolling_windows": BEFORE}
    spec = small_spec(**WATCHED | {"reference": WATCHED["reference"] | changes})
    read = read_quality_profiles_between
    return EarlierWindows(database, spec, windows, Layer.QUALITY_PROFILES, read)


@contextmanager
def being_written(database: Database, window: Window) -> Iterator[int]:
    """Hold the transaction of another run, whose number is given and not yet seen by others."""
    written = a_computation(Layer.QUALITY_PROFILES, window)
    with (
        database.begin() as connection,
        window_replaced(SqlTransaction(connection), written, None, None) as number,
    ):
        yield number


def test_a_look_waits_for_whoever_was_given_a_smaller_number_and_is_not_seen_yet(
    windows: Database,
) -> None:
    looked = earlier(windows, THIRD)
    with ThreadPoolExecutor(1) as pool:
        with being_written(windows, SECOND) as theirs:
            ours = replace_window(windows, a_computation(Layer.MODEL_QUALITY, THIRD), [])
            look = pool.submit(looked.changed)
            wait_for_waiters(windows, 1)
        assert look.result(timeout=60) == [THIRD]
    assert theirs == newest_computation(windows, SECOND, Layer.QUALITY_PROFILES)
    assert theirs < ours, "so `stale_windows` does not find it"
    assert looked.changed() == []


def test_a_look_is_about_what_the_windows_named_rest_on(windows: Database) -> None:
    looked = earlier(windows, THIRD, FOURTH)
    with being_written(windows, THIRD):
        assert looked.changed([THIRD]) == [], "its own writer is not waited for"
    assert looked.changed([THIRD]) == []
    assert looked.changed() == [FOURTH]
    replace_window(windows, a_computation(Layer.QUALITY_PROFILES, SECOND), [])
    assert looked.changed() == [THIRD, FOURTH]


def test_two_who_look_do_not_wait_for_each_other_nor_for_those_who_write_other_windows(
    windows: Database,
) -> None:
    with being_written(windows, FOURTH), ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(earlier, windows, FOURTH) for _ in range(8)]
        assert [look.result(timeout=60).changed() for look in looks] == [[]] * 8


def test_without_a_reference_that_moves_nobody_is_waited_for(windows: Database) -> None:
    looked = earlier(windows, THIRD, rolling_windows=None)
    with being_written(windows, FIRST), being_written(windows, SECOND):
        assert looked.changed() == []
