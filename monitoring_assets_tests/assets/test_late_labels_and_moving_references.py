"""Late labels where the reference moves: no window is judged by what others were before."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from monitoring_assets.assets.late_labels import LABEL_LAYERS
from monitoring_assets.assets.moving import stale_windows
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.records import Layer
from monitoring_assets_tests.assets.late_model import (
    DAYS,
    JANUARY,
    LateModel,
    labels_of,
    late_model,
    mean_absolute_error,
    moment,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import everything

pytestmark = pytest.mark.slow

BEFORE = 2
NEIGHBOURS = DAYS[1:4]
"""Their labels come in one reading; the last one is compared with the other two."""

ROLLING = {
    "reference": {
        "period": {"start": JANUARY[0], "end": "2023-02-01"},
        "rolling_windows": BEFORE,
    }
}


@pytest.fixture(scope="module")
def opened(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LateModel]:
    with late_model(new_database, tmp_path_factory.mktemp("rolling"), **ROLLING) as model:
        yield model


@pytest.fixture
def model(opened: LateModel) -> LateModel:
    """The model, none of whose windows has a label."""
    opened.forget()
    opened.runner.span(DAYS[0], DAYS[-1], LABEL_LAYERS)
    return opened


def labels_of_neighbours() -> list[Any]:
    """Return labels that get worse from day to day, so that it shows by which a day is judged."""
    return [
        (name, minutes + 3 * place, known)
        for place, day in enumerate(NEIGHBOURS)
        for name, minutes, known in labels_of(day)
    ]


def reference_value(model: LateModel, day: str) -> Any:
    (row,) = model.quality(metric="mae", segment="all", window_start=moment(day))
    return row["reference_value"]


def stale(model: LateModel) -> list[str]:
    windows = windows_for_keys(model.spec, DAYS)
    found = stale_windows(model.database, model.spec, windows)
    return [one.partition_key for one in found]


def test_neighbours_whose_labels_come_at_once_are_judged_by_each_others_new_labels(
    model: LateModel,
) -> None:
    model.report(labels_of_neighbours())
    result = model.read(moment("2023-02-10"))
    assert [one.partition_key for one in result.touched] == [*NEIGHBOURS]
    usual = [mean_absolute_error(labels_of_neighbours(), day) for day in NEIGHBOURS[:BEFORE]]
    assert reference_value(model, NEIGHBOURS[-1]) == pytest.approx(sum(usual) / BEFORE, rel=1e-12)
    assert not {*stale(model)} & {*NEIGHBOURS}


def test_they_end_as_windows_that_are_computed_afresh(model: LateModel) -> None:
    model.report(labels_of_neighbours())
    model.read(moment("2023-02-10"))
    found = everything(model.database)
    model.runner.span(DAYS[0], NEIGHBOURS[-1], LABEL_LAYERS[1:])
    afresh = everything(model.database)
    for table in afresh:
        assert found[table] == afresh[table], table


def test_they_end_as_when_their_labels_come_day_by_day(model: LateModel) -> None:
    model.report(labels_of_neighbours())
    model.read(moment("2023-02-10"))
    at_once = model.quality()
    model.forget()
    model.runner.span(DAYS[0], DAYS[-1], LABEL_LAYERS)
    for place, day in enumerate(NEIGHBOURS):
        model.report([one for one in labels_of_neighbours() if one[0].startswith(day)])
        model.read(moment("2023-02-10") + timedelta(hours=place))
    assert model.quality() == at_once


def test_each_is_judged_once_so_that_a_killed_reading_leaves_none_judged_by_old_labels(
    model: LateModel,
) -> None:
    stored: list[Layer] = []
    model.report(labels_of_neighbours())
    model.read(moment("2023-02-10"), stored.append)
    assert stored == [*LABEL_LAYERS] * len(NEIGHBOURS)


def test_what_another_run_counts_while_a_window_is_judged_is_what_it_is_judged_by(
    model: LateModel,
) -> None:
    come = [NEIGHBOURS[0]]
    labels = labels_of_neighbours()

    def another_run(layer: Layer) -> None:
        """Count corrected labels of the first day once the last one is about to be judged."""
        if layer is Layer.MODEL_QUALITY and come:
            corrected = [(name, minutes + 9, moment("2023-02-09")) for name, minutes, _ in labels]
            model.merge([one for one in corrected if one[0].startswith(come[0])], come[0])
            model.runner.one(come.pop(), [Layer.QUALITY_PROFILES])

    model.report([one for one in labels if one[0].startswith(NEIGHBOURS[-1])])
    model.read(moment("2023-02-10"), another_run)
    found = model.quality(window_start=moment(NEIGHBOURS[-1]))
    model.runner.one(NEIGHBOURS[-1], [Layer.MODEL_QUALITY])
    assert (come, model.quality(window_start=moment(NEIGHBOURS[-1]))) == ([], found)
