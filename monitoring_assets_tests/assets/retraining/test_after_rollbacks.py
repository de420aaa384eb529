"""Episodes and retrainings after a person has gone back to an earlier version."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from monitoring_assets.assets.retraining.deploying import deploy_by_hand
from monitoring_assets.assets.retraining.steps import run_tags
from monitoring_assets.records import Outcome, RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.story_model import Plot, Story, opened

PLOT: Final = Plot(breaks=(3, 8), windows=22)
"""The second break comes two windows before the rollback."""

BACK: Final = 10
"""The first window that version 1 serves again."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def promoted(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A promotion after window 5; windows 8 and 9 of the new version are bad."""
    with opened(new_database, None, tmp_path_factory.mktemp("back"), PLOT) as story:
        story.begin(5, 9)
        story.after(9).tick()
        yield story.database


@pytest.fixture
def story(new_database: NewDatabase, promoted: Database, tmp_path: Path) -> Iterator[Story]:
    """The same with version 1 back in force, on a copy."""
    with opened(new_database, promoted, tmp_path, PLOT) as story:
        go_back(story)
        yield story.after(BACK - 1)


def go_back(story: Story) -> None:
    what = ("1", "the second version is worse", "somebody")
    deploy_by_hand(story.spec, story.database, story.instance, what)


def open_episodes(story: Story) -> list[tuple[str, datetime]]:
    """Return cause and first window of the open episodes."""
    found = story.rows(tables.episode, closed_at=None)
    return [(row["cause"], row["first_window"]) for row in found]


def test_an_open_episode_is_closed_by_the_rollback(story: Story) -> None:
    (later,) = story.rows(tables.episode, cause="quality/mae", first_window=PLOT.begin(8))
    assert later["closed_by"] == "promotion"
    assert open_episodes(story) == []


def test_alarms_of_the_version_that_went_open_nothing(story: Story) -> None:
    assert story.deployed()[-1] == (PLOT.begin(BACK), "1")
    said = story.said()
    assert said.startswith("no window is complete that version 1 scored, since 2025-03-11")
    assert open_episodes(story) == []
    assert len(story.decisions()) == 1


def test_a_new_episode_begins_with_the_first_window_since_the_rollback(story: Story) -> None:
    then = story.after(BACK)
    then.compute_one(BACK)
    assert then.said() == "mae: 1 of 3 windows"
    assert open_episodes(story) == [("quality/mae", PLOT.begin(BACK))]


def test_the_version_gone_back_to_is_replaced_once_it_is_bad_for_three_windows(
    story: Story,
) -> None:
    story.live(BACK, BACK + 5)
    first, second = story.decisions(Outcome.RETRAIN)
    assert (first.window.partition_key, first.attempt) == (PLOT.key(5), 1)
    assert (second.window.partition_key, second.attempt) == (PLOT.key(BACK + 2), 1)
    assert second.result is RetrainingResult.PROMOTED
    assert [version for _, version in story.deployed()] == ["1", "2", "1", "3"]
    assert open_episodes(story) == []
    assert story.mae(range(BACK + 3, BACK + 6)) == pytest.approx(story.mae(range(3)), rel=0.1)


def test_a_retraining_that_was_under_way_does_not_undo_the_rollback(
    new_database: NewDatabase, promoted: Database, tmp_path: Path
) -> None:
    with opened(new_database, promoted, tmp_path, PLOT) as story:
        asked = story.after(BACK - 1).decide_by_hand("none yet")
        go_back(story)
        story.run(run_tags(asked, 1))
        ended = story.decisions(Outcome.RETRAIN)[-1]
        assert (ended.number, ended.result) == (asked.number, RetrainingResult.REFUSED)
        told = str(ended.result_reason)
        assert "of version 2, but version 1 was deployed meanwhile" in told
        assert "by somebody (the second version is worse)" in told
        assert [version for _, version in story.deployed()] == ["1", "2", "1"]
