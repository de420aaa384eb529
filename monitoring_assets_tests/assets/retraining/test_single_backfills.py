"""Backfills of one window each, and daemons that look at the same moment: one retraining."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from monitoring_assets.records import RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.story_model import MODEL, Plot, Story, opened
from monitoring_assets_tests.waiting import wait_for_waiters

PLOT: Final = Plot(breaks=(7,), windows=10)
"""Seven good windows, then three bad ones."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def backfilled(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Ten windows, each computed in a run of its own; nothing is decided yet."""
    with opened(new_database, None, tmp_path_factory.mktemp("singles"), PLOT) as story:
        story.runner.set_up()
        for window in range(PLOT.windows):
            story.compute_one(window)
        yield story.database


@pytest.fixture
def story(new_database: NewDatabase, backfilled: Database, tmp_path: Path) -> Iterator[Story]:
    """The same when the newest window has just ended, on a copy."""
    with opened(new_database, backfilled, tmp_path, PLOT) as story:
        yield story.after(9)


def tick_by_another(story: Story) -> list[str]:
    """Evaluate the sensor as a daemon that knows of no run; return the keys it asks for."""
    with replace(story.runner, recorded_in=None) as runner:
        return replace(story, runner=runner).asked()


def test_ten_backfills_of_one_window_each_are_followed_by_one_retraining(story: Story) -> None:
    for _ in range(10):
        story.carry_out()
    (decision,) = story.decisions()
    assert decision.window.partition_key == PLOT.key(9)
    assert decision.result is RetrainingResult.PROMOTED
    assert story.deployed()[-1] == (PLOT.begin(10), "2")
    assert len(story.rows(tables.episode, cause="quality/mae")) == 1


def test_computed_once_more_one_by_one_they_start_nothing(story: Story) -> None:
    story.carry_out()
    for window in range(5, PLOT.windows):
        story.compute_one(window)
        assert story.asked() == []
    assert len(story.decisions()) == 1
    assert story.scored_by(range(7, 10)) == [{"1"}] * 3


def test_ten_ticks_of_two_daemons_at_once_write_one_decision_and_ask_for_one_run(
    story: Story,
) -> None:
    with ThreadPoolExecutor(2) as both:
        with loop_transaction(story.database, MODEL):
            ticks = [both.submit(tick_by_another, story) for _ in range(10)]
            wait_for_waiters(story.database, 2)
        asked = [tick.result(timeout=120) for tick in ticks]
    assert asked == [["retraining/1/1"]] * 10
    (decision,) = story.decisions()
    assert (decision.tries, decision.result) == (1, None)
    assert len(story.rows(tables.episode, cause="quality/mae")) == 1
    kinds = [row["kind"] for row in story.rows(tables.notification)]
    assert sorted(kinds) == ["opened", "retraining"]
