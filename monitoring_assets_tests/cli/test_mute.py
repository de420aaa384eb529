"""`monitoring-assets mute`: until when no message of a model is sent, and how that ends."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.messages import muted_until
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.dagster_runs import write_model
from monitoring_assets_tests.stored import rows_of


@pytest.fixture
def command(database: Database, tmp_path: Path) -> CommandLine:
    write_model(tmp_path / "models")
    return command_line(database, tmp_path, MONITORING_MODELS=str(tmp_path / "models"))


@pytest.mark.parametrize("moment", ["2125-03-01", "2125-03-01T00:00", "2125-03-01 00:00"])
def test_a_model_is_mute_until_a_moment_in_utc(
    command: CommandLine, database: Database, moment: str
) -> None:
    done = command("mute", "quick", "--until", moment)
    assert done.output == "quick: no message is sent until 2125-03-01 00:00 UTC\n"
    assert muted_until(database, "quick") == datetime(2125, 3, 1, tzinfo=UTC)
    (row,) = rows_of(database, tables.mute)
    assert row["muted_by"]


def test_off_ends_it_at_once(command: CommandLine, database: Database) -> None:
    command("mute", "quick", "--until", "2125-03-01")
    assert command("mute", "quick", "--off").output == "quick: messages are sent again\n"
    ended = muted_until(database, "quick")
    assert ended is not None
    assert ended < datetime.now(UTC) + timedelta(seconds=1)  # noqa: TID251 - what the command reads


def test_a_moment_that_has_passed_ends_it_too(command: CommandLine, database: Database) -> None:
    command("mute", "quick", "--until", "2125-03-01")
    done = command("mute", "quick", "--until", "2025-03-01")
    assert done.output == "quick: messages are sent again\n"
    assert muted_until(database, "quick") == datetime(2025, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("options", [(), ("--off", "--until", "2125-03-01")])
def test_it_wants_either_a_moment_or_off(
    command: CommandLine, database: Database, options: tuple[str, ...]
) -> None:
    done = command("mute", "quick", *options)
    assert done.code == 2
    assert "give --until, or --off" in done.errors
    assert rows_of(database, tables.mute) == []


@pytest.mark.parametrize("moment", ["tomorrow", "2125-13-01", "2125-03-01T25:00"])
def test_what_is_no_moment_is_refused(
    command: CommandLine, database: Database, moment: str
) -> None:
    done = command("mute", "quick", "--until", moment)
    assert (done.code, moment in done.errors) == (2, True)
    assert rows_of(database, tables.mute) == []


def test_a_model_that_is_not_there_is_an_error(command: CommandLine, database: Database) -> None:
    done = command("mute", "quikc", "--off")
    assert done.code != 0
    assert "quikc" in done.errors
    assert rows_of(database, tables.mute) == []


def test_other_models_are_not_muted(command: CommandLine, database: Database) -> None:
    command("mute", "quick", "--until", "2125-03-01")
    assert muted_until(database, "simulated_trips") is None
