"""`replay`: three breaks are three retrainings, whatever happens in between, and told again dry."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitoring_assets.assets.retraining.telling import teller_of
from monitoring_assets.assets.retraining.thinking import think
from monitoring_assets.cli.rehearsing import rehearsed
from monitoring_assets.cli.replaying import Replay
from monitoring_assets.errors import DatabaseUnavailableError
from monitoring_assets.records import Decision, Outcome, RetrainingResult
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions
from monitoring_assets.storage.retraining.locking import REPLAYED
from monitoring_assets_tests.command_line import CommandLine
from monitoring_assets_tests.command_line import Outcome as Done
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import complete_keys
from monitoring_assets_tests.story_model import MODEL, Plot, Story, opened

PLOT = Plot(breaks=(3, 8, 13), windows=18)
ONE_BREAK = Plot(breaks=(3,), windows=7)
"""The beginning of the same story."""

QUIET_BEFORE = ((0, 3), (6, 8), (11, 13))
QUIET_AFTER = ((6, 8), (11, 13), (16, 18))
"""Windows before each break, and after the promotion that follows it."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Replayed:
    """A story that was replayed by the command line, and what that printed."""

    story: Story
    command: CommandLine
    output: str


@pytest.fixture(scope="module")
def trained(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The model trained and measured, before its first window."""
    with opened(new_database, None, tmp_path_factory.mktemp("trained"), PLOT) as story:
        story.runner.set_up()
        yield story.database


@pytest.fixture(scope="module")
def replayed(
    new_database: NewDatabase, trained: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replayed]:
    """The whole story; only to be read."""
    folder = tmp_path_factory.mktemp("replayed")
    with opened(new_database, trained, folder, PLOT) as story:
        done = story.command("replay", MODEL)
        if done.code:
            raise RuntimeError(done.errors)
        yield Replayed(story, story.command, done.output)


@pytest.fixture
def beginning(new_database: NewDatabase, trained: Database, tmp_path: Path) -> Iterator[Story]:
    """The beginning of the story, before its first window, on a copy."""
    with opened(new_database, trained, tmp_path, ONE_BREAK) as story:
        yield story


def ledger(
    found: "list[Decision] | tuple[Decision, ...]", end: str = "9"
) -> list[tuple[object, ...]]:
    """Return what decisions say, of windows before `end`."""
    return [
        (one.outcome, one.cause, one.code, one.window.partition_key, one.attempt, one.reason)
        for one in found
        if one.window.partition_key < end
    ]


def test_three_breaks_are_three_retrainings_at_their_third_windows(replayed: Replayed) -> None:
    story = replayed.story
    assert story.retrainings() == [PLOT.key(window + 2) for window in PLOT.breaks]
    results = [one.result for one in story.decisions(Outcome.RETRAIN)]
    assert results == [RetrainingResult.PROMOTED] * 3
    begun = sorted(row["valid_from"] for row in story.rows(tables.deployment))
    assert begun[1:] == [PLOT.begin(window + 3) for window in PLOT.breaks]


@pytest.mark.parametrize(("before", "after"), [*zip(QUIET_BEFORE, QUIET_AFTER, strict=True)])
def test_the_error_after_a_promotion_is_that_before_its_break(
    replayed: Replayed, before: tuple[int, int], after: tuple[int, int]
) -> None:
    normal = replayed.story.mae(range(*before))
    assert replayed.story.mae(range(*after)) == pytest.approx(normal, rel=0.1)


def test_no_message_of_a_replay_is_to_be_sent(replayed: Replayed) -> None:
    written = replayed.story.rows(tables.notification)
    assert {row["withheld"] for row in written} == {"the past is replayed"}
    assert sum(row["kind"] == "promoted" for row in written) == 3


def test_every_retraining_is_printed_with_its_result(replayed: Replayed) -> None:
    for window in PLOT.breaks:
        assert f"{PLOT.key(window + 2)}  retrain: mae alarms in 3 windows" in replayed.output
    assert replayed.output.count("version ") == 3


def test_a_dry_run_of_the_policy_in_force_tells_the_ledger_again(replayed: Replayed) -> None:
    story = replayed.story
    told = rehearsed(story.spec, story.database, (None, None))
    assert ledger(told) == ledger(story.decisions())
    assert len(told) >= 3


def test_another_policy_is_printed_beside_the_one_in_force(
    replayed: Replayed, tmp_path: Path
) -> None:
    file = tmp_path / "patient.yaml"
    file.write_text("windows_in_a_row: 4\nminimum_labelled_rows: 500\n", encoding="utf-8")
    done = replayed.command("replay", MODEL, "--dry-run", "--policy", str(file))
    assert done.code == 0, done.errors
    assert "policy in force: 3 retrainings" in done.output
    # Stored windows are those of versions that were promoted after three.
    assert "patient.yaml: 0 retrainings" in done.output


def test_replayed_once_more_nothing_changes(replayed: Replayed) -> None:
    story = replayed.story
    before = [story.rows(table) for table in (tables.retraining_decision, tables.episode)]
    done: Done = replayed.command("replay", MODEL)
    assert done.code == 0, done.errors
    after = [story.rows(table) for table in (tables.retraining_decision, tables.episode)]
    assert after == before
    assert len(story.rows(tables.deployment)) == 4


def test_ten_ticks_after_each_window_change_nothing(beginning: Story, replayed: Replayed) -> None:
    walk = Replay(beginning.spec, beginning.database, beginning.instance)
    with beginning.command.applied():
        for window in walk.windows((None, None)):
            assert len([*walk.walk([window])]) == 1
            sensor = beginning.at(window.end)
            assert [sensor.asked() for _ in range(10)] == [[]] * 10
            assert sensor.said() != REPLAYED
    end = ONE_BREAK.key(7)
    assert ledger(beginning.decisions()) == ledger(replayed.story.decisions(), end)
    assert beginning.retrainings() == [PLOT.key(5)]


def test_while_the_past_is_replayed_a_daemon_begins_nothing(
    beginning: Story, replayed: Replayed
) -> None:
    walk = Replay(beginning.spec, beginning.database, beginning.instance)
    today = beginning.after(6, timedelta(days=365))
    with beginning.command.applied():
        steps = walk.walk(walk.windows((None, None)))
        said = {str(one.skip_message) for _ in steps for one in (today.tick(), today.runner.tick())}
    assert said == {REPLAYED}
    told = ledger(beginning.decisions())
    assert told == ledger(replayed.story.decisions(), ONE_BREAK.key(7))
    assert len(beginning.rows(tables.deployment)) == 2


def test_a_replay_is_refused_while_a_retraining_of_the_present_is_underway(
    beginning: Story,
) -> None:
    beginning.compute(0, 5)
    assert beginning.after(5).asked() == ["retraining/1/1"]
    done = beginning.command("replay", MODEL)
    assert done.code == 1
    assert "retraining number 1, decided at 2025-03-07 00:01 UTC, is underway" in done.errors
    assert [one.tries for one in beginning.decisions()] == [1]


def test_a_replay_whose_session_was_ended_does_not_go_on(beginning: Story) -> None:
    ended = sa.text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
        " WHERE locktype = 'advisory' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    walk = Replay(beginning.spec, beginning.database, beginning.instance)
    with beginning.command.applied():
        steps = walk.walk(walk.windows((None, None)))
        next(steps)
        with beginning.database.begin() as connection:
            connection.execute(ended)
        with pytest.raises(DatabaseUnavailableError, match="run the same once more"):
            next(steps)


@pytest.fixture
def stopped(beginning: Story) -> Story:
    """The story whose replay was stopped in the middle of its retraining."""
    beginning.compute(0, 5)
    then = beginning.after(5).runner
    runtime = Runtime(frozen_now=then.now)
    teller = teller_of(beginning.spec, beginning.database, runtime)
    made = think(
        beginning.spec, beginning.database, PLOT.begin(6), teller, in_the_past=True
    ).decision
    assert made is not None
    decisions.request_try(beginning.database, made.number, PLOT.begin(6))
    return beginning


def test_a_replay_that_was_stopped_in_a_retraining_goes_on_with_it_at_its_time(
    stopped: Story, replayed: Replayed
) -> None:
    done = stopped.command("replay", MODEL)
    assert done.code == 0, done.errors
    end = ONE_BREAK.key(7)
    assert ledger(stopped.decisions()) == ledger(replayed.story.decisions(), end)
    assert stopped.decisions()[0].requested_at == PLOT.begin(6)
    assert stopped.deployed() == [
        one for one in replayed.story.deployed() if one[0] <= PLOT.begin(6)
    ]


def test_what_a_stopped_replay_left_open_is_never_carried_out_in_the_present(
    stopped: Story,
) -> None:
    today = stopped.after(6, timedelta(days=365))
    tick = today.tick()
    assert not tick.run_requests
    assert "retraining number 1: its replay was stopped" in tick.skip_message
    [left] = stopped.decisions(Outcome.RETRAIN)
    assert (left.result, left.result_reason) == (RetrainingResult.FAILED, "its replay was stopped")


def test_windows_that_are_complete_are_looked_at_as_they_were_then(beginning: Story) -> None:
    beginning.compute(0, 6)
    walk = Replay(beginning.spec, beginning.database, beginning.instance)
    with beginning.command.applied():
        steps = [*walk.walk(walk.windows((None, None)))]
    assert not any(step.computed for step in steps)
    assert steps[4].thought.reason == "mae: 2 of 3 windows"
    assert beginning.retrainings() == [PLOT.key(5)]


def test_stopped_by_control_c_it_goes_on_where_it_stopped(
    beginning: Story, replayed: Replayed
) -> None:
    command = beginning.command
    process = command.start("replay", MODEL)
    deadline = time.monotonic() + 240
    while len(complete_keys(beginning.database, MODEL)) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    stopped = complete_keys(beginning.database, MODEL)
    assert process.returncode != 0
    assert 3 <= len(stopped) < 7
    done = command("replay", MODEL)
    assert done.code == 0, done.errors
    end = ONE_BREAK.key(7)
    assert ledger(beginning.decisions()) == ledger(replayed.story.decisions(), end)
    assert len(beginning.rows(tables.deployment)) == 2
