"""Numbers beside those of an earlier window: which one that is, and what is shown without one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitoring_assets.records import ALL, Layer, ModelQuality, Verdict, Window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.registry import register_model
from monitoring_assets.storage.results import (
    data_quality_write,
    dataset_drift_write,
    drift_score_write,
    model_quality_write,
)
from monitoring_assets.storage.views.earlier import AGAINST_PREVIOUS_WINDOW, WEEK_OVER_WEEK
from monitoring_assets.storage.views.view import View
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import (
    NOW,
    a_computation,
    a_quality_number,
    a_score,
    a_window,
    compute_all_layers,
    rows_of,
)
from monitoring_assets_tests.storage.test_results import DRIFT, QUALITY

Key = tuple[str, str, str, str]
"""(layer, column, class, metric)."""


def write(database: Database, window: Window, value: float, *quality: ModelQuality) -> None:
    """Make a window complete with one number of each kind, all of this value."""
    compute_all_layers(database, window)
    missing = a_quality_number("zone", value=value, verdict=Verdict.OK)
    drift = [drift_score_write([a_score(score=value)]), dataset_drift_write([DRIFT])]
    numbers = [replace(one, value=value + 0.5) for one in quality or (QUALITY,)]
    for layer, writes in {
        Layer.DATA_DRIFT: drift,
        Layer.DATA_QUALITY: [
            data_quality_write([missing, a_quality_number("zone", metric="mean")])
        ],
        Layer.MODEL_QUALITY: [model_quality_write(numbers)],
    }.items():
        replace_window(database, a_computation(layer, window), writes)


def shown(database: Database, view: View, start: datetime) -> dict[Key, Mapping[str, Any]]:
    """Return the rows of a window."""
    names = ("layer", "column_name", "class_name", "metric")
    rows = [row for row in rows_of(database, view.table) if row["window_start"] == start]
    return {tuple(row[name] for name in names): row for row in rows}


def numbers(row: Mapping[str, Any]) -> tuple[float | None, ...]:
    return row["value"], row["earlier_value"], row["difference"]


@pytest.fixture
def fortnight(database: Database) -> Database:
    register_model(database, small_spec(), NOW)
    for day in range(14):
        write(database, a_window(day), day / 16)
    return database


@pytest.mark.parametrize(("view", "days"), [(WEEK_OVER_WEEK, 7), (AGAINST_PREVIOUS_WINDOW, 1)])
def test_every_kind_of_number_is_beside_the_earlier_one(
    fortnight: Database, view: View, days: int
) -> None:
    found = shown(fortnight, view, a_window(10).start)
    assert {row["earlier_start"] for row in found.values()} == {a_window(10 - days).start}
    assert {row["window_end"] for row in found.values()} == {a_window(10).end}
    before, step = (10 - days) / 16, days / 16
    assert {key: numbers(row) for key, row in found.items()} == {
        ("data_drift", "distance", "", "kolmogorov_smirnov"): (10 / 16, before, step),
        ("data_quality", "zone", "", "missing_share"): (10 / 16, before, step),
        ("model_quality", "", "", "mae"): (10 / 16 + 0.5, before + 0.5, step),
    }


@pytest.mark.parametrize("view", [WEEK_OVER_WEEK, AGAINST_PREVIOUS_WINDOW])
def test_a_number_without_an_earlier_one_is_shown_without_difference(
    fortnight: Database, view: View
) -> None:
    found = shown(fortnight, view, a_window(0).start)
    assert {numbers(row)[1:] for row in found.values()} == {(None, None)}
    assert len(found) == 3


def test_an_earlier_window_that_is_being_computed_again_does_not_count(fortnight: Database) -> None:
    replace_window(fortnight, a_computation(Layer.PREDICTIONS, a_window(9)), [])
    found = shown(fortnight, AGAINST_PREVIOUS_WINDOW, a_window(10).start)
    assert {row["earlier_value"] for row in found.values()} == {None}
    assert shown(fortnight, AGAINST_PREVIOUS_WINDOW, a_window(9).start) == {}


def test_scores_against_two_references_are_not_subtracted(fortnight: Database) -> None:
    newer = replace(DRIFT, reference_version=2)
    writes = [
        drift_score_write([a_score(score=0.75, reference_version=2)]),
        dataset_drift_write([newer]),
    ]
    replace_window(fortnight, a_computation(Layer.DATA_DRIFT, a_window(10)), writes)
    for day, expected in ((10, (0.75, None, None)), (11, (11 / 16, 10 / 16, 1 / 16))):
        found = shown(fortnight, AGAINST_PREVIOUS_WINDOW, a_window(day).start)
        assert numbers(found["data_drift", "distance", "", "kolmogorov_smirnov"]) == expected


def test_of_several_versions_the_one_with_most_labels_is_compared(fortnight: Database) -> None:
    second = replace(QUALITY, model_version="2", labels=1000)
    of_class = replace(QUALITY, class_name="yes", metric="f1")
    write(fortnight, a_window(10), 0.25, QUALITY, second, of_class)
    found = shown(fortnight, AGAINST_PREVIOUS_WINDOW, a_window(10).start)
    assert numbers(found["model_quality", "", "", "mae"]) == (0.75, 9 / 16 + 0.5, 0.25 - 9 / 16)
    assert numbers(found["model_quality", "", "yes", "f1"]) == (0.75, None, None)


def test_a_segment_is_beside_the_same_segment(fortnight: Database) -> None:
    for day in (9, 10):
        card = a_score(segment="card", score=day / 32)
        replace_window(
            fortnight,
            a_computation(Layer.DATA_DRIFT, a_window(day)),
            [drift_score_write([a_score(), card]), dataset_drift_write([DRIFT])],
        )
    rows = rows_of(fortnight, AGAINST_PREVIOUS_WINDOW.table)
    (found,) = (r for r in rows if r["segment"] == "card" and r["earlier_value"] is not None)
    assert numbers(found) == (10 / 32, 9 / 32, 1 / 32)
    assert {row["segment"] for row in rows} == {ALL, "card"}


@pytest.mark.parametrize(
    ("granularity", "start", "window_before", "week_before"),
    [
        ("hour", "2023-03-12T08:00", "2023-03-12T07:00", "2023-03-05T09:00"),
        ("day", "2023-03-13T04:00", "2023-03-12T05:00", "2023-03-06T05:00"),
        ("week", "2023-03-13T04:00", "2023-03-06T05:00", "2023-03-06T05:00"),
        ("month", "2023-04-01T04:00", "2023-03-01T05:00", None),
    ],
)
def test_what_is_earlier_goes_by_the_clocks_of_the_model(
    database: Database, granularity: str, start: str, window_before: str, week_before: str | None
) -> None:
    begin = "2023-02-01" if granularity != "week" else "2023-02-06"
    windows = {"granularity": granularity, "start": begin, "time_zone": "America/New_York"}
    register_model(database, small_spec(windows=windows), NOW)
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    window = Window(
        model_id="small",
        granularity=granularity,
        start=moment,
        end=moment + timedelta(hours=1),
        partition_key=start,
    )
    write(database, window, 0.25)
    for view, earlier in ((AGAINST_PREVIOUS_WINDOW, window_before), (WEEK_OVER_WEEK, week_before)):
        expected = earlier and datetime.fromisoformat(earlier).replace(tzinfo=UTC)
        found = shown(database, view, moment)
        assert {row["earlier_start"] for row in found.values()} == {expected}
