"""Predicted classes that follow from probabilities, and probabilities that cannot be."""

from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.sources.answers import invalid_probabilities, with_answers
from monitoring_assets.sources.base import SourceRows
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.sources.small_files import read_day, three_rows, write
from monitoring_assets_tests.specs import small_columns, small_spec

PERIOD = {"period": {"start": "2023-01-01", "end": "2023-02-01"}}
THREE = {"red": "p_red", "green": "p_green", "blue": "p_blue"}


def classes_spec(task: str, probabilities: dict[str, str], **changes: Any) -> ModelSpec:
    named = ["no", "yes"] if task == "binary" else ["red", "green", "blue"]
    columns = small_columns(probabilities=probabilities, target="minutes")
    sections = {
        "task": task,
        "classification": {"classes": named} | changes.pop("classification", {}),
        "columns": columns | changes.pop("columns", {}),
        "model": None,
        "reference": PERIOD,
    }
    return small_spec(**(sections | changes))


BINARY = classes_spec("binary", {"yes": "p_yes"})
MULTICLASS = classes_spec("multiclass", THREE)


def read(folder: Path, spec: ModelSpec, **columns: Any) -> SourceRows:
    write(folder, three_rows(minutes=["no", "yes", "no"], **columns))
    return read_day(folder, spec)


def answers(rows: SourceRows) -> list[str | None]:
    return rows.table["prediction"].to_pylist()


def test_the_positive_class_is_answered_from_the_threshold_on(tmp_path: Path) -> None:
    assert answers(read(tmp_path, BINARY, p_yes=[0.49, 0.5, None])) == ["no", "yes", None]
    spec = classes_spec("binary", {"yes": "p_yes"}, classification={"decision_threshold": 0.2})
    assert answers(read_day(tmp_path, spec)) == ["yes", "yes", None]


def test_the_positive_class_may_be_the_first(tmp_path: Path) -> None:
    spec = classes_spec("binary", {"no": "p_no"}, classification={"positive_class": "no"})
    assert answers(read(tmp_path, spec, p_no=[0.49, 0.5, 1.0])) == ["yes", "no", "no"]


def test_the_largest_of_several_probabilities_decides(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        MULTICLASS,
        p_red=[0.2, 0.4, 0.1],
        p_green=[0.7, 0.4, None],
        p_blue=[0.1, 0.2, 0.9],
    )
    assert answers(rows) == ["green", "red", None]
    assert rows.adjusted == {}


@pytest.mark.parametrize(
    ("values", "invalid"),
    [
        ([0.0, 1.0, None], 0),
        ([-0.01, 1.01, 0.5], 2),
        ([inf, -inf, 0.5], 2),
        (["0.5", "half", "2"], 1),  # a text that is no number is a missing probability
    ],
)
def test_probabilities_outside_0_to_1_are_counted_and_left_as_they_are(
    tmp_path: Path, values: list[Any], invalid: int
) -> None:
    rows = read(tmp_path, BINARY, p_yes=values)
    assert rows.adjusted.get("invalid_probability", 0) == invalid
    if isinstance(values[0], float):
        assert rows.table["p_yes"].to_pylist() == values


def test_probabilities_of_all_classes_must_sum_to_1(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        MULTICLASS,
        p_red=[0.3, 0.5, 0.33],
        p_green=[0.3, 0.5, 0.33],
        p_blue=[0.3, 0.5, 0.33],
    )
    assert rows.adjusted == {"invalid_probability": 2}


def test_an_answer_of_the_sources_own_stays(tmp_path: Path) -> None:
    spec = classes_spec("binary", {"yes": "p_yes"}, columns={"prediction": "answer"})
    rows = read(tmp_path, spec, p_yes=[0.9, 0.1, None], answer=["no", "yes", "no"])
    assert rows.table["answer"].to_pylist() == ["no", "yes", "no"]


def test_a_regression_has_no_classes() -> None:
    table = pa.table({"minutes": [1.0]})
    assert with_answers(small_spec(), table) is table
    assert invalid_probabilities(small_spec(), table).tolist() == [False]


def test_rows_without_probabilities_get_no_answer() -> None:
    table = pa.table({"minutes": ["no"]})
    assert with_answers(BINARY, table) is table
    assert invalid_probabilities(BINARY, table).tolist() == [False]


def test_probabilities_may_be_joined_from_another_source(tmp_path: Path) -> None:
    scores = {"name": "scores", "source": {"kind": "parquet", "path": "scores/*.parquet"}}
    spec = classes_spec("multiclass", THREE, joined=[scores | {"columns": list(THREE.values())}])
    of_two = {"p_red": [0.2, 0.9], "p_green": [0.7, 0.9], "p_blue": [0.1, 0.9]}
    write(tmp_path, {"id": ["a", "c"]} | of_two, "../scores/a.parquet")
    rows = read(tmp_path, spec)
    assert answers(rows) == ["green", None, "red"]
    assert rows.adjusted == {"unmatched:scores": 1, "invalid_probability": 1}


def test_filters_see_the_answer(tmp_path: Path) -> None:
    only = {"name": "refused", "column": "prediction", "allowed": ["yes"]}
    spec = classes_spec("binary", {"yes": "p_yes"}, filters=[only])
    rows = read(tmp_path, spec, p_yes=[0.9, 0.1, None])
    assert rows.table["rejected_by"].to_pylist() == [None, "refused", "refused"]


SHARES = st.lists(st.none() | st.floats(-0.5, 1.5), min_size=3, max_size=3)


@settings(deadline=None)
@given(st.lists(SHARES, max_size=5))
def test_answers_are_those_of_numpy(rows: list[list[float | None]]) -> None:
    columns = zip(*rows, strict=True) if rows else [()] * 3
    arrays = [pa.array(column, pa.float64()) for column in columns]
    table = pa.table(arrays, names=list(THREE.values()))
    found = with_answers(MULTICLASS, table)["prediction"].to_pylist()
    assert found == [best(np.array(row, np.float64)) for row in rows]
    odd = invalid_probabilities(MULTICLASS, table).tolist()
    assert odd == [is_odd(np.array(row, np.float64)) for row in rows]


def best(row: np.ndarray[Any, np.dtype[np.float64]]) -> str | None:
    return None if np.isnan(row).any() else list(THREE)[int(np.argmax(row))]


def is_odd(row: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    inside = ((row >= 0) & (row <= 1)).all() and abs(row.sum() - 1) <= 0.01 + 1e-9
    return bool(not np.isnan(row).any() and not inside)
