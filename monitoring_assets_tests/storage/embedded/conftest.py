"""An embedded server for each test, and other processes that use it."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.embedded.folder import find_folder
from monitoring_assets.storage.embedded.postmaster import find_postmaster

CHECKOUT = Path(__file__).parents[3]
PROLOGUE = """
import sys, time
from pathlib import Path
from monitoring_assets.storage.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
"""

Starter = Callable[[str, EmbeddedServer], "subprocess.Popen[str]"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path / "data")
    yield server
    server.destroy()


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One server for those tests of a module that can do without one of their own.

    A test may leave it stopped or killed: the next one finds it running again.
    """
    server = EmbeddedServer(tmp_path_factory.mktemp("running_server"))
    yield server
    server.destroy()


@pytest.fixture
def running_server(module_server: EmbeddedServer) -> EmbeddedServer:
    module_server.ensure_running()
    return module_server


@pytest.fixture
def start_process() -> Iterator[Starter]:
    """Start Python code that finds the server under the name `server`; killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, server: EmbeddedServer) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", PROLOGUE + textwrap.dedent(code), str(server.data_folder)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def postmaster_of(server: EmbeddedServer) -> psutil.Process:
    folder = find_folder(server.data_folder)
    assert folder is not None
    postmaster = find_postmaster(folder.data)
    assert postmaster is not None
    return postmaster


def is_alive(process: psutil.Process) -> bool:
    """Whether the process still runs; one that nobody has waited for yet does not."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def wait_until_dead(process: psutil.Process) -> None:
    deadline = time.monotonic() + 10
    while is_alive(process):
        assert time.monotonic() < deadline, f"{process} does not end"
        time.sleep(0.01)


def pid_file_of(server: EmbeddedServer) -> Path:
    folder = find_folder(server.data_folder)
    assert folder is not None
    return folder.data / "postmaster.pid"
