"""What labels add to those that are stored."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.assets.planning.sources import says_anything_new
from monitoring_assets.sources.base import INSTANT

DAY = datetime(2023, 2, 1, tzinfo=UTC)
LATER = datetime(2023, 2, 9, tzinfo=UTC)

STORED: list[tuple[Any, ...]] = [
    ("a", DAY, LATER, 1.0),
    ("b", DAY, LATER, None),
]


def labels(rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = pa.schema(
        {
            "row_id": pa.string(),
            "event_time": INSTANT,
            "knowledge_time": INSTANT,
            "target": pa.float64(),
        }
    )
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


@pytest.mark.parametrize(
    ("rows", "new"),
    [
        ([], False),
        (STORED, False),
        (STORED[:1], False),
        (STORED[::-1], False),
        ([("a", DAY, LATER, 2.0)], True),
        ([("a", DAY, LATER, None)], True),
        ([("b", DAY, LATER, 1.0)], True),
        ([("a", DAY, DAY, 1.0)], True),
        ([*STORED, ("c", DAY, LATER, 1.0)], True),
    ],
    ids=[
        "nothing",
        "the same",
        "fewer",
        "in another order",
        "another value",
        "one that is withdrawn",
        "one that is known again",
        "another knowledge time",
        "another row",
    ],
)
def test_labels_say_something_new_or_nothing(rows: list[tuple[Any, ...]], new: bool) -> None:
    assert says_anything_new(labels(rows), labels(STORED)) is new


def test_everything_is_new_where_nothing_is_stored() -> None:
    assert says_anything_new(labels(STORED), labels([]))
