"""Promotions that meet the scoring of windows, and processes that are killed on the way."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.errors import DeploymentChangedError, StorageError
from monitoring_assets.records import Deployment, Layer, WindowCounts
from monitoring_assets.storage import models, tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import promoting
from monitoring_assets.storage.retraining.promoting import promote
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets.storage.window_write import SliceWrite, replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.retraining.loop import (
    a_champion,
    a_promotion,
    at_once,
    score,
)
from monitoring_assets_tests.storage.retraining.test_promoting import (
    day,
    deployed,
    everything,
    whole_promotion,
)
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_window,
    prediction_rows,
    rows_of,
)
from monitoring_assets_tests.storage.test_interruptions import InterruptedRows

WAITING = sa.text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
    " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
)


def until_somebody_waits(database: Database) -> None:
    deadline = time.monotonic() + 30
    with database.connect() as connection:
        while not connection.execute(WAITING).scalar_one():
            assert time.monotonic() < deadline, "nobody waits for a lock"
            time.sleep(0.01)


def scored_by(database: Database) -> dict[int, list[str]]:
    """Return, by day, the versions that scored the window."""
    rows = rows_of(database, tables.window)
    return {row["window_start"].day - 1: list(row["rows_by_version"]) for row in rows}


def score_and_meet(database: Database, meet: Callable[[], None]) -> None:
    """Score the first window, calling back in the middle of its writing."""
    counts = WindowCounts(rows_read=3, rows_scored=3, rows_by_version={"1": 3})
    record = a_computation(Layer.PREDICTIONS, scored_by="1")
    write = SliceWrite(table=tables.drift_score, rows=InterruptedRows([], meet))
    replace_window(database, record, [write], counts=counts)


def test_a_promotion_waits_for_a_window_that_is_being_written(database: Database) -> None:
    a_champion(database)
    promotions: list[Future[Deployment]] = []
    with ThreadPoolExecutor(1) as pool:

        def meet() -> None:
            promotions.append(pool.submit(promote, database, a_promotion()))
            until_somebody_waits(database)

        score_and_meet(database, meet)
        assert promotions[0].result().valid_from == day(1)
    assert scored_by(database) == {0: ["1"]}


def test_a_window_that_a_promotion_overtakes_has_to_be_scored_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_champion(database)
    writers: list[Future[None]] = []
    close_all = promoting.close_all
    with ThreadPoolExecutor(1) as pool:

        def meet(*given: Any) -> Any:
            writers.append(pool.submit(score, database, 0))
            until_somebody_waits(database)
            return close_all(*given)

        monkeypatch.setattr(promoting, "close_all", meet)
        promote(database, a_promotion())
        with pytest.raises(DeploymentChangedError, match=r"version 1.*meanwhile version 2"):
            writers[0].result()
    assert scored_by(database) == {}
    score(database, 0, "2")
    assert scored_by(database) == {0: ["2"]}


def test_windows_are_scored_beside_each_other(database: Database) -> None:
    a_champion(database)
    score_and_meet(database, lambda: score(database, 1))
    assert scored_by(database) == {0: ["1"], 1: ["1"]}


def score_as_assets_do(database: Database, number: int) -> None:
    while True:
        version = models.version_in_force(database, "small", day(number))
        assert version is not None
        try:
            return score(database, number, version)
        except DeploymentChangedError:
            continue


def test_no_window_is_ever_scored_by_a_version_that_did_not_serve_it(database: Database) -> None:
    a_champion(database)

    def score_windows(first: int) -> None:
        for number in range(first, 24, 3):
            score_as_assets_do(database, number)

    def promote_one_after_the_other() -> None:
        for champion, version in (("1", "2"), ("2", "3"), ("3", "1"), ("1", "2")):
            promote(database, a_promotion(version, champion=champion))

    works = [lambda first=first: score_windows(first) for first in range(3)]
    assert at_once([*works, promote_one_after_the_other]) == [None] * 4
    in_force = {
        number: [models.version_in_force(database, "small", day(number))] for number in range(24)
    }
    assert scored_by(database) == in_force


def test_rows_of_a_version_that_serves_no_longer_are_not_stored(database: Database) -> None:
    a_champion(database)
    promote(database, a_promotion())
    rows = prediction_rows(a_window())
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    record = a_computation(Layer.PREDICTIONS, scored_by="1")
    with pytest.raises(DeploymentChangedError, match="score it again"):
        replace_window_rows(database, record, table, rows)
    assert rows_of(database, tables.window) == []
    replace_window_rows(database, replace(record, scored_by="2"), table, rows)
    assert len(rows_of(database, tables.window)) == 1


def test_a_window_before_the_first_deployment_cannot_have_been_scored(database: Database) -> None:
    a_champion(database)
    with pytest.raises(DeploymentChangedError, match="version None"):
        score(database, -1)


def test_scoring_something_that_is_no_window_is_refused(database: Database) -> None:
    record = replace(a_computation(Layer.PREDICTIONS, scored_by="1"), window=None)
    with pytest.raises(StorageError, match="no window was given"):
        replace_window(database, record, [])


HALF_PROMOTED = """
import sys, time
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import promoting
from monitoring_assets_tests.storage.retraining.loop import a_measured_reference, a_promotion
def stop(*given):
    print("half", flush=True)
    time.sleep(60)
promoting.write_messages = stop
promoting.promote(Database(sys.argv[1]), a_promotion(
    decision_id=int(sys.argv[2]), reference=a_measured_reference(2, of_version="2")))
"""


def test_a_promotion_that_is_killed_leaves_nothing_and_no_lock(database: Database) -> None:
    promotion = whole_promotion(database)
    before = everything(database)
    what = [database.url, str(promotion.decision_id)]
    command = [sys.executable, "-W", "ignore", "-c", HALF_PROMOTED, *what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "half\n"
        assert everything(database) == before
        other.send_signal(signal.SIGKILL)
    promote(database, promotion)
    assert deployed(database) == [("1", day(0)), ("2", day(3))]
