"""The hash of a retraining's rows: those to learn from and those held out."""

from typing import Any

import numpy as np
import pytest

from monitoring_assets.assets.retraining.rows import data_hash
from monitoring_assets_tests.training.test_holdout import START, changed, trips


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("distance", [1.0, 2.0, float(np.nextafter(3.0, 4.0)), None]),
        ("distance", [1.0, 2.0, None, None]),
        ("distance", [1.0, 2.0, 3.0, float("nan")]),
        ("distance", [1.0, 2.0, 3.0, 0.0]),
        ("zone", ["north", "south", None, "None"]),
        ("zone", ["north", "south", "", None]),
        ("zone", ["norths", "outh", None, None]),
        ("zone", ["south", "north", None, None]),
        ("event_time", [START] * 4),
    ],
)
def test_the_hash_changes_with_any_value(column: str, values: list[Any]) -> None:
    known = changed(trips(4), "distance", [1.0, 2.0, 3.0, None])
    known = changed(known, "zone", ["north", "south", None, None])
    other = changed(known, column, values)
    hashes = {data_hash(*both) for both in [(known, known), (other, known), (known, other)]}
    assert len(hashes) == 3


def test_the_hash_tells_the_parts_and_the_columns_apart() -> None:
    rows = trips(4)
    renamed = rows.rename_columns(["row_id", "event_time", "length", "zone"])
    parts = [(rows, renamed), (renamed, rows), (rows, rows.slice(0, 3)), (rows.slice(0, 3), rows)]
    assert len({data_hash(*both) for both in [*parts, (rows, rows)]}) == 5
