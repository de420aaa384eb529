"""Connections for rows in bulk, kept for the next transaction.

Belongs here: opening ADBC connections, keeping those that are idle, closing them. Stays out: what a
lost one means to its user (database.py), statements (statements.py).

The first connection of a process to a database takes 50 ms, since it reads the types; a clone
shares them, but is a session of its own: its first query takes 8 ms more than one in a session that
goes on. A model of hourly windows opens thousands. Nobody else uses a kept one, it is in no
transaction, and it is asked whether the server is still there before it is used.
"""

import atexit
import contextlib
import os
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

MOST_IDLE: Final = 2
"""Kept for later by a process, of each database; more are open only while several threads work."""


@dataclass(frozen=True)
class _Kept:
    """Connections of one process to one database; the first one is never in a transaction."""

    first: "Connection"
    idle: "list[Connection]" = field(default_factory=list["Connection"])


_KEPT: Final[dict[tuple[str, int], _Kept]] = {}
"""By URL and process: a forked child has none of its parent's connections."""


def take(url: str) -> "Connection":
    """Return a connection that nobody else has; its first statement begins a transaction.

    So one that is idle after a commit is in none.

    Parameters
    ----------
    url
        As libpq takes it, with the options of the session.

    Raises
    ------
    adbc_driver_manager.Error
        The server cannot be reached.
    """
    kept = _kept(url)
    while (connection := _popped(kept)) is not None:
        if _answers(connection):
            return connection
        close(connection)
    return kept.first.adbc_clone()


def give_back(url: str, connection: "Connection") -> None:
    """Keep a connection that was committed, unless enough others are idle."""
    kept = _KEPT.get((url, os.getpid()))
    if kept is None:
        close(connection)
        return
    # First in, then counted: several threads that count first would each find room for theirs.
    kept.idle.append(connection)
    while len(kept.idle) > MOST_IDLE and (surplus := _popped(kept)) is not None:
        close(surplus)


def close_all(url: str) -> None:
    """Close what this process keeps of a database."""
    kept = _KEPT.pop((url, os.getpid()), None)
    if kept is None:
        return
    while (connection := _popped(kept)) is not None:
        close(connection)
    close(kept.first)


def close(connection: "Connection") -> None:
    """Close a connection, whatever has become of it."""
    # ADBC refuses while a clone is open. One that Ctrl-C caught between opening and use is closed
    # by nobody; it ends with the process, and must not hide why the process ends.
    with contextlib.suppress(RuntimeError):
        connection.close()


def _kept(url: str) -> _Kept:
    key = (url, os.getpid())
    if key not in _KEPT:
        # This one module of ADBC comes without types.
        dbapi: Any = import_module("adbc_driver_postgresql.dbapi")
        # With autocommit: it is kept, and must not be in a transaction for ever.
        opened = _Kept(dbapi.connect(url, autocommit=True))
        # Left to the end of the process, its finaliser runs when half of Python is gone.
        atexit.register(close_all, url)
        if _KEPT.setdefault(key, opened) is not opened:
            # Another thread came first.
            close(opened.first)
    return _KEPT[key]


def _popped(kept: _Kept) -> "Connection | None":
    # Another thread may take the last one between a look and a grasp.
    with contextlib.suppress(IndexError):
        return kept.idle.pop()
    return None


def _answers(connection: "Connection") -> bool:
    from adbc_driver_manager import Error

    try:
        # The cheapest of all questions to the server: 0.1 ms, `SELECT 1` takes 0.5 ms.
        return bool(connection.adbc_current_db_schema)
    except Error:
        return False
