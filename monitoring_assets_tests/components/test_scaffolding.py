"""`dg scaffold defs`: a `defs.yaml` to fill in, and an editor's way to its schema."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import dagster as dg
import pytest
from dagster.components.testing import create_defs_folder_sandbox
from dagster_shared.yaml_utils import safe_load_yaml

import monitoring_assets
from monitoring_assets.components import MonitoredModel
from monitoring_assets.components.loading import load_model
from monitoring_assets.components.scaffolding import MARK, ModelScaffolder, ScaffoldOptions
from monitoring_assets.components.yaml_schema import schema_text
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import RetrainingSpec

OPTIONS = [
    {"task": task, "trained": trained}
    for task in ("regression", "binary", "multiclass")
    for trained in ("elsewhere", "here")
]
PROJECT = """\
[project]
name = "team"
version = "1"

[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "team"
"""
DG = Path(sys.executable).with_name("dg")


def filled(text: str) -> str:
    """Return the file with each marked place filled by the example that ends its comment."""
    pattern = rf"^(\s*\w+:).*{re.escape(MARK)}.*: (.+)$"
    return re.sub(pattern, r"\1 \2", text, flags=re.MULTILINE)


def request(folder: Path, **options: Any) -> dg.ScaffoldRequest[ScaffoldOptions]:
    folder.mkdir(parents=True)
    return dg.ScaffoldRequest(
        type_name="monitoring_assets.MonitoredModel",
        target_path=folder,
        scaffold_format=options.pop("scaffold_format", "yaml"),
        project_root=options.pop("project_root", None),
        params=ScaffoldOptions(**options),
    )


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options.values()))
def test_the_file_loads_as_soon_as_its_marked_places_are_filled_in(
    tmp_path: Path, options: dict[str, str]
) -> None:
    ModelScaffolder().scaffold(request(tmp_path / "prices", **options))
    file = tmp_path / "prices" / "defs.yaml"
    file.write_text(filled(file.read_text("utf-8")), encoding="utf-8")
    spec = load_model(file)
    assert (spec.model_id, spec.task) == ("prices", options["task"])
    assert (spec.model is not None) is (options["trained"] == "here")


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options.values()))
def test_each_marked_place_that_is_not_filled_in_is_named_with_its_line(
    tmp_path: Path, options: dict[str, str]
) -> None:
    ModelScaffolder().scaffold(request(tmp_path / "prices", **options))
    file = tmp_path / "prices" / "defs.yaml"
    lines = file.read_text("utf-8").splitlines()
    marked = {i for i, line in enumerate(lines, start=1) if MARK in line}
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    told = {
        int(problem.removeprefix(f"{file}:").split(":")[0]) for problem in caught.value.problems
    }
    # An empty list of features and no target are looked at only once the rest is there.
    features_and_target = {i for i in marked if re.match(r" +(numerical|target):", lines[i - 1])}
    assert told == marked - features_and_target


def uncommented(folder: Path, **options: str) -> ModelSpec:
    """Return the model of a file in which nothing is commented out any more."""
    ModelScaffolder().scaffold(request(folder, **options))
    file = folder / "defs.yaml"
    text = re.sub(r"^( +)# (?=\w+:|  - )", r"\1", file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(filled(text), encoding="utf-8")
    return load_model(file)


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ALERTS_WEBHOOK", "https://alerts.example.org/a")
    return "https://alerts.example.org/a"


def test_what_is_commented_out_is_legal_too(tmp_path: Path, webhook: str) -> None:
    spec = uncommented(tmp_path / "prices", task="binary", trained="elsewhere")
    assert spec.notifications is not None
    assert spec.notifications.webhook.get_secret_value() == webhook
    assert spec.retraining is None
    assert spec.columns.id == "order_id"
    assert spec.filters[0].name == "out_of_range"
    assert spec.probability_columns == {"yes": "probability"}
    assert [one.name or one.column for one in spec.segments] == ["far", "weight"]
    assert spec.labels.expected_delay == timedelta(days=3)
    assert spec.columns.knowledge_time == "known_at"


@pytest.mark.usefixtures("webhook")
def test_a_model_that_is_trained_here_is_shown_how_it_could_be_retrained(tmp_path: Path) -> None:
    policy = uncommented(tmp_path / "prices", trained="here").retraining
    assert policy == RetrainingSpec(windows_in_a_row=3, minimum_labelled_rows=2000)


def test_an_editor_finds_the_schema_beside_the_models(tmp_path: Path) -> None:
    ModelScaffolder().scaffold(request(tmp_path / "prices"))
    first, *_ = (tmp_path / "prices" / "defs.yaml").read_text("utf-8").splitlines()
    assert first == "# yaml-language-server: $schema=../model.schema.json"
    assert (tmp_path / "model.schema.json").read_text("utf-8") == schema_text()


def test_an_editor_finds_the_schema_that_a_project_has_in_its_documents(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "model.schema.json").write_text("{}", encoding="utf-8")
    ModelScaffolder().scaffold(request(tmp_path / "defs" / "prices", project_root=tmp_path))
    text = (tmp_path / "defs" / "prices" / "defs.yaml").read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../../docs/model.schema.json\n")
    assert not (tmp_path / "defs" / "model.schema.json").exists()


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("Bad-Name", {}, "'Bad-Name' is the model's id; legal: small letters"),
        ("prices", {"scaffold_format": "python"}, "leave --format out"),
    ],
)
def test_what_cannot_be_a_model_leaves_nothing_behind(
    tmp_path: Path, name: str, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(click.ClickException, match=says):
        ModelScaffolder().scaffold(request(tmp_path / name, **options))
    assert [*tmp_path.iterdir()] == []


def test_dagsters_own_loader_reads_the_file_that_is_filled_in() -> None:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(MonitoredModel, "prices", {"task": "multiclass"})
        text = filled((path / "defs.yaml").read_text("utf-8"))
        (path / "defs.yaml").write_text(text, encoding="utf-8")
        assert safe_load_yaml(text)["type"] == "monitoring_assets.MonitoredModel"
        with sandbox.load_component_and_build_defs(path) as (component, defs):
            assert isinstance(component, MonitoredModel)
            assert component.spec.model_id == "prices"
            assert "prices__monitoring" in {job.name for job in defs.jobs or ()}


def test_the_component_is_to_be_had_and_seen_by_the_name_that_a_yaml_gives_it() -> None:
    assert monitoring_assets.MonitoredModel is MonitoredModel
    assert {"MonitoredModel", "__version__"} <= {*dir(monitoring_assets)}
    with pytest.raises(AttributeError, match="has no attribute 'MonitoredModels'"):
        _ = monitoring_assets.MonitoredModels


def run(folder: Path, *arguments: str) -> str:
    environment = {"DAGSTER_HOME": str(folder), "DAGSTER_DG_UPDATE_CHECK_ENABLED": "0"}
    done = subprocess.run(
        [DG, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_command_line_of_dagster_makes_and_checks_a_model(tmp_path: Path) -> None:
    (tmp_path / "team" / "defs").mkdir(parents=True)
    (tmp_path / "team" / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    kind = "monitoring_assets.MonitoredModel"
    run(tmp_path, "scaffold", "defs", kind, "prices", "--task", "binary", "--trained", "here")
    file = tmp_path / "team" / "defs" / "prices" / "defs.yaml"
    file.write_text(filled(file.read_text("utf-8")), encoding="utf-8")
    assert load_model(file).model is not None
    assert "validated successfully" in run(tmp_path, "check", "yaml")
