"""Quality numbers that are replaced: what was said before is kept, what is said again stays."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Layer, ModelQuality, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import model_quality_write
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import a_computation, a_window, rows_of
from monitoring_assets_tests.storage.test_results import QUALITY

Row = dict[str, Any]

RMSE = replace(QUALITY, metric="rmse", value=4.5)
BOTH = (QUALITY, RMSE)
EVERY_FIELD = {
    "value": math.nextafter(3.1, 4),
    "interval_low": None,
    "interval_high": 3.3,
    "reference_value": 2.97,
    "threshold": 3.56,
    "labels": 901,
    "coverage": math.nextafter(0.99, 1),
    "verdict": Verdict.LABELS_IMMATURE,
    "reason": "mae 3.1 does not lie beyond the threshold.",
}
"""Each field of a quality number that is no key, a little different."""


def say(database: Database, *numbers: ModelQuality, day: int = 0, **where: Any) -> int:
    made = a_computation(Layer.MODEL_QUALITY, a_window(day))
    return replace_window(database, made, [model_quality_write(numbers, **where)])


def said(database: Database) -> list[Row]:
    found = rows_of(database, tables.model_quality)
    return sorted(found, key=lambda row: (row["window_start"], row["metric"]))


def said_before(database: Database) -> list[Row]:
    found = rows_of(database, tables.model_quality_history)
    return sorted(found, key=lambda row: (row["superseded_at"], row["metric"]))


def database_clock(database: Database) -> Any:
    with database.connect() as connection:
        return connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()


def test_the_same_numbers_again_change_nothing(database: Database) -> None:
    say(database, *BOTH)
    before = said(database)
    again = say(database, *reversed(BOTH))
    assert said(database) == before
    assert said_before(database) == []
    assert [row["id"] for row in rows_of(database, tables.computation)][-1] == again


def test_a_changed_number_goes_to_the_history_once_and_the_other_stays(database: Database) -> None:
    say(database, *BOTH)
    mae, rmse = said(database)
    begun = database_clock(database)
    for _ in range(3):
        say(database, replace(QUALITY, value=9.9), RMSE)
    new, same = said(database)
    [old] = said_before(database)
    assert same == rmse
    assert old == mae | {"superseded_at": new["recorded_at"]}
    assert (new["value"], new["recorded_at"] > begun) == (9.9, True)


def test_a_number_that_is_gone_goes_to_the_history_once(database: Database) -> None:
    say(database, *BOTH)
    mae, rmse = said(database)
    for _ in range(2):
        say(database, RMSE)
    assert said(database) == [rmse]
    assert [row["recorded_at"] for row in said_before(database)] == [mae["recorded_at"]]


def test_a_number_that_comes_back_has_been_said_twice(database: Database) -> None:
    for numbers in (BOTH, (RMSE,), BOTH, (RMSE,)):
        say(database, *numbers)
    first, second = said_before(database)
    assert [row["metric"] for row in said(database)] == ["rmse"]
    assert first["value"] == second["value"] == QUALITY.value
    assert first["superseded_at"] < second["recorded_at"] < second["superseded_at"]


@pytest.mark.parametrize("name", EVERY_FIELD)
def test_any_field_says_something(database: Database, name: str) -> None:
    say(database, QUALITY)
    say(database, replace(QUALITY, **{name: EVERY_FIELD[name]}))
    [old], [new] = said_before(database), said(database)
    assert (old[name], new[name]) == (getattr(QUALITY, name), EVERY_FIELD[name])


def test_every_field_that_is_no_key_was_tried() -> None:
    names = {column.name for column in tables.model_quality.c if not column.primary_key}
    assert names - {"computation_id", "recorded_at"} == {*EVERY_FIELD}


def test_zeros_of_different_sign_differ_and_numbers_of_numpy_do_not(database: Database) -> None:
    zero = replace(QUALITY, value=0.0)
    say(database, zero)
    say(database, replace(zero, value=np.float64(0.0), labels=np.int64(900)))
    assert said_before(database) == []
    say(database, replace(zero, value=-0.0))
    assert [math.copysign(1, row["value"]) for row in said_before(database)] == [1.0]
    assert [math.copysign(1, row["value"]) for row in said(database)] == [-1.0]


def test_numbers_of_another_window_or_kind_stay(database: Database) -> None:
    estimated = replace(QUALITY, kind="estimated")
    say(database, *BOTH, day=1)
    say(database, estimated, kind="estimated")
    say(database, QUALITY)
    kept = [row for row in said(database) if row["kind"] == "estimated" or row["metric"] == "rmse"]
    say(database)
    left = said(database)
    assert [row for row in left if row in kept] == kept
    assert [(row["kind"], row["window_start"]) for row in left] == [
        ("estimated", a_window(0).start),
        ("realised", a_window(1).start),
        ("realised", a_window(1).start),
    ]
    assert [row["kind"] for row in said_before(database)] == ["realised"]


def test_the_same_key_twice_is_refused_and_the_old_rows_stay(database: Database) -> None:
    say(database, *BOTH)
    before = said(database)
    for twice in ((QUALITY, QUALITY), (QUALITY, replace(QUALITY, value=1.0))):
        with pytest.raises(StorageError, match=r"model_quality: two rows have the same .*mae"):
            say(database, *twice)
    assert (said(database), said_before(database)) == (before, [])


def test_a_refused_number_supersedes_nothing(database: Database) -> None:
    say(database, *BOTH)
    before = said(database)
    with pytest.raises(StorageError, match="refuses a row"):
        say(database, replace(QUALITY, value=math.inf), replace(RMSE, value=1.0))
    assert (said(database), said_before(database)) == (before, [])


def test_of_many_writers_at_once_each_word_is_kept_once(database: Database) -> None:
    values = [float(number) for number in range(24)]
    with ThreadPoolExecutor(6) as pool:
        for future in [
            pool.submit(say, database, replace(QUALITY, value=value), RMSE) for value in values
        ]:
            future.result()
    history, [mae, rmse] = said_before(database), said(database)
    assert sorted([*(row["value"] for row in history), mae["value"]]) == values
    moments = [row["recorded_at"] for row in history] + [mae["recorded_at"]]
    assert [row["superseded_at"] for row in history] == moments[1:]
    assert sorted({*moments}) == moments
    assert rmse["recorded_at"] == moments[0]


def test_of_two_writers_who_say_the_same_one_is_heard(database: Database) -> None:
    say(database, *BOTH)
    later = replace(QUALITY, value=9.9)
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(say, database, later, RMSE) for _ in range(12)]:
            future.result()
    assert [row["value"] for row in said_before(database)] == [QUALITY.value]
    assert [row["value"] for row in said(database)] == [9.9, RMSE.value]
