"""Connections for work: transactions, time zone, lost connections, emptying."""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import adbc_driver_manager
import pyarrow as pa
import pytest
import sqlalchemy
from adbc_driver_manager.dbapi import Connection as AdbcConnection
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from monitoring_assets.errors import DatabaseUnavailableError, StorageError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables.base import SCHEMAS

NOBODY_LISTENS = "postgresql://ann:secret@127.0.0.1:1/metrics?connect_timeout=2"


@pytest.fixture
def table(empty_database: Database) -> Database:
    with empty_database.begin() as connection:
        connection.execute(text("CREATE TABLE numbers (number bigint)"))
    return empty_database


def test_a_transaction_is_committed_at_its_end(table: Database) -> None:
    with table.begin() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (1)"))
    assert _count(table) == 1


def test_an_error_rolls_the_transaction_back(table: Database) -> None:
    with pytest.raises(ZeroDivisionError), table.begin() as connection:
        _insert_and_fail(connection)
    assert _count(table) == 0


def test_reading_commits_nothing(table: Database) -> None:
    with table.connect() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (1)"))
    assert _count(table) == 0


def test_arrow_rows_are_committed_at_the_end(table: Database) -> None:
    with table.adbc() as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("numbers", pa.table({"number": [1, 2, 3]}), mode="append")
    assert _count(table) == 3


def test_an_error_rolls_arrow_rows_back(table: Database) -> None:
    with pytest.raises(ZeroDivisionError), table.adbc() as connection:
        _insert_arrow_and_fail(connection)
    assert _count(table) == 0


def test_a_statement_that_is_wrong_is_not_taken_for_a_lost_connection(table: Database) -> None:
    with pytest.raises(ProgrammingError), table.begin() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    with pytest.raises(adbc_driver_manager.ProgrammingError), table.adbc() as connection:
        connection.cursor().execute("SELECT * FROM no_such_table")


@pytest.mark.parametrize("way", ["sqlalchemy", "adbc"])
def test_a_connection_lost_in_the_middle_of_a_write_is_unavailable_and_rolls_back(
    table: Database, way: str
) -> None:
    write = {"sqlalchemy": _write_and_lose, "adbc": _write_arrow_and_lose}[way]
    with pytest.raises(DatabaseUnavailableError, match="rolled back") as caught:
        write(table)
    assert caught.value.retryable
    assert _count(table) == 0


@pytest.mark.parametrize("open_connection", [Database.begin, Database.connect, Database.adbc])
def test_a_server_that_is_not_there_is_unavailable_and_shows_no_password(
    open_connection: Callable[..., object],
) -> None:
    with pytest.raises(DatabaseUnavailableError, match="refused") as caught:
        open_connection(Database(NOBODY_LISTENS)).__enter__()  # type: ignore[attr-defined] - a manager
    assert "secret" not in str(caught.value)
    assert "ann:***@127.0.0.1" in str(caught.value)


def test_sessions_are_in_utc_and_named(empty_database: Database) -> None:
    question = "SELECT current_setting('TimeZone'), current_setting('application_name')"
    with empty_database.connect() as connection:
        assert connection.execute(text(question)).one() == ("UTC", "monitoring_assets")
    with empty_database.adbc() as connection, connection.cursor() as cursor:
        cursor.execute(question)
        assert cursor.fetchone() == ("UTC", "monitoring_assets")


def test_no_connection_that_is_kept_for_later_is_in_a_transaction(table: Database) -> None:
    assert _count(table) == 0
    with table.adbc() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    question = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND state LIKE 'idle in transaction%'"""
    with table.connect() as connection:
        assert connection.execute(text(question)).scalar_one() == 0


def test_one_process_has_one_engine_and_a_forked_child_another(empty_database: Database) -> None:
    with empty_database.connect() as connection:
        ours = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    assert empty_database.engine() is Database(empty_database.url).engine()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        child = pool.apply(_backend_of, [empty_database])
    assert child != ours
    with empty_database.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() == ours


def test_dagster_finds_its_tables_in_their_own_schema(empty_database: Database) -> None:
    with empty_database.begin() as connection:
        connection.execute(text("CREATE SCHEMA dagster"))
    engine = sqlalchemy.create_engine(empty_database.dagster_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE runs (id integer)"))
    engine.dispose()
    assert sqlalchemy.inspect(empty_database.engine()).get_table_names("dagster") == ["runs"]


def test_emptying_drops_all_our_schemas_and_nothing_else(table: Database) -> None:
    with table.begin() as connection:
        for schema in SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA {schema} CREATE TABLE t (number bigint)"))
    table.reset()
    inspector = sqlalchemy.inspect(table.engine())
    assert not set(SCHEMAS) & set(inspector.get_schema_names())
    assert inspector.get_table_names("public") == ["numbers"]


def test_emptying_what_somebody_uses_drops_nothing(
    table: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring_assets.storage.database.RESET_LOCK_TIMEOUT", "100ms")
    with table.begin() as connection:
        connection.execute(text("CREATE SCHEMA monitoring"))
        connection.execute(text("CREATE SCHEMA rows CREATE TABLE used (number integer)"))
    with table.connect() as reader:
        reader.execute(text("SELECT * FROM rows.used"))
        with pytest.raises(StorageError, match="nothing was dropped"):
            table.reset()
    assert {"monitoring", "rows"} <= set(sqlalchemy.inspect(table.engine()).get_schema_names())


def _count(database: Database) -> int:
    with database.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM numbers")).scalar_one()


def _insert_and_fail(connection: sqlalchemy.Connection) -> None:
    connection.execute(text("INSERT INTO numbers VALUES (1)"))
    raise ZeroDivisionError


def _insert_arrow_and_fail(connection: AdbcConnection) -> None:
    with connection.cursor() as cursor:
        cursor.adbc_ingest("numbers", pa.table({"number": [1, 2, 3]}), mode="append")
    raise ZeroDivisionError


def _backend_of(database: Database) -> int:
    with database.connect() as connection:
        return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()


def _end_backend(database: Database, backend: int) -> None:
    with database.begin() as connection:
        # Waits until it has really ended.
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})


def _write_and_lose(database: Database) -> None:
    insert = text("INSERT INTO numbers VALUES (1) RETURNING pg_backend_pid()")
    with database.begin() as connection:
        _end_backend(database, connection.execute(insert).scalar_one())
        connection.execute(insert)


def _write_arrow_and_lose(database: Database) -> None:
    with database.adbc() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone() or [0]
        cursor.adbc_ingest("numbers", pa.table({"number": [1, 2, 3]}), mode="append")
        _end_backend(database, backend)
        cursor.adbc_ingest("numbers", pa.table({"number": [4]}), mode="append")


def test_threads_that_come_first_together_share_their_connections(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, create_engine = threading.Barrier(2), sqlalchemy.create_engine

    def create_together(*given: Any, **named: Any) -> sqlalchemy.Engine:
        together.wait(30)
        return create_engine(*given, **named)

    monkeypatch.setattr(sqlalchemy, "create_engine", create_together)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: database.engine(), range(2))
    assert first is second
