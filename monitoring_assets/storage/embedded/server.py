"""Life cycle of the embedded server: ensure it runs, hold it, stop it.

Belongs here: what the rest of the application may do with the server. Stays out: how it is started
(`starting`), where its files lie (`folder`), which process it is (`postmaster`).
"""

import contextlib
import fcntl
import shutil
from collections.abc import Generator
from pathlib import Path

from monitoring_assets.errors import DatabaseUnavailableError
from monitoring_assets.storage.embedded.connecting import DATABASE, connection_problem, server_url
from monitoring_assets.storage.embedded.folder import (
    ROOT_LINK,
    create_folder,
    find_folder,
    try_lock,
)
from monitoring_assets.storage.embedded.postmaster import end_orphans
from monitoring_assets.storage.embedded.starting import bring_up, shut_down

HOLDERS = "holders"


class EmbeddedServer:
    """The one Postgres server that belongs to a data folder, shared by all processes that use it.

    Parameters
    ----------
    data_folder
        The project's data folder; need not exist.

    Examples
    --------
    >>> server = EmbeddedServer(Path("data"))
    >>> with server.hold() as url:  # doctest: +SKIP
    ...     backfill(url)
    >>> server.stop_if_unused()  # doctest: +SKIP
    True
    """

    def __init__(self, data_folder: Path) -> None:
        self.data_folder = data_folder.absolute()

    def __repr__(self) -> str:
        return f"EmbeddedServer({str(self.data_folder)!r})"

    @property
    def url(self) -> str:
        """URL for psql, libpq, ADBC and SQLAlchemy; the server may be down, but must exist."""
        folder = find_folder(self.data_folder)
        if folder is None:
            raise DatabaseUnavailableError(
                f"there is no embedded database of {self.data_folder} yet; start it once"
            )
        return server_url(folder.socket, DATABASE)

    def ensure_running(self) -> str:
        """Return the URL of the running server; start, recover or create it first if need be.

        Raises
        ------
        DatabaseStartError
            It does not come up. The message shows the end of the server's log.
        """
        folder = find_folder(self.data_folder)
        if folder is not None and connection_problem(server_url(folder.socket, DATABASE)) is None:
            return server_url(folder.socket, DATABASE)
        folder = create_folder(self.data_folder)
        with folder.locked():
            bring_up(folder)
        return server_url(folder.socket, DATABASE)

    @contextlib.contextmanager
    def hold(self) -> Generator[str]:
        """Keep `stop_if_unused` of other processes from stopping the server; yields the URL.

        The hold is a file lock: it ends with this process, whatever ends it.
        """
        folder = create_folder(self.data_folder)
        with (folder.path / HOLDERS).open("ab") as file:
            # Blocks only while another process is in the middle of stopping the server.
            fcntl.flock(file.fileno(), fcntl.LOCK_SH)
            yield self.ensure_running()

    def stop_if_unused(self) -> bool:
        """Stop the server unless a process holds it; return whether nobody did."""
        folder = find_folder(self.data_folder)
        if folder is None:
            return True
        with (folder.path / HOLDERS).open("ab") as file:
            if not try_lock(file.fileno(), fcntl.LOCK_EX):
                return False
            self.stop()
        return True

    def stop(self) -> bool:
        """Shut the server down cleanly, whoever holds it; return whether one was running."""
        folder = find_folder(self.data_folder)
        if folder is None:
            return False
        with folder.locked():
            return shut_down(folder)

    def destroy(self) -> None:
        """Stop the server and delete its files, and with them every database in it."""
        folder = find_folder(self.data_folder)
        if folder is None:
            return
        with folder.locked():
            shut_down(folder)
            end_orphans(folder.data, patience=1.0)
            if folder.socket.parent != folder.path:
                shutil.rmtree(folder.socket, ignore_errors=True)
            shutil.rmtree(folder.path)
        (self.data_folder / ROOT_LINK).unlink(missing_ok=True)
