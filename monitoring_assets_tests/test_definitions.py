"""The code location: what it offers, its executor, and what loading it does not import."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.components.loading import load_models
from monitoring_assets.definitions import build_definitions, defs, executor
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.records import Layer
from monitoring_assets_tests.dagster_runs import QUICK, write_model

TRAINED_HERE = ("green_taxi", "simulated_trips")
SHIPPED = (*TRAINED_HERE, "power_outages")
ONLY_FOR_RUNS = ("alembic", "evidently", "mlflow", "pandas", "scipy", "skops", "sklearn")


def loaded() -> dg.Definitions:
    found = defs()
    assert isinstance(found, dg.Definitions)
    return found


@pytest.mark.parametrize("model_id", SHIPPED)
def test_a_shipped_model_has_an_asset_for_every_layer_two_jobs_and_a_schedule(
    model_id: str,
) -> None:
    definitions = loaded()
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    not_there: set[Layer] = set() if model_id in TRAINED_HERE else {Layer.DEPLOYED_MODEL}
    assert {names.asset_key(model_id, layer) for layer in {*Layer} - not_there} <= keys
    assert definitions.resolve_job_def(names.setup_job(model_id))
    assert definitions.resolve_job_def(names.monitoring_job(model_id))
    assert definitions.resolve_schedule_def(names.ready_windows_schedule(model_id))


@pytest.mark.parametrize("model_id", TRAINED_HERE)
def test_lineage_runs_from_the_deployed_model_to_the_verdicts(model_id: str) -> None:
    graph = loaded().resolve_asset_graph()
    top = names.asset_key(model_id, Layer.DEPLOYED_MODEL)
    for layer in (Layer.DATA_DRIFT, Layer.DATA_QUALITY, Layer.MODEL_QUALITY):
        assert top in graph.get_ancestor_asset_keys(names.asset_key(model_id, layer))


def test_a_team_adds_models_by_naming_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_model(tmp_path, QUICK, "theirs")
    monkeypatch.setenv("MONITORING_MODELS", str(tmp_path))
    groups = {node.group_name for node in loaded().resolve_asset_graph().asset_nodes}
    assert groups == {*SHIPPED, "theirs"}


def test_while_definitions_are_validated_a_broken_model_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_model(tmp_path, QUICK.replace("linear", "magic"), "wrong")
    monkeypatch.setenv("MONITORING_MODELS", str(tmp_path))
    assert loaded()
    monkeypatch.setenv("DAGSTER_IS_DEFS_VALIDATION_CLI", "1")
    with pytest.raises(ConfigurationError, match="wrong"):
        loaded()


@pytest.mark.parametrize("name", ["in_process", "multiprocess"])
def test_the_executor_is_the_one_the_environment_names(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITORING_EXECUTOR", name)
    assert executor().name == name
    assert build_definitions(load_models([])).executor is executor()


def test_an_unknown_executor_is_an_error_that_lists_the_legal_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MONITORING_EXECUTOR", "celery")
    with pytest.raises(ConfigurationError, match="'celery'; legal: in_process, multiprocess"):
        executor()


def test_without_a_name_runs_stay_in_their_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONITORING_EXECUTOR", raising=False)
    assert executor().name == "in_process"


def test_loading_imports_nothing_that_only_runs_need() -> None:
    program = (
        "import sys; from monitoring_assets.definitions import defs; defs();"
        f" print(*(name for name in {ONLY_FOR_RUNS} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
