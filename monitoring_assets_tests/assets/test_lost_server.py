"""The server goes in the middle of a run: the error says so, and what was stored is still there."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitoring_assets.errors import DatabaseUnavailableError
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets_tests.dagster_runs import Runner, failures_of
from monitoring_assets_tests.stored import everything, rows_of

pytestmark = pytest.mark.slow

FIRST, LAST = "2025-02-01", "2025-02-20"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    private = EmbeddedServer(tmp_path / "server")
    private.ensure_running()
    try:
        yield private
    finally:
        private.destroy()


@contextmanager
def stopped_once_windows_are_stored(server: EmbeddedServer, number: int) -> Iterator[None]:
    """Stop the server, in another thread, as soon as it holds so many windows."""

    def stop() -> None:
        while len(rows_of(Database(server.url), tables.window)) < number:
            time.sleep(0.005)
        server.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    yield
    stopper.join()


def test_a_server_that_goes_in_mid_write_loses_nothing_and_the_same_run_completes(
    server: EmbeddedServer, quick: Runner, tmp_path: Path
) -> None:
    with Runner(quick.spec, Database(server.url), tmp_path) as runner:
        runner.set_up()
        with stopped_once_windows_are_stored(server, 4):
            (said,) = failures_of(runner.span(FIRST, LAST, [Layer.PREDICTIONS], raises=False))
        assert DatabaseUnavailableError.__name__ in said
        for word in ("no connection to the database", "window 2025-02-", "'quick'", "once more"):
            assert word in said, said
        server.ensure_running()
        assert 4 <= len(rows_of(runner.database, tables.window)) < 20
        runner.span(FIRST, LAST)
        quick.span(FIRST, LAST)
        assert everything(runner.database) == everything(quick.database)
