"""`replay`, also dry, of windows whose labels are all there by now: decided is what was known then.

Labels of a window come in two parts, and only both together are enough of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pyarrow as pa
import pytest

from monitoring_assets.cli.rehearsing import rehearsed
from monitoring_assets.cli.replaying import Replay
from monitoring_assets.records import Decision, Outcome
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.cli.test_replay_of_late_labels import LATE, SECTIONS, Late
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.story_model import LEARNED, ROWS, Story, opened

EARLY: Final = LATE - timedelta(days=1)
"""How long after a window's end the first part of its labels is known."""

FIRST_PART: Final = ROWS * 4 // 5

pytestmark = pytest.mark.slow


class Spread(Late):
    """The story of late labels without corrections."""

    def outcomes(self) -> list[pa.Table]:
        """Return all labels, of each window in two parts."""
        return [
            part
            for window in range(-LEARNED, self.windows)
            for part in (
                self.labels(window, EARLY).slice(0, FIRST_PART),
                self.labels(window, LATE).slice(FIRST_PART),
            )
        ]


PLOT: Final = Spread(breaks=(3,), windows=11)

DECIDED: Final = 7
"""At its end all labels of the third bad window are known, and the first part of the fourth's."""


@dataclass(frozen=True)
class Walked:
    """A story that was replayed, and what was thought after each window."""

    story: Story
    computed: list[bool]
    thoughts: list[str]

    @property
    def decisions(self) -> list[Any]:
        """What its ledger says."""
        return told(self.story.decisions())


def walked(story: Story) -> Walked:
    walk = Replay(story.spec, story.database, story.instance)
    with story.command.applied():
        steps = [*walk.walk(walk.windows((None, None)))]
    return Walked(story, [one.computed for one in steps], [one.thought.reason for one in steps])


@pytest.fixture(scope="module")
def trained(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The model trained and measured, before its first window."""
    with opened(new_database, None, tmp_path_factory.mktemp("trained"), PLOT, SECTIONS) as story:
        story.runner.set_up()
        yield story.database


@pytest.fixture(scope="module")
def as_it_went(
    new_database: NewDatabase, trained: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walked]:
    """A replay that computed every window; only to be read."""
    folder = tmp_path_factory.mktemp("as_it_went")
    with opened(new_database, trained, folder, PLOT, SECTIONS) as story:
        yield walked(story)


@pytest.fixture(scope="module")
def afterwards(
    new_database: NewDatabase, trained: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walked]:
    """A replay over windows that were all computed once all labels were known."""
    folder = tmp_path_factory.mktemp("afterwards")
    with opened(new_database, trained, folder, PLOT, SECTIONS) as story:
        story.compute(0, PLOT.windows - 1)
        yield walked(story)


def told(decisions: list[Decision] | tuple[Decision, ...]) -> list[Any]:
    return [
        (
            *(one.window.partition_key, one.decided_at, one.outcome, one.code, one.cause),
            *(one.reason, one.attempt, one.evidence, one.result),
        )
        for one in decisions
    ]


def test_a_dry_run_waits_for_labels_as_the_ledger_did(as_it_went: Walked) -> None:
    story = as_it_went.story
    assert story.retrainings() == [PLOT.key(DECIDED)]
    assert told(rehearsed(story.spec, story.database, (None, None))) == as_it_went.decisions


def test_a_dry_run_from_the_middle_on_tells_the_same(as_it_went: Walked) -> None:
    story = as_it_went.story
    again = rehearsed(story.spec, story.database, (PLOT.begin(DECIDED).date(), None))
    assert told(again) == as_it_went.decisions


def test_windows_that_were_computed_late_are_decided_on_as_they_would_have_been(
    as_it_went: Walked, afterwards: Walked
) -> None:
    assert (set(as_it_went.computed), set(afterwards.computed)) == ({True}, {False})
    assert afterwards.decisions == as_it_went.decisions
    assert afterwards.thoughts[:8] == as_it_went.thoughts[:8]


def test_a_decision_counts_the_labels_that_were_known_when_it_was_taken(afterwards: Walked) -> None:
    (decision,) = afterwards.story.decisions(Outcome.RETRAIN)
    assert decision.decided_at == PLOT.begin(DECIDED + 1)
    assert decision.evidence["last_window"] == PLOT.key(5)
    assert decision.evidence["labelled_rows"] == 3 * ROWS + FIRST_PART


def test_labels_that_were_not_known_then_are_not_learned_from(
    as_it_went: Walked, afterwards: Walked
) -> None:
    sets = [one.story.rows(tables.training_set) for one in (as_it_went, afterwards)]
    (went,), (later,) = sets
    assert went["training_rows"] + went["holdout_rows"] == 3 * ROWS + FIRST_PART
    names = ("training_rows", "holdout_rows", "data_hash", "windows")
    assert {name: later[name] for name in names} == {name: went[name] for name in names}


def test_until_enough_labels_are_known_it_is_said_why_nothing_is(afterwards: Walked) -> None:
    unknown = f"mae of {PLOT.key(0)} is not judged: no label of this window is known yet"
    assert afterwards.thoughts[0] == f"nothing alarms since {PLOT.key(0)}; {unknown}"
    assert afterwards.thoughts[5:7] == ["mae: 1 of 3 windows", "mae: 2 of 3 windows"]


def test_told_again_dry_it_is_the_ledger_of_windows_that_were_computed_late(
    afterwards: Walked,
) -> None:
    story = afterwards.story
    until = (None, PLOT.begin(DECIDED).date())
    assert told(rehearsed(story.spec, story.database, until)) == afterwards.decisions
