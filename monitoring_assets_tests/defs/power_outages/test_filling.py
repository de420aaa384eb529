"""Filling the invented warehouse: what is known by then, nothing twice, nobody else's tables."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from urllib.parse import urlsplit

import pandas as pd
import psycopg
import pytest

from monitoring_assets.defs.power_outages.filling import (
    SEED,
    Filled,
    create_database,
    fill,
    filled_until,
)
from monitoring_assets.defs.power_outages.planted import FIRST_DAY
from monitoring_assets.errors import StorageError
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.defs.power_outages.warehouse import drawn, run, table, utc

UNTIL = utc(1, 3, 9)
NEVER_MADE = "test_never_made_before"


def filled(database: Database, moments: Sequence[datetime]) -> list[Filled]:
    return [fill(database.url, SEED, moment) for moment in moments]


def content(database: Database) -> list[pd.DataFrame]:
    return [table(database, name) for name in ("predictions", "observations", "filling")]


def test_a_month_has_the_rows_that_the_seed_says(empty_database: Database) -> None:
    (done,) = filled(empty_database, [UNTIL])
    assert (done.predictions, done.observations) == (22320, 21172)
    predictions, observations, _ = content(empty_database)
    (row,) = predictions[predictions["prediction_id"] == "2024122417-12"].to_dict("records")
    assert row["substation"] == "harbour-3"
    assert (row["wind_gust"], row["temperature_anomaly"], row["load_share"]) == (6.4, 3.0, 0.755)
    assert (row["predicted_outages"], row["model_version"]) == (5.5, "3")
    assert row["scored_at"] == pd.Timestamp("2024-12-23 18:00", tz="UTC")
    assert observations["outages"].sum() == 147_057
    reports = observations[observations["prediction_id"] == "2024122400-04"]
    said = reports.sort_values("reported_at")
    assert said["outages"].tolist() == [2, 4]
    assert [f"{time:%m-%d %H:%M:%S}" for time in said["reported_at"]] == [
        "12-26 23:27:36",
        "12-28 18:19:06",
    ]


def test_what_is_known_by_then_is_there_and_nothing_else(empty_database: Database) -> None:
    filled(empty_database, [UNTIL])
    predictions, observations = drawn(FIRST_DAY, (date(2025, 1, 10) - FIRST_DAY).days)
    stored = content(empty_database)
    for found, all_of_them, column in (
        (stored[0], predictions, "scored_at"),
        (stored[1], observations, "reported_at"),
    ):
        known = all_of_them[all_of_them[column] <= pd.Timestamp(UNTIL)][[*found.columns]]
        expected = known.sort_values([*found.columns], ignore_index=True)
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_report_can_be_taken_back_by_one_without_a_number(empty_database: Database) -> None:
    filled(empty_database, [UNTIL])
    void = (
        "INSERT INTO observations (prediction_id, reported_at)"
        " SELECT prediction_id, reported_at + interval '1 day' FROM observations LIMIT 1"
    )
    with empty_database.begin() as connection:
        connection.exec_driver_sql(void)
    assert content(empty_database)[1]["outages"].isna().sum() == 1


@pytest.mark.parametrize("seed", range(3))
def test_filling_by_little_and_little_equals_filling_at_once(
    new_database: NewDatabase, empty_database: Database, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - moments of a test
    hours = sorted(random.sample(range(45 * 24), 6))
    moments = [utc(12, 1, year=2024) + timedelta(hours=hour) for hour in hours]
    filled(empty_database, [*moments, UNTIL + timedelta(days=20)])
    with new_database() as at_once:
        filled(at_once, [UNTIL + timedelta(days=20)])
        for one, other in zip(content(empty_database), content(at_once), strict=True):
            pd.testing.assert_frame_equal(one, other)


def test_filling_again_or_up_to_an_earlier_moment_changes_nothing(
    empty_database: Database,
) -> None:
    filled(empty_database, [UNTIL])
    before = content(empty_database)
    for done in filled(empty_database, [UNTIL, UNTIL - timedelta(days=9)]):
        assert done == Filled(predictions=0, observations=0, until=UNTIL)
    for one, other in zip(before, content(empty_database), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_another_seed_is_refused_and_changes_nothing(empty_database: Database) -> None:
    filled(empty_database, [utc(12, 8, year=2024)])
    with pytest.raises(StorageError, match=f"filled from seed {SEED}, not 5; nothing was written"):
        fill(empty_database.url, 5, UNTIL)
    assert filled_until(empty_database) == utc(12, 8, year=2024)


def test_tables_that_are_not_ours_are_left_alone(empty_database: Database) -> None:
    run(empty_database, "CREATE TABLE predictions (id int)")
    with pytest.raises(StorageError, match="has tables predictions that this command has not made"):
        fill(empty_database.url, SEED, UNTIL)
    assert table(empty_database, "predictions").empty
    assert filled_until(empty_database) is None


def test_before_the_first_prediction_there_are_empty_tables(empty_database: Database) -> None:
    (done,) = filled(empty_database, [utc(11, 1, year=2024)])
    assert (done.predictions, done.observations) == (0, 0)
    assert [len(one) for one in content(empty_database)] == [0, 0, 1]


def test_the_database_is_made_once(database_server_url: str) -> None:
    server = Database(database_server_url)
    try:
        first, second = (create_database(server, NEVER_MADE) for _ in range(2))
        assert first == second
        assert urlsplit(first.url).path == f"/{NEVER_MADE}"
        assert filled_until(first) is None
        first.dispose()
    finally:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {NEVER_MADE} WITH (FORCE)")


def test_who_may_not_make_databases_is_told_so(database_server_url: str) -> None:
    role = "test_no_databases"
    with psycopg.connect(database_server_url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {role}")
        connection.execute(f"CREATE ROLE {role} LOGIN")
        url = urlsplit(database_server_url)
        theirs = Database(url._replace(netloc=f"{role}@{url.netloc.rpartition('@')[2]}").geturl())
        try:
            with pytest.raises(StorageError, match=f"may not make the database '{NEVER_MADE}'"):
                create_database(theirs, NEVER_MADE)
        finally:
            theirs.dispose()
            connection.execute(f"DROP ROLE {role}")
