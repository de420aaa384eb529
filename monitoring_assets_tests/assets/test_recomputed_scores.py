"""Every stored number of random windows is found again from the files, on an independent path."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy.stats import sem

from monitoring_assets.storage import tables
from monitoring_assets.storage.ledger import windows_of
from monitoring_assets_tests.assets.recomputation import (
    NUMBERS,
    PREDICTION,
    Recomputation,
)
from monitoring_assets_tests.main_job import DAYS, MainJob
from monitoring_assets_tests.stored import Row, rows_of, stored_rows

pytestmark = pytest.mark.slow

SAMPLE = random.Random(20230312).sample(DAYS, 5)  # noqa: S311 - a fixed sample, no secret


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def again(main_job: MainJob) -> Recomputation:
    return Recomputation(main_job)


def stored_of(job: MainJob, day: str, name: str) -> Iterator[Row]:
    (start,) = (
        one.window.start
        for one in windows_of(job.database, job.spec.model_id)
        if one.window.partition_key == day
    )
    yield from rows_of(job.database, tables.METADATA.tables[name], window_start=start)


@pytest.mark.parametrize("day", SAMPLE)
def test_every_drift_score_is_found_again(again: Recomputation, day: str) -> None:
    stored = list(stored_of(again.job, day, "monitoring.drift_score"))
    columns = {row["column_name"]: row["score"] for row in stored if row["deciding"]}
    assert {*columns} >= {*NUMBERS, PREDICTION, "pickup_zone", "dropoff_zone"}
    for row in stored:
        score = again.drift(day, row["column_name"], row["method"])
        assert row["score"] == close(score), row["column_name"]


@pytest.mark.parametrize("day", SAMPLE)
def test_a_binned_distance_is_near_that_of_the_values_themselves(
    again: Recomputation, day: str
) -> None:
    stored = stored_of(again.job, day, "monitoring.drift_score")
    scores = {r["column_name"]: r["score"] for r in stored if r["method"] == "wasserstein"}
    assert {*scores} == {*NUMBERS, PREDICTION, "duration_minutes"}
    for column, score in scores.items() - {("duration_minutes", scores["duration_minutes"])}:
        unbinned, off = again.unbinned(day, column)
        assert off < 0.06, column
        assert score == pytest.approx(unbinned, abs=min(off, 0.005) + 1e-9), column


@pytest.mark.parametrize("column", ["trip_distance", "passenger_count", "dropoff_zone"])
def test_what_a_quiet_window_scores_is_found_again_by_drawing_some(
    again: Recomputation, column: str
) -> None:
    stored = stored_of(again.job, SAMPLE[0], "monitoring.drift_score")
    (row,) = (row for row in stored if row["column_name"] == column and row["deciding"])
    quiet = again.quiet(column, row["method"], row["n_window"])
    assert row["expected"] == pytest.approx(np.median(quiet), rel=0.1)
    assert row["p_value"] == pytest.approx((quiet >= row["score"]).mean(), abs=0.08)


@pytest.mark.parametrize("day", SAMPLE)
def test_every_data_quality_number_is_found_again(again: Recomputation, day: str) -> None:
    stored = list(stored_of(again.job, day, "monitoring.data_quality"))
    assert len(stored) == 7 + 5 * (4 + 9) + 3 * 3 + 1
    for row in stored:
        value = again.data_quality(day, row["column_name"], row["metric"])
        place = f"{row['metric']} of {row['column_name']}"
        assert row["value"] == close(value), place


@pytest.mark.parametrize("day", SAMPLE)
def test_every_quality_metric_agrees_with_scikit_learn(again: Recomputation, day: str) -> None:
    stored = list(stored_of(again.job, day, "monitoring.model_quality"))
    assert {row["metric"] for row in stored} == {"mae", "rmse", "r2", "mape", "mean_error"}
    for row in stored:
        metric = row["metric"]
        assert row["value"] == close(again.quality(day, metric)), metric
        usual = again.reference_quality(metric)
        assert row["reference_value"] == close(usual), metric
        assert row["labels"] == len(again.scored(day)), metric


@pytest.mark.parametrize("day", SAMPLE)
def test_every_interval_of_the_mean_absolute_error_is_found_again(
    again: Recomputation, day: str
) -> None:
    (row,) = (
        row
        for row in stored_of(again.job, day, "monitoring.model_quality")
        if row["metric"] == "mae"
    )
    scored = again.scored(day)
    errors = (scored[PREDICTION] - scored["duration_minutes"]).abs().to_numpy()
    half = 1.959963984540054 * float(sem(errors))
    assert row["interval_low"] == close(errors.mean() - half)
    assert row["interval_high"] == close(errors.mean() + half)


def test_stored_predictions_are_those_of_the_stored_model(again: Recomputation) -> None:
    rows = stored_rows(again.job.database, "green_taxi", "predictions").to_pandas()
    ours = rows[
        rows["event_time"].dt.tz_convert("America/New_York").dt.strftime("%Y-%m-%d") == SAMPLE[0]
    ]
    expected = sorted(again.scored(SAMPLE[0])[PREDICTION])
    assert sorted(ours[PREDICTION].dropna()) == close(expected)
