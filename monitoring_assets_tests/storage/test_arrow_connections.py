"""Connections for rows in bulk: used again, replaced once lost, closed with the database."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from monitoring_assets.storage.arrow_connections import MOST_IDLE
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.waiting import wait_until


def backend(database: Database) -> int:
    """Return the number of the server's process behind an Arrow transaction."""
    with database.adbc() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [found] = cursor.fetchone() or [0]
        return int(found)


def sessions(database: Database) -> int:
    """Return how many sessions there are beside the one that asks."""
    question = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    with database.connect() as connection:
        return int(connection.execute(text(question)).scalar_one())


def test_the_next_transaction_uses_the_connection_again(empty_database: Database) -> None:
    assert backend(empty_database) == backend(empty_database)


def test_a_transaction_begins_with_its_first_statement(empty_database: Database) -> None:
    times: list[object] = []
    for _ in range(2):
        with empty_database.adbc() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT transaction_timestamp()::text")
            times.append(cursor.fetchone())
    assert times[0] != times[1]


def test_a_connection_on_which_something_failed_is_not_used_again(empty_database: Database) -> None:
    before = backend(empty_database)
    with pytest.raises(ZeroDivisionError), empty_database.adbc():
        raise ZeroDivisionError
    assert backend(empty_database) != before


def test_a_connection_that_the_server_has_ended_meanwhile_is_replaced(
    empty_database: Database,
) -> None:
    before = backend(empty_database)
    with empty_database.begin() as connection:
        # Waits until it has really ended.
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
    assert backend(empty_database) != before


def test_several_at_once_have_one_each_and_few_are_kept(empty_database: Database) -> None:
    backend(empty_database)
    with ExitStack() as stack:
        for _ in range(MOST_IDLE + 3):
            stack.enter_context(empty_database.adbc())
        many = sessions(empty_database)
    with ThreadPoolExecutor(MOST_IDLE + 3) as pool:
        found = list(pool.map(backend, [empty_database] * 50))
    assert (many, all(found)) == (1 + MOST_IDLE + 3, True)
    # The server ends a session a moment after its connection was closed.
    wait_until(lambda: sessions(empty_database) <= 1 + MOST_IDLE)


def test_nothing_stays_open_once_the_database_is_disposed_of(empty_database: Database) -> None:
    backend(empty_database)
    assert sessions(empty_database) == 2
    empty_database.dispose()
    wait_until(lambda: sessions(empty_database) == 0)
