"""Every mistake in a `defs.yaml` is one line: file, line, what is wrong, what is legal."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitoring_assets.components.loading import load_model
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets_tests.components.mistake_list import MISTAKES, Listed
from monitoring_assets_tests.components.yaml_models import (
    BASES,
    VALID,
    with_attribute,
    write_model,
    written,
)

# A message that says what to do, or what would be legal, has one of these in it.
ADVICE = re.compile(
    r"[Ll]egal: |must |needs |is needed|is required|leave .*out|write|give|name|try|put |set it|"
    r"did you mean|use (minimum|allowed)|choose|let it|indent with|expected"
)


def problems_of(file: Path) -> tuple[str, ...]:
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    return caught.value.problems


@pytest.mark.parametrize("base", BASES)
def test_what_the_mistakes_are_made_in_is_correct_without_them(tmp_path: Path, base: str) -> None:
    assert load_model(write_model(tmp_path, BASES[base])).model_id == "churn"


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_gives_the_message_that_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: Listed
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    file = write_model(tmp_path, mistake.text)
    assert problems_of(file) == (f"{file}:{mistake.message}",)


def test_the_list_is_long_and_names_no_mistake_twice() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) >= 30


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_message_has_the_line_the_place_and_what_is_right(mistake: Listed) -> None:
    line, _, rest = mistake.message.partition(": ")
    assert 1 <= int(line) <= len(mistake.text.splitlines()) + 1
    assert re.match(r"'?[\w.$:/*]+'?: |this is not YAML|expected one|'\w+' is|a list or", rest)
    assert ADVICE.search(rest)


def test_the_line_is_that_of_the_field_or_of_the_section_it_is_missing_in() -> None:
    lines = {mistake.name: mistake.message.partition(":")[0] for mistake in MISTAKES}
    assert lines["two filters of one name"] == "5"  # the second of them
    assert lines["a table without an id"] == "8"  # section `columns`
    assert lines["no task"] == "2"  # `attributes`


def test_mistakes_in_two_fields_are_two_lines(tmp_path: Path) -> None:
    text = VALID.replace("regression", "clustering").replace("granularity: day", "granularity: x")
    file = write_model(tmp_path, text)
    lines = [problem.removeprefix(f"{file}:").partition(":")[0] for problem in problems_of(file)]
    assert lines == ["3", "5"]


def test_broken_rules_between_sections_are_a_line_each(tmp_path: Path) -> None:
    text = with_attribute("owners: [me]").replace("target: outcome", "target: age")
    first, second = problems_of(write_model(tmp_path, text))
    assert ":3: owners.0: " in first
    assert ":15: columns.target: " in second


def test_broken_rules_inside_a_section_are_a_line_each(tmp_path: Path) -> None:
    text = VALID.replace("granularity: day", "granularity: week")
    text = text.replace("    start: 2026-01-01\n", "    start: 2026-01-01\n    end: 2026-01-07\n")
    first, second = problems_of(write_model(tmp_path, text))
    assert ":6: windows.start: " in first
    assert ":7: windows.end: " in second


@pytest.mark.parametrize(
    ("section", "legal"),
    [
        ("{kind: parquet, paht: a}", "event_time_zone, kind, object_store, on_duplicate, path,"),
        ("{kind: bundled, datset: iris}", "dataset, kind, on_duplicate, rows_per_day, seed"),
    ],
)
def test_a_misspelt_field_lists_the_fields_of_that_kind_of_source_only(
    tmp_path: Path, section: str, legal: str
) -> None:
    [problem] = problems_of(write_model(tmp_path, written(f"source: {section}\n")))
    assert f"Legal: {legal}" in problem


def test_a_field_inside_a_source_inside_a_list_is_found(tmp_path: Path) -> None:
    text = written(
        "joined:\n- name: labels\n  source:\n    kind: csv\n    paht: a.csv\n  columns: [outcome]\n"
    )
    [problem] = problems_of(write_model(tmp_path, text))
    assert ":7: joined.0.source.paht: is not a field here; did you mean 'path'?" in problem


def test_every_wrong_class_is_named_and_the_list_is_not_called_short(tmp_path: Path) -> None:
    text = written("classification: {classes: [yes, no, 0.5]}\n", BASES["binary"])
    places = [problem.split(": ")[1] for problem in problems_of(write_model(tmp_path, text))]
    assert places == [f"classification.classes.{i}" for i in range(3)]


WRONG_KEYS: Mapping[str, str] = {
    "quality: {by_class: {yes: {recall: {absolute: 0.7}}}}": "put the class in quotation marks",
    "quality: {thresholds: {maee: {relative: 1}}}": "'maee' is not a quality metric; legal: acc",
    "drift: {columns: {'': {}}}": "must not be empty",
    "1: 2": "1: is not a field here",
}


@pytest.mark.parametrize("line", WRONG_KEYS)
def test_a_wrong_name_is_told_like_a_wrong_value(tmp_path: Path, line: str) -> None:
    [problem] = problems_of(write_model(tmp_path, written(f"{line}\n")))
    assert ":3: " in problem
    assert WRONG_KEYS[line] in problem


def test_what_was_found_is_cut_where_it_is_long(tmp_path: Path) -> None:
    [problem] = problems_of(write_model(tmp_path, written(f"owners: {'x' * 500}\n")))
    assert len(problem) < len(str(tmp_path)) + 160
    assert problem.endswith("...")
