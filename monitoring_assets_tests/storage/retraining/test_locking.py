"""A past that is replayed: one at a time, and nothing is decided in the present meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from monitoring_assets.errors import RetrainingError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.locking import in_the_present, replaying
from monitoring_assets_tests.waiting import wait_for_waiters, wait_until


def is_present(database: Database, model_id: str = "small") -> bool:
    with in_the_present(database, model_id) as present:
        return present


def test_while_a_past_is_replayed_it_is_not_now_for_this_model_alone(database: Database) -> None:
    assert is_present(database)
    with replaying(database, "small"):
        assert not is_present(database)
        assert is_present(database, "other")
    wait_until(lambda: is_present(database))


def test_a_replay_that_fails_lets_the_present_go_on(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), replaying(database, "small"):
        raise ZeroDivisionError
    wait_until(lambda: is_present(database))


def test_two_look_at_the_present_at_once(database: Database) -> None:
    with in_the_present(database, "small") as first, in_the_present(database, "small") as second:
        assert (first, second) == (True, True)


def test_a_second_replay_of_a_model_is_refused(database: Database) -> None:
    with replaying(database, "small"), replaying(database, "other"):
        with pytest.raises(RetrainingError, match=r"'small'.* by another process; nothing was"):
            replaying(database, "small").__enter__()
        assert not is_present(database)


def test_a_replay_waits_for_a_sensor_that_decides(database: Database) -> None:
    def replay() -> bool:
        with replaying(database, "small"):
            return True

    with ThreadPoolExecutor(1) as pool:
        with in_the_present(database, "small") as present:
            begun = pool.submit(replay)
            wait_for_waiters(database, 1)
            assert present
            assert not begun.done()
            assert not is_present(database)  # whoever comes now lets the replay go first
        assert begun.result()


def test_a_replay_is_in_no_transaction_however_long_it_takes(database: Database) -> None:
    question = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    with replaying(database, "small"), database.connect() as connection:
        assert connection.execute(question).scalar_one() == 0
