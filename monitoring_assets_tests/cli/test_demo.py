"""`monitoring-assets demo`: sixty windows, in which what was planted, and mended, can be seen."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets_tests.command_line import CommandLine
from monitoring_assets_tests.docs.pages import EXAMPLES, difference

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WINDOW = re.compile(
    r"^(2025-\d\d-\d\d) +(\d+) +(\d+%) +([\d.]+) +([\d.]+) +(\w[\w ]*?)(?:  +(.*))?$"
)
SHIFTED = (date(2025, 2, 21), date(2025, 2, 28))
BROKEN = (date(2025, 3, 5), date(2025, 3, 8))
CHANGED = (date(2025, 3, 18), date(2025, 3, 21))
"""Until the version that was trained on them served: later windows are quiet again."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("demo")
    yield made
    EmbeddedServer(made).destroy()


def run_demo(folder: Path) -> str:
    """Return what the demo prints, run as `make demo` runs it: with an embedded server."""
    environment = {"MONITORING_DATABASE_URL": "", "MONITORING_DATA_FOLDER": str(folder)}
    process = CommandLine(environment | {"COLUMNS": "140"}).start("demo")
    printed, errors = process.communicate(timeout=840)
    assert process.returncode == 0, errors
    assert errors == ""
    return printed


@pytest.fixture(scope="module")
def output(folder: Path) -> str:
    return run_demo(folder)


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
        (CHANGED, 3, "mae is worse"),
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
    assert len(quiet) == 47
    assert quiet.count("ok") >= 46


def test_the_demo_says_what_was_planted_and_where_to_look_next(output: str) -> None:
    planted = output[output.index("What was planted:") :]
    for word in ("2025-02-21", "1.5 times", "2025-03-05", "40 %", "2025-03-18", "1.3 times"):
        assert word in planted
    for word in ("up", "status", "database url", "Where to look next"):
        assert word in planted


def under(output: str, heading: str) -> list[str]:
    """Return the indented lines below a heading."""
    _, _, after = output.partition(f"\n{heading}\n")
    return [line.strip() for line in after.split("\n\n")[0].splitlines()]


def test_the_broken_column_blocks_and_the_concept_change_retrains_once(output: str) -> None:
    waits, retrains, result = under(output, "What was decided:")
    assert waits == "2025-03-07  wait: pickup_zone is missing in 41 % of rows"
    assert retrains.startswith("2025-03-20  retrain: mae alarms in 3 windows in a row")
    assert re.match(r"version 2, promoted: mae 2\.\d+ instead of 4\.\d+ on \d+ rows", result)


def test_the_error_falls_to_what_the_longer_trips_leave(output: str) -> None:
    lines = [line.split() for line in under(output, "What came of it:")]
    assert [(line[1], line[3]) for line in lines] == [
        ("2025-02-01", "1"), ("2025-03-18", "1"), ("2025-03-21", "2"),
    ]  # fmt: skip
    before, changed, after = (float(line[5]) for line in lines)
    assert changed > 2 * before
    # Durations are 1.3 times as long, and so is what nobody can foresee of them.
    assert after == pytest.approx(1.3 * before, rel=0.1)


def test_the_readme_shows_what_is_printed(output: str, folder: Path) -> None:
    readme = (EXAMPLES.parents[1] / "README.md").read_text(encoding="utf-8")
    begin, end = readme.index("    window "), readme.index("The broken column alarms")
    assert difference(f"...\n{readme[begin:end]}\n...", output, folder) == ""


def test_another_demo_shows_the_same_and_retrains_nothing(output: str, folder: Path) -> None:
    shown = output[output.index("simulated_trips: Minutes") :]
    assert run_demo(folder).endswith(shown)


def test_the_demo_leaves_no_server_running(output: str, folder: Path) -> None:
    assert output
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(EmbeddedServer(folder).url)
