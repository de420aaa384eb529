"""The entry point: every command is listed; errors help, have no traceback, and an exit code."""

from pathlib import Path

import pytest

import monitoring_assets
from monitoring_assets.cli import backfill as backfill_module
from monitoring_assets_tests.command_line import CommandLine
from monitoring_assets_tests.dagster_runs import QUICK, write_model


@pytest.fixture
def nowhere(tmp_path: Path) -> CommandLine:
    """The command line on a server that does not exist."""
    write_model(tmp_path / "models")
    return CommandLine(
        {
            "MONITORING_DATABASE_URL": "postgresql://someone:secret@127.0.0.1:1/nothing",
            "MONITORING_DATA_FOLDER": str(tmp_path),
            "MONITORING_MODELS": str(tmp_path / "models"),
        }
    )


def test_help_lists_every_command(nowhere: CommandLine) -> None:
    done = nowhere("--help")
    assert done.code == 0
    commands = (
        "backfill",
        "check",
        "database",
        "demo",
        "explain",
        "new",
        "simulate",
        "status",
        "up",
    )
    for command in commands:
        assert f"\n  {command} " in done.output


def test_version_is_the_packages(nowhere: CommandLine) -> None:
    done = nowhere("--version")
    assert (done.code, done.output) == (
        0,
        f"monitoring-assets, version {monitoring_assets.__version__}\n",
    )


def test_an_unknown_command_is_a_mistake_of_use(nowhere: CommandLine) -> None:
    done = nowhere("backfil", "quick")
    assert done.code == 2
    assert "No such command 'backfil'" in done.errors


@pytest.mark.parametrize(
    ("option", "value"), [("--start", "yesterday"), ("--end", "2025-02-30"), ("--since", "x")]
)
def test_a_wrong_option_is_a_mistake_of_use(nowhere: CommandLine, option: str, value: str) -> None:
    done = nowhere("backfill", "quick", option, value)
    assert done.code == 2
    assert option in done.errors
    assert "Traceback" not in done.errors


def test_an_unknown_model_is_answered_with_the_likeliest_one(nowhere: CommandLine) -> None:
    done = nowhere("backfill", "quik")
    assert done.code == 1
    assert done.errors.startswith("error: there is no model 'quik'; did you mean 'quick'?")
    assert "green_taxi, power_outages, quick, simulated_trips" in done.errors
    assert "MONITORING_MODELS" in done.errors


def test_a_broken_model_is_answered_with_its_mistakes(nowhere: CommandLine, tmp_path: Path) -> None:
    file = write_model(tmp_path / "models", QUICK.replace("seed: 7", "seed: x"), "wrong")
    done = nowhere("backfill", "wrong")
    assert done.code == 1
    assert f"{file}:5: source.seed" in done.errors
    assert "Traceback" not in done.errors


@pytest.mark.parametrize("arguments", [("status",), ("backfill", "quick"), ("database", "upgrade")])
def test_a_server_that_does_not_answer_is_named_without_its_password(
    nowhere: CommandLine, arguments: tuple[str, ...]
) -> None:
    done = nowhere(*arguments)
    assert done.code == 1
    assert done.errors.startswith("error: no connection to the database postgresql://someone:***@")
    assert "secret" not in done.errors + done.output
    assert "Traceback" not in done.errors


def test_ctrl_c_ends_a_command_with_code_130(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backfill_module, "run_backfill", interrupted)
    done = command("backfill", "quick")
    assert done.code == 130
    assert done.errors.strip().startswith("stopped")
