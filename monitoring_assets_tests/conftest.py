"""Fixtures of all tests: a real Postgres once per session, an own database for each test.

Without `--test-dsn` (or MONITORING_TEST_DSN) an embedded server is started in a temporary folder
and removed at the end; nothing is skipped for want of a server.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer

if TYPE_CHECKING:
    from monitoring_assets_tests.dagster_runs import Runner
    from monitoring_assets_tests.main_job import MainJob

NewDatabase = Callable[..., AbstractContextManager[Database]]

DATA_VARIABLE = "MONITORING_TEST_DATA"
_END_SESSIONS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
SERVER_FOLDER = "database_server"
CHECKOUT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--test-dsn",
        metavar="URL",
        default=os.environ.get("MONITORING_TEST_DSN"),
        help="Postgres server to test with (its user must be allowed to create databases); "
        "default: $MONITORING_TEST_DSN, else an embedded server of this test session",
    )


@pytest.fixture(scope="session", autouse=True)
def _no_trips_from_the_network() -> Iterator[None]:
    """Send whoever would download trips, here or in a process we start, to where nobody listens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLC_TRIP_DATA_URL", "http://127.0.0.1:1/trip-data")
        yield


@pytest.fixture(scope="session")
def database_server_url(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    given = pytestconfig.getoption("--test-dsn")
    if given:
        yield Database(given).url
        return
    _remove_servers_of_killed_sessions(tmp_path_factory.getbasetemp().parent)
    server = EmbeddedServer(tmp_path_factory.mktemp(SERVER_FOLDER))
    try:
        with server.hold() as url:
            # Its databases live for seconds; nobody needs them after a power cut.
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            yield url
    finally:
        server.destroy()


@pytest.fixture
def empty_database(database_server_url: str) -> Iterator[Database]:
    yield from _fresh_database(database_server_url, template="template1")


@pytest.fixture(scope="session")
def _template_database(database_server_url: str) -> Iterator[str]:
    from monitoring_assets.storage.schema import upgrade

    for database in _fresh_database(database_server_url, template="template1"):
        upgrade(database)
        # A database with open connections cannot be copied.
        database.dispose()
        yield urlsplit(database.url).path.removeprefix("/")


@pytest.fixture
def database(database_server_url: str, _template_database: str) -> Iterator[Database]:
    yield from _fresh_database(database_server_url, template=_template_database)


@pytest.fixture(scope="session")
def new_database(database_server_url: str, _template_database: str) -> NewDatabase:
    """Make a database, empty or a copy of another one, that goes at the end of `with`."""

    def made(original: Database | None = None) -> AbstractContextManager[Database]:
        template = _template_database
        if original is not None:
            template = urlsplit(original.url).path.removeprefix("/")
            # A database with open connections cannot be copied; Dagster never closes its own.
            original.dispose()
            with psycopg.connect(database_server_url) as connection:
                connection.execute(_END_SESSIONS, [template])
        return contextmanager(_fresh_database)(database_server_url, template)

    return made


@pytest.fixture(scope="session")
def quick_template(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Make the quick model trained and measured, before its first window; for copies."""
    from monitoring_assets_tests.dagster_runs import Runner, quick_spec

    folder = tmp_path_factory.mktemp("quick")
    with new_database() as database:
        with Runner(quick_spec(folder), database, folder) as runner:
            runner.set_up()
        yield database


@pytest.fixture(scope="session")
def planted(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Runner"]:
    """Make the model one of whose segments goes bad, all its windows computed; only to be read."""
    from monitoring_assets_tests.assets.planted_model import planted_runner

    folder = tmp_path_factory.mktemp("planted")
    with new_database() as database, planted_runner(database, folder) as runner:
        yield runner


@pytest.fixture(scope="session")
def main_job(
    new_database: NewDatabase, trips_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["MainJob"]:
    """Two months of real trips, backfilled by the command line once for all tests that read it."""
    from monitoring_assets_tests.main_job import run_main_job

    home = tmp_path_factory.mktemp("main_job")
    with new_database() as database, run_main_job(database, trips_folder, home) as done:
        yield done


@pytest.fixture(scope="session")
def trips_folder() -> Path:
    """Folder with the real trips (NYC green taxi, `green_tripdata_*.parquet`)."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    if not any(folder.glob("green_tripdata_2023-*.parquet")):
        pytest.skip(f"no real trips in {folder}: set {DATA_VARIABLE} to the folder of the files")
    return folder


def _fresh_database(server_url: str, template: str) -> Iterator[Database]:
    name = f"test_{secrets.token_hex(6)}"
    identifiers = sql.Identifier(name), sql.Identifier(template)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*identifiers))
    database = Database(urlsplit(server_url)._replace(path=f"/{name}").geturl())
    try:
        yield database
    finally:
        database.dispose()
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifiers[0]))


def _remove_servers_of_killed_sessions(sessions: Path) -> None:
    for folder in sessions.glob(f"pytest-*/{SERVER_FOLDER}*"):
        server = EmbeddedServer(folder)
        # A session that has only just begun may not hold its server yet.
        if time.time() - folder.stat().st_mtime > 600 and server.stop_if_unused():
            server.destroy()
