"""A feature that the YAML gets after a promotion: what is planned, scored and learned from then."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.errors import DataError
from monitoring_assets.records import Outcome, RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.retraining.loop_model import Loop
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import failures_of
from monitoring_assets_tests.stored import Row, stored_rows
from monitoring_assets_tests.story_model import LEARNED, MODEL, ROWS, Plot, Story, opened

pytestmark = pytest.mark.slow

PROMOTED: Final = 6
"""The first window of the version that does not know the weight."""

HEAVIER: Final = 9
"""From this window on, what is carried counts."""

ADDED: Final = {"numerical: [effort]": "numerical: [effort, weight]"}


class Carrying(Plot):
    """The story with a weight in every row, which counts only later on."""

    def rows(self, window: int) -> pa.Table:
        """Return the rows of a window: the same ones each time."""
        plain = super().rows(window)
        weight = np.random.default_rng(1000 + window).normal(70, 5, ROWS)
        more = 0.6 * (weight - 70) if window >= HEAVIER else np.zeros(ROWS)
        hours = plain["hours"].to_numpy() + more
        place = plain.column_names.index("hours")
        return plain.set_column(place, "hours", pa.array(hours)).append_column(
            "weight", pa.array(weight)
        )


PLOT: Final = Carrying(breaks=(3,), windows=15)


@pytest.fixture(scope="module")
def promoted(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Six windows, a promotion, three windows of the new version; nobody knows of a weight."""
    with opened(new_database, None, tmp_path_factory.mktemp("promoted"), PLOT) as story:
        story.begin(5, 8)
        yield story.database


@pytest.fixture
def story(new_database: NewDatabase, promoted: Database, tmp_path: Path) -> Iterator[Story]:
    """The same with the weight among the features by now; nothing has happened yet."""
    with opened(new_database, promoted, tmp_path, PLOT, ADDED) as story:
        PLOT.write(tmp_path, end=HEAVIER)
        yield story


def plan_and_apply(story: Story) -> None:
    """Bring all that is stored up to date."""
    done = story.command("plan", MODEL, "--apply")
    assert done.code == 0, done.errors


def measure(story: Story) -> None:
    """Measure the references, as a window that is refused says; history stays as it is."""
    story.runner.set_up()


WAYS: Final = pytest.mark.parametrize(
    "bring", [plan_and_apply, measure], ids=lambda one: one.__name__
)
Way = Callable[[Story], None]


def of_weight(story: Story, table: Any, first: int = 0) -> list[Row]:
    """Return what is stored of the weight over all rows of windows from one on."""
    found = story.rows(table, column_name="weight", segment="all")
    return [row for row in found if row["window_start"] >= PLOT.begin(first)]


def test_the_plan_names_the_layers_that_see_the_column(story: Story) -> None:
    done = story.command("plan", MODEL, "--json")
    assert done.code == 0, done.errors
    lines = {one["layer"]: one for one in json.loads(done.output)["out_of_date"]}
    about = lines["reference_data"]
    assert (about["reason"], about["rows"]) == ("yaml", ROWS * LEARNED)
    assert lines["predictions"]["windows"] == [PLOT.key(one) for one in range(HEAVIER)]
    assert "labels" not in lines


def test_what_was_answered_before_stays_and_the_column_is_stored_beside_it(story: Story) -> None:
    before = answers(story)
    plan_and_apply(story)
    after = answers(story)
    assert after[["row_id", "prediction", "model_version"]].equals(
        before[["row_id", "prediction", "model_version"]]
    )
    assert after["weight"].notna().all()
    done = story.command("plan", MODEL)
    assert "nothing is out of date" in done.output


def answers(story: Story) -> Any:
    rows = stored_rows(story.database, MODEL, "predictions").to_pandas()
    return rows.sort_values("row_id", ignore_index=True)


def test_a_window_is_refused_until_the_references_are_measured(story: Story) -> None:
    PLOT.write(story.runner.folder)
    result = story.after(9).runner.one(PLOT.key(9), raises=False)
    assert "materialize story/reference_data once" in failures_of(result)[0]


@WAYS
def test_the_version_that_does_not_know_it_goes_on_scoring(story: Story, bring: Way) -> None:
    bring(story)
    PLOT.write(story.runner.folder)
    story.after(9).compute_one(9)
    assert story.scored_by([9]) == [{"2"}]
    answered = answers(story).set_index("row_id").loc[list(PLOT.rows(9)["id"].to_pylist())]
    directly = Loop(story.runner).pipeline("2").predict(answered[["effort"]])
    assert answered["prediction"].to_numpy() == pytest.approx(directly, rel=1e-12)


@WAYS
def test_nothing_alarms_for_a_column_that_its_version_never_saw(story: Story, bring: Way) -> None:
    bring(story)
    PLOT.write(story.runner.folder)
    story.compute(9, 10)
    for table in (tables.drift_score, tables.data_quality):
        found = of_weight(story, table, PROMOTED)
        assert {row["window_start"] for row in found} >= {PLOT.begin(9), PLOT.begin(10)}
        assert [row["reason"] for row in found if row["verdict"] == "alarm"] == []


@WAYS
def test_a_retraining_learns_from_the_column_and_is_blocked_by_nothing(
    story: Story, bring: Way
) -> None:
    bring(story)
    PLOT.write(story.runner.folder)
    story.live(9, 14)
    second = story.decisions()[-1]
    assert (second.window.partition_key, second.outcome) == (PLOT.key(11), Outcome.RETRAIN)
    assert second.result is RetrainingResult.PROMOTED
    assert list(Loop(story.runner).pipeline("3").feature_names_in_) == ["effort", "weight"]
    assert story.scored_by([11, 12, 14]) == [{"2"}, {"3"}, {"3"}]
    assert story.mae(range(12, 15)) == pytest.approx(story.mae(range(3)), rel=0.1)


def test_a_person_trains_over_windows_in_which_the_column_was_stored_later(story: Story) -> None:
    plan_and_apply(story)
    story.after(8).run({})
    assert list(Loop(story.runner).pipeline("3").feature_names_in_) == ["effort", "weight"]
    assert story.decisions()[-1].result is not None


def test_of_windows_without_the_column_nothing_is_learned_and_the_error_says_so(
    story: Story,
) -> None:
    measure(story)
    with pytest.raises(DataError, match=r"have no 'weight', .* plan story --apply\), then retrain"):
        story.after(8).run({})
