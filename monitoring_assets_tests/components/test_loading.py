"""From folders to specs: which files are read, and what happens to those that cannot be."""

from pathlib import Path

import pytest

from monitoring_assets.components.loading import COMPONENT_TYPES, load_model, load_models
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets_tests.components.yaml_models import VALID, write_model


def test_the_ten_line_yaml_is_enough(tmp_path: Path) -> None:
    spec = load_model(write_model(tmp_path))
    assert spec.model_id == "churn"
    assert spec.columns.features == ("age", "income", "country")
    assert spec.windows.time_zone == "UTC"


@pytest.mark.parametrize("kind", COMPONENT_TYPES)
def test_the_component_may_be_named_in_full(tmp_path: Path, kind: str) -> None:
    file = write_model(tmp_path, VALID.replace("monitoring_assets.MonitoredModel", kind))
    assert load_model(file).model_id == "churn"


def test_a_broken_model_takes_no_other_away(tmp_path: Path) -> None:
    write_model(tmp_path, VALID, "good")
    write_model(tmp_path, VALID.replace("regression", "nonsense"), "bad")
    loaded = load_models([tmp_path])
    assert [spec.model_id for spec in loaded.specs] == ["good"]
    assert [error.model_id for error in loaded.broken] == ["bad"]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"a: \x00", b"", b"- 1\n", b"? [1]\n: 2\n", b"a: !unknown 1\n", b"&a [*a]\n"],
    ids=["no UTF-8", "zero byte", "empty", "list", "key of many", "unknown tag", "endless"],
)
def test_a_file_that_is_no_yaml_takes_no_other_away(tmp_path: Path, content: bytes) -> None:
    write_model(tmp_path, VALID, "good")
    write_model(tmp_path, "", "bad").write_bytes(content)
    loaded = load_models([tmp_path])
    assert [spec.model_id for spec in loaded.specs] == ["good"]
    [error] = loaded.broken
    assert error.problems[0].startswith(str(tmp_path / "bad" / "defs.yaml"))


def test_a_folder_instead_of_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "odd" / "defs.yaml").mkdir(parents=True)
    [error] = load_models([tmp_path]).broken
    assert "cannot be read" in error.problems[0]


def test_a_model_name_that_occurs_twice_is_an_error_of_the_later_one(tmp_path: Path) -> None:
    write_model(tmp_path / "one")
    second = write_model(tmp_path / "two")
    loaded = load_models([tmp_path / "one", tmp_path / "two"])
    assert len(loaded.specs) == 1
    assert loaded.broken[0].problems == (
        f"{second}:1: another model is called 'churn' already; rename this folder",
    )


def test_a_missing_folder_of_models_takes_no_other_away(tmp_path: Path) -> None:
    write_model(tmp_path)
    loaded = load_models([tmp_path / "nowhere", tmp_path])
    assert [spec.model_id for spec in loaded.specs] == ["churn"]
    assert loaded.broken[0].problems == (
        f"{tmp_path / 'nowhere'}: there is no such folder of models",
    )


def test_a_model_named_as_a_folder_of_models_is_told_from_one(tmp_path: Path) -> None:
    file = write_model(tmp_path)
    [error] = load_models([file.parent]).broken
    assert f"name {tmp_path} instead" in error.problems[0]


def test_a_folder_whose_name_is_no_model_id_is_told_what_is_legal(tmp_path: Path) -> None:
    file = write_model(tmp_path, VALID, "Churn-Model")
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    [problem] = caught.value.problems
    assert problem.startswith(f"{file}:2: model_id: the folder's name 'Churn-Model'")
    assert "small letters" in problem


def test_the_error_names_the_model_and_then_its_mistakes(tmp_path: Path) -> None:
    file = write_model(tmp_path, VALID.replace("regression", "clustering"))
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    first, *rest = str(caught.value).splitlines()
    assert first == "model 'churn' is not defined correctly:"
    assert tuple(rest) == caught.value.problems


def test_the_shipped_models_load() -> None:
    from monitoring_assets.resources.settings import package_folder

    loaded = load_models([package_folder() / "defs"])
    assert loaded.broken == ()
    assert [spec.model_id for spec in loaded.specs] == [
        "green_taxi",
        "power_outages",
        "simulated_trips",
    ]
