"""Which processes really are the server of a data folder.

Belongs here: telling a living postmaster from a stale pid file, ending processes. Stays out:
starting. A pid alone proves nothing: it may be a zombie, or belong to somebody else by now.
"""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

# Processes that were told to end at once do so in milliseconds.
ORPHAN_TIMEOUT = 5.0


def find_postmaster(data: Path) -> psutil.Process | None:
    """Return the living postmaster of the data folder, or None.

    It is the process named in `postmaster.pid`, if that is a `postgres`, not a zombie, and works
    in this folder (Postgres makes its data folder the working folder of all its processes).
    """
    try:
        first_line = (data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]
        process = psutil.Process(int(first_line))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if _serves(process, data) else None


def end_orphans(data: Path, patience: float) -> None:
    """Wait for processes left over from an earlier server to go; make those go that do not.

    Children of a killed postmaster notice at once if they are idle. One in the middle of a long
    statement does not, and as long as it lives no new server can start on these files; after
    `patience` seconds it gets the signal its postmaster would have sent. A server whose folder was
    deleted notices within a minute, and would take the socket of its successor there with it.
    """
    if _wait(lambda: not _servers(data), patience):
        return
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for process in _servers(data):
            _send(process, number)
        if _wait(lambda: not _servers(data), ORPHAN_TIMEOUT):
            return


def end_postmaster(process: psutil.Process, timeout: float) -> bool:
    """Ask a postmaster for a fast, clean shutdown; return whether it ended in time.

    Sent directly, not through `pg_ctl stop`, which signals whatever process has the pid by then.
    """
    _send(process, signal.SIGINT)
    # Not until it no longer serves: a process on its way out has lost its working folder already.
    return _wait(lambda: not _is_alive(process), timeout)


def _servers(data: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _serves(process, data)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _serves(process: psutil.Process, data: Path) -> bool:
    try:
        return (
            process.is_running()
            and process.status() != psutil.STATUS_ZOMBIE
            and process.name().startswith("postgres")
            and process.cwd() == str(data)
        )
    except psutil.Error:
        # Gone meanwhile, or another user's: then it is not the server of our folder.
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _wait(condition: Callable[[], bool], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
