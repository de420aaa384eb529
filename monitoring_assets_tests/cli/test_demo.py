"""`monitoring-assets demo`: sixty windows, in which what was planted can be seen."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets_tests.command_line import CommandLine

pytestmark = pytest.mark.slow

WINDOW = re.compile(
    r"^(2025-\d\d-\d\d) +(\d+) +(\d+%) +([\d.]+) +([\d.]+) +(\w[\w ]*?)(?:  +(.*))?$"
)
SHIFTED = (date(2025, 2, 21), date(2025, 2, 28))
BROKEN = (date(2025, 3, 5), date(2025, 3, 8))
CHANGED = (date(2025, 3, 18), date(2025, 4, 2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("demo")
    yield made
    EmbeddedServer(made).destroy()


@pytest.fixture(scope="module")
def output(folder: Path) -> str:
    """Return what the demo prints, run as `make demo` runs it: with an embedded server."""
    environment = {"MONITORING_DATABASE_URL": "", "MONITORING_DATA_FOLDER": str(folder)}
    process = CommandLine(environment | {"COLUMNS": "140"}).start("demo")
    printed, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    assert errors == ""
    return printed


@pytest.fixture(scope="module")
def found(output: str) -> dict[date, tuple[str, str]]:
    """Return window -> verdict, and what is said of it."""
    lines = [match for line in output.splitlines() if (match := WINDOW.match(line))]
    return {date.fromisoformat(line[1]): (line[6], line[7] or "") for line in lines}


def during(found: dict[date, tuple[str, str]], period: tuple[date, date]) -> list[tuple[str, str]]:
    return [said for day, said in found.items() if period[0] <= day < period[1]]


def test_the_demo_shows_sixty_windows(found: dict[date, tuple[str, str]]) -> None:
    assert len(found) == 60
    assert (min(found), max(found)) == (date(2025, 2, 1), date(2025, 4, 1))


@pytest.mark.parametrize(
    ("period", "days", "says"),
    [
        (SHIFTED, 7, "trip_distance"),
        (BROKEN, 3, "data: pickup_zone"),
        (CHANGED, 15, "mae is worse"),
    ],
)
def test_every_planted_change_alarms_on_all_its_days(
    found: dict[date, tuple[str, str]], period: tuple[date, date], days: int, says: str
) -> None:
    windows = during(found, period)
    assert len(windows) == days
    assert {verdict for verdict, _ in windows} == {"alarm"}
    assert all(says in what for _, what in windows), windows


def test_days_without_a_planted_change_are_quiet(found: dict[date, tuple[str, str]]) -> None:
    planted = [*during(found, SHIFTED), *during(found, BROKEN), *during(found, CHANGED)]
    quiet = [verdict for verdict, _ in found.values()]
    for verdict, _ in planted:
        quiet.remove(verdict)
    assert len(quiet) == 35
    assert quiet.count("ok") >= 34


def test_the_demo_says_what_was_planted_and_where_to_look_next(output: str) -> None:
    _, planted = output.split("What was planted:")
    for word in ("2025-02-21", "1.5 times", "2025-03-05", "40 %", "2025-03-18", "1.3 times"):
        assert word in planted
    for word in ("up", "status", "database url", "Where to look next"):
        assert word in planted


def test_the_demo_leaves_no_server_running(output: str, folder: Path) -> None:
    assert output
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(EmbeddedServer(folder).url)
