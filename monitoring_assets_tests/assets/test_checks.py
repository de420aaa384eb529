"""Verdicts as asset checks: an alarm is an error, "don't know" a warning, each for its window."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.checks import build_checks
from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import (
    FIRST,
    ROWS,
    SECOND,
    THIRD,
    SmallModel,
    ready_model,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.specs import small_columns, small_spec

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
JUDGED = [names.NO_DATASET_DRIFT, names.DATA_QUALITY_HOLDS, names.MODEL_QUALITY_HOLDS]


@pytest.fixture(scope="module")
def small(
    new_database: NewDatabase, small_template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SmallModel]:
    """A good day, a day on which everything is wrong, and a day of one row."""
    folder = tmp_path_factory.mktemp("three_days")
    wrong: dict[str, Any] = {
        "distance": [100.0 + number % 7 for number in range(ROWS)],
        "zone": ["moon"] * ROWS,
        "tip": [50.0] * ROWS,
        "minutes": [5.0 + number for number in range(ROWS)],
    }
    with ready_model(new_database, small_template, folder) as model:
        model.write(FIRST)
        model.write(SECOND, **wrong)
        model.write(THIRD, rows=1)
        model.write("2023-02-04")
        yield model


@pytest.fixture(scope="module")
def reported(small: SmallModel) -> dict[tuple[str, str], Any]:
    return evaluations([small.runner.span(FIRST, THIRD)])


def evaluations(results: Iterable[dg.ExecuteInProcessResult]) -> dict[tuple[str, str], Any]:
    """Return (check, partition) -> what was reported for that window, without the summaries."""
    found = [one for result in results for one in result.get_asset_check_evaluations()]
    return {(one.check_name, one.partition): one for one in found if one.partition}


def test_a_run_of_some_layers_says_whether_windows_are_complete(
    new_database: NewDatabase, small_template: Database, tmp_path: Path
) -> None:
    with ready_model(new_database, small_template, tmp_path) as model:
        model.write(FIRST)
        rest = [layer for layer in WINDOW_LAYERS if layer is not Layer.DATA_DRIFT]
        runs = [model.runner.span(FIRST, FIRST, layers) for layers in (rest, [Layer.DATA_DRIFT])]
    found = [evaluations([run])[names.WINDOW_IS_COMPLETE, FIRST] for run in runs]
    assert [one.passed for one in found] == [False, True]


def said(one: Any) -> tuple[Any, ...]:
    return one.passed, one.severity, one.description, one.metadata


def test_a_good_window_passes_every_check(reported: dict[tuple[str, str], Any]) -> None:
    first = {check: one for (check, partition), one in reported.items() if partition == FIRST}
    assert {*first} == {*JUDGED, names.WINDOW_IS_COMPLETE}
    assert all(one.passed for one in first.values()), [one.description for one in first.values()]


def test_an_alarm_is_an_error_that_says_why(reported: dict[tuple[str, str], Any]) -> None:
    found = [reported[check, SECOND] for check in JUDGED]
    assert [(one.passed, one.severity) for one in found] == [(False, ERROR)] * 3
    assert {one.metadata["verdict"].value for one in found} == {"alarm"}
    assert "distance" in found[0].description
    assert "zone unseen_share" in found[1].description
    assert "mae" in found[2].description


def test_what_is_not_known_is_a_warning_that_says_why(
    reported: dict[tuple[str, str], Any],
) -> None:
    drift = reported[names.NO_DATASET_DRIFT, THIRD]
    quality = reported[names.MODEL_QUALITY_HOLDS, THIRD]
    assert [(one.passed, one.severity) for one in (drift, quality)] == [(False, WARN)] * 2
    assert drift.metadata["verdict"].value == "insufficient_data"
    assert "only 0 of 3 columns could be decided" in drift.description
    assert "50 are needed" in quality.description


def test_a_range_run_reports_of_each_window_what_a_run_of_its_own_reports(
    small: SmallModel, reported: dict[tuple[str, str], Any]
) -> None:
    apart = evaluations(small.runner.one(day) for day in (FIRST, SECOND, THIRD))
    assert {*reported} == {*apart}
    assert len(reported) == 3 * 4
    for key, one in reported.items():
        assert said(one) == said(apart[key]), key


def test_a_range_run_also_owes_each_check_one_result_for_all_its_windows(
    small: SmallModel,
) -> None:
    found = small.runner.span(FIRST, THIRD).get_asset_check_evaluations()
    summaries = {one.check_name: one for one in found if not one.partition}
    assert summaries[names.WINDOW_IS_COMPLETE].passed
    drift = summaries[names.NO_DATASET_DRIFT]
    assert (drift.passed, drift.severity) == (False, ERROR)
    assert drift.description == "of 3 windows of this run 1 alarm, 1 are not judged"
    assert summaries[names.WINDOW_IS_COMPLETE].description == "all 3 windows of this run passed"


def test_of_a_selection_of_assets_only_their_own_checks_run_and_that_of_the_whole(
    small: SmallModel,
) -> None:
    again = evaluations([small.runner.span(FIRST, SECOND, [Layer.DATA_DRIFT])])
    checks = (names.NO_DATASET_DRIFT, names.WINDOW_IS_COMPLETE)
    assert {*again} == {(check, day) for check in checks for day in (FIRST, SECOND)}


def test_a_window_of_which_only_predictions_were_computed_again_is_not_complete(
    small: SmallModel,
) -> None:
    small.runner.one(FIRST)
    again = evaluations([small.runner.one(FIRST, [Layer.PREDICTIONS])])
    check = again[names.WINDOW_IS_COMPLETE, FIRST]
    assert (check.passed, check.severity) == (False, WARN)
    assert check.description == "a layer is missing or out of date"


def test_a_layer_that_was_never_computed_is_not_known(small: SmallModel) -> None:
    small.runner.one("2023-02-04", [Layer.PREDICTIONS])
    found = small.runner.check_only("2023-02-04", Layer.DATA_DRIFT)
    assert (found.partition, found.check_name) == ("2023-02-04", names.NO_DATASET_DRIFT)
    assert (found.passed, found.severity) == (False, WARN)
    assert found.description == "this layer has not been computed for the window"


def test_a_model_without_target_has_no_check_of_its_quality() -> None:
    spec = small_spec(
        columns=small_columns(target=None),
        model=None,
        reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}},
    )
    checks = {key.name for key in build_checks(spec).check_keys}
    assert checks == {*JUDGED, names.WINDOW_IS_COMPLETE} - {names.MODEL_QUALITY_HOLDS}
