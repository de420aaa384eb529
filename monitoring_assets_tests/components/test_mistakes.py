"""Every mistake in a `defs.yaml` is one line: file, line, what is wrong, what is legal."""

from pathlib import Path

import pytest

from monitoring_assets.components.loading import load_model
from monitoring_assets.errors import ModelDefinitionError
from monitoring_assets_tests.components.yaml_models import VALID, with_attribute, write_model

REFERENCE = "  reference:\n    period: {start: 2025-12-01, end: 2026-01-01}\n"
MODEL = "  model: {estimator: linear, training: {start: 2025-12-01, end: 2026-01-01}}\n"

# What is replaced in VALID, by what, the line that must be named, and what must be said.
REPLACED = [
    ("task: regression", "task: regresion", 3, "task: Input should be 'regression'"),
    ("  task: regression\n", "", 2, "task: is required"),
    ("granularity: day", "granularity: daily", 5, "'week' or 'month', found 'daily'"),
    ("granularity: day", "granularity: week", 6, "windows.start: 2026-01-01 must be a Monday"),
    ("start: 2026-01-01\n", "start: 2026-13-01\n", 6, "month value is outside expected range"),
    ("start: 2026-01-01\n", "start: 20260101\n", 6, "20260101 is not a day; write it as"),
    ("start: 2026-01-01\n", "start: 2026-01-01\n    time_zone: Mars\n", 7, "IANA name"),
    ("start: 2026-01-01\n", "start: 2026-01-01\n    delay: soon\n", 7, "such as '6 hours'"),
    ("start: 2026-01-01\n", "start: 2026-01-01\n    delay: 9999999 weeks\n", 7, "not a duration"),
    ("start: 2026-01-01\n", "start: 2026-01-01\n    end: 2025-01-01\n", 7, "must lie after start"),
    (
        "  windows:\n    granularity: day\n    start: 2026-01-01\n",
        "  windows: day\n",
        4,
        "(delay, end,",
    ),
    ("kind: parquet", "kind: parket", 8, "'parket' is none of the legal kinds: 'parquet', 'simul"),
    ("    kind: parquet\n", "", 7, "source.kind: is required; legal: 'parquet', 'simulated_trips'"),
    ("path: scores", "paht: scores", 9, "source.paht: is not a field here; did you mean 'path'?"),
    ("path: scores/*.parquet", "path: ''", 9, "source.path: must not be empty"),
    ("    event_time: scored_at\n", "", 10, "columns.event_time: is required"),
    ("target: outcome", "target: age", 14, "'age' is named 2 times; a column has one role"),
    ("[age, income]", "[age, row_id]", 12, "'row_id' is a name that every stored row has already"),
    ("[age, income]", "[age, income]\n    extra: 1", 13, "columns.extra: is not a field here."),
    ("[age, income]", "age", 12, "columns.numerical: must be a list, found 'age'"),
    ("[age, income]", "[age, 5]", 12, "columns.numerical.1: Input should be a valid string"),
    ("[age, income]", "[age, ~]", 12, "Input should be a valid string, found nothing"),
    (REFERENCE, "", 2, "reference.period: is needed when predictions come from the source"),
    ("attributes:", "atributes:", 2, "'atributes' is not a field here; did you mean 'attributes'?"),
    ("type: monitoring_assets.MonitoredModel", "type: MonitoredModel", 1, "found 'MonitoredModel'"),
    ("type: monitoring_assets.MonitoredModel\n", "", 1, "found None"),
    (VALID.partition("attributes:")[2], "\n", 2, "attributes: must hold the fields of a model"),
    ("[age, income]", "[age, income", 13, "this is not YAML: expected ',' or ']'"),
    (
        "    target: outcome\n",
        "    target: outcome\n    target: x\n",
        15,
        "given twice, first in line 14",
    ),
    ("attributes:", "---\nattributes:", 1, "expected one YAML document, found 2"),
    (REFERENCE, MODEL.replace("2026-01-01", "2026-02-01"), 15, "windows would be scored"),
    ("    target: outcome\n" + REFERENCE, MODEL, 10, "columns.target: is needed for a model"),
]

