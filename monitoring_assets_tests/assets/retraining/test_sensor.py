"""The sensor: one retraining for an episode, however and however often it is looked."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import numpy as np
import pytest

from monitoring_assets.assets.retraining.steps import run_tags
from monitoring_assets.records import DecisionCode, Outcome, RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.story_model import Plot, Story, opened

PLOT = Plot(breaks=(3,), windows=6)
"""Three good windows, then three bad ones."""

THREE_BREAKS = Plot(breaks=(4, 10, 16), windows=22)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The model trained and measured, before its first window."""
    with opened(new_database, None, tmp_path_factory.mktemp("trained"), PLOT) as story:
        story.runner.set_up()
        yield story.database


@pytest.fixture(scope="module")
def alarmed(
    new_database: NewDatabase, trained: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """All its windows, computed in one run."""
    with opened(new_database, trained, tmp_path_factory.mktemp("alarmed"), PLOT) as story:
        story.compute(0, 5)
        yield story.database


@pytest.fixture
def unbegun(new_database: NewDatabase, trained: Database, tmp_path: Path) -> Iterator[Story]:
    """The model before its first window, on a copy."""
    with opened(new_database, trained, tmp_path, PLOT) as story:
        yield story


@pytest.fixture
def story(new_database: NewDatabase, alarmed: Database, tmp_path: Path) -> Iterator[Story]:
    """All windows, at the moment at which the third bad one is complete, on a copy."""
    with opened(new_database, alarmed, tmp_path, PLOT) as full:
        yield full.after(5)


def begin(story: Story, status: dg.DagsterRunStatus) -> None:
    """Ask for the run of the first decision and let it come to this state."""
    story.tick()
    decision = story.decisions()[0]
    story.begin_run(run_tags(decision, max(decision.tries, 1)), status)


def test_a_range_backfill_is_followed_by_one_retraining_of_one_episode(story: Story) -> None:
    assert story.asked() == ["retraining/1/1"]
    assert story.retrainings() == ["2025-03-06"]
    (episode,) = story.rows(tables.episode, cause="quality/mae")
    assert episode["first_window"] == PLOT.begin(3)
    assert episode["alarming_windows"] == 3


def test_ten_ticks_ask_for_the_same_run_and_store_one_decision(story: Story) -> None:
    assert {key for _ in range(10) for key in story.asked()} == {"retraining/1/1"}
    assert len(story.decisions()) == 1
    assert len(story.rows(tables.episode, cause="quality/mae")) == 1
    assert story.decisions()[0].tries == 1


def test_ten_ticks_after_the_run_ask_for_nothing(story: Story) -> None:
    story.carry_out()
    assert [story.asked() for _ in range(10)] == [[]] * 10
    assert [one.result for one in story.decisions()] == [RetrainingResult.PROMOTED]
    assert len(story.rows(tables.deployment)) == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_single_backfills_in_any_order_with_ticks_between_retrain_once(
    unbegun: Story, seed: int
) -> None:
    story = unbegun.after(5)
    for window in np.random.default_rng(seed).permutation(6):
        story.compute_one(int(window))
        story.carry_out()
        story.carry_out()
    assert story.retrainings() == ["2025-03-06"]
    assert story.decisions()[0].result is RetrainingResult.PROMOTED


def test_two_bad_windows_are_named_as_the_reason_to_do_nothing(unbegun: Story) -> None:
    unbegun.compute(0, 4)
    tick = unbegun.after(4).tick()
    assert not tick.run_requests
    assert tick.skip_message == "mae: 2 of 3 windows"
    assert unbegun.decisions() == []


def test_a_gap_among_bad_windows_is_waited_for(unbegun: Story) -> None:
    unbegun.compute(0, 3)
    unbegun.compute_one(5)
    story = unbegun.after(5)
    assert story.said() == "mae: 1 of 3 windows"
    story.compute_one(4)
    assert story.asked() == ["retraining/1/1"]


def test_a_daemon_that_dies_before_its_run_begins_asks_for_the_same_run_again(
    story: Story,
) -> None:
    assert story.asked() == ["retraining/1/1"]  # and nobody starts it
    assert story.at(PLOT.begin(6) + timedelta(minutes=30)).asked() == ["retraining/1/1"]
    assert story.decisions()[0].tries == 1


def test_a_run_that_is_underway_is_waited_for(story: Story) -> None:
    begin(story, dg.DagsterRunStatus.STARTED)
    assert story.said().startswith("retraining number 1 is underway; a retraining is under way")
    assert story.decisions()[0].tries == 1


def test_a_failed_run_is_asked_for_again_after_the_backoff(story: Story) -> None:
    begin(story, dg.DagsterRunStatus.FAILURE)
    assert "the next one at 00:02:00" in story.said()
    assert story.at(PLOT.begin(6) + timedelta(minutes=2)).asked() == ["retraining/1/2"]
    assert story.decisions()[0].tries == 2


def test_the_backoff_doubles_and_after_three_tries_it_is_given_up(story: Story) -> None:
    begun = PLOT.begin(6) + timedelta(minutes=1)
    for minutes in (0, 1, 3):
        begin(story.at(begun + timedelta(minutes=minutes)), dg.DagsterRunStatus.FAILURE)
    given_up = story.at(begun + timedelta(minutes=4)).tick()
    assert not given_up.run_requests
    assert given_up.skip_message.startswith("given up after 3 tries: run ")
    (decision,) = story.decisions()
    assert (decision.result, decision.tries) == (RetrainingResult.FAILED, 3)
    assert story.at(begun + timedelta(minutes=9)).asked() == []


def test_after_a_failure_three_newer_alarms_are_a_second_attempt(
    new_database: NewDatabase, alarmed: Database, tmp_path: Path
) -> None:
    plot = Plot(breaks=(3,), windows=9)
    changes = {"promotion: {minimum_rows: 50}": "promotion: {minimum_rows: 50}\n    tries: 1"}
    with opened(new_database, alarmed, tmp_path, plot, changes) as story:
        begin(story.after(5), dg.DagsterRunStatus.FAILURE)
        assert story.after(5).said().startswith("given up after 1 tries")
        story.compute(6, 7)
        assert story.after(7).asked() == []
        story.compute_one(8)
        assert story.after(8).asked() == [f"retraining/{story.decisions()[-1].number}/1"]
        assert [one.attempt for one in story.decisions(Outcome.RETRAIN)] == [1, 2]
        assert {one.code for one in story.decisions(Outcome.WAIT)} == {DecisionCode.NO_NEW_ALARMS}


def test_a_run_lost_without_a_word_is_tried_again_after_the_time_limit(story: Story) -> None:
    begin(story, dg.DagsterRunStatus.STARTED)
    begun = PLOT.begin(6) + timedelta(minutes=1)
    assert story.at(begun + timedelta(hours=2)).asked() == []
    assert story.at(begun + timedelta(hours=2, seconds=1)).asked() == ["retraining/1/2"]


def test_a_lost_run_that_ends_after_all_leaves_nothing_to_its_second_try(story: Story) -> None:
    story.carry_out()
    story.run(run_tags(story.decisions()[0], 2))
    assert len(story.rows(tables.model_version)) == 2
    assert len(story.rows(tables.deployment)) == 2


def test_what_a_person_launches_without_tags_takes_the_place_of_a_retraining(
    story: Story,
) -> None:
    story.run({})
    assert story.asked() == []
    (decision,) = story.decisions()
    assert (decision.code, decision.result) == (DecisionCode.BY_HAND, RetrainingResult.PROMOTED)


def test_while_a_person_trains_nothing_else_is_begun(story: Story) -> None:
    run = story.begin_run({}, dg.DagsterRunStatus.STARTED)
    story.decide_by_hand(run.run_id)
    assert story.said().startswith("retraining number 1 is underway")
    assert len(story.decisions()) == 1


def test_what_a_person_trains_is_started_by_nobody_else_before_the_time_limit(
    story: Story,
) -> None:
    story.decide_by_hand("")  # as `train` does just before its run begins
    begun = PLOT.begin(6) + timedelta(minutes=1)
    assert story.asked() == []
    assert story.at(begun + timedelta(hours=2)).asked() == []
    assert story.at(begun + timedelta(hours=2, seconds=1)).asked() == ["retraining/1/2"]


def test_what_a_person_launched_and_failed_is_tried_again_with_tags(story: Story) -> None:
    run = story.begin_run({}, dg.DagsterRunStatus.FAILURE)
    story.decide_by_hand(run.run_id)
    assert story.asked() == []
    (request,) = story.at(PLOT.begin(6) + timedelta(minutes=2)).tick().run_requests
    assert request.run_key == "retraining/1/2"
    assert request.tags.items() >= run_tags(story.decisions()[0], 2).items()


def test_history_that_ended_long_ago_opens_nothing_and_tells_nobody(
    new_database: NewDatabase, trained: Database, tmp_path: Path
) -> None:
    with opened(new_database, trained, tmp_path, THREE_BREAKS) as story:
        story.compute(0, 21)
        alarms = story.rows(tables.model_quality, metric="mae", segment="all", verdict="alarm")
        assert len(alarms) == 18
        late = story.after(21, timedelta(days=365))
        assert [late.asked() for _ in range(10)] == [[]] * 10
        assert late.said().startswith("ignore: too old: the newest alarm of mae ended at")
        for table in (tables.episode, tables.retraining_decision, tables.notification):
            assert story.rows(table) == []


def test_history_that_ends_now_with_bad_windows_retrains_once(
    new_database: NewDatabase, trained: Database, tmp_path: Path
) -> None:
    with opened(new_database, trained, tmp_path, Plot(breaks=(9,), windows=12)) as story:
        story.compute(0, 11)
        for _ in range(10):
            story.after(11).carry_out()
        assert story.retrainings() == ["2025-03-12"]
