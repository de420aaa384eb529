"""`monitoring-assets new`: a YAML that loads, where it goes, and when nothing is written."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets.components.loading import load_model
from monitoring_assets.components.yaml_schema import schema_text
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine, Outcome
from monitoring_assets_tests.onboarding.data import ROWS, binary_rows, times, write
from monitoring_assets_tests.onboarding.test_sql_origin import made

DAY = timedelta(days=1)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line in a folder of its own, with a folder of models, and no database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WAREHOUSE_URL", raising=False)
    return CommandLine(
        {
            "MONITORING_DATA_FOLDER": str(tmp_path / "data"),
            "MONITORING_MODELS": str(tmp_path / "models"),
            "MONITORING_EXAMPLES": "off",
            "COLUMNS": "120",
        }
    )


def written(folder: Path, name: str = "small") -> ModelSpec:
    return load_model(folder / name / "defs.yaml")


def all_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def succeeded(done: Outcome) -> str:
    assert done.code == 0, done.errors
    return done.output


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv"])
def test_a_file_becomes_a_model_that_loads(command: CommandLine, tmp_path: Path, name: str) -> None:
    write(binary_rows(), tmp_path / name)
    output = succeeded(command("new", "small", "--from", name))
    spec = written(tmp_path / "models")
    assert (spec.task, spec.columns.target, spec.columns.id) == ("binary", "label", "id")
    assert spec.columns.probabilities == {"1": "score"}
    assert f"{name} (1 " in output
    assert "written: models/small/defs.yaml" in output


def test_every_column_is_shown_with_role_and_reason(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(**{"[red]fixed": np.ones(ROWS)}), tmp_path / "rows.parquet")
    lines = succeeded(command("new", "small", "--from", "rows.parquet")).splitlines()
    shown = {line.split("  ")[0].strip(): line for line in lines}
    assert "event time" in shown["scored_at"]
    assert "numbers from" in shown["amount"]
    assert "always 1" in shown["[red]fixed"]


def test_the_next_commands_are_named(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    output = succeeded(command("new", "small", "--from", "rows.parquet"))
    assert output.endswith("monitoring-assets check small\n  monitoring-assets backfill small\n")
    assert "export MONITORING_MODELS" not in output


def test_without_a_folder_of_models_one_is_made_here(tmp_path: Path, command: CommandLine) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    nowhere = CommandLine({**command.environment, "MONITORING_MODELS": ""})
    output = succeeded(nowhere("new", "small", "--from", "rows.parquet"))
    assert written(tmp_path / "models").model_id == "small"
    assert f"export MONITORING_MODELS={tmp_path / 'models'}\n" in output


def test_the_user_can_name_the_folder(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    output = succeeded(command("new", "small", "--from", "rows.parquet", "--into", "elsewhere"))
    assert written(tmp_path / "elsewhere").model_id == "small"
    assert "export MONITORING_MODELS=" in output


def test_the_schema_lies_where_the_first_line_says(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    succeeded(command("new", "small", "--from", "rows.parquet"))
    first = (tmp_path / "models/small/defs.yaml").read_text().splitlines()[0]
    schema = tmp_path / "models/small" / first.partition("$schema=")[2]
    assert schema.read_text(encoding="utf-8") == schema_text()


def test_labels_that_come_late_are_written_with_their_delay(
    command: CommandLine, tmp_path: Path
) -> None:
    write(binary_rows(erfasst=pc.add(times(), pa.scalar(DAY))), tmp_path / "rows.parquet")
    succeeded(command("new", "small", "--from", "rows.parquet", "--knowledge-time", "erfasst"))
    spec = written(tmp_path / "models")
    assert spec.columns.knowledge_time == "erfasst"
    assert spec.labels.expected_delay == DAY


def test_without_a_target_the_user_hears_where_labels_may_come_from(
    command: CommandLine, tmp_path: Path
) -> None:
    write(binary_rows(label=None), tmp_path / "rows.parquet")
    output = succeeded(command("new", "small", "--from", "rows.parquet"))
    assert "`joined` in the YAML takes it from another file or table" in output


def test_what_the_user_says_is_no_guess(command: CommandLine, tmp_path: Path) -> None:
    rows = binary_rows(score=None, minutes=np.arange(ROWS) / 7, guess=np.arange(ROWS) / 6)
    write(rows, tmp_path / "rows.parquet")
    options = ("--target", "minutes", "--prediction", "guess", "--id", "id", "--task", "regression")
    succeeded(command("new", "small", "--from", "rows.parquet", *options))
    spec = written(tmp_path / "models")
    assert (spec.task, spec.columns.target) == ("regression", "minutes")
    assert (spec.prediction_column, spec.columns.id) == ("guess", "id")


def test_a_file_that_is_there_is_never_overwritten(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    file = tmp_path / "models" / "small" / "defs.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    done = command("new", "small", "--from", "rows.parquet")
    assert done.code == 1
    assert f"{file} is there already and is not overwritten" in done.errors
    assert file.read_text() == "mine"


def test_the_name_of_a_shipped_model_is_taken(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    shipped = CommandLine({**command.environment, "MONITORING_EXAMPLES": "on"})
    done = shipped("new", "simulated_trips", "--from", "rows.parquet")
    assert done.code == 1
    assert "simulated_trips/defs.yaml is there already" in done.errors


@pytest.mark.parametrize("name", ["Small", "my-model", "1st", "x" * 41])
def test_a_name_that_is_none_is_refused_before_anything_is_read(
    command: CommandLine, tmp_path: Path, name: str
) -> None:
    done = command("new", name, "--from", "absent")
    assert done.code == 2
    assert "legal: small letters, digits and _" in done.errors
    assert all_files(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_named(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    done = command("new", "small", "--from", "rows.parquet", "--into", "rows.parquet/models")
    assert done.code == 1
    assert "cannot be written (Not a directory); name another folder by --into" in done.errors


def test_an_endpoint_that_is_no_address_is_a_mistake_of_use(command: CommandLine) -> None:
    done = command("new", "small", "--from", "s3://bucket/x", "--endpoint", "minio")
    assert done.code == 2
    assert "--endpoint" in done.errors
    assert "must begin with http:// or https://" in done.errors


def test_without_an_event_time_nothing_is_written(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(scored_at=None, day=np.arange(ROWS)), tmp_path / "rows.parquet")
    done = command("new", "small", "--from", "rows.parquet")
    assert done.code == 1
    assert "Candidates: 'day' holds numbers such as 0 to 3999" in done.errors
    assert all_files(tmp_path) == ["rows.parquet"]


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv"])
def test_an_empty_file_is_refused(command: CommandLine, tmp_path: Path, name: str) -> None:
    write(binary_rows().slice(0, 0), tmp_path / name)
    done = command("new", "small", "--from", name)
    assert done.code == 1
    assert "holds no row" in done.errors
    assert all_files(tmp_path) == [name]


@pytest.mark.parametrize("by_url", [True, False])
def test_a_table_becomes_a_model_whose_yaml_holds_no_secret(
    empty_database: Database, command: CommandLine, tmp_path: Path, by_url: bool
) -> None:
    url = made(empty_database).url
    known = CommandLine({**command.environment, "WAREHOUSE_URL": url})
    named = ("--from", url, "--table", "payments") if by_url else ("--from", "table:payments")
    caller = command if by_url else known
    output = succeeded(caller("new", "small", *named, "--target", "is fraud: #1"))
    text = (tmp_path / "models/small/defs.yaml").read_text()
    assert url not in text + output
    assert ("export WAREHOUSE_URL=..." in output) is by_url
    with known.applied():
        assert written(tmp_path / "models").columns.target == "is fraud: #1"


def test_a_model_without_predictions_is_offered_its_training(
    command: CommandLine, tmp_path: Path
) -> None:
    write(binary_rows(score=None), tmp_path / "rows.parquet")
    output = succeeded(command("new", "small", "--from", "rows.parquet"))
    assert "no column holds predictions: a model is trained here" in output
    assert written(tmp_path / "models").model is not None


def test_without_a_target_the_user_is_asked_for_one(command: CommandLine, tmp_path: Path) -> None:
    write(binary_rows(label=None, went_wrong=np.arange(ROWS) % 2), tmp_path / "rows.parquet")
    output = succeeded(command("new", "small", "--from", "rows.parquet"))
    assert "quality is unknown; --target names one" in output
    assert written(tmp_path / "models").columns.target is None


def test_more_than_two_classes_with_probabilities_are_all_there(
    command: CommandLine, tmp_path: Path
) -> None:
    names = np.array(["red", "green", "blue"])[np.arange(ROWS) % 3]
    shares = {f"p_{name}": np.arange(ROWS) / ROWS / 3 for name in ("blue", "green", "red")}
    rows = binary_rows(score=None, label=names, predicted=pa.array(names), **shares)
    write(rows, tmp_path / "rows.parquet")
    succeeded(command("new", "small", "--from", "rows.parquet"))
    spec = written(tmp_path / "models")
    assert spec.classification is not None
    assert spec.classification.classes == ("blue", "green", "red")
    assert spec.columns.probabilities == {name: f"p_{name}" for name in ("blue", "green", "red")}
    assert spec.prediction_column == "predicted"
