"""Connections to the embedded server while its state is still in question.

Belongs here: its URL, the test whether it answers, its one database. Stays out: connections for
work (see `storage.database`).
"""

import contextlib
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.errors import DuplicateDatabase, UniqueViolation

DATABASE = "monitoring"
# Whoever answers on a local socket does so in milliseconds; this bounds a server that hangs.
PROBE_TIMEOUT_SECONDS = 3


def server_url(socket: Path, database: str) -> str:
    """Return a URL that psql, libpq, ADBC and SQLAlchemy all understand.

    The port is named, because libpq would otherwise take it from the environment (`PGPORT`).

    >>> server_url(Path("/srv/my data/socket"), "monitoring")
    'postgresql://postgres@/monitoring?host=/srv/my%20data/socket&port=5432'
    """
    return f"postgresql://postgres@/{database}?host={quote(str(socket))}&port=5432"


def connection_problem(url: str) -> str | None:
    """Return why no statement can be run there, or None if one can."""
    try:
        with psycopg.connect(url, connect_timeout=PROBE_TIMEOUT_SECONDS) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as error:
        return str(error).strip()
    return None


def ensure_database(socket: Path) -> None:
    """Create the database `monitoring` in a running server, if it is not there."""
    with psycopg.connect(server_url(socket, "postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        if found.rowcount > 0:
            return
        # A starter that was killed may have left the server at work on this very statement.
        with contextlib.suppress(UniqueViolation, DuplicateDatabase):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
