"""Since when something alarms: only `ok` interrupts a run; what could not be judged does not."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.records import Layer, ModelQuality, Since, Thing, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.alarm_runs import alarm_runs
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import (
    data_quality_write,
    dataset_drift_write,
    drift_score_write,
    model_quality_write,
)
from monitoring_assets.storage.window_write import SliceWrite, replace_window
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_quality_number,
    a_score,
    a_window,
    compute_all_layers,
)
from monitoring_assets_tests.storage.test_results import DRIFT, QUALITY

ALARM, OK, FEW = Verdict.ALARM, Verdict.OK, Verdict.INSUFFICIENT_DATA
IMMATURE, UNDEFINED = Verdict.LABELS_IMMATURE, Verdict.UNDEFINED
DISTANCE = Thing(Layer.DATA_DRIFT, "all", "distance")
MAE = Thing(Layer.MODEL_QUALITY, "all", "", "mae")
MISSING = Thing(Layer.DATA_QUALITY, "all", "distance", "missing_share")


def store(database: Database, day: int, layer: Layer, write: SliceWrite) -> None:
    compute_all_layers(database, a_window(day))
    replace_window(database, a_computation(layer, a_window(day)), [write])
    compute_all_layers(database, a_window(day))


def drifted(database: Database, *verdicts: Verdict, **changes: Any) -> None:
    """Store a verdict about column distance for one day after the other."""
    for day, verdict in enumerate(verdicts):
        score = a_score(verdict=verdict, **changes)
        store(database, day, Layer.DATA_DRIFT, drift_score_write([score]))


def run_at(database: Database, day: int, thing: Thing = DISTANCE) -> Since:
    return alarm_runs(database, a_window(day), [thing])[thing]


def expected(day: int, windows: int) -> Since:
    first = a_window(day)
    return Since(start=first.start, partition_key=first.partition_key, windows=windows)


@pytest.mark.parametrize(
    ("verdicts", "first", "windows"),
    [
        ([ALARM], 0, 1),
        ([ALARM, ALARM, ALARM], 0, 3),
        ([OK, ALARM, ALARM], 1, 2),
        ([ALARM, OK, ALARM], 2, 1),
        ([ALARM, FEW, ALARM], 0, 2),
        ([ALARM, IMMATURE, UNDEFINED, ALARM], 0, 2),
        ([ALARM, OK, FEW, ALARM, FEW, ALARM], 3, 2),
        ([FEW, FEW, ALARM], 2, 1),
    ],
)
def test_a_run_goes_back_to_the_first_alarm_after_the_last_ok(
    database: Database, verdicts: list[Verdict], first: int, windows: int
) -> None:
    drifted(database, *verdicts)
    assert run_at(database, len(verdicts) - 1) == expected(first, windows)


def test_a_missing_window_does_not_interrupt(database: Database) -> None:
    store(database, 0, Layer.DATA_DRIFT, drift_score_write([a_score()]))
    store(database, 3, Layer.DATA_DRIFT, drift_score_write([a_score()]))
    assert run_at(database, 3) == expected(0, 2)


def test_a_verdict_counts_once_it_is_stored_though_its_window_is_not_complete(
    database: Database,
) -> None:
    drifted(database, OK, ALARM, ALARM)
    with database.begin() as connection:
        connection.execute(sa.update(tables.window).values(status="incomplete"))
    assert run_at(database, 2) == expected(1, 2)


def test_later_windows_are_not_looked_at(database: Database) -> None:
    drifted(database, ALARM, ALARM, OK, ALARM)
    assert run_at(database, 1) == expected(0, 2)


def test_other_segments_columns_and_methods_that_do_not_decide_do_not_count(
    database: Database,
) -> None:
    others = [
        a_score(segment="card"),
        a_score("zone"),
        a_score(method="psi", deciding=False, verdict=ALARM),
    ]
    for day, verdict in enumerate([OK, ALARM]):
        scores = [a_score(verdict=verdict), *others]
        store(database, day, Layer.DATA_DRIFT, drift_score_write(scores))
    assert run_at(database, 1) == expected(1, 1)
    assert run_at(database, 1, Thing(Layer.DATA_DRIFT, "card", "distance")) == expected(0, 2)


def test_only_the_newest_reference_speaks_for_a_window(database: Database) -> None:
    for day in (0, 1):
        for version, verdict in ((1, ALARM), (2, OK if day == 0 else ALARM)):
            score = a_score(reference_version=version, verdict=verdict)
            compared = dataset_drift_write([replace(DRIFT, reference_version=version)])
            store(database, day, Layer.DATA_DRIFT, drift_score_write([score]))
            store(database, day, Layer.DATA_DRIFT, compared)
    assert run_at(database, 1) == expected(1, 1)


def quality(verdict: Verdict, **changes: Any) -> ModelQuality:
    return replace(QUALITY, verdict=verdict, **changes)


def test_one_model_version_that_alarms_is_enough(database: Database) -> None:
    for day, verdict in enumerate([ALARM, OK, ALARM]):
        rows = [
            quality(verdict, model_version="1"),
            quality(ALARM, model_version="2", labels=10),
            quality(OK, class_name="yes"),
        ]
        store(database, day, Layer.MODEL_QUALITY, model_quality_write(rows))
    assert run_at(database, 2, MAE) == expected(0, 3)


def test_data_quality_has_runs_too(database: Database) -> None:
    for day, verdict in enumerate([OK, ALARM, ALARM]):
        row = a_quality_number("distance", verdict=verdict)
        store(database, day, Layer.DATA_QUALITY, data_quality_write([row]))
    assert run_at(database, 2, MISSING) == expected(1, 2)


def test_a_bound_is_kept_and_said(database: Database) -> None:
    drifted(database, OK, ALARM, ALARM, FEW, ALARM)
    bounded = alarm_runs(database, a_window(4), [DISTANCE], most=2)[DISTANCE]
    assert bounded == replace(expected(2, 2), at_least=True)
    assert alarm_runs(database, a_window(4), [DISTANCE], most=10)[DISTANCE] == expected(1, 3)
    store(database, 0, Layer.DATA_DRIFT, drift_score_write([a_score()]))
    assert alarm_runs(database, a_window(4), [DISTANCE], most=10)[DISTANCE] == expected(0, 4)


def test_a_long_run_is_followed_to_its_beginning(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring_assets.storage.alarm_runs.FIRST_LOOK", 2)
    monkeypatch.setattr("monitoring_assets.storage.alarm_runs.FURTHER_LOOK", 3)
    drifted(database, ALARM, OK, *[ALARM] * 7)
    assert run_at(database, 8) == expected(2, 7)


def test_things_that_began_at_different_times_are_told_apart(database: Database) -> None:
    zone = Thing(Layer.DATA_DRIFT, "all", "zone")
    for day in range(4):
        scores = [a_score(), a_score("zone", verdict=OK if day < 2 else ALARM)]
        store(database, day, Layer.DATA_DRIFT, drift_score_write(scores))
    found = alarm_runs(database, a_window(3), [DISTANCE, zone])
    assert found == {DISTANCE: expected(0, 4), zone: expected(2, 2)}


def test_nothing_that_alarms_has_no_run(database: Database) -> None:
    assert alarm_runs(database, a_window(), []) == {}
