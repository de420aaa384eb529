"""Days on the command line that no calendar has, or that nobody means."""

import pytest

from monitoring_assets_tests.command_line import CommandLine

ABSURD = [
    ("backfill", "quick", "--end", "9999-12-31"),
    ("backfill", "quick", "--start", "0001-01-01"),
    ("roll-up", "quick", "--end", "9999-12-31"),
    ("replay", "quick", "--end", "9999-12-31"),
    ("train", "quick", "--start", "0001-01-01"),
    ("simulate", "power_outages", "--until", "9999-12-31"),
    ("compare", "quick", "--span", "0001-01"),
    ("compare", "quick", "--span", "9999-W52"),
    ("compare", "quick", "--span", "2025-02-01", "--with", "9999-12-31"),
]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("arguments", ABSURD, ids=" ".join)
def test_a_year_with_which_nobody_can_reckon_is_refused(
    command: CommandLine, arguments: tuple[str, ...]
) -> None:
    done = command(*arguments)
    assert done.code == 2
    assert "years go from 1900 to 2199" in done.errors


@pytest.mark.parametrize("name", ["backfill", "replay", "train", "roll-up"])
def test_a_last_day_before_the_first_is_refused(command: CommandLine, name: str) -> None:
    done = command(name, "quick", "--start", "2025-02-03", "--end", "2025-02-01")
    assert done.code == 2
    assert "2025-02-01 lies before --start" in done.errors


def test_a_backfill_of_days_without_windows_says_which_windows_there_are(
    command: CommandLine,
) -> None:
    done = command("backfill", "quick", "--start", "2040-01-01")
    assert done.code == 0, done.errors
    assert "none begins on these days: windows that have ended go from 2025-02-01" in done.output
