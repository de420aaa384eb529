"""One YAML file, and every mistake in it: file, line, what is wrong, what is legal."""

from pathlib import Path

import pytest

from monitoring_assets.components.loading import load_model, load_models
from monitoring_assets.errors import ModelDefinitionError

VALID = """\
type: monitoring_assets.MonitoredModel
attributes:
  task: regression
  windows:
    granularity: day
    start: 2026-01-01
  source:
    kind: parquet
    path: scores/*.parquet
  columns:
    event_time: scored_at
    numerical: [age, income]
    categorical: [country]
    target: outcome
  reference:
    period: {start: 2025-12-01, end: 2026-01-01}
"""

MISTAKES = [
    ("task: regression", "task: regresion", 3, "task: Input should be 'regression'"),
    ("granularity: day", "granularity: daily", 5, "'hour', 'day', 'week' or 'month'"),
    ("granularity: day", "granularity: week", 4, "must be a Monday"),
    ("start: 2026-01-01\n", "start: 2026-13-01\n", 6, "windows.start"),
    ("start: 2026-01-01\n", "start: 2026-01-01\n    time_zone: Mars\n", 7, "IANA name"),
    ("start: 2026-01-01\n", "start: 2026-01-01\n    delay: soon\n", 7, "such as '6 hours'"),
    ("start: 2026-01-01\n", "start: 2026-01-01\n    end: 2025-01-01\n", 4, "must lie after start"),
    ("kind: parquet", "kind: parket", 7, "'parquet', 'simulated_trips'"),
    ("path: scores", "paht: scores", 9, "did you mean 'path'?"),
    ("event_time: scored_at\n", "", 10, "columns.event_time: is required"),
    ("target: outcome", "target: age", 2, "columns with more than one role: age"),
    ("[age, income]", "[]\n    extra: 1", 13, "columns.extra: is not a field here"),
    ("task:", "drift: {columns: {agee: {}}}\n  task:", 2, "'agee' is not a column of this model"),
    (
        "task:",
        "drift: {numerical: {method: psy}}\n  task:",
        3,
        "'psy' is not a drift method; legal:",
    ),
    ("task:", "drift: {dataset_share: 2}\n  task:", 3, "less than or equal to 1"),
    ("  reference:\n    period: {start: 2025-12-01, end: 2026-01-01}\n", "", 2, "reference.period"),
    ("task:", "owners: [me]\n  task:", 2, "neither an e-mail address nor 'team:name'"),
    ("task:", "filters: [{name: Bad Name, column: age}]\n  task:", 3, "filters.0.name"),
    ("attributes:", "atributes:", 1, "below it 'attributes:'"),
    ("[age, income]", "[age, income", 12, "this is not YAML"),
]


def write_model(folder: Path, text: str, model_id: str = "churn") -> Path:
    file = folder / model_id / "defs.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def test_the_ten_line_yaml_is_enough(tmp_path: Path) -> None:
    spec = load_model(write_model(tmp_path, VALID))
    assert spec.model_id == "churn"
    assert spec.columns.features == ("age", "income", "country")
    assert spec.windows.time_zone == "UTC"


@pytest.mark.parametrize(("right", "wrong", "line", "says"), MISTAKES, ids=[m[3] for m in MISTAKES])
def test_a_mistake_is_one_line_that_names_file_line_and_what_is_legal(
    tmp_path: Path, right: str, wrong: str, line: int, says: str
) -> None:
    assert right in VALID
    file = write_model(tmp_path, VALID.replace(right, wrong, 1))
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(file)
    assert len(caught.value.problems) == 1, caught.value.problems
    problem = caught.value.problems[0]
    assert problem.startswith(f"{file}:{line}:"), problem
    assert says in problem


def test_two_mistakes_are_reported_together(tmp_path: Path) -> None:
    text = VALID.replace("regression", "clustering").replace("granularity: day", "granularity: x")
    with pytest.raises(ModelDefinitionError) as caught:
        load_model(write_model(tmp_path, text))
    assert len(caught.value.problems) == 2


def test_templates_read_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORES", "/data/scores")
    text = VALID.replace("scores/*.parquet", "\"{{ env('SCORES') }}/*.parquet\"")
    spec = load_model(write_model(tmp_path, text))
    assert getattr(spec.source, "path") == "/data/scores/*.parquet"  # noqa: B009 - a union of kinds


def test_a_template_without_its_variable_says_which(tmp_path: Path) -> None:
    text = VALID.replace("scores/*.parquet", "\"{{ env('NOT_SET_ANYWHERE') }}\"")
    with pytest.raises(ModelDefinitionError, match="NOT_SET_ANYWHERE"):
        load_model(write_model(tmp_path, text))


def test_a_broken_model_takes_no_other_away(tmp_path: Path) -> None:
    write_model(tmp_path, VALID, "good")
    write_model(tmp_path, VALID.replace("regression", "nonsense"), "bad")
    loaded = load_models([tmp_path])
    assert [spec.model_id for spec in loaded.specs] == ["good"]
    assert [error.model_id for error in loaded.broken] == ["bad"]


def test_a_model_name_that_occurs_twice_is_an_error_of_the_later_one(tmp_path: Path) -> None:
    write_model(tmp_path / "one", VALID)
    second = write_model(tmp_path / "two", VALID)
    loaded = load_models([tmp_path / "one", tmp_path / "two"])
    assert len(loaded.specs) == 1
    assert str(second) in str(loaded.broken[0])


def test_the_shipped_models_load() -> None:
    from monitoring_assets.resources.settings import package_folder

    loaded = load_models([package_folder() / "defs"])
    assert loaded.broken == ()
    assert [spec.model_id for spec in loaded.specs] == ["green_taxi", "simulated_trips"]
