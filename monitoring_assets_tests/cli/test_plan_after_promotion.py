"""`plan` once a new version serves: thresholds, and the reference of each window's own version."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import Row, comparable, everything
from monitoring_assets_tests.story_model import MODEL, Plot, Story, opened

PLOT: Final = Plot(breaks=(3,), windows=9)
PROMOTED: Final = 6
"""The first window of the new version."""

DRIFT: Final = {"method: kolmogorov_smirnov": "method: kolmogorov_smirnov, threshold: 0.3"}
PATIENT: Final = {"mae: {relative: 0.5}": "mae: {relative: 9}"}
STRICT: Final = {"mae: {relative: 0.5}": "mae: {absolute: 0.1}"}

LOOP: Final = (
    tables.episode,
    tables.retraining_decision,
    tables.deployment,
    tables.model_version,
    tables.reference,
    tables.notification,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def promoted(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Six windows, a promotion, three windows of the new version."""
    with opened(new_database, None, tmp_path_factory.mktemp("promoted"), PLOT) as story:
        story.begin(5, 8)
        yield story.database


@pytest.fixture
def story(new_database: NewDatabase, promoted: Database, tmp_path: Path) -> Iterator[Story]:
    """The same on a copy, under the YAML as it was."""
    with opened(new_database, promoted, tmp_path, PLOT) as story:
        yield story


def planned(story: Story, *options: str) -> str:
    done = story.command("plan", MODEL, *options)
    assert done.code == 0, done.errors
    return done.output


def of_loop(story: Story) -> list[list[str]]:
    return [comparable(story.rows(table)) for table in LOOP]


def by_window(story: Story, table: Any, **equal: Any) -> list[Row]:
    """Return one row of each window over all rows, in order of time."""
    rows = sorted(story.rows(table, segment="all", **equal), key=lambda row: row["window_start"])
    assert [row["window_start"] for row in rows] == [PLOT.begin(one) for one in range(9)]
    return rows


@pytest.mark.parametrize("option", [(), ("--no-source",), ("--rescore",)])
def test_after_a_promotion_nothing_is_out_of_date(story: Story, option: tuple[str, ...]) -> None:
    assert "nothing is out of date" in planned(story, *option)


def test_a_changed_threshold_of_drift_is_applied_by_the_reference_of_each_window(
    new_database: NewDatabase, promoted: Database, tmp_path: Path
) -> None:
    with opened(new_database, promoted, tmp_path, PLOT, DRIFT) as story:
        before = of_loop(story)
        planned(story, "--apply")
        rows = by_window(story, tables.drift_score, column_name="effort", deciding=True)
        assert {row["threshold"] for row in rows} == {0.3}
        assert [row["reference_version"] for row in rows] == [1] * 6 + [2] * 3
        assert "nothing is out of date" in planned(story)
        assert of_loop(story) == before


@pytest.mark.parametrize(
    ("changes", "verdicts"),
    [(PATIENT, ["ok"] * 9), (STRICT, ["alarm"] * 9)],
    ids=["patient", "strict"],
)
def test_a_changed_threshold_of_quality_retrains_nothing(
    new_database: NewDatabase,
    promoted: Database,
    tmp_path: Path,
    changes: dict[str, str],
    verdicts: list[str],
) -> None:
    with opened(new_database, promoted, tmp_path, PLOT, changes) as story:
        before, normal = of_loop(story), usual(story)
        planned(story, "--apply")
        rows = by_window(story, tables.model_quality, metric="mae")
        assert [row["verdict"] for row in rows] == verdicts
        assert [row["reference_value"] for row in rows] == [normal[0]] * 6 + [normal[1]] * 3
        assert of_loop(story) == before
        assert story.asked() == []


def usual(story: Story) -> list[float]:
    """Return the error of each version's own reference."""
    found = sorted(story.rows(tables.reference), key=lambda row: row["reference_version"])
    return [row["quality"]["metrics"]["mae"] for row in found]


def test_looked_at_in_time_what_alarms_by_the_new_threshold_counts_since_the_promotion(
    new_database: NewDatabase, promoted: Database, tmp_path: Path
) -> None:
    with opened(new_database, promoted, tmp_path, PLOT, STRICT) as story:
        planned(story, "--apply")
        assert story.after(8).asked() == ["retraining/2/1"]
        second = story.decisions()[-1]
        assert second.evidence["training_start"] == PLOT.begin(PROMOTED).isoformat()


def test_applied_when_nothing_changed_it_changes_nothing(story: Story) -> None:
    before = everything(story.database)
    planned(story, "--apply")
    assert everything(story.database) == before
