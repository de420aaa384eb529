from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.sources.filters import first_rejection
from monitoring_assets.spec.columns import FilterSpec

TABLE = pa.table({"number": [1.0, 2.0, 3.0, None], "word": ["x", "y", None, "z"]})


def rejections(*filters: dict[str, Any]) -> list[str | None]:
    return first_rejection(TABLE, [FilterSpec(**entry) for entry in filters]).to_pylist()


SMALL = {"name": "small", "column": "number", "maximum": 2}


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        (SMALL, [False, False, True, True]),
        (SMALL | {"minimum": 2}, [True, False, True, True]),
        (SMALL | {"allow_missing": True}, [False, False, True, False]),
        ({"name": "there", "column": "word"}, [False, False, True, False]),
        ({"name": "known", "column": "word", "allowed": ("x", "z")}, [False, True, True, False]),
        (
            {"name": "known", "column": "word", "allowed": ("x",), "allow_missing": True},
            [False, True, False, True],
        ),
    ],
)
def test_a_row_passes_within_its_bounds(rule: dict[str, Any], broken: list[bool]) -> None:
    assert [name is not None for name in rejections(rule)] == broken


def test_the_first_filter_a_row_breaks_names_it() -> None:
    known = {"name": "known", "column": "word", "allowed": ("x", "y")}
    assert rejections(SMALL, known) == [None, None, "small", "small"]
    assert rejections(known, SMALL) == [None, None, "known", "known"]


def test_without_filters_every_row_passes() -> None:
    assert rejections() == [None] * 4
