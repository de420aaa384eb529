"""Starting and stopping the embedded server's processes; the caller holds the folder's lock.

Belongs here: what to do about each state a server can be found in. Stays out: how to tell the
states apart (`postmaster`, `connecting`), locks and holders (`server`).
"""

import secrets
import shutil
import time
from pathlib import Path

from monitoring_assets.errors import DatabaseStartError, StorageError
from monitoring_assets.storage.embedded.connecting import (
    connection_problem,
    ensure_database,
    server_url,
)
from monitoring_assets.storage.embedded.folder import SOCKET_NAME, ServerFolder
from monitoring_assets.storage.embedded.postmaster import (
    end_orphans,
    end_postmaster,
    find_postmaster,
)
from monitoring_assets.storage.embedded.programs import (
    POSTGRES_VERSION,
    find_programs,
    run_program,
)
from monitoring_assets.storage.embedded.settings import render_settings

# Recovery after a crash has to replay at most `max_wal_size` (1 GB) of log.
START_TIMEOUT = 120.0
STOP_TIMEOUT = 60.0
# A postmaster opens its socket within milliseconds of writing its pid file.
SOCKET_TIMEOUT = 5.0
LARGEST_LOG = 10_000_000


def bring_up(folder: ServerFolder) -> None:
    """Start the server, or wait for one that is starting or recovering, until it answers."""
    began = time.monotonic()
    while (problem := _problem(folder)) is not None:
        waited = time.monotonic() - began
        process = find_postmaster(folder.data)
        if waited > START_TIMEOUT:
            raise _start_error(folder, f"no connection after {waited:.0f} s: {problem}", 0)
        if process is None:
            _start(folder)
        elif waited > SOCKET_TIMEOUT and not (folder.socket / SOCKET_NAME).exists():
            # Something cleaned the temporary folder up. Nobody can reach this server any more.
            shut_down(folder)
        else:
            time.sleep(0.05)
    ensure_database(folder.socket)


def shut_down(folder: ServerFolder) -> bool:
    """Stop the server cleanly; return whether one was running."""
    process = find_postmaster(folder.data)
    if process is None:
        return False
    if not end_postmaster(process, STOP_TIMEOUT):
        raise StorageError(
            f"stopping the embedded database: process {process.pid} has not ended after "
            f"{STOP_TIMEOUT:.0f} s. Its log says:\n{_tail(folder.log, 0)}"
        )
    return True


def _problem(folder: ServerFolder) -> str | None:
    return connection_problem(server_url(folder.socket, "postgres"))


def _start(folder: ServerFolder) -> None:
    programs = find_programs(folder)
    if not folder.data.exists():
        _initialise(folder, programs)
    _check_version(folder)
    _remove_remains(folder)
    folder.write(folder.settings, render_settings(folder.create_socket()))
    log_start = _prepare_log(folder)
    # Relative to the folder: pg_ctl hands these paths to a shell, between double quotes.
    options = ("-D", folder.data.name, "-l", folder.log.name, "-w", "-t", f"{START_TIMEOUT:.0f}")
    done = run_program(programs, folder, "pg_ctl", "start", "-s", *options)
    # A starter that was killed may have left a server that came up first: that one will do.
    if done.returncode != 0 and find_postmaster(folder.data) is None:
        raise _start_error(folder, done.stdout, log_start)


def _initialise(folder: ServerFolder, programs: Path) -> None:
    """Create the data folder beside its place, so that a killed attempt leaves nothing half."""
    end_orphans(folder.data, patience=0.0)
    for replaced in folder.replaced():
        shut_down(replaced)
    new = folder.path / f"data.new-{secrets.token_hex(4)}"
    folder.create_private(new)
    done = run_program(
        programs,
        folder,
        "initdb",
        *("-D", new.name, "--username=postgres", "--encoding=UTF8", "--no-instructions"),
        # The same order of strings on every machine.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        # Who may enter the socket's folder is trusted; there is no other way in.
        *("--auth-local=trust", "--auth-host=reject"),
    )
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise DatabaseStartError(
            f"creating the embedded database in {folder.data}: initdb failed:\n{done.stdout}"
        )
    with (new / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"include '../{folder.settings.name}'\n")
    new.rename(folder.data)


def _check_version(folder: ServerFolder) -> None:
    found = (folder.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if found != str(POSTGRES_VERSION):
        raise DatabaseStartError(
            f"starting the embedded database: the files in {folder.data} are of Postgres {found}, "
            f"this installation has Postgres {POSTGRES_VERSION}; dump them with the installation "
            "that wrote them, or name another data folder"
        )


def _remove_remains(folder: ServerFolder) -> None:
    """Clear away what killed processes left; the caller has seen that no postmaster lives.

    Postgres clears its own pid file away only if no process at all has the old pid.
    """
    for remains in folder.path.glob("data.new-*"):
        # An `initdb` that outlived its starter may still be writing; then the next start does it.
        shutil.rmtree(remains, ignore_errors=True)
    pid_file = folder.data / "postmaster.pid"
    if not pid_file.exists():
        return
    end_orphans(folder.data, patience=1.0)
    pid_file.unlink()
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (folder.socket / name).unlink(missing_ok=True)


def _prepare_log(folder: ServerFolder) -> int:
    """Make sure the server can write its log; return how long it is already."""
    log = folder.log
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    if not log.exists():
        folder.write(log, "")
        folder.give_away(log)
    return log.stat().st_size


def _start_error(folder: ServerFolder, reason: str, log_start: int) -> DatabaseStartError:
    return DatabaseStartError(
        f"starting the embedded database in {folder.path}: {reason}\n"
        f"The end of {folder.log}:\n{_tail(folder.log, log_start)}\n"
        "Mend what it names and try again, or set MONITORING_DATABASE_URL to use another server."
    )


def _tail(log: Path, start: int) -> str:
    if not log.exists():
        return "(there is no log)"
    text = log.read_bytes()[start:].decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-20:])
