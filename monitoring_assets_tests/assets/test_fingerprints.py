"""What the ledger notes of rows: other rows look otherwise, so does other code that reads them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.assets.fingerprints import Fingerprints, same_code, same_rows
from monitoring_assets.sources.base import SourceRows
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_columns, small_spec

ROWS: dict[str, Any] = {
    "row_id": ["a", "b"],
    "rejected_by": pa.array([None, "far"], pa.string()),
    "knowledge_time": pa.array([None, None], pa.timestamp("us", "UTC")),
    "distance": [1.0, 9.0],
    "minutes": [5.0, None],
}
LATE = small_spec(
    columns=small_columns(knowledge_time="known_at"),
    joined=[
        {
            "name": "labels",
            "source": {"kind": "csv", "path": "labels.csv"},
            "columns": ["minutes", "known_at"],
        }
    ],
)


def of_rows(
    spec: ModelSpec | None = None, adjusted: dict[str, int] | None = None, **changes: Any
) -> str:
    found = SourceRows(table=pa.table(ROWS | changes), adjusted=adjusted or {})
    return Fingerprints(spec or small_spec(), ()).of_rows(found)


@pytest.mark.parametrize(
    "change",
    [
        {"distance": [1.0, 8.0]},
        {"row_id": ["a", "c"]},
        {"rejected_by": ["far", "far"]},
        {"adjusted": {"duplicate_id": 1}},
    ],
    ids=str,
)
def test_other_rows_have_another_fingerprint(change: dict[str, Any]) -> None:
    assert not same_rows(of_rows(**change), of_rows())


def test_the_same_rows_have_the_same_one() -> None:
    chunked = pa.chunked_array([[1.0], [9.0]])
    assert of_rows(distance=chunked) == of_rows()
    assert not same_rows(of_rows(), None)


def test_labels_do_not_count_among_rows() -> None:
    assert of_rows(minutes=[6.0, 7.0]) == of_rows()


@pytest.mark.parametrize("count", ["unmatched:labels", "invalid:minutes"])
def test_counts_of_labels_that_come_late_do_not_count_either(count: str) -> None:
    assert of_rows(LATE, {count: 3}) == of_rows(LATE, {count: 2})
    assert of_rows(adjusted={count: 3}) != of_rows(adjusted={count: 2})


def test_of_labels_every_column_counts() -> None:
    fingerprints, rows = Fingerprints(small_spec(), ()), pa.table(ROWS)
    other = rows.set_column(4, "minutes", [[6.0, 7.0]])
    assert fingerprints.of_table(rows) != fingerprints.of_table(other)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Path]:
    """A folder of models, whose modules are forgotten at the end."""
    yield tmp_path
    for name in [one for one in sys.modules if one.partition(".")[0] == "fingerprinted"]:
        del sys.modules[name]


def team_spec() -> ModelSpec:
    return small_spec(source={"kind": "custom", "python_class": "fingerprinted.rows:Rows"})


def write_class(folder: Path, code: str, name: str = "rows") -> None:
    (folder / "fingerprinted").mkdir(exist_ok=True)
    (folder / "fingerprinted" / f"{name}.py").write_text(code, encoding="utf-8")


def test_the_code_of_a_class_is_told_from_its_rows(team: Path) -> None:
    found = []
    for code in ("class Rows: pass", "class Rows: pass  # the same", "class Rows: pass"):
        write_class(team, code)
        found.append(Fingerprints(team_spec(), (team,)).of_table(pa.table(ROWS)))
    first, second, third = found
    assert same_rows(first, second)
    assert not same_code(first, second)
    assert first == third


def test_what_lies_beside_the_class_counts_as_its_code(team: Path) -> None:
    write_class(team, "class Rows: pass")
    before = Fingerprints(team_spec(), (team,)).code
    write_class(team, "FACTOR = 2", "helpers")
    assert Fingerprints(team_spec(), (team,)).code != before


def test_a_model_without_python_of_its_own_has_no_code() -> None:
    assert Fingerprints(small_spec(), ()).code == ""
    assert same_code(of_rows(), of_rows(distance=[0.0, 0.0]))
