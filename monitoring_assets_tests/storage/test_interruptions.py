"""What is left of a window when writers meet, die, or lose the server: old rows or new ones."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from monitoring_assets.errors import DatabaseUnavailableError
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import drift_score_write
from monitoring_assets.storage.row_read import read_rows
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets.storage.statements import ArrowTransaction
from monitoring_assets.storage.window_write import SliceWrite, replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_score,
    a_window,
    number_of,
    prediction_rows,
    rows_of,
)

SCORES = 40
ROWS = 400

Write = Callable[[Database], None]
"""Replaces window 0 by its usual rows: 40 scores, or 400 predictions."""

Count = Callable[[Database], int]


def write_scores(database: Database) -> None:
    write = drift_score_write([a_score(f"column {i}") for i in range(SCORES)])
    replace_window(database, a_computation(), [write])


def count_scores(database: Database) -> int:
    return number_of(database, tables.drift_score)


def write_predictions(database: Database) -> None:
    rows = prediction_rows(a_window(), ROWS)
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    replace_window_rows(database, a_computation(Layer.PREDICTIONS), table, rows)


def count_predictions(database: Database) -> int:
    rows = prediction_rows(a_window(), 0)
    table = ensure_row_table(database, small_spec(), "predictions", rows.schema)
    return read_rows(database, table, a_window().start, a_window().end, ["row_id"]).num_rows


BOTH = pytest.mark.parametrize(
    ("write", "count", "number"),
    [(write_scores, count_scores, SCORES), (write_predictions, count_predictions, ROWS)],
    ids=["metrics", "rows"],
)


@BOTH
def test_many_at_once_give_the_same_rows_once(
    database: Database, write: Write, count: Count, number: int
) -> None:
    with ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(write, database) for _ in range(24)]:
            future.result()
    assert count(database) == number
    assert number_of(database, tables.computation) == 24
    newest = max(row["id"] for row in rows_of(database, tables.computation))
    assert [row["computation_id"] for row in rows_of(database, tables.window)] == [newest]


@BOTH
def test_a_reader_never_sees_half_a_window(
    database: Database, write: Write, count: Count, number: int
) -> None:
    write(database)
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(count(database))

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for _ in range(20):
            write(database)
        done.set()
        for reader in readers:
            reader.result()
    assert seen == {number}


HALF_WRITTEN = """
import sys, time
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.storage.test_interruptions import INTERRUPTED
def stop(database):
    print("half", flush=True)
    time.sleep(60)
INTERRUPTED[sys.argv[1]](Database(sys.argv[2]), stop)
"""


class InterruptedRows(list[Any]):
    """Rows that call back in the middle of being written: after the old ones were deleted."""

    def __init__(self, rows: Any, stop: Callable[[], None]) -> None:
        super().__init__(rows)
        self.stop = stop

    def __iter__(self) -> Any:
        self.stop()
        return super().__iter__()


def half_write_scores(database: Database, stop: Callable[[Database], None]) -> None:
    rows = InterruptedRows([], lambda: stop(database))
    replace_window(database, a_computation(), [SliceWrite(table=tables.drift_score, rows=rows)])


def half_write_predictions(database: Database, stop: Callable[[Database], None]) -> None:
    ingest = ArrowTransaction.ingest

    def ingest_and_stop(self: ArrowTransaction, schema: str, table: str, rows: pa.Table) -> None:
        ingest(self, schema, table, rows)
        stop(database)
        ingest(self, schema, table, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ArrowTransaction, "ingest", ingest_and_stop)
        write_predictions(database)


INTERRUPTED = {"metrics": half_write_scores, "rows": half_write_predictions}


def stored_state(database: Database, count: Count) -> list[Any]:
    return [
        count(database),
        rows_of(database, tables.computation),
        rows_of(database, tables.window),
    ]


@BOTH
def test_a_killed_writer_leaves_the_old_rows_and_no_lock(
    database: Database, write: Write, count: Count, number: int, request: pytest.FixtureRequest
) -> None:
    write(database)
    before = stored_state(database, count)
    which = request.node.callspec.id
    command = [sys.executable, "-W", "ignore", "-c", HALF_WRITTEN, which, database.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        assert stored_state(database, count) == before
        writer.send_signal(signal.SIGKILL)
    assert stored_state(database, count) == before
    write(database)
    assert count(database) == number


def hang_up(database: Database) -> None:
    """End every other session, as a server does that is shut down."""
    others = sa.text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with Database(database.url).connect() as connection:
        connection.execute(others).all()


@BOTH
def test_a_server_that_is_gone_in_mid_write_is_named_and_loses_nothing(
    database: Database, write: Write, count: Count, number: int, request: pytest.FixtureRequest
) -> None:
    write(database)
    before = stored_state(database, count)
    half_write = INTERRUPTED[request.node.callspec.id]
    with pytest.raises(DatabaseUnavailableError, match="no connection to the database"):
        half_write(database, hang_up)
    assert stored_state(database, count) == before
    write(database)
    assert count(database) == number
