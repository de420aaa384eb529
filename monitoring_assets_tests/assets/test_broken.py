"""A model that cannot be loaded shows as a failing check, is reported once, takes no other away."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.components.loading import load_models
from monitoring_assets.definitions import build_definitions
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.records import WINDOW_LAYERS
from monitoring_assets_tests.dagster_runs import QUICK, QUIET, write_model

WRONG = QUICK.replace("task: regression", "task: regresion")
BROKEN = names.definition_key("wrong")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with one good model and one whose task is misspelt on its third line."""
    write_model(tmp_path, QUICK, "good")
    write_model(tmp_path, WRONG, "wrong")
    return tmp_path


@pytest.fixture
def definitions(models: Path) -> dg.Definitions:
    return build_definitions(load_models([models]))


def definitions_sensor(definitions: dg.Definitions) -> dg.SensorDefinition:
    return definitions.resolve_sensor_def(names.definitions_sensor())


def reported(sensor: dg.SensorDefinition, cursor: str | None = None) -> dg.SensorResult:
    with dg.build_sensor_context(cursor=cursor) as context:
        result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def test_a_broken_model_is_an_asset_beside_those_of_the_good_ones(
    definitions: dg.Definitions,
) -> None:
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    assert {names.asset_key("good", layer) for layer in WINDOW_LAYERS} < keys
    assert BROKEN in keys
    assert definitions.resolve_job_def(names.monitoring_job("good"))


def test_its_check_fails_with_file_line_and_legal_values(
    definitions: dg.Definitions, models: Path
) -> None:
    job = definitions.resolve_implicit_global_asset_job_def()
    checks = {dg.AssetCheckKey(BROKEN, names.DEFINITION_IS_VALID)}
    alone = job.get_subset(asset_selection=set(), asset_check_selection=checks)
    result = alone.execute_in_process(run_config=QUIET)
    (found,) = result.get_asset_check_evaluations()
    assert not found.passed
    assert f"{models / 'wrong' / 'defs.yaml'}:3: task:" in (found.description or "")
    assert "'regression'" in (found.description or "")


def test_the_sensor_reports_the_failing_check_unasked(definitions: dg.Definitions) -> None:
    (event,) = reported(definitions_sensor(definitions)).asset_events
    assert isinstance(event, dg.AssetCheckEvaluation)
    assert (event.asset_key, event.check_name) == (BROKEN, names.DEFINITION_IS_VALID)
    assert not event.passed


def test_the_sensor_reports_a_broken_model_once(definitions: dg.Definitions) -> None:
    sensor = definitions_sensor(definitions)
    cursor = reported(sensor).cursor
    with dg.build_sensor_context(cursor=cursor) as context:
        assert isinstance(sensor(context), dg.SkipReason)


def test_the_sensor_reports_again_once_the_mistakes_are_others(
    definitions: dg.Definitions, models: Path
) -> None:
    before = reported(definitions_sensor(definitions)).cursor
    (models / "wrong" / "defs.yaml").write_text(WRONG.replace("seed: 7", "seed: -1"))
    later = definitions_sensor(build_definitions(load_models([models])))
    (event,) = reported(later, before).asset_events
    assert "source.seed" in (event.description or "")


def test_models_without_mistakes_need_no_sensor(models: Path) -> None:
    (models / "wrong" / "defs.yaml").unlink()
    built = build_definitions(load_models([models]))
    found = [one.name for one in built.sensors or () if isinstance(one, dg.SensorDefinition)]
    assert names.definitions_sensor() not in found


def test_a_folder_of_models_that_does_not_exist_takes_no_other_model_away(models: Path) -> None:
    loaded = load_models([models, models / "mispelt"])
    assert [spec.model_id for spec in loaded.specs] == ["good"]
    assert "there is no such folder of models" in str(loaded.broken[-1])


def test_strictly_loaded_every_broken_model_is_an_error(models: Path) -> None:
    write_model(models, WRONG, "worse")
    with pytest.raises(ConfigurationError, match=r"(?s)'worse'.*'wrong'"):
        build_definitions(load_models([models]), strict=True)


@pytest.mark.slow
def test_dagster_definitions_validate_fails_on_a_broken_model_and_passes_without(
    models: Path, tmp_path: Path
) -> None:
    write_model(tmp_path / "mended", QUICK, "wrong")
    # Each with a home of its own: two that create Dagster's files in one get in each other's way.
    wrong = validation(models, new_folder(tmp_path / "one"))
    right = validation(tmp_path / "mended", new_folder(tmp_path / "other"))
    said, _ = wrong.communicate(timeout=120)
    said_of_the_mended_one, _ = right.communicate(timeout=120)
    assert wrong.returncode == 1, said
    assert "wrong/defs.yaml:3: task:" in said
    assert right.returncode == 0, said_of_the_mended_one


def new_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def validation(models: Path, home: Path) -> "subprocess.Popen[str]":
    own = {"MONITORING_MODELS": str(models), "DAGSTER_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "dagster", "definitions", "validate"],
        cwd=Path(__file__).parents[2],
        env=os.environ | own | {"DAGSTER_DISABLE_TELEMETRY": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
