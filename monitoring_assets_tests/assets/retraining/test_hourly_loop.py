"""A model of hours goes once through the loop: what holds for days holds for hours."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from monitoring_assets.records import Outcome, RetrainingResult
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import everything
from monitoring_assets_tests.story_model import MODEL, Plot, Story, opened

PLOT: Final = Plot(breaks=(3,), windows=9, length=timedelta(hours=1))
HOURLY: Final = {"granularity: day": "granularity: hour"}
OLD: Final = range(6)
NEW: Final = range(6, 9)
"""Hours that the first version serves, and those of the promoted one."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Nine hours, each computed and decided on a minute after its end."""
    folder = tmp_path_factory.mktemp("hourly")
    with opened(new_database, None, folder, PLOT, HOURLY) as story:
        story.runner.set_up()
        story.live(0, 8)
        yield story.after(8)


@pytest.fixture(scope="module")
def computed(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The first six hours, on which nothing is decided yet."""
    with opened(new_database, None, tmp_path_factory.mktemp("bad"), PLOT, HOURLY) as story:
        story.runner.set_up()
        story.compute(0, 5)
        yield story.database


@pytest.fixture
def bad(new_database: NewDatabase, computed: Database, tmp_path: Path) -> Iterator[Story]:
    """The same, on a copy."""
    with opened(new_database, computed, tmp_path, PLOT, HOURLY) as story:
        yield story


def test_three_bad_hours_are_one_retraining(story: Story) -> None:
    (decision,) = story.decisions(Outcome.RETRAIN)
    assert decision.window.partition_key == PLOT.key(5) == "2025-03-01-05:00"
    assert decision.result is RetrainingResult.PROMOTED
    assert decision.evidence["training_start"] == PLOT.begin(3).isoformat()
    assert decision.evidence["training_end"] == PLOT.begin(6).isoformat()


def test_the_new_version_serves_from_the_next_hour_on(story: Story) -> None:
    assert [version for _, version in story.deployed()] == ["1", "2"]
    assert story.deployed()[-1][0] == PLOT.begin(6)
    assert story.scored_by(OLD) == [{"1"}] * 6
    assert story.scored_by(NEW) == [{"2"}] * 3


def test_the_error_falls_to_what_it_was(story: Story) -> None:
    assert story.mae(NEW) == pytest.approx(story.mae(range(3)), rel=0.1)
    assert story.mae(range(3, 6)) > 3 * story.mae(NEW)


def test_each_hour_is_compared_with_the_reference_of_its_version(story: Story) -> None:
    assert [story.references_of(one) for one in (*OLD, *NEW)] == [{1}] * 6 + [{2}] * 3


def test_computed_again_each_hour_is_what_it_was(story: Story) -> None:
    before = everything(story.database)
    story.compute(4, 7)
    assert everything(story.database) == before
    assert story.asked() == []


def test_replayed_it_is_what_production_did(
    story: Story, new_database: NewDatabase, tmp_path: Path
) -> None:
    with opened(new_database, None, tmp_path, PLOT, HOURLY) as again:
        done = again.command("replay", MODEL)
        assert done.code == 0, done.errors
        assert again.deployed() == story.deployed()
        (decision,), (expected,) = again.decisions(), story.decisions()
        assert (decision.window, decision.reason) == (expected.window, expected.reason)
        assert decision.result_reason == expected.result_reason
        again.command("replay", MODEL, "--dry-run")
        assert len(again.decisions()) == 1


@pytest.mark.parametrize(
    ("later", "asked"), [(timedelta(hours=3), ["retraining/1/1"]), (timedelta(hours=3.1), [])]
)
def test_three_hours_after_the_newest_alarm_it_is_too_old(
    bad: Story, later: timedelta, asked: list[str]
) -> None:
    then = bad.after(5, later)
    assert then.asked() == asked
    if not asked:
        assert then.said().startswith("ignore: too old: the newest alarm of mae ended at")
