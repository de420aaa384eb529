"""`docs/model.schema.json`: current, and it takes what loads and refuses what it can see."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster_shared.yaml_utils import safe_load_yaml
from jsonschema import Draft202012Validator

from monitoring_assets.components.loading import load_model
from monitoring_assets.components.yaml_schema import main, schema_text
from monitoring_assets_tests.components.mistake_list import MISTAKES, Listed
from monitoring_assets_tests.components.yaml_models import BASES, write_model, written

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs" / "model.schema.json"
SHIPPED = sorted((ROOT / "monitoring_assets" / "defs").glob("*/defs.yaml"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BEGINNING = "type: monitoring_assets."
OF_YAML = re.compile(r"type:|attributes:|[ #]|$")


def blocks(text: str) -> Iterator[str]:
    """Yield the blocks of code of a document, fenced or indented by four blanks."""
    yield from re.findall(r"^```ya?ml[^\n]*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    for block in re.findall(r"(?:^(?: {4}.*)?\n)+", text, flags=re.MULTILINE):
        yield re.sub(r"^ {4}", "", block, flags=re.MULTILINE)


def examples() -> Iterator[tuple[str, str]]:
    """Yield every complete `defs.yaml` in a document: it begins with its type."""
    for document in DOCUMENTS:
        for block in blocks(document.read_text(encoding="utf-8")):
            for part in re.split(rf"^(?={re.escape(BEGINNING)})", block, flags=re.MULTILINE)[1:]:
                lines = takewhile(OF_YAML.match, part.splitlines(keepends=True))
                yield document.name, "".join(lines)


EXAMPLES = [*examples()]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def as_json(text: str) -> Any:
    """Return a YAML file as JSON has it: days are text, and so are names."""
    return json.loads(json.dumps(safe_load_yaml(text)))


def refusals(validator: Draft202012Validator, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(as_json(text))]


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run `make schema`"


def test_the_command_that_renews_it_writes_it(tmp_path: Path) -> None:
    main(str(tmp_path / "new.json"))
    assert (tmp_path / "new.json").read_bytes() == SCHEMA.read_bytes()


def test_it_is_a_schema_of_draft_2020_12(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)
    assert '"$schema": "https://json-schema.org/draft/2020-12/schema"' in schema_text()


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_the_shipped_models_are_taken(validator: Draft202012Validator, file: Path) -> None:
    assert refusals(validator, file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("base", BASES)
def test_correct_files_are_taken(validator: Draft202012Validator, base: str) -> None:
    assert refusals(validator, BASES[base]) == []


def test_documents_have_examples() -> None:
    assert "model-yaml.md" in {name for name, _ in EXAMPLES}


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_complete_example_in_a_document_is_taken_and_loads(
    validator: Draft202012Validator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
) -> None:
    for variable in re.findall(r"env\('(\w+)'\)", text):
        url = "postgresql://reader@warehouse/sales" if variable.endswith("_URL") else "somewhere"
        monkeypatch.setenv(variable, url)
    assert refusals(validator, text) == [], name
    assert load_model(write_model(tmp_path, text)).model_id == "churn"


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_listed_mistake_is_refused_if_the_list_says_so(
    validator: Draft202012Validator, mistake: Listed
) -> None:
    try:
        refused = refusals(validator, mistake.text) != []
    except (yaml.YAMLError, TypeError):
        refused = False  # no JSON at all: no schema has a say in it
    assert refused is mistake.in_schema


def test_the_schema_sees_at_least_thirty_of_the_listed_mistakes() -> None:
    assert sum(mistake.in_schema for mistake in MISTAKES) >= 30


def test_templates_are_taken_where_they_load(
    validator: Draft202012Validator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"DAY": "day", "FROM": "2026-01-01", "SHARE": "0.4", "ROWS": "70", "NO": "false"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    text = written(
        "windows: {granularity: \"{{ env('DAY') }}\", start: \"{{ env('FROM') }}\"}\n"
        'drift: {minimum_rows: "{{ env.ROWS }}", numerical: {deciding: "{{ env.NO }}"}}\n'
        "data_quality: {maximum_rejected_share: \"{{ env('SHARE', '0.1') }}\"}\n"
    )
    spec = load_model(write_model(tmp_path, text))
    assert (spec.drift.minimum_rows, spec.drift.numerical.deciding) == (70, False)
    assert refusals(validator, text) == []


@pytest.mark.parametrize("attributes", [{}, {"task": "regression"}])
def test_what_is_required_is_asked_for(
    validator: Draft202012Validator, attributes: Mapping[str, Any]
) -> None:
    document = {"type": "monitoring_assets.MonitoredModel", "attributes": attributes}
    messages = [error.message for error in validator.iter_errors(document)]
    assert "'columns' is a required property" in messages
