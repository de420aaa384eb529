"""Finding the database and making it ready, once a process.

Belongs here: which server is meant, starting the embedded one, applying migrations. Stays out:
Dagster (the command line uses this too and should not wait for its import), what is stored.
"""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from monitoring_assets.resources import settings
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.schema import upgrade


def embedded_server() -> EmbeddedServer:
    """Return the embedded server of the data folder, whether it runs or not."""
    return EmbeddedServer(settings.data_folder())


def database_url(explicit: str | None = None) -> str:
    """Return the URL in force, starting the embedded server if that is the one meant."""
    return explicit or settings.configured_database_url() or embedded_server().ensure_running()


def ready_database(explicit: str | None = None) -> Database:
    """Return the database with its tables up to date."""
    return _migrated(database_url(explicit))


@contextmanager
def held_database() -> Iterator[Database]:
    """Hold the database while a long command runs.

    The embedded server is stopped at the end, unless another such command still uses it.
    """
    if settings.configured_database_url():
        yield ready_database()
        return
    server = embedded_server()
    try:
        with server.hold():
            database = ready_database()
            try:
                yield database
            finally:
                database.dispose()
    finally:
        server.stop_if_unused()


@lru_cache(maxsize=8)
def _migrated(url: str) -> Database:
    database = Database(url)
    upgrade(database)
    # ADBC complains on stderr about a connection that is still open when the interpreter goes.
    atexit.register(database.dispose)
    return database
