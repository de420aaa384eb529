"""Which values of a column make segments, and which rows belong to which segment."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.evaluation.conditions import Mask
from monitoring_assets.evaluation.segments import (
    LONGEST_VALUE,
    choose_segments,
    partitions,
    segment_columns,
    segment_masks,
    version_masks,
)
from monitoring_assets.records import SegmentEntry, SegmentKind
from monitoring_assets_tests.evaluation.cases import rows
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec

FAR = {"where": "distance > 5", "name": "far"}
ZONES = {"column": "zone", "most": 2}
CUT = small_spec(segments=[FAR, ZONES])

TEXTS = st.sampled_from([None, "", "a", "b", "a=b", "(other)", "(missing)", "7", "x" * 300, "é"])
NUMBERS = st.sampled_from([None, float("nan"), -0.0, 0.0, 1.0, 2.0, 0.1, 1e16, 1e300, np.inf])


def table(values: Mapping[str, int]) -> pa.Table:
    """Return rows with so many of each zone; '-' stands for none."""
    zones = [None if zone == "-" else zone for zone, times in values.items() for _ in range(times)]
    return rows([1.0] * len(zones), zones)


def as_rows(values: list[tuple[float | None, str | None]]) -> pa.Table:
    return pa.table(
        {
            "distance": pa.array([number for number, _ in values], pa.float64()),
            "zone": pa.array([zone for _, zone in values], pa.string()),
        }
    )


def names(entries: Sequence[SegmentEntry]) -> list[str]:
    return [entry.segment for entry in entries]


def places(masks: Mapping[str, Mask]) -> dict[str, list[int]]:
    return {name: np.flatnonzero(mask).tolist() for name, mask in masks.items()}


def test_the_most_frequent_values_make_segments_of_equals_the_first_in_the_alphabet() -> None:
    entries = choose_segments(CUT, table({"south": 2, "west": 3, "north": 2, "-": 9}))
    assert entries == (
        SegmentEntry(segment="far", number=1, kind=SegmentKind.EXPRESSION),
        SegmentEntry(
            segment="zone=west", number=2, kind=SegmentKind.VALUE, column_name="zone", value="west"
        ),
        SegmentEntry(
            segment="zone=north",
            number=3,
            kind=SegmentKind.VALUE,
            column_name="zone",
            value="north",
        ),
        SegmentEntry(segment="zone=(other)", number=4, kind=SegmentKind.OTHER, column_name="zone"),
        SegmentEntry(
            segment="zone=(missing)", number=5, kind=SegmentKind.MISSING, column_name="zone"
        ),
    )


def test_segments_that_are_there_stay_and_new_values_come_after_them() -> None:
    one = choose_segments(CUT, table({"west": 1}))
    two = choose_segments(CUT, table({"south": 5, "north": 4, "west": 1}), one)
    assert two[: len(one)] == one
    assert [(entry.segment, entry.number) for entry in two[len(one) :]] == [("zone=south", 5)]
    assert choose_segments(CUT, table({"north": 9}), two) == two


def test_segments_that_the_yaml_adds_come_after_those_there_are() -> None:
    before = choose_segments(small_spec(segments=[ZONES]), table({"west": 1}))
    after = choose_segments(CUT, table({"west": 1}), before)
    assert names(after) == ["zone=west", "zone=(other)", "zone=(missing)", "far"]
    assert [entry.number for entry in after] == [1, 2, 3, 4]


def test_without_segments_there_are_none() -> None:
    assert choose_segments(small_spec(), table({"west": 1})) == ()
    assert segment_masks(small_spec(), (), table({"west": 1})) == {}
    assert segment_columns(small_spec()) == ()


def test_columns_are_those_of_conditions_and_of_values_in_the_order_of_the_dictionary() -> None:
    columns = small_columns(numerical=["tip", "distance", "hour"])
    where = {"where": "prediction > 3 or hour = 2", "name": "late"}
    assert segment_columns(small_spec(columns=columns, segments=[where])) == ("hour", "prediction")
    both = small_spec(columns=columns, segments=[ZONES, FAR])
    assert segment_columns(both) == ("distance", "zone")


def test_values_of_a_column_of_numbers_have_no_needless_decimals() -> None:
    spec = small_spec(segments=[{"column": "distance"}])
    window = rows([1.0, 2.5, 1.0, None, -0.0], ["a"] * 5)
    masks = places(segment_masks(spec, choose_segments(spec, window), window))
    assert masks == {
        "distance=1": [0, 2],
        "distance=0": [4],
        "distance=2.5": [1],
        "distance=(other)": [],
        "distance=(missing)": [3],
    }


@pytest.mark.parametrize("value", ["(other)", "(missing)", "x" * (LONGEST_VALUE + 1)])
def test_a_value_that_no_segment_can_be_called_after_is_among_the_others(value: str) -> None:
    window = table({value: 3, "west": 1})
    entries = choose_segments(CUT, window)
    assert names(entries)[1:] == ["zone=west", "zone=(other)", "zone=(missing)"]
    assert places(segment_masks(CUT, entries, window))["zone=(other)"] == [0, 1, 2]


def test_rows_belong_to_the_segments_that_were_chosen_from_other_rows() -> None:
    entries = choose_segments(CUT, table({"west": 3, "north": 2, "south": 1}))
    window = rows([9.0, None, 5.0, 6.0], ["north", "south", None, "new"])
    assert places(segment_masks(CUT, entries, window)) == {
        "far": [0, 3],
        "zone=west": [],
        "zone=north": [0],
        "zone=(other)": [1, 3],
        "zone=(missing)": [2],
    }


def test_segments_the_yaml_does_not_declare_any_more_have_no_rows_to_look_for() -> None:
    entries = choose_segments(CUT, table({"west": 1}))
    version = SegmentEntry(segment="model_version=2", number=9, kind=SegmentKind.MODEL_VERSION)
    only_far = small_spec(segments=[FAR])
    assert [*segment_masks(only_far, (*entries, version), table({"west": 1}))] == ["far"]


def test_a_column_that_was_of_texts_and_is_of_numbers_keeps_its_segments() -> None:
    texts = small_spec(segments=[ZONES])
    entries = choose_segments(texts, table({"75": 2, "west": 1}))
    columns = small_columns(numerical=["distance", "zone"], categorical=[])
    numbers = small_spec(columns=columns, segments=[ZONES])
    window = pa.table({"zone": pa.array([75.0, 3.0, None], pa.float64())})
    assert places(segment_masks(numbers, entries, window)) == {
        "zone=75": [0],
        "zone=west": [],
        "zone=(other)": [1],
        "zone=(missing)": [2],
    }


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NUMBERS, TEXTS)), st.lists(st.tuples(NUMBERS, TEXTS)), st.integers(1, 4))
def test_segments_of_a_column_share_out_any_rows(
    reference: list[Any], window: list[Any], most: int
) -> None:
    cuts = [{"column": name, "most": most} for name in ("distance", "zone")]
    spec = small_spec(segments=cuts)
    entries = choose_segments(spec, as_rows(reference))
    masks = segment_masks(spec, entries, as_rows(window))
    assert [*partitions(entries)] == ["distance", "zone"]
    for column, segments in partitions(entries).items():
        assert len(segments) <= most + 2
        assert np.sum([masks[name] for name in segments], axis=0).tolist() == [1] * len(window)
        assert {*segments} == {name for name in masks if name.startswith(f"{column}=")}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.tuples(NUMBERS, TEXTS)), min_size=2, max_size=4))
def test_references_that_follow_only_ever_add_segments_up_to_the_cap(
    references: list[list[Any]],
) -> None:
    spec = small_spec(segments=[FAR, {"column": "zone", "most": 3}, {"column": "distance"}])
    entries: tuple[SegmentEntry, ...] = ()
    for reference in references:
        before, entries = entries, choose_segments(spec, as_rows(reference), entries)
        assert entries[: len(before)] == before
    assert [entry.number for entry in entries] == [*range(1, len(entries) + 1)]
    assert len({*names(entries)}) == len(entries)
    of_zones = Counter(entry.kind for entry in entries if entry.column_name == "zone")
    assert of_zones[SegmentKind.VALUE] <= 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NUMBERS, TEXTS), min_size=1))
def test_pandas_counts_the_same_rows_of_each_value(window: list[Any]) -> None:
    spec = small_spec(segments=[{"column": "zone", "most": 100}])
    masks = segment_masks(spec, choose_segments(spec, as_rows(window)), as_rows(window))
    zones = pd.Series([zone for _, zone in window], dtype="string")
    nameless = [zone for zone in zones.dropna() if len(zone) > LONGEST_VALUE or zone[:1] == "("]
    counts = zones[~zones.isin(nameless)].value_counts()
    wanted = {f"zone={zone}": int(times) for zone, times in counts.items()}
    wanted |= {"zone=(other)": len(nameless), "zone=(missing)": int(zones.isna().sum())}
    assert {name: int(mask.sum()) for name, mask in masks.items()} == wanted


def test_versions_share_out_rows_where_there_are_several() -> None:
    window = rows([1.0] * 4, ["a"] * 4, model_version=pa.array(["2", None, "10", "2"]))
    masks = version_masks(window)
    assert places(masks) == {
        "model_version=10": [2],
        "model_version=2": [0, 3],
        "model_version=unknown": [1],
    }


@pytest.mark.parametrize("versions", [["1", "1"], [None, None], [None, "unknown"], []])
def test_the_rows_of_one_version_are_no_segment(versions: list[str | None]) -> None:
    assert version_masks(pa.table({"model_version": pa.array(versions, pa.string())})) == {}


def test_a_prediction_can_make_segments_where_it_comes_from_the_source() -> None:
    spec = small_spec(**WATCHED, segments=[{"where": "prediction is null", "name": "unscored"}])
    window = rows([1.0, None], ["a", "a"])
    entries = choose_segments(spec, window)
    assert places(segment_masks(spec, entries, window)) == {"unscored": [1]}