# One more line of attributes (line 3), and what must be said.
ADDED = [
    ("model_id: other", "model_id: is the name of the folder; leave it out"),
    ("tasks: regression", "tasks: is not a field here; did you mean 'task'?"),
    ("owners: me@work.com", "owners: must be a list, found 'me@work.com'"),
    ("owners: [me]", "owners.0: 'me' is neither an e-mail address nor 'team:name'"),
    ("description: 5", "description: Input should be a valid string, found 5"),
    ("drift: {dataset_share: 2}", "drift.dataset_share: Input should be less than or equal to 1"),
    ("drift: {dataset_share: .nan}", "drift.dataset_share: Input should be a finite number"),
    ("drift: {minimum_rows: 1.5}", "drift.minimum_rows: Input should be a valid integer"),
    ("drift: {numerical: {method: psy}}", "'psy' is not a drift method; legal: chi_squared, "),
    (
        "drift: {categorical: {method: wasserstein}}",
        "is not defined for categorical columns;",
    ),
    ("drift: {categorical: {threshold: 1.5}}", "1.5 is never exceeded: chi_squared is at most 1"),
    ("drift: {categorical: {also: [psi, wasserstein]}}", "drift.categorical.also.1: 'wasserstein'"),
    ("drift: {columns: {agee: {}}}", "drift.columns.agee: 'agee' is not a column of this model;"),
    ("drift: {columns: {outcome: {}}}", "'outcome' is not a column of this model; age, income,"),
    ("drift: {columns: {age: {metod: psi}}}", "'method'? Legal: also, deciding, method,"),
    ("drift:", "drift: must be a section with fields of its own"),
    ("data_quality: {columns: [age]}", "must be names with values, one 'name: value' a line"),
    ("quality: {main_metric: map}", "'map' is not a quality metric; legal: mae, mape,"),
    ("quality: {thresholds: {maee: {relative: 1}}}", "quality.thresholds.maee: 'maee' is not a"),
    ("quality: {thresholds: {mae: {}}}", "quality.thresholds.mae: give either relative or"),
    ("quality: {thresholds: {mae: {absolute: -1}}}", "-1 is no bound of mae; legal: 0 or more"),
    ("filters: [{name: Bad Name, column: age, minimum: 1}]", "filters.0.name: String should match"),
    ("filters: [{name: x, column: age, allowed: [a]}]", "'age' is a number; use minimum and"),
    ("filters: [{name: x, column: agee, minimum: 1}]", "filters.0.column: 'agee' is not a column"),
    ("derived: {age: {kind: hour}}", "derived.age.kind: 'hour' is none of the legal kinds:"),
    ("derived: {age: {kind: hour_of_day, zone: 1}}", "is not a field here. Legal: kind"),
    ("derived: {weekday: {kind: day_of_week}}", "derived.weekday: 'weekday' is used by no column"),
    ("? [a, b]\n  : 1", "a list or a section cannot be the name of a field"),
    ("1: 2", "1: is not a field here"),
]


def problems_of(file: Path) -> tuple[str, ...]:
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    return caught.value.problems


@pytest.mark.parametrize(("right", "wrong", "line", "says"), REPLACED, ids=[r[3] for r in REPLACED])
def test_a_mistake_is_one_line_that_names_file_line_and_what_is_legal(
    tmp_path: Path, right: str, wrong: str, line: int, says: str
) -> None:
    assert right in VALID
    file = write_model(tmp_path, VALID.replace(right, wrong, 1))
    [problem] = problems_of(file)
    assert problem.startswith(f"{file}:{line}: ")
    assert says in problem


@pytest.mark.parametrize(("added", "says"), ADDED, ids=[a[0] for a in ADDED])
def test_a_wrong_field_is_one_line_that_names_file_line_and_what_is_legal(
    tmp_path: Path, added: str, says: str
) -> None:
    file = write_model(tmp_path, with_attribute(added))
    [problem] = problems_of(file)
    assert problem.startswith(f"{file}:3: ")
    assert says in problem


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


def test_a_misspelt_field_lists_the_fields_of_that_kind_of_source_only(tmp_path: Path) -> None:
    file = write_model(tmp_path, VALID.replace("path:", "on_duplicates: fail\n    path:"))
    [problem] = problems_of(file)
    assert "did you mean 'on_duplicate'?" in problem
    assert problem.endswith("Legal: event_time_zone, kind, on_duplicate, path, rename")
