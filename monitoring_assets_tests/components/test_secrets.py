"""A password in a model's YAML, or in the environment it names, comes out of no message."""

import traceback
from pathlib import Path

import pytest

from monitoring_assets.components.loading import load_model
from monitoring_assets.components.masking import Masks, without_addresses
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets.spec.sources import SqlSourceSpec
from monitoring_assets_tests.components.yaml_models import VALID, write_model, written

HIDDEN = "hunter2"
URL = f"postgresql://me:{HIDDEN}@warehouse/sales"
READ = "\"{{ env('WAREHOUSE_URL') }}\""
TABLE = "columns: {id: order_id, event_time: scored_at, numerical: [age], target: outcome}\n"

# Attributes with something wrong in or near a URL; URL stands for itself, or for a template.
WRONG = [
    "source: {kind: sql, url: URL}",
    "source: {kind: sql, url: URL, table: 5}",
    "source: {kind: sql, url: URL, tabel: scores}",
    "source: {kind: sql, urll: URL, table: scores}",
    "source: {kind: sql, url: [URL], table: scores}",
    "source: {kind: sql, url: {address: URL}, table: scores}",
    "source: {kind: sql, url: ':URL', table: scores}",
    "source: {kind: sql, url: URL, table: scores, password: hunter2}",
    "source: {kind: sql, url: {password: hunter2}, table: scores}",
    "source: {kind: sql, url: \"{{ 'hunter2' }}\", table: scores}",
    "source: {kind: sql, url: \"{{ env('NOT_SET', 'URL' }}\", table: scores}",
    "source: {kind: sql, table: scores, ? URL : 1, url: 'sqlite:///a'}",
    "source: {kind: URL, table: scores}",
    "source: {kind: [sql, URL], table: scores}",
    "source: {url: URL, table: scores}",
    "source: [kind: sql, url: URL, table: scores]",
    "source: URL",
    "source: {kind: parquet, path: URL}",
    "source: {kind: parquet, path: URL, event_time_zone: URL}",
    "source: {kind: csv, path: a.csv, encoding: URL}",
    "source: {kind: csv, path: a.csv, rename: {URL: age}}",
    "source: {kind: csv, path: a.csv, rename: {agee: URL}}",
    "joined: {name: labels, source: {kind: sql, url: URL, table: a}, columns: [outcome]}",
    "joined: [{name: URL, source: {kind: sql, url: URL, table: a}, columns: [outcome]}]",
    "reference: {source: {kind: sql, url: URL}}",
    "reference: {period: URL}",
    "owners: [URL]",
    "owners: URL",
    "task: URL",
    "windows: {granularity: day, start: URL}",
    "windows: {granularity: day, start: 2026-01-01, delay: URL}",
    "drift: {numerical: {method: URL}}",
    "quality: {main_metric: URL}",
    "quality: {thresholds: {mae: {absolute: URL}}}",
    "filters: [{name: a, column: URL, minimum: 1}]",
    "units: URL",
    "? URL\n: 1",
    "? URL\n: 1\n? URL\n: 2",
    "source: {kind: sql, url: URL",
    "source: {kind: sql, url: !URL}",
    "source: {kind: sql, url: *hunter2}",
    'source: {kind: sql, url: "URL\\q", table: a}',
    "source:\n\turl: URL",
]


def told(file: Path) -> str:
    """Return everything that anybody could be shown of the error."""
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    return "".join(traceback.format_exception(caught.value)) + repr(caught.value.problems)


@pytest.mark.parametrize("fragment", WRONG)
def test_no_message_holds_a_password_that_stands_in_the_yaml(tmp_path: Path, fragment: str) -> None:
    file = write_model(tmp_path, written(f"{fragment.replace('URL', URL)}\n"))
    assert HIDDEN not in told(file)


@pytest.mark.parametrize("fragment", [one for one in WRONG if ": URL" in one and "?" not in one])
def test_no_message_holds_a_password_that_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fragment: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", URL)
    file = write_model(tmp_path, written(f"{fragment.replace('URL', READ)}\n"))
    assert HIDDEN not in told(file)


@pytest.mark.parametrize("top", ["URL: 1\n", "? URL\n: 1\n", "type: URL\n", "type: [URL]\n"])
def test_no_message_about_the_whole_file_holds_a_password(tmp_path: Path, top: str) -> None:
    head = top.replace("URL", f'"{URL}"')
    body = VALID if not top.startswith("type") else VALID.partition("\n")[2]
    assert HIDDEN not in told(write_model(tmp_path, head + body))


@pytest.mark.parametrize("url", [URL, f'\'{{{{ env("NOT_SET", "{URL}") }}}}\'', READ])
def test_a_model_that_loads_hides_its_url_but_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", URL)
    text = written(f"source: {{kind: sql, url: {url}, table: scores}}\n{TABLE}")
    spec = load_model(write_model(tmp_path, text))
    assert isinstance(spec.source, SqlSourceSpec)
    assert spec.source.url.get_secret_value() == URL
    assert HIDDEN not in repr(spec)


def test_an_address_is_hidden_also_where_it_is_quoted_with_escapes() -> None:
    odd = "postgresql://me:a\tb@h"
    masks = Masks({"a": ["s3://key:it's@bucket/x", odd]}, "http://h")
    message = f'found {odd!r}, {odd} and "s3://key:it\'s@bucket/x", http://h'
    hidden = "found 'postgresql://***', postgresql://*** and \"s3://***\", http://***"
    assert masks.apply(message) == hidden


def test_text_without_an_address_is_left_as_it_is() -> None:
    assert without_addresses("a list, such as [a, b]") == "a list, such as [a, b]"
    assert Masks("scores/*.parquet", "s3://").apply("legal: s3://, gs://") == "legal: s3://, gs://"
