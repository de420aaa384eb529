"""`monitoring-assets check`: what one window holds, what is wrong with it, and its exit code."""

from pathlib import Path

import numpy as np
import pytest

from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine
from monitoring_assets_tests.onboarding.data import ROWS, binary_rows, write
from monitoring_assets_tests.onboarding.test_sql_origin import made


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with a model made of a file, on a server that does not exist."""
    monkeypatch.chdir(tmp_path)
    write(binary_rows(), tmp_path / "rows.parquet")
    given = CommandLine(
        {
            "MONITORING_DATABASE_URL": "postgresql://someone:secret@127.0.0.1:1/nothing",
            "MONITORING_DATA_FOLDER": str(tmp_path / "data"),
            "MONITORING_MODELS": str(tmp_path / "models"),
            "COLUMNS": "120",
        }
    )
    done = given("new", "small", "--from", "rows.parquet")
    assert done.code == 0, done.errors
    return given


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "models" / "small" / "defs.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_newest_whole_window_is_shown(command: CommandLine) -> None:
    done = command("check", "small")
    assert done.code == 0, done.errors
    assert "11 windows are wholly there: 2025-01-05 to 2025-01-15" in done.output
    assert "window 2025-01-15: 2025-01-15 00:00 to 2025-01-16 00:00 UTC" in done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    for line in ("rows read 250", "scored 250", "with a label 250", "rows of the reference 1,000"):
        assert line in lines
    assert "A run of this window would store: 250 rows of predictions, 250 labels" in done.output


def test_segments_are_counted_and_one_is_named(command: CommandLine, tmp_path: Path) -> None:
    change(tmp_path, "  reference:\n", "  segments: [{column: country, most: 2}]\n  reference:\n")
    done = command("check", "small")
    line = next(one for one in done.output.splitlines() if one.startswith("segments"))
    assert line.split(", such as country=")[0].split() == ["segments", "4"]


def test_every_column_is_shown_with_its_values(command: CommandLine) -> None:
    lines = command("check", "small").output.splitlines()
    shown = {line.split()[0]: line.split() for line in lines if line.split()}
    assert shown["amount"][1:4] == ["feature", "number", "0.0%"]
    assert shown["country"][1:5] == ["feature", "category", "0.0%", "3"]
    assert {one.strip(",") for one in shown["country"][6:]} == {"DE", "FR", "IT"}
    assert shown["score"][1] == "probability"
    assert shown["label"][1] == "target"
    assert shown["scored_at"][1:5] == ["event", "time", "time", "250"]
    assert shown["id"][1:4] == ["id", "text", "250"]


def test_a_narrow_terminal_gets_lines_that_fit(command: CommandLine) -> None:
    narrow = CommandLine({**command.environment, "COLUMNS": "80"})
    lines = narrow("check", "small").output.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("column"))
    assert all(len(line) <= 80 for line in lines[start : start + 7])


def test_warnings_do_not_change_the_exit_code(command: CommandLine) -> None:
    done = command("check", "small")
    assert "warning  scored_at: times are stored without a zone" in done.output
    assert done.code == 0


def test_when_nothing_is_wrong_that_is_said(command: CommandLine, tmp_path: Path) -> None:
    change(tmp_path, "# event_time_zone: Europe/Berlin", "event_time_zone: UTC")
    done = command("check", "small")
    assert "Nothing looks wrong." in done.output
    assert done.code == 0


def test_what_would_stop_a_run_is_an_error(command: CommandLine, tmp_path: Path) -> None:
    change(tmp_path, "start: 2025-01-01", "start: 2024-01-01")
    change(tmp_path, "end: 2025-01-05", "end: 2024-01-02")
    done = command("check", "small")
    assert done.code == 1
    assert "error    the reference holds no row" in done.output


def test_a_window_is_chosen_by_its_day(command: CommandLine) -> None:
    assert "window 2025-01-07: " in command("check", "small", "--window", "2025-01-07").output
    done = command("check", "small", "--window", "2024-01-07")
    assert done.code == 1
    assert "2024-01-07 is no window of this model" in done.errors


def test_a_broken_model_is_answered_with_its_mistakes(command: CommandLine, tmp_path: Path) -> None:
    change(tmp_path, "granularity: day", "granularity: daily")
    done = command("check", "small")
    assert done.code == 1
    assert "windows.granularity" in done.errors
    assert "Traceback" not in done.errors


def test_a_column_that_is_gone_is_named(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(amount=None, amounts=np.ones(ROWS)), tmp_path / "rows.parquet")
    done = command("check", "small")
    assert done.code == 1
    assert "lacks column 'amount'" in done.errors
    assert "'amounts'" in done.errors


def test_a_model_to_be_trained_says_when_its_predictions_come(
    command: CommandLine, tmp_path: Path
) -> None:
    write(binary_rows(score=None), tmp_path / "more.parquet")
    assert command("new", "trained", "--from", "more.parquet").code == 0
    done = command("check", "trained")
    assert done.code == 0, done.errors
    assert "Predictions come once the model is trained" in done.output
    assert "scored                not yet" in done.output


def test_a_table_can_be_checked(empty_database: Database, command: CommandLine) -> None:
    url = made(empty_database).url
    known = CommandLine({**command.environment, "WAREHOUSE_URL": url})
    named = ("--from", "table:payments", "--target", "is fraud: #1")
    assert known("new", "fraud", *named).code == 0
    done = known("check", "fraud")
    assert done.code == 0, done.errors
    assert "rows read             288" in done.output
    assert url not in done.output
    assert "WAREHOUSE_URL is not set" in command("check", "fraud").errors


def test_a_shipped_model_can_be_checked(command: CommandLine) -> None:
    done = command("check", "simulated_trips")
    assert done.code == 0, done.errors
    assert "the source reaches any time" in done.output
    assert "rejected by filter" in done.output


def test_an_unknown_model_is_answered_with_the_likeliest_one(command: CommandLine) -> None:
    done = command("check", "smal")
    assert done.code == 1
    assert "did you mean 'small'?" in done.errors


def test_texts_with_brackets_are_shown_as_they_are(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(country=["[bold]x[/bold]", "[/]"] * (ROWS // 2)), tmp_path / "rows.parquet")
    assert "[bold]x[/bold]" in command("check", "small").output
