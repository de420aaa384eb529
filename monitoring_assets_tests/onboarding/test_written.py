"""The written YAML: it loads whatever the columns are called, and every guess is marked."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.components.loading import load_model
from monitoring_assets.onboarding.written import defs_yaml
from monitoring_assets.onboarding.yaml_text import YamlLines, scalar
from monitoring_assets_tests.onboarding.data import (
    ROWS,
    binary_rows,
    loaded,
    proposed,
    proposed_for,
    write,
)

ODD = (
    "two words", " padded ", "it's", '"quoted"', "a: b", "a #b", "#", "- dash", "*star", "&and",
    "!bang", "%percent", "@at", "`tick`", "{brace}", "[x]", "a,b", "?", "|", ">", "~", "null",
    "yes", "no", "on", "Off", "true", "y", "N", "1", "007", "1e3", "0x1F", "1:30", "2025-01-01",
    ".inf", "<<", "=", "größe", "日本", "🚕", "a\tb", "a\nb", "a\\b", "---", "{ x }", "x" * 200,
)  # fmt: skip


def text_of(folder: Path, /, **columns: Any) -> str:
    return defs_yaml(proposed_for(binary_rows(**columns), folder), "small", "../model.schema.json")


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_odd_names_come_back_from_the_yaml_as_they_are(tmp_path: Path, suffix: str) -> None:
    numbers = np.arange(ROWS) / 7
    names = [name for name in ODD if suffix != ".csv" or "\n" not in name]
    rows = binary_rows(**dict.fromkeys(names, numbers))
    spec = loaded(proposed(write(rows, tmp_path / f"a{suffix}")), tmp_path)
    assert spec.columns.numerical == ("amount", *names)


@given(st.text(min_size=1))
def test_any_text_is_one_line_that_reads_back(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    lines = YamlLines()
    lines.pair(0, text, text, "a comment")
    assert yaml.safe_load(lines.text()) == {text: text}
    assert "\n" not in scalar(text)


@pytest.mark.parametrize("classes", [("yes", "no"), ("0", "1"), ("a: b", "#c"), ("null", "~")])
def test_odd_classes_come_back_from_the_yaml_as_they_are(
    tmp_path: Path, classes: tuple[str, str]
) -> None:
    label = np.array(classes)[np.arange(ROWS) % 2]
    spec = loaded(proposed_for(binary_rows(label=label), tmp_path), tmp_path)
    assert spec.classification is not None
    assert {*spec.classification.classes} == {*classes}


def test_a_name_that_our_rows_have_is_read_under_another(tmp_path: Path) -> None:
    rows = binary_rows(rejected_by=np.arange(ROWS) / 7)
    spec = loaded(proposed_for(rows, tmp_path), tmp_path)
    assert "rejected_by_of_source" in spec.columns.numerical


def test_a_model_without_predictions_is_trained_on_the_first_part(tmp_path: Path) -> None:
    spec = loaded(proposed_for(binary_rows(score=None), tmp_path), tmp_path)
    assert spec.model is not None
    assert spec.model.estimator == "hist_gradient_boosting"
    assert spec.model.training.end == spec.windows.start
    assert spec.reference.period is None


def test_a_model_with_predictions_has_a_reference_period(tmp_path: Path) -> None:
    spec = loaded(proposed_for(binary_rows(), tmp_path), tmp_path)
    assert spec.model is None
    assert spec.reference.period is not None
    assert spec.columns.probabilities == {"1": "score"}
    assert spec.columns.prediction is None


@pytest.mark.parametrize("score", [None, np.arange(ROWS) / ROWS])
def test_what_closes_the_loop_is_commented_out_and_legal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, score: Any
) -> None:
    monkeypatch.setenv("ALERTS_WEBHOOK", "https://alerts.example.org/a")
    folder = tmp_path / "models" / "small"
    folder.mkdir(parents=True)
    text = re.sub(
        r"^  # (?=retraining|notifications)", "  ", text_of(tmp_path, score=score), flags=re.M
    )
    (folder / "defs.yaml").write_text(text, encoding="utf-8")
    spec = load_model(folder / "defs.yaml")
    assert spec.notifications is not None
    # Only what is trained here can be trained anew here.
    assert (spec.retraining is None) is (score is not None)


def test_the_first_line_names_the_schema(tmp_path: Path) -> None:
    first = text_of(tmp_path).splitlines()[0]
    assert first == "# yaml-language-server: $schema=../model.schema.json"


def test_every_guess_is_marked_and_what_the_user_said_is_not(tmp_path: Path) -> None:
    proposal = proposed_for(binary_rows(), tmp_path, target="label")
    lines = defs_yaml(proposal, "small", "x").splitlines()
    of = {line.split("#")[0].strip(): line for line in lines}
    for name in ("event_time: scored_at", "id: id", "- amount", "- country", "granularity: day"):
        assert "# guess: " in of[name], name
    assert of["target: label"].endswith("# given by --target")


def test_what_was_left_out_stands_there_with_its_reason(tmp_path: Path) -> None:
    text = text_of(tmp_path, fixed=np.ones(ROWS), **{"two\nlines": ["x"] * ROWS})
    assert "#   'fixed': always 1\n" in text
    assert "#   'two\N{REPLACEMENT CHARACTER}lines': always 'x'\n" in text


def test_lines_are_as_long_as_ours(tmp_path: Path) -> None:
    text = text_of(tmp_path, **{f"column_{n}": np.arange(ROWS) * 1.5 for n in range(20)})
    long = [line for line in text.splitlines() if len(line) > 100 and "path:" not in line]
    assert [line for line in long if "Written by" not in line and str(tmp_path) not in line] == []
