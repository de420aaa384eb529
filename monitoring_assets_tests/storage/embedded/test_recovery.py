"""Everything that can be left behind by processes that were killed."""

import os
import time

import psutil
import psycopg
import pytest
import sqlalchemy

from monitoring_assets.errors import DatabaseStartError, DatabaseUnavailableError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer, starting
from monitoring_assets.storage.embedded.folder import ServerFolder, find_folder
from monitoring_assets_tests.storage.embedded.conftest import (
    Starter,
    first_line,
    is_alive,
    pid_file_of,
    postmaster_of,
    wait_until_dead,
)


def test_rows_committed_before_kill_9_are_there_after_the_next_start(
    running_server: EmbeddedServer,
) -> None:
    with psycopg.connect(running_server.ensure_running()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1001) AS number")
    postmaster_of(running_server).kill()
    with psycopg.connect(running_server.ensure_running()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1001,)


def test_a_server_killed_in_the_middle_of_a_write_is_unavailable_and_rolls_back(
    running_server: EmbeddedServer,
) -> None:
    database = Database(running_server.ensure_running())
    with database.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE written (number integer)"))
    with pytest.raises(DatabaseUnavailableError, match="rolled back"):
        _write_while_it_dies(database, postmaster_of(running_server))
    running_server.ensure_running()
    with database.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM written")).scalar() == 0
    database.dispose()


def test_a_process_goes_on_with_the_server_that_replaced_a_killed_one(
    running_server: EmbeddedServer,
) -> None:
    database = Database(running_server.url)
    for _ in range(2):
        with database.connect() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        with database.adbc() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
        postmaster_of(running_server).kill()
        running_server.ensure_running()
    database.dispose()


def test_a_stale_pid_file_with_our_own_pid_does_not_fool_it(running_server: EmbeddedServer) -> None:
    _leave_pid_file(running_server, os.getpid())
    with psycopg.connect(running_server.ensure_running()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert postmaster_of(running_server).pid != os.getpid()


def test_a_stale_pid_file_with_the_pid_of_another_server_does_not_fool_it(
    server: EmbeddedServer, running_server: EmbeddedServer
) -> None:
    other = postmaster_of(running_server)
    _leave_pid_file(server, other.pid)
    server.ensure_running()
    assert postmaster_of(server).pid != other.pid
    assert is_alive(other)


def test_a_zombie_does_not_pass_for_a_server(
    running_server: EmbeddedServer, start_process: Starter
) -> None:
    code = """
        import ctypes, psutil
        PR_SET_CHILD_SUBREAPER = 36
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        server.ensure_running()
        [postmaster] = [p for p in psutil.Process().children() if p.name() == "postgres"]
        postmaster.kill()
        while postmaster.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        server.ensure_running()
        print(postmaster.pid, postmaster.status(), flush=True)
        time.sleep(600)
    """
    running_server.stop()
    pid, status = first_line(start_process(code, running_server)).split()
    assert status == psutil.STATUS_ZOMBIE
    assert postmaster_of(running_server).pid != int(pid)


@pytest.mark.parametrize("seconds", [0.4, 0.7])
def test_a_starter_killed_at_any_moment_leaves_nothing_half(
    server: EmbeddedServer, start_process: Starter, seconds: float
) -> None:
    starter = start_process("server.ensure_running(); time.sleep(600)", server)
    time.sleep(seconds)
    starter.kill()
    with psycopg.connect(server.ensure_running()) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("monitoring",)


def test_a_child_in_the_middle_of_a_statement_does_not_keep_the_server_down(
    running_server: EmbeddedServer, start_process: Starter
) -> None:
    code = """
        import psycopg
        with psycopg.connect(server.ensure_running()) as connection:
            print(connection.info.backend_pid, flush=True)
            connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")
    """
    child = psutil.Process(int(first_line(start_process(code, running_server))))
    postmaster_of(running_server).kill()
    running_server.ensure_running()
    assert not is_alive(child)


def test_a_server_whose_socket_was_cleaned_away_is_started_again(
    running_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "SOCKET_TIMEOUT", 0.1)
    for file in _folder_of(running_server).socket.iterdir():
        file.unlink()
    with psycopg.connect(running_server.ensure_running()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_stopped_postmaster_that_wakes_up_is_waited_for(
    running_server: EmbeddedServer, start_process: Starter
) -> None:
    postmaster = postmaster_of(running_server)
    postmaster.suspend()
    starter = start_process("print(server.ensure_running(), flush=True)", running_server)
    time.sleep(0.5)
    postmaster.resume()
    assert first_line(starter) == running_server.url
    assert postmaster_of(running_server).pid == postmaster.pid


def test_a_server_that_cannot_start_shows_the_end_of_its_log(server: EmbeddedServer) -> None:
    server.ensure_running()
    server.stop()
    with (_folder_of(server).data / "postgresql.auto.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(DatabaseStartError, match="no_such_setting"):
        server.ensure_running()


def test_files_of_another_postgres_version_are_refused(server: EmbeddedServer) -> None:
    server.ensure_running()
    server.stop()
    (_folder_of(server).data / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseStartError, match="are of Postgres 16"):
        server.ensure_running()


def _write_while_it_dies(database: Database, postmaster: psutil.Process) -> None:
    insert = sqlalchemy.text("INSERT INTO written SELECT generate_series(1, 10)")
    with database.begin() as connection:
        connection.execute(insert)
        postmaster.kill()
        wait_until_dead(postmaster)
        connection.execute(insert)


def _folder_of(server: EmbeddedServer) -> ServerFolder:
    folder = find_folder(server.data_folder)
    assert folder is not None
    return folder


def _leave_pid_file(server: EmbeddedServer, pid: int) -> None:
    """Leave the server as after a crash, its pid in use by another process by now."""
    server.ensure_running()
    pid_file = pid_file_of(server)
    socket_lock = _folder_of(server).socket / ".s.PGSQL.5432.lock"
    kept = {file: file.read_text() for file in (pid_file, socket_lock)}
    old = postmaster_of(server)
    old.kill()
    wait_until_dead(old)
    for file, text in kept.items():
        file.write_text(text.replace(str(old.pid), str(pid), 1))
