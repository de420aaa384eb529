"""Hours, days, weeks and months of the same rows: each row is in one window of each kind."""

import pytest

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUICK, Runner, quick_spec
from monitoring_assets_tests.stored import rows_of

pytestmark = pytest.mark.slow

# The week in which New York's clocks move forward: on Sunday, 9 March.
PERIODS = {
    "hour": ("2025-03-09-00:00", "2025-03-09-23:00"),
    "day": ("2025-03-03", "2025-03-09"),
    "week": ("2025-03-03", "2025-03-03"),
    "month": ("2025-03-01", "2025-03-01"),
}


@pytest.fixture(scope="module")
def rows_read(
    new_database: NewDatabase, quick_template: Database, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, int]]:
    """Return granularity -> partition key -> rows of the window."""
    found: dict[str, dict[str, int]] = {}
    for granularity, (first, last) in PERIODS.items():
        folder = tmp_path_factory.mktemp(granularity)
        start = "2025-03-01" if granularity == "month" else "2025-03-03"
        windows = f"granularity: {granularity}, start: {start},"
        text = QUICK.replace("granularity: day, start: 2025-02-01, end: 2025-03-20,", windows)
        with (
            new_database(quick_template) as database,
            Runner(quick_spec(folder, text), database, folder) as runner,
        ):
            runner.set_up()
            runner.span(first, last)
            done = rows_of(database, tables.window, status="complete")
            found[granularity] = {row["partition_key"]: row["rows_read"] for row in done}
    return found


def test_every_window_asked_for_is_complete(rows_read: dict[str, dict[str, int]]) -> None:
    assert {kind: len(windows) for kind, windows in rows_read.items()} == {
        "hour": 23,
        "day": 7,
        "week": 1,
        "month": 1,
    }


def test_the_hours_of_the_day_on_which_clocks_change_add_up_to_it(
    rows_read: dict[str, dict[str, int]],
) -> None:
    assert sum(rows_read["hour"].values()) == rows_read["day"]["2025-03-09"]


def test_the_days_of_a_week_add_up_to_it(rows_read: dict[str, dict[str, int]]) -> None:
    assert sum(rows_read["day"].values()) == rows_read["week"]["2025-03-03"]


def test_a_month_holds_its_weeks(rows_read: dict[str, dict[str, int]]) -> None:
    week, month = rows_read["week"]["2025-03-03"], rows_read["month"]["2025-03-01"]
    assert month == pytest.approx(week * 31 / 7, rel=0.03)
