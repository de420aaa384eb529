"""Section `segments`: which slices there may be, what they are called, which columns they see."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.spec.base import LIST_IT
from monitoring_assets.spec.expressions import OneOf
from monitoring_assets.spec.labels import LabelsSpec
from monitoring_assets.spec.segments import (
    MOST_VALUES,
    TAKEN_NAMES,
    SegmentSpec,
    value_segment,
)
from monitoring_assets_tests.spec.broken_rules import mistakes
from monitoring_assets_tests.specs import (
    WATCHED,
    binary_spec,
    multiclass_spec,
    small_columns,
    small_spec,
)

LEGAL = "legal: distance, zone, prediction"

BROKEN: list[tuple[list[dict[str, Any]], tuple[str | int, ...], str]] = [
    ([{}], ("segments", 0), "give either where or column"),
    (
        [{"where": "zone = 1", "name": "a", "column": "zone"}],
        ("segments", 0),
        "give either where or column",
    ),
    ([{"where": "zone = 1"}], ("segments", 0), "needs name: what the slice that `where` makes"),
    (
        [{"column": "zone", "name": "zones"}],
        ("segments", 0, "name"),
        "leave it out: the slices of a column are called zone=<value>",
    ),
    (
        [{"where": "zone = 1", "name": "a", "most": 5}],
        ("segments", 0, "most"),
        "leave it out: it is for `column`",
    ),
    (
        [{"column": "a=b"}],
        ("segments", 0, "column"),
        "'a=b' has = in its name, as all names of such slices have",
    ),
    (
        [{"where": "zone like 'a'", "name": "a"}],
        ("segments", 0, "where"),
        "cannot be read near 'zone like'; legal: ",
    ),
    (
        [{"where": "zone = 1", "name": "a"}, {"where": "zone = 2", "name": "a"}],
        ("segments", 1, "name"),
        "'a' is the name of another slice; choose one",
    ),
    (
        [{"column": "zone"}, {"column": "zone", "most": 3}],
        ("segments", 1, "column"),
        "'zone' is cut into slices already; name it once",
    ),
    (
        [{"column": "zne"}],
        ("segments", 0, "column"),
        f"'zne' is not a column of this model; {LEGAL}; {LIST_IT}",
    ),
    (
        [{"where": "Zone = 1 or Zone = 2", "name": "a"}],
        ("segments", 0, "where"),
        f"'Zone' is not a column of this model; {LEGAL}; {LIST_IT}",
    ),
    (
        [{"column": "minutes"}],
        ("segments", 0, "column"),
        f"'minutes' is the target, which is known later than the row; {LEGAL}",
    ),
    (
        [{"where": "distance > 1 and minutes > 9", "name": "a"}],
        ("segments", 0, "where"),
        f"'minutes' is the target, which is known later than the row; {LEGAL}",
    ),
    (
        [{"where": "zone > 3", "name": "a"}],
        ("segments", 0, "where"),
        "'zone' is a category, which has no order; legal: =, <>, in, is null",
    ),
    (
        [{"where": "zone not between 1 and 3", "name": "a"}],
        ("segments", 0, "where"),
        "'zone' is a category, which has no order; legal: =, <>, in, is null",
    ),
    (
        [{"where": "distance in (1, 'far')", "name": "a"}],
        ("segments", 0, "where"),
        "'distance' is a number and 'far' is text; write a number",
    ),
]


@pytest.mark.parametrize(("segments", "path", "says"), BROKEN, ids=[b[2] for b in BROKEN])
def test_a_broken_rule_says_where_and_why(
    segments: list[dict[str, Any]], path: tuple[str | int, ...], says: str
) -> None:
    [mistake] = mistakes(segments=segments)
    assert mistake.path == path
    assert mistake.text.startswith(says)


@pytest.mark.parametrize("name", TAKEN_NAMES)
def test_a_slice_is_not_called_as_one_of_ours(name: str) -> None:
    [mistake] = mistakes(segments=[{"where": "zone = 1", "name": name}])
    assert mistake.path == ("segments", 0, "name")
    assert mistake.text.endswith("is what a slice of ours is called; choose another name")


@pytest.mark.parametrize("make", [binary_spec, multiclass_spec])
def test_no_slice_is_made_of_probabilities(make: Any) -> None:
    column = next(iter(make().probability_columns.values()))
    [mistake] = mistakes(make, segments=[{"where": f"{column} > 0.5", "name": "sure"}])
    assert f"'{column}' is a probability, of which no slice is made; legal: " in mistake.text


def test_slices_may_look_at_whatever_is_known_with_the_row() -> None:
    columns = small_columns(monitored={"numerical": ["tip"]}, prediction="guess")
    segments = [
        {"where": "tip is null or guess >= 10", "name": "odd"},
        {"where": "zone in (74, 'JFK')", "name": "airport"},
        {"column": "distance", "most": 1},
        {"column": "guess"},
    ]
    spec = small_spec(columns=columns, segments=segments, **WATCHED)
    assert [one.name or one.column for one in spec.segments] == [
        "odd",
        "airport",
        "distance",
        "guess",
    ]


def test_a_slice_has_a_condition_or_a_number_of_values() -> None:
    where, column = SegmentSpec(where="a = 1", name="b"), SegmentSpec(column="a")
    assert where.condition == OneOf("a", (1,))
    assert (column.condition, column.most_values) == (None, MOST_VALUES)
    assert [SegmentSpec(column="a", most=n).most_values for n in (1, 100)] == [1, 100]


def test_slices_of_a_column_are_called_after_its_values() -> None:
    assert value_segment("pickup zone", "7=4") == "pickup zone=7=4"


def test_slices_change_the_hash_of_a_model_and_their_absence_does_not() -> None:
    plain, cut = small_spec(), small_spec(segments=[{"column": "zone"}])
    assert small_spec(segments=[]).spec_hash == plain.spec_hash != cut.spec_hash


def test_all_mistakes_of_a_condition_are_found_at_once() -> None:
    where = "zone > 1 and zone < 3 and distance = 'x' and age = 1"
    found = mistakes(segments=[{"where": where, "name": "a"}])
    assert [one.text.split(" ")[0] for one in found] == ["'zone'", "'distance'", "'age'"]


@pytest.mark.parametrize("labels", [{"expected_delay": "3 days"}, {"overlap": "2 hours"}])
def test_labels_are_not_waited_for_without_a_target(labels: dict[str, str]) -> None:
    changes = WATCHED | {"columns": small_columns(target=None), "labels": labels}
    [mistake] = mistakes(**changes)
    assert mistake.path == ("labels",)
    assert mistake.text.startswith("needs columns.target")


def test_labels_that_are_left_at_their_default_need_no_target() -> None:
    spec = small_spec(**WATCHED, columns=small_columns(target=None), labels={})
    assert spec.labels == LabelsSpec()


def test_a_section_may_be_read_by_itself() -> None:
    with pytest.raises(ValidationError, match="give either where or column"):
        TypeAdapter(SegmentSpec).validate_python({"most": 3})
