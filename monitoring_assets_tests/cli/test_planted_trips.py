"""Real trips in which something is wrong: a unit that must not be learned, and longer trips."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from monitoring_assets.assets.scoring import pipeline_of
from monitoring_assets.storage import tables
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.planted_trips import (
    AFTER_ROLLBACK,
    LONGER,
    LONGER_TRIPS,
    MODEL,
    USUAL,
    WRONG_UNIT,
    ZONE,
    PlantedTrips,
    replay_planted_trips,
)
from monitoring_assets_tests.stored import rows_of, stored_rows

pytestmark = pytest.mark.slow

FEATURES = ["passenger_count", "trip_distance", "hour", "pickup_zone", "dropoff_zone", "weekday"]
LEARNED_FROM = LONGER_TRIPS[:3]


@pytest.fixture(scope="module")
def planted(
    new_database: NewDatabase, trips_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlantedTrips]:
    home = tmp_path_factory.mktemp("planted_trips")
    with new_database() as database, replay_planted_trips(database, trips_folder, home) as done:
        yield done


@pytest.mark.parametrize(
    ("days", "error", "distance"),
    [(USUAL, "ok", "ok"), (WRONG_UNIT, "alarm", "alarm"), (LEARNED_FROM, "alarm", "ok")],
)
def test_a_wrong_unit_shows_in_distances_and_errors_longer_trips_in_errors_alone(
    planted: PlantedTrips, days: list[str], error: str, distance: str
) -> None:
    drift = planted.findings(tables.drift_score, column_name="trip_distance", deciding=True)
    assert {planted.mae()[day]["verdict"] for day in days} == {error}
    assert {drift[day]["verdict"] for day in days} == {distance}


def test_the_wrong_unit_blocks_as_long_as_it_lies_in_the_windows_that_count(
    planted: PlantedTrips,
) -> None:
    *waiting, retrained = planted.decisions()
    days = [one["partition_key"] for one in waiting]
    assert days == [*WRONG_UNIT[2:], *LONGER_TRIPS[:2]]
    assert {(one["outcome"], one["code"]) for one in waiting} == {("wait", "blocked")}
    assert all(one["reason"].startswith("trip_distance has drifted:") for one in waiting)
    assert (retrained["outcome"], retrained["partition_key"]) == ("retrain", LONGER_TRIPS[2])


def test_the_longer_trips_retrain_once_and_nothing_is_learned_from_the_wrong_unit(
    planted: PlantedTrips,
) -> None:
    [retrained] = [one for one in planted.decisions() if one["outcome"] == "retrain"]
    assert (retrained["result"], retrained["model_version"]) == ("promoted", "2")
    [used] = rows_of(planted.database, tables.training_set, model_id=MODEL)
    assert used["training_start"] == pd.Timestamp(LEARNED_FROM[0], tz=ZONE)
    assert used["training_end"] == pd.Timestamp(LONGER_TRIPS[3], tz=ZONE)


def test_the_error_recovers_to_what_longer_trips_leave(planted: PlantedTrips) -> None:
    usual, changed = planted.mean_error(USUAL), planted.mean_error(LEARNED_FROM)
    after = planted.mean_error(LONGER_TRIPS[3:])
    assert changed > 1.5 * usual
    # What nobody can foresee of a trip is longer by as much as the trip.
    assert after == pytest.approx(LONGER * usual, rel=0.15)
    found = planted.mae()
    assert {found[day]["verdict"] for day in LONGER_TRIPS[3:]} == {"ok"}


def test_after_a_rollback_days_are_scored_as_version_1_scores_them_bit_for_bit(
    planted: PlantedTrips,
) -> None:
    rows = stored_rows(planted.database, MODEL, "predictions").to_pandas()
    rows["day"] = rows["event_time"].dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d")
    rows = rows[rows["predicted_minutes"].notna()]
    newest = rows[rows["day"].isin(AFTER_ROLLBACK)]
    assert set(newest["model_version"]) == {"1"}
    assert set(rows[rows["day"].isin(LONGER_TRIPS[3:])]["model_version"]) == {"2"}
    direct = pipeline_of(planted.database, MODEL, "1").predict(newest[FEATURES])
    assert len(newest) > 2000
    assert (direct == newest["predicted_minutes"].to_numpy()).all()
