"""`{{ env('NAME', 'default') }}` in a model's YAML, and that all other text stays."""

from pathlib import Path

import pytest

from monitoring_assets.components.loading import load_model
from monitoring_assets.components.templates import TemplateError, rendered
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets.spec.sources import ParquetSourceSpec
from monitoring_assets_tests.components.yaml_models import VALID, with_attribute, write_model


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ env('FOLDER') }}/x", "/scores/x"),
        ("{{env('FOLDER')}}", "/scores"),
        ('{{ env("FOLDER", "else") }}', "/scores"),
        ("{{ env.FOLDER }}/x", "/scores/x"),
        ("{{ env('NOT_SET', 'else') }}", "else"),
        ("{{ env('NOT_SET', '') }}x", "x"),
        ("{{ env('FOLDER') }}/{{ env('YEAR') }}", "/scores/2024"),
        ("{{ env('YEAR') }}", "2024"),
        ("74", "74"),
        ("{not: one}", "{not: one}"),
    ],
)
def test_a_template_becomes_text(monkeypatch: pytest.MonkeyPatch, template: str, text: str) -> None:
    monkeypatch.setenv("FOLDER", "/scores")
    monkeypatch.setenv("YEAR", "2024")
    monkeypatch.delenv("NOT_SET", raising=False)
    assert rendered(template) == text


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ env('NOT_SET') }}", "environment variable NOT_SET is not set"),
        ("{{ env.NOT_SET }}", "environment variable NOT_SET is not set"),
        ("{{ envv('X') }}", r"legal: \{\{ env\('NAME'\) \}\}"),
        ("{{ NAME }}", "is not a template"),
        ("{{ 1 + 1 }}", "is not a template"),
        ("{{ }}", "is not a template"),
    ],
)
def test_anything_else_between_braces_is_refused(
    monkeypatch: pytest.MonkeyPatch, template: str, says: str
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(TemplateError, match=says):
        rendered({"list": [template]})


def test_numbers_dates_and_none_stay_what_they_are() -> None:
    value = {"a": 1, "b": [None, True, 2.5], "c": {"d": "x"}}
    assert rendered(value) == value


def test_templates_work_in_nested_sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORES", "/data/scores")
    monkeypatch.setenv("ROWS", "250")
    text = with_attribute("drift: {minimum_rows: \"{{ env('ROWS') }}\"}")
    text = text.replace("scores/*.parquet", "\"{{ env('SCORES') }}/*.parquet\"")
    spec = load_model(write_model(tmp_path, text))
    assert isinstance(spec.source, ParquetSourceSpec)
    assert spec.source.path == "/data/scores/*.parquet"
    assert spec.drift.minimum_rows == 250


def test_a_quoted_number_stays_text(tmp_path: Path) -> None:
    text = with_attribute('filters: [{name: zone, column: country, allowed: ["74", "007"]}]')
    assert load_model(write_model(tmp_path, text)).filters[0].allowed == ("74", "007")


def test_templates_that_fail_are_named_with_their_lines_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    text = VALID.replace("scores/*.parquet", "\"{{ env('NOT_SET') }}\"")
    file = write_model(tmp_path, text.replace("country", '"{{ nothing }}"'))
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    first, second = caught.value.problems
    assert first.startswith(f"{file}:9: source.path: environment variable NOT_SET is not set")
    assert second.startswith(f"{file}:13: columns.categorical.0: '{{{{ nothing }}}}'")
