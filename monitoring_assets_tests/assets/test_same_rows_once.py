"""A window computed twice, or twice at once, is there once; no reader ever sees half of it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner, quick_spec
from monitoring_assets_tests.stored import everything

pytestmark = pytest.mark.slow

FIRST, LAST = "2025-02-19", "2025-02-24"


@pytest.fixture(scope="module")
def runner(
    new_database: NewDatabase, quick_template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runner]:
    folder = tmp_path_factory.mktemp("twice")
    with (
        new_database(quick_template) as database,
        Runner(quick_spec(folder), database, folder) as done,
    ):
        done.span(FIRST, LAST)
        yield done


@pytest.fixture(scope="module")
def once(runner: Runner) -> dict[str, list[str]]:
    return everything(runner.database)


def test_everything_that_is_stored_takes_part_in_the_comparison(
    once: dict[str, list[str]],
) -> None:
    filled = {name for name, rows in once.items() if rows}
    assert filled >= {
        "bins",
        "data_quality",
        "dataset_drift",
        "drift_score",
        "model_quality",
        "quality_profile",
        "quick_labels",
        "quick_predictions",
        "quick_reference",
        "reference_profile",
        "window",
        "window_profile",
    }


def test_windows_computed_a_second_time_are_the_same_rows_once(
    runner: Runner, once: dict[str, list[str]]
) -> None:
    runner.set_up()
    runner.span(FIRST, LAST)
    assert everything(runner.database) == once


def test_a_window_computed_by_itself_is_the_same_as_within_a_range(
    runner: Runner, once: dict[str, list[str]]
) -> None:
    runner.one("2025-02-20")
    assert everything(runner.database) == once


@pytest.mark.parametrize("layer", [*WINDOW_LAYERS])
def test_a_layer_computed_again_by_itself_stores_the_same_rows(
    runner: Runner, once: dict[str, list[str]], layer: Layer
) -> None:
    runner.one("2025-02-20", [layer])
    again = everything(runner.database)
    later = {"window"}  # its status: what is computed from the layer is now out of date
    assert {n: again[n] for n in again if n not in later} == {
        n: once[n] for n in once if n not in later
    }
    runner.one("2025-02-20")


def test_two_runs_of_the_same_windows_at_once_store_them_once(
    database: Database, once: dict[str, list[str]], tmp_path: Path
) -> None:
    spec = quick_spec(tmp_path)
    barrier = threading.Barrier(2)

    def work(_: int) -> bool:
        with Runner(spec, database, tmp_path) as runner:
            barrier.wait()
            return runner.set_up().success and runner.span(FIRST, LAST).success

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == [True, True]
    assert everything(database) == once


def test_a_reader_never_sees_half_a_window_of_any_table(runner: Runner) -> None:
    statement = _one_window_of_every_table(runner)
    seen: list[tuple[int, ...]] = []
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(_read_until, stop, runner.database, statement, seen)
        for _ in range(2):
            runner.one("2025-02-20")
        stop.set()
        reading.result()
    assert len(seen) > 50
    assert set(seen) == {seen[0]}
    assert min(seen[0]) > 0


def _read_until(
    stop: threading.Event,
    database: Database,
    statement: sa.Executable,
    seen: list[tuple[int, ...]],
) -> None:
    while not stop.is_set():
        with database.connect() as connection:
            seen.append(tuple(connection.execute(statement).one()))


def _one_window_of_every_table(runner: Runner) -> sa.Executable:
    """Count the rows of one window in every table, and the computations they come from."""
    return sa.select(*_counts(runner))


def _counts(runner: Runner) -> Iterator[sa.ScalarSelect[int]]:
    start = datetime(2025, 2, 20, 5, tzinfo=UTC)
    for table in (
        tables.window_profile,
        tables.quality_profile,
        tables.drift_score,
        tables.dataset_drift,
        tables.data_quality,
        tables.model_quality,
    ):
        for counted in (sa.func.count(), sa.func.count(sa.distinct(table.c.computation_id))):
            yield sa.select(counted).where(table.c.window_start == start).scalar_subquery()
    for kind in ("predictions", "labels"):
        rows = row_table(runner.database, runner.spec.model_id, kind)
        time = rows.column("event_time")
        inside = sa.and_(time >= start, time < start + timedelta(days=1))
        yield sa.select(sa.func.count()).select_from(rows.sql).where(inside).scalar_subquery()
