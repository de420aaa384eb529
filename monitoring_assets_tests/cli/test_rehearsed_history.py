"""`replay --dry-run` over a history in which almost everything was decided once."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.cli.rehearsing import rehearsed
from monitoring_assets.records import Decision, DecisionCode, Outcome, RetrainingResult
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.story_model import MODEL, ROWS, Plot, Story, opened

WORSE: Final = range(2, 6)
"""Windows that are somewhat bad: a challenger is not better enough."""

BROKEN: Final = range(8, 11)
"""Windows that are very bad, with a feature that is missing in many rows."""

UNLABELLED: Final = range(11, 15)
"""Windows whose labels never come; those after them are as bad, with nothing broken."""

CHANGES: Final = {
    "promotion: {minimum_rows: 50}": "promotion: {minimum_rows: 50, gain: 0.7}\n    attempts: 1"
}

EXPECTED: Final = [
    (4, Outcome.RETRAIN, DecisionCode.ALARM),
    (5, Outcome.IGNORE, DecisionCode.ATTEMPTS_USED),
    *((window, Outcome.WAIT, DecisionCode.BLOCKED) for window in range(10, 14)),
    (14, Outcome.IGNORE, DecisionCode.TOO_OLD),
    (15, Outcome.WAIT, DecisionCode.BLOCKED),
    (16, Outcome.WAIT, DecisionCode.BLOCKED),
    (17, Outcome.RETRAIN, DecisionCode.ALARM),
]
"""Window -> what is decided after it, by the rules as they are written."""

pytestmark = pytest.mark.slow


class Rough(Plot):
    """A story with other slopes, a broken feature and labels that never come."""

    def rows(self, window: int) -> pa.Table:
        """Return the rows of a window: the same ones each time."""
        plain = super().rows(window)
        effort, hours = plain["effort"].to_numpy(), plain["hours"].to_numpy()
        more = 0.3 if window in WORSE else 2.0 if window >= BROKEN[0] else 0.0
        hours = hours + more * effort
        numbers = np.arange(ROWS)
        missing = (numbers % 5 < 2) & (window in BROKEN)
        unknown = np.full(ROWS, window in UNLABELLED)
        columns = {
            "effort": pa.array(effort, mask=missing),
            "hours": pa.array(hours, mask=unknown),
        }
        return pa.table({**{name: plain[name] for name in ("id", "time")}, **columns})


PLOT: Final = Rough(breaks=(), windows=20)


@pytest.fixture(scope="module")
def replayed(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """The whole history, replayed; only to be read."""
    with opened(new_database, None, tmp_path_factory.mktemp("rough"), PLOT, CHANGES) as story:
        story.runner.set_up()
        done = story.command("replay", MODEL)
        if done.code:
            raise RuntimeError(done.errors)
        yield story


def told(decisions: tuple[Decision, ...] | list[Decision]) -> list[Any]:
    return [
        (
            *(one.window.partition_key, one.outcome, one.code, one.cause, one.reason),
            *(one.attempt, one.evidence, one.result),
        )
        for one in decisions
    ]


def test_the_history_holds_waits_refusals_and_promotions(replayed: Story) -> None:
    found = [(one.window.partition_key, one.outcome, one.code) for one in replayed.decisions()]
    assert found == [(PLOT.key(window), *rest) for window, *rest in EXPECTED]
    results = [one.result for one in replayed.decisions(Outcome.RETRAIN)]
    assert results == [RetrainingResult.REFUSED, RetrainingResult.PROMOTED]
    assert replayed.mae(range(18, 20)) == pytest.approx(replayed.mae(range(2)), rel=0.15)


def test_told_again_dry_every_line_is_that_of_the_ledger(replayed: Story) -> None:
    again = rehearsed(replayed.spec, replayed.database, (None, None))
    assert told(again) == told(replayed.decisions())


def test_told_again_from_the_middle_on_it_is_the_rest_of_the_ledger(replayed: Story) -> None:
    first = PLOT.begin(7).date()
    again = rehearsed(replayed.spec, replayed.database, (first, None))
    rest = [one for one in replayed.decisions() if one.window.start >= PLOT.begin(7)]
    assert told(again) == told(rest)


def test_another_policy_changes_the_rows_it_is_about_and_no_others(
    replayed: Story, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("policy") / "careless.yaml"
    file.write_text("blocked_by: none\nattempts: 1\nminimum_labelled_rows: 500\n", encoding="utf-8")
    done = replayed.command("replay", MODEL, "--dry-run", "--policy", str(file))
    assert done.code == 0, done.errors
    assert "policy in force: 2 retrainings" in done.output
    lines = [line for line in done.output.splitlines() if line.startswith(PLOT.key(10))]
    assert "wait: effort is missing in 40 % of rows" in lines[0]
    assert lines[0].count("retrain: mae alarms in 3 windows in a row") == 1
