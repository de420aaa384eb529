"""The component as Dagster's own loader and tools use it, without our loader of YAML files."""

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster.components.testing import create_defs_folder_sandbox
from dagster_shared.yaml_utils import safe_load_yaml

from monitoring_assets.components import MonitoredModel
from monitoring_assets.components.loading import load_model
from monitoring_assets.spec.sources import SqlSourceSpec
from monitoring_assets_tests.components.yaml_models import BASES, write_model, written

TABLE = written(
    "columns: {id: order_id, event_time: scored_at, numerical: [age], target: outcome}\n"
    "source: {kind: sql, url: \"{{ env('WAREHOUSE_URL') }}\", table: scores}\n"
    "drift: {minimum_rows: \"{{ env('ROWS', '250') }}\"}\n"
)


@pytest.fixture(autouse=True)
def _warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", "postgresql://me:hunter2@warehouse/sales")


def loaded(contents: dict[str, Any]) -> Iterator[MonitoredModel]:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(MonitoredModel, "churn", defs_yaml_contents=contents)
        with sandbox.load_component_and_build_defs(path) as (component, _):
            assert isinstance(component, MonitoredModel)
            yield component


@pytest.mark.parametrize("text", [*BASES.values(), TABLE], ids=[*BASES, "table"])
def test_dagsters_loader_makes_the_same_model_as_ours(tmp_path: Path, text: str) -> None:
    [component] = loaded(safe_load_yaml(text))
    assert component.spec == load_model(write_model(tmp_path, text))


def test_templates_are_rendered_before_anything_looks_at_them() -> None:
    [component] = loaded(safe_load_yaml(TABLE))
    source = component.spec.source
    assert isinstance(source, SqlSourceSpec)
    assert source.url.get_secret_value() == "postgresql://me:hunter2@warehouse/sales"
    assert component.spec.drift.minimum_rows == 250


@pytest.mark.parametrize("wrong", ["tabel: scores", "table: 5", "query: DELETE", "url: [a]"])
def test_dagsters_loader_refuses_a_mistake_without_the_secret(wrong: str) -> None:
    contents = safe_load_yaml(TABLE.replace("table: scores", wrong))
    with pytest.raises(Exception, match="Error while loading component churn") as caught:
        next(loaded(contents))
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
