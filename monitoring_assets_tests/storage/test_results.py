"""Results as rows, and what dashboards read of them."""

from dataclasses import fields, replace
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.records import (
    DataQuality,
    DatasetDrift,
    DriftScore,
    ModelQuality,
    Verdict,
)
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import (
    data_quality_write,
    dataset_drift_write,
    drift_score_write,
    model_quality_write,
    target_drift_write,
)
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_quality_number,
    a_score,
    rows_of,
)

DRIFT = DatasetDrift(
    segment="all",
    reference_version=1,
    columns_decided=8,
    columns_alarming=2,
    alarming_share=0.25,
    threshold=0.5,
    prediction_drift=0.03,
    verdict=Verdict.OK,
    reason="2 of 8 columns have drifted",
)
QUALITY = ModelQuality(
    segment="all",
    metric="mae",
    kind="realised",
    model_version="1",
    value=3.1,
    interval_low=3.0,
    interval_high=3.2,
    reference_value=2.96,
    threshold=3.55,
    labels=900,
    coverage=0.99,
    verdict=Verdict.OK,
    reason="mae 3.1 does not lie beyond the threshold",
)
COMMON = {"model_id", "granularity", "window_start", "computation_id"}


@pytest.mark.parametrize(
    ("record", "table"),
    [
        (DriftScore, tables.drift_score),
        (DatasetDrift, tables.dataset_drift),
        (DataQuality, tables.data_quality),
    ],
)
def test_a_table_has_the_fields_of_its_record_and_says_of_which_window(
    record: Any, table: sa.Table
) -> None:
    assert {column.name for column in table.c} == {field.name for field in fields(record)} | COMMON


def test_numbers_that_may_be_asked_for_later_say_since_when_and_until_when() -> None:
    named = {field.name for field in fields(ModelQuality)} | COMMON | {"recorded_at"}
    assert {column.name for column in tables.model_quality.c} == named
    history = {column.name for column in tables.model_quality_history.c}
    assert history == named | {"superseded_at"}


def test_slices_are_bounded_by_what_they_are_replaced_by() -> None:
    assert drift_score_write([a_score()]).within == {"reference_version": 1}
    assert drift_score_write([a_score()], "minutes").without == {"column_name": "minutes"}
    of_target = target_drift_write([a_score("minutes")], "minutes")
    assert of_target.within == {"reference_version": 1, "column_name": "minutes"}
    assert dataset_drift_write([DRIFT]).within == {"reference_version": 1}
    assert data_quality_write([a_quality_number()]).within == {}
    assert model_quality_write([QUALITY]).within == {"kind": "realised"}


def test_a_window_has_a_verdict_for_each_segment_against_one_reference(database: Database) -> None:
    drifts = [DRIFT, replace(DRIFT, segment="card")]
    replace_window(database, a_computation(), [dataset_drift_write(drifts)])
    stored = rows_of(database, tables.dataset_drift)
    assert sorted(row["segment"] for row in stored) == ["all", "card"]
    with pytest.raises(StorageError, match=r"dataset verdicts .* versions \[1, 2\]"):
        dataset_drift_write([DRIFT, replace(DRIFT, reference_version=2)])


def test_verdicts_are_plain_text_for_every_driver() -> None:
    rows = [*drift_score_write([a_score()]).rows, *dataset_drift_write([DRIFT]).rows]
    assert [type(row["verdict"]) for row in rows] == [str, str]


def test_quality_of_another_kind_is_refused() -> None:
    with pytest.raises(StorageError, match=r"of kind \['realised'\] given as 'estimated'"):
        model_quality_write([QUALITY], kind="estimated")
