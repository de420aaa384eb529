"""A reference that moves along, and a promotion in the middle of it."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pytest

from monitoring_assets.assets.partitions import ready_windows
from monitoring_assets.assets.planning.stored import stored_out_of_date
from monitoring_assets.records import RetrainingResult
from monitoring_assets.storage import tables
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import everything, stored_rows
from monitoring_assets_tests.story_model import LEARNED, MODEL, ROWS, Plot, Story, opened

PLOT: Final = Plot(breaks=(4,), windows=11)
PROMOTED: Final = 7
"""The first window of the new version."""

SINCE: Final = {"  drift:": "  reference: {since_deployment: true, minimum_windows: 2}\n  drift:"}
ROLLING: Final = {"  drift:": "  reference: {rolling_windows: 4}\n  drift:"}

USUAL_SINCE: Final = {
    **{window: range(window) for window in range(2, PROMOTED)},
    **{window: range(PROMOTED, window) for window in (9, 10)},
}
"""Window -> those it is compared with; one that is not named, with the fixed reference."""

USUAL_ROLLING: Final = {window: range(window - 4, window) for window in range(4, 11)}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def since(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Eleven windows, each compared with those that the same deployment served."""
    yield from lived(new_database, tmp_path_factory, SINCE)


@pytest.fixture(scope="module")
def rolling(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The same, each compared with the four before it."""
    yield from lived(new_database, tmp_path_factory, ROLLING)


def lived(
    new_database: NewDatabase, folders: pytest.TempPathFactory, changes: dict[str, str]
) -> Iterator[Story]:
    """Live through the story with these changes of its YAML."""
    with opened(new_database, None, folders.mktemp("moving"), PLOT, changes) as story:
        story.runner.set_up()
        story.live(0, PLOT.windows - 1)
        yield story.after(PLOT.windows - 1)


def of_window(story: Story, table: Any, window: int, **equal: Any) -> Any:
    rows = story.rows(table, **equal, window_start=PLOT.begin(window), segment="all")
    (found,) = rows
    return found


def mean_absolute_error(story: Story, windows: range) -> float:
    """Return the error over all rows of windows, by pandas."""
    rows = stored_rows(story.database, MODEL, "predictions").to_pandas()
    labels = stored_rows(story.database, MODEL, "labels").to_pandas()
    rows = rows.merge(labels[["row_id", "target"]], on="row_id")
    inside = rows["event_time"].between(
        PLOT.begin(windows[0]), PLOT.begin(windows[-1] + 1), inclusive="left"
    )
    return float(np.abs(rows["prediction"] - rows["target"])[inside].mean())


def test_the_model_is_trained_anew_once(since: Story) -> None:
    (decision,) = since.decisions()
    assert (decision.window.partition_key, decision.result) == (
        PLOT.key(PROMOTED - 1),
        RetrainingResult.PROMOTED,
    )
    assert since.deployed()[-1] == (PLOT.begin(PROMOTED), "2")


@pytest.mark.parametrize("window", USUAL_SINCE)
def test_a_window_is_compared_with_those_of_its_own_deployment(since: Story, window: int) -> None:
    usual = USUAL_SINCE[window]
    drift = of_window(since, tables.drift_score, window, column_name="effort", deciding=True)
    assert drift["n_reference"] == ROWS * len(usual)
    mae = of_window(since, tables.model_quality, window, metric="mae")
    assert mae["reference_value"] == pytest.approx(mean_absolute_error(since, usual), rel=1e-9)


@pytest.mark.parametrize(("window", "version"), [(0, 1), (1, 1), (7, 2), (8, 2)])
def test_the_first_windows_of_a_deployment_are_compared_with_the_reference_of_its_version(
    since: Story, window: int, version: int
) -> None:
    (reference,) = since.rows(tables.reference, reference_version=version)
    drift = of_window(since, tables.drift_score, window, column_name="effort", deciding=True)
    assert (drift["reference_version"], drift["n_reference"]) == (version, reference["rows"])
    assert reference["rows"] == (ROWS * LEARNED if version == 1 else training_rows(since))
    mae = of_window(since, tables.model_quality, window, metric="mae")
    assert mae["reference_value"] == pytest.approx(reference["quality"]["metrics"]["mae"])


def training_rows(story: Story) -> int:
    (used,) = story.rows(tables.training_set)
    return used["training_rows"]


@pytest.mark.parametrize("window", USUAL_ROLLING)
def test_windows_before_are_what_a_window_is_compared_with_across_a_promotion(
    rolling: Story, window: int
) -> None:
    usual = USUAL_ROLLING[window]
    drift = of_window(rolling, tables.drift_score, window, column_name="effort", deciding=True)
    assert drift["n_reference"] == ROWS * len(usual)
    assert drift["reference_version"] == (2 if window >= PROMOTED else 1)


@pytest.mark.parametrize("name", ["since", "rolling"])
def test_computed_again_every_window_is_what_it_was(
    name: str, request: pytest.FixtureRequest
) -> None:
    story: Story = request.getfixturevalue(name)
    before = everything(story.database)
    story.compute(2, 10)
    assert everything(story.database) == before


@pytest.mark.parametrize("name", ["since", "rolling"])
def test_nothing_is_out_of_date_after_the_promotion(
    name: str, request: pytest.FixtureRequest
) -> None:
    story: Story = request.getfixturevalue(name)
    now = PLOT.begin(PLOT.windows)
    windows = ready_windows(story.spec, now, now, (None, None))
    assert len(windows) == PLOT.windows
    assert stored_out_of_date(story.database, story.spec, windows) == {}
