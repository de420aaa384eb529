"""What dashboards read: complete windows, newest reference, newest verdicts."""

from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.records import DataQuality, DatasetDrift, Layer, ModelQuality, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.registry import register_model
from monitoring_assets.storage.results import (
    data_quality_write,
    dataset_drift_write,
    drift_score_write,
    model_quality_write,
)
from monitoring_assets.storage.views import VIEWS
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.dashboard_questions import (
    feature_year,
    model_year,
    newest_verdicts,
)
from monitoring_assets_tests.storage.samples import (
    NOW,
    START,
    a_computation,
    a_quality_number,
    a_score,
    a_window,
    compute_all_layers,
    rows_of,
)
from monitoring_assets_tests.storage.test_results import DRIFT, QUALITY

VIEW = {view.name: view for view in VIEWS}
MISSING = a_quality_number("", value=0.02, verdict=Verdict.OK, reason="described")


def write_day(
    database: Database,
    day: int = 0,
    drift: DatasetDrift = DRIFT,
    numbers: tuple[DataQuality, ...] = (MISSING,),
    quality: tuple[ModelQuality, ...] = (QUALITY,),
) -> None:
    window = a_window(day)
    compute_all_layers(database, window)
    score = a_score(reference_version=drift.reference_version)
    drift_writes = [drift_score_write([score]), dataset_drift_write([drift])]
    replace_window(database, a_computation(Layer.DATA_DRIFT, window), drift_writes)
    quality_of_data = a_computation(Layer.DATA_QUALITY, window)
    replace_window(database, quality_of_data, [data_quality_write(numbers)])
    quality_of_model = a_computation(Layer.MODEL_QUALITY, window)
    replace_window(database, quality_of_model, [model_quality_write(quality)])


def changed(record: Any, **changes: Any) -> Any:
    return type(record)(**(vars(record) | changes))


def ml_metrics(database: Database) -> list[Any]:
    return model_year(database, "small", START, NOW)


def verdicts(database: Database) -> dict[str, tuple[Verdict, float | None]]:
    return {one.layer: (one.verdict, one.value) for one in newest_verdicts(database)}


def test_well_known_dashboards_find_their_columns(database: Database) -> None:
    write_day(database)
    created = rows_of(database, tables.window)[0]["computed_at"]
    assert ml_metrics(database) == [
        {
            "timestamp": a_window().end,
            "model_name": "small",
            "prediction_drift": 0.03,
            "num_drifted_columns": 2,
            "share_missing_values": 0.02,
            "dataset_drift": False,
            "drift_score": 0.25,
            "created_at": created,
        }
    ]


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [(Verdict.OK, False), (Verdict.ALARM, True), (Verdict.INSUFFICIENT_DATA, None)],
)
def test_a_dataset_has_drifted_or_not_or_nobody_knows(
    database: Database, verdict: Verdict, *, shown: bool | None
) -> None:
    write_day(database, drift=changed(DRIFT, verdict=verdict))
    assert [row["dataset_drift"] for row in ml_metrics(database)] == [shown]


def test_a_window_that_is_being_recomputed_is_not_shown(database: Database) -> None:
    write_day(database)
    replace_window(database, a_computation(Layer.PREDICTIONS), [])
    shown = {view.name for view in VIEWS if rows_of(database, view.table)}
    assert shown == {"model_quality_recorded"}


def test_what_was_said_before_is_shown_beside_what_is_said(database: Database) -> None:
    for value in (3.1, 2.9, 2.9):
        write_day(database, quality=(changed(QUALITY, value=value),))
    rows = rows_of(database, VIEW["model_quality_recorded"].table)
    before, now = sorted(rows, key=lambda row: row["recorded_at"])
    assert (before["value"], now["value"]) == (3.1, 2.9)
    assert (before["superseded_at"], now["superseded_at"]) == (now["recorded_at"], None)


def test_of_several_references_the_newest_is_shown(database: Database) -> None:
    write_day(database)
    write_day(database, drift=changed(DRIFT, reference_version=2, alarming_share=0.5))
    assert [row["drift_score"] for row in ml_metrics(database)] == [0.5]
    scores = feature_year(database, "small", "distance", START, NOW)
    assert [row["reference_version"] for row in scores] == [2]


def test_a_year_is_in_order_and_ends_where_it_is_told_to(database: Database) -> None:
    for day in (2, 0, 1):
        write_day(database, day)
    ends = [row["timestamp"] for row in ml_metrics(database)]
    assert ends == [a_window(day).end for day in (0, 1, 2)]
    scores = feature_year(database, "small", "distance", a_window(0).end, a_window(1).end)
    assert [row["window_start"] for row in scores] == [a_window(1).start]


def test_the_newest_verdicts_are_those_of_the_newest_complete_window(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    write_day(database, 0)
    write_day(database, 1, drift=changed(DRIFT, verdict=Verdict.ALARM))
    replace_window(database, a_computation(Layer.PREDICTIONS, a_window(2)), [])
    assert verdicts(database) == {
        "data_drift": (Verdict.ALARM, 0.25),
        "data_quality": (Verdict.OK, 0.0),
        "model_quality": (Verdict.OK, 3.1),
    }
    assert {one.window_end for one in newest_verdicts(database)} == {a_window(1).end}


def test_every_alarm_of_data_quality_is_named(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    write_day(database, numbers=(MISSING, a_quality_number("zone"), a_quality_number("fare")))
    found = next(one for one in newest_verdicts(database) if one.layer == "data_quality")
    assert (found.verdict, found.value) == (Verdict.ALARM, 2.0)
    assert "zone missing_share: 50 %" in found.reason
    assert "fare missing_share: 50 %" in found.reason


def test_of_several_versions_the_one_with_most_labels_speaks(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    other = changed(QUALITY, model_version="2", labels=1000, value=9.9, verdict=Verdict.ALARM)
    write_day(database, quality=(QUALITY, other))
    assert verdicts(database)["model_quality"] == (Verdict.ALARM, 9.9)


BY_CLASS = (
    changed(QUALITY, class_name="yes", labels=9000, value=0.1, verdict=Verdict.ALARM),
    changed(QUALITY, class_name="no", labels=9000, value=0.9),
)


def test_a_number_of_one_class_does_not_speak_for_the_model(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    write_day(database, quality=(*BY_CLASS, QUALITY))
    assert verdicts(database)["model_quality"] == (Verdict.OK, 3.1)
    assert [row["value"] for row in rows_of(database, VIEW["model_quality"].table)] == [3.1]
    assert "class_name" not in VIEW["model_quality"].table.c


def test_numbers_of_classes_have_a_view_of_their_own(database: Database) -> None:
    write_day(database, quality=(*BY_CLASS, QUALITY))
    rows = rows_of(database, VIEW["model_quality_by_class"].table)
    found = {row["class_name"]: (row["value"], row["window_end"]) for row in rows}
    assert found == {"yes": (0.1, a_window().end), "no": (0.9, a_window().end)}


def test_a_retired_model_is_not_spoken_of(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    write_day(database)
    with database.begin() as connection:
        connection.execute(sa.update(tables.model).values(retired_at=NOW))
    assert newest_verdicts(database) == []
