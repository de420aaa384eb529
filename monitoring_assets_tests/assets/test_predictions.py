"""Which windows are scored, by which version, and what a model brings that is scored elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitoring_assets.assets import names
from monitoring_assets.errors import WindowNotReadyError
from monitoring_assets.records import Layer, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import (
    FIRST,
    ROWS,
    SECOND,
    SmallModel,
    bad_input_spec,
    good_rows,
    write_day,
    write_january,
)
from monitoring_assets_tests.dagster_runs import Runner, failures_of
from monitoring_assets_tests.specs import small_columns, small_spec
from monitoring_assets_tests.stored import everything, rows_of, stored_rows


def stored_of_windows(small: SmallModel) -> dict[str, list[str]]:
    """Return all that is stored but the rows of the source that lie in no window."""
    about_source = {"rows_outside_windows"}
    return {n: rows for n, rows in everything(small.database).items() if n not in about_source}


def test_a_window_asked_for_before_it_is_over_is_an_error_and_leaves_nothing(
    small: SmallModel,
) -> None:
    small.write(FIRST)
    before = stored_of_windows(small)
    early = replace(
        small.runner, now="2023-02-01T23:59:00+00:00", recorded_in=small.runner.instance
    )
    for said in failures_of(early.one(FIRST, raises=False)):
        assert WindowNotReadyError.__name__ in said
        assert "'small'" in said
        assert f"window {FIRST}" in said
        assert "2023-02-02 00:00:00+00:00" in said
    assert stored_of_windows(small) == before


def test_a_window_whose_source_has_not_come_that_far_is_an_error_and_leaves_nothing(
    small: SmallModel,
) -> None:
    before = stored_of_windows(small)
    failures = failures_of(small.runner.one(FIRST, raises=False))
    assert len(failures) == 2, "predictions and labels both refuse"
    for said in failures:
        assert "the source's newest row is of 2023-01-10" in said
    assert stored_of_windows(small) == before


def test_before_the_first_deployment_a_window_is_undefined_and_says_so(small: SmallModel) -> None:
    small.write(FIRST)
    later = sa.update(tables.deployment).values(valid_from=datetime(2023, 2, 2, tzinfo=UTC))
    with small.database.begin() as connection:
        connection.execute(later)
    small.runner.one(FIRST)
    (window,) = rows_of(small.database, tables.window)
    assert (window["rows_read"], window["rows_scored"], window["status"]) == (ROWS, 0, "complete")
    (mae,) = rows_of(small.database, tables.model_quality, metric="mae")
    assert (mae["value"], mae["verdict"]) == (None, Verdict.UNDEFINED)
    assert "no model was deployed" in mae["reason"]
    (distance,) = rows_of(small.database, tables.drift_score, column_name="distance", deciding=True)
    assert distance["verdict"] == Verdict.OK, "features are compared all the same"


def test_a_layer_asked_for_before_the_one_it_is_computed_from_says_what_to_do(
    small: SmallModel,
) -> None:
    small.write(FIRST)
    small.write(SECOND)
    small.runner.one(FIRST)
    before = stored_of_windows(small)
    for layer in (Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES):
        (said,) = failures_of(small.runner.one(SECOND, [layer], raises=False))
        assert "materialize small/predictions for this window first" in said
        assert f"window {SECOND}" in said
    assert stored_of_windows(small) == before


def test_a_layer_asked_for_before_the_reference_says_what_to_do(
    database: Database, tmp_path: Path
) -> None:
    write_january(tmp_path)
    write_day(tmp_path, FIRST)
    with Runner(bad_input_spec(), database, tmp_path) as runner:
        failures = failures_of(runner.one(FIRST, raises=False))
    assert failures
    for said in failures:
        assert "materialize small/reference_data" in said
        assert "'small'" in said


SCORED_ELSEWHERE: dict[str, Any] = {
    "model": None,
    "reference": {"period": {"start": "2023-01-01", "end": "2023-02-01"}},
}


@contextmanager
def scored_elsewhere(database: Database, folder: Path, **columns: Any) -> Iterator[Runner]:
    """Run two days of a model whose predictions, two minutes too long, come with its rows."""
    roles = {"categorical": [], "prediction": "predicted", **columns}
    spec = small_spec(columns=small_columns(**roles), **SCORED_ELSEWHERE)
    for day in (*(f"2023-01-{day:02}" for day in range(1, 4)), FIRST, SECOND):
        rows = good_rows(day)
        versions = ["old"] * 40 + ["new"] * (ROWS - 40)
        write_day(folder, day, predicted=rows["minutes"] + 2, version=versions)
    with Runner(spec, database, folder) as runner:
        runner.set_up()
        runner.span(FIRST, SECOND)
        yield runner


def test_predictions_that_come_with_the_rows_are_measured_by_their_own_version(
    database: Database, tmp_path: Path
) -> None:
    with scored_elsewhere(database, tmp_path, model_version="version"):
        pass
    assert rows_of(database, tables.deployment) == []
    start = datetime(2023, 2, 1, tzinfo=UTC)
    rows = rows_of(database, tables.model_quality, metric="mae", window_start=start)
    found = {(row["model_version"], round(row["value"], 9), row["labels"]) for row in rows}
    assert found == {("old", 2.0, 40), ("new", 2.0, ROWS - 40)}
    sums = rows_of(database, tables.quality_profile, window_start=start)
    assert {row["model_version"]: row["labels"] for row in sums} == {"old": 40, "new": ROWS - 40}
    (reference,) = rows_of(database, tables.reference)
    assert reference["model_version"] == "new,old"


def test_predictions_without_version_and_target_are_profiled_and_quality_is_undefined(
    database: Database, tmp_path: Path
) -> None:
    with scored_elsewhere(database, tmp_path, target=None) as runner:
        checks = {check.name for check in runner.definitions.resolve_asset_graph().asset_check_keys}
    assert names.MODEL_QUALITY_HOLDS not in checks
    windows = rows_of(database, tables.window)
    assert {(row["status"], row["rows_scored"], row["labels"]) for row in windows} == {
        ("complete", ROWS, 0)
    }
    reasons = {row["reason"] for row in rows_of(database, tables.model_quality)}
    assert reasons == {"the model's YAML names no target"}
    predicted = rows_of(database, tables.drift_score, column_name="predicted", deciding=True)
    assert all(row["score"] is not None for row in predicted)
    assert {*stored_rows(database, "small", "predictions")["model_version"].to_pylist()} == {
        "source"
    }
