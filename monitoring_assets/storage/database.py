"""One database, however it is reached: for SQLAlchemy, for rows in bulk, for Dagster.

Belongs here: connections for work, and what a lost one means. Stays out: tables and their rows, the
embedded server (which hands out an ordinary URL), the environment, questions to the user.
"""

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import DropSchema

from monitoring_assets.errors import DatabaseUnavailableError, StorageError
from monitoring_assets.storage import arrow_connections
from monitoring_assets.storage.database_url import (
    mask_url,
    normalise_url,
    password_of,
    with_defaults,
    with_driver,
    with_options,
)
from monitoring_assets.storage.tables.base import SCHEMAS

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection as AdbcConnection

DEFAULTS = {
    "connect_timeout": "5",
    "application_name": "monitoring_assets",
    # A peer that has vanished without a word is noticed within a minute.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
# Connection failures; shut down, crashed, starting up; too many connections.
LOST_SQLSTATES = ("08", "57P", "53300")
RESET_LOCK_TIMEOUT = "10s"
# By URL and process.
_ENGINES: dict[tuple[str, int], sqlalchemy.Engine] = {}


@dataclass(frozen=True, repr=False)
class Database:
    """A Postgres database, named by its URL; cheap to make, holds no connection itself.

    Parameters
    ----------
    url
        `postgresql://…`, also with `+psycopg` or `+psycopg2`; kept as plain `postgresql://…`, which
        psql, libpq and ADBC understand.
    """

    url: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", normalise_url(self.url))

    def __repr__(self) -> str:
        return f"Database({self.masked!r})"

    @property
    def masked(self) -> str:
        """URL without its password, for logs and messages."""
        return mask_url(self.url)

    @property
    def dagster_url(self) -> str:
        """URL for Dagster's storage, whose tables lie in the schema `dagster`.

        With psycopg2: the statements by which Dagster announces events fail with psycopg 3.
        """
        return with_driver(with_options(self.url, "-csearch_path=dagster"), "psycopg2")

    @property
    def mlflow_url(self) -> str:
        """URL for MLflow, whose tables lie in the schema `mlflow` and nowhere else."""
        return with_driver(with_options(self.url, "-csearch_path=mlflow"), "psycopg")

    def engine(self) -> sqlalchemy.Engine:
        """Return this process' engine; a forked child gets one of its own."""
        return _engine(self.url, os.getpid())

    def dispose(self) -> None:
        """Close the connections that this process keeps for later."""
        self.engine().dispose()
        arrow_connections.close_all(_session_url(self.url))

    @contextlib.contextmanager
    def connect(self) -> Generator[sqlalchemy.Connection]:
        """Connect for reading; whatever is not committed is rolled back."""
        with self._translated(), self.engine().connect() as connection:
            yield connection

    @contextlib.contextmanager
    def begin(self) -> Generator[sqlalchemy.Connection]:
        """Connect for one transaction: committed at the end, rolled back on an error.

        Raises
        ------
        DatabaseUnavailableError
            There is no connection, or it went away meanwhile.
        """
        with self._translated(), self.engine().begin() as connection:
            yield connection

    @contextlib.contextmanager
    def adbc(self) -> Generator["AdbcConnection"]:
        """Connect for Arrow data, for one transaction, as `begin` does."""
        from adbc_driver_manager import Error

        url = _session_url(self.url)
        try:
            connection = arrow_connections.take(url)
        except Error as error:
            raise self._unavailable(error) from error
        try:
            yield connection
            connection.commit()
        except BaseException as error:
            with contextlib.closing(connection):
                if _rolls_back(connection) or not isinstance(error, (Error, OSError)):
                    raise
                raise self._unavailable(error) from error
        arrow_connections.give_back(url, connection)

    def reset(self) -> None:
        """Drop everything this application has ever put into the database. Asks no question.

        Raises
        ------
        StorageError
            Somebody else is using the tables right now; nothing was dropped.
        """
        try:
            with self.begin() as connection:
                timeout = sqlalchemy.func.set_config(
                    "lock_timeout", RESET_LOCK_TIMEOUT, sqlalchemy.true()
                )
                connection.execute(sqlalchemy.select(timeout))
                for schema in SCHEMAS:
                    connection.execute(DropSchema(schema, cascade=True, if_exists=True))
        except OperationalError as error:
            raise StorageError(
                f"emptying the database {self.masked}: {_reason(error)}; nothing was dropped. End "
                "what else is using it (`make up`, a backfill), then try again"
            ) from error

    @contextlib.contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except (DBAPIError, psycopg.OperationalError) as error:
            if _is_lost_connection(error):
                raise self._unavailable(error) from error
            raise

    def _unavailable(self, error: Exception) -> DatabaseUnavailableError:
        reason = _reason(error)
        password = password_of(self.url)
        if password:
            reason = reason.replace(password, "***")
        return DatabaseUnavailableError(
            f"no connection to the database {self.masked}: {reason}. What was not committed is "
            "rolled back. Check that the server runs and that MONITORING_DATABASE_URL is right "
            "(the next command starts an embedded server again), then run the same once more"
        )


def _session_url(url: str) -> str:
    return with_options(with_defaults(url, DEFAULTS), "-ctimezone=UTC")


def _engine(url: str, process: int) -> sqlalchemy.Engine:
    key = (url, process)
    if key not in _ENGINES:
        made = sqlalchemy.create_engine(
            with_driver(_session_url(url), "psycopg"),
            pool_pre_ping=True,
            pool_size=4,
            max_overflow=8,
        )
        # Of two threads that come first, both use one; the connections of the other nobody closes.
        _ENGINES.setdefault(key, made)
    return _ENGINES[key]


def _rolls_back(connection: "AdbcConnection") -> bool:
    """Roll back; return False if the connection is gone, and the server has rolled back itself."""
    from adbc_driver_manager import Error

    try:
        connection.rollback()
    except Error:
        return False
    return True


def _is_lost_connection(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        original = error.orig
    else:
        original = error
    if not isinstance(original, psycopg.OperationalError):
        return False
    # Without a code no server has spoken.
    return original.sqlstate is None or original.sqlstate.startswith(LOST_SQLSTATES)


def _reason(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    return " ".join(str(original).split()).rstrip(".?")
