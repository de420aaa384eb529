"""`replay` of a model whose labels come days later: decided is what was known then."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitoring_assets.assets import names
from monitoring_assets.records import Decision, Outcome, RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET
from monitoring_assets_tests.story_model import LEARNED, MODEL, SLOPES, Plot, Story, opened

LATE: Final = timedelta(days=2) - timedelta(minutes=10)
"""How long after a window's end its labels are known: shortly before another window ends."""

CORRECTED: Final = timedelta(days=30)
"""How long after a window's end its labels turn out to be what they were before the break."""

SECTIONS: Final = {
    "    target: hours\n": """\
    target: hours
    knowledge_time: known_at
  joined:
    - name: outcomes
      source: {kind: parquet, path: "outcomes/*.parquet"}
      columns: [hours, known_at]
  labels: {expected_delay: 2 days}
"""
}

pytestmark = pytest.mark.slow


class Late(Plot):
    """The story with labels in a file of their own, those of the bad windows corrected later."""

    def rows(self, window: int) -> pa.Table:
        """Return the rows of a window without their labels."""
        return super().rows(window).drop_columns(["hours"])

    def write(self, folder: Path, first: int | None = None, end: int | None = None) -> None:
        """Write the rows, and all labels with all corrections."""
        super().write(folder, first, end)
        (folder / "outcomes").mkdir(exist_ok=True)
        pq.write_table(pa.concat_tables(self.outcomes()), folder / "outcomes" / "all.parquet")

    def outcomes(self) -> list[pa.Table]:
        """Return all labels with all corrections."""
        said = [self.labels(one, LATE) for one in range(-LEARNED, self.windows)]
        return [*said, *(self.labels(one, CORRECTED, SLOPES[0]) for one in BAD)]

    def labels(self, window: int, later: timedelta, slope: float | None = None) -> pa.Table:
        """Return the labels of a window, known so long after its end."""
        rows = super().rows(window)
        hours: Any = rows["hours"]
        if slope is not None:
            hours = pa.array(slope * rows["effort"].to_numpy() + 5)
        known = pa.array([self.begin(window + 1) + later] * rows.num_rows)
        columns = {"id": rows["id"], "hours": hours, "known_at": known}
        return pa.table(columns).cast(_LABELS)


_LABELS: Final = pa.schema(
    [("id", pa.string()), ("hours", pa.float64()), ("known_at", pa.timestamp("us", "UTC"))]
)

PLOT: Final = Late(breaks=(3,), windows=11)
BAD: Final = range(3, 6)
"""The windows whose labels start the retraining."""

DECIDED: Final = 7
"""At its end the labels of the third bad window are known."""


@pytest.fixture(scope="module")
def trained(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The model trained and measured, before its first window."""
    with opened(new_database, None, tmp_path_factory.mktemp("trained"), PLOT, SECTIONS) as story:
        story.runner.set_up()
        yield story.database


@pytest.fixture(scope="module")
def replayed(
    new_database: NewDatabase, trained: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """All windows, replayed by the command line long after their labels were corrected."""
    folder = tmp_path_factory.mktemp("replayed")
    with opened(new_database, trained, folder, PLOT, SECTIONS) as story:
        done = story.command("replay", MODEL)
        if done.code:
            raise RuntimeError(done.errors)
        yield story


@pytest.fixture(scope="module")
def lived(
    new_database: NewDatabase, trained: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """The same as production goes through it: labels, window, decision, at each window's end."""
    folder = tmp_path_factory.mktemp("lived")
    with opened(new_database, trained, folder, PLOT, SECTIONS) as story:
        for window in range(PLOT.windows):
            then = story.after(window)
            if window:
                read_labels(then)
            then.compute_one(window)
            then.carry_out()
        yield story


def read_labels(story: Story) -> None:
    """Take in what has become known, as the labels schedule does."""
    job = story.runner.definitions.resolve_job_def(names.labels_job(MODEL))
    job.execute_in_process(instance=story.instance, run_config=QUIET)


def said(decisions: list[Decision]) -> list[Any]:
    """Return what decisions say, but for when somebody looked."""
    return [
        (one.window.partition_key, one.outcome, one.cause, one.reason, one.evidence, one.result)
        for one in decisions
    ]


def test_it_is_decided_when_the_third_bad_window_is_known(replayed: Story) -> None:
    (decision,) = replayed.decisions(Outcome.RETRAIN)
    assert decision.window.partition_key == PLOT.key(DECIDED)
    assert decision.decided_at == PLOT.begin(DECIDED + 1)
    assert decision.evidence["last_window"] == PLOT.key(BAD[-1])
    assert decision.result is RetrainingResult.PROMOTED
    assert replayed.deployed()[-1] == (PLOT.begin(DECIDED + 1), "2")


def test_it_learns_from_the_windows_whose_labels_were_known(replayed: Story) -> None:
    (used,) = replayed.rows(tables.training_set)
    assert used["windows"] == [PLOT.begin(one) for one in BAD]
    assert replayed.mae([8]) < 1.5


def test_it_is_what_production_would_have_done(replayed: Story, lived: Story) -> None:
    assert said(replayed.decisions()) == said(lived.decisions())
    assert replayed.deployed() == lived.deployed()
    assert replayed.scored_by(range(11)) == lived.scored_by(range(11)) == [{"1"}] * 8 + [{"2"}] * 3
    episodes = [
        [(row["cause"], row["first_window"], row["closed_by"]) for row in one.rows(tables.episode)]
        for one in (replayed, lived)
    ]
    assert episodes[0] == episodes[1]


def test_labels_that_were_corrected_long_after_decide_nothing_then(replayed: Story) -> None:
    """By the labels known now, none of the windows was ever bad."""
    assert {row["verdict"] for row in mae_of(replayed, BAD)} == {"alarm"}
    later = replayed.after(BAD[-1], CORRECTED + timedelta(hours=1))
    read_labels(later)
    assert {row["verdict"] for row in mae_of(replayed, BAD)} == {"ok"}
    assert later.asked() == []
    assert len(replayed.decisions()) == 1


def mae_of(story: Story, windows: range) -> list[Any]:
    begins = {PLOT.begin(one) for one in windows}
    rows = story.rows(tables.model_quality, metric="mae", segment="all")
    return [row for row in rows if row["window_start"] in begins]
