"""Sums of spans: exact, whatever is added to what first, and open about what does not add up."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.quality.classification import profile_classification
from monitoring_assets.metrics.quality.regression import RegressionProfile, profile_regression
from monitoring_assets.metrics.span import LeftOut, SpanProfiles, add_up
from monitoring_assets_tests.metrics.added_spans import add_spans

KEY = ("all", "distance")
DISTANCE = numerical_bins(np.linspace(0, 10, 50))
ZONE = categorical_bins(["north", "north", "south"])


def counted(values: Sequence[object], bins: Bins = DISTANCE) -> ColumnProfile:
    return profile(np.array(values, dtype=object if bins is ZONE else float), bins)


def span(*values: float, **others: object) -> SpanProfiles:
    errors = profile_regression(np.array(values), np.array(values) + 1.0, 5.0)
    known = {"quality": {("all", "1"): errors}} | others
    return SpanProfiles(columns={KEY: counted(values)}, windows=1, **known)  # pyright: ignore[reportArgumentType] - fields by name


numbers = st.lists(st.one_of(st.floats(-5, 15), st.just(float("nan"))), max_size=8)
days = st.lists(numbers, min_size=1, max_size=6)


@given(days, st.integers(0, 6))
def test_counts_of_a_sum_are_those_of_all_rows_and_of_any_sums_of_parts(
    values: list[list[float]], cut: int
) -> None:
    spans = [span(*one) for one in values]
    whole = add_spans(spans)
    parts = [add_spans(one) for one in (spans[:cut], spans[cut:]) if one]
    at_once = counted([value for one in values for value in one])
    for found in (whole, add_spans(parts)):
        own = found.columns[KEY]
        assert np.array_equal(own.counts, at_once.counts)
        assert (own.rows, own.missing, own.minimum, own.maximum) == (
            at_once.rows,
            at_once.missing,
            at_once.minimum,
            at_once.maximum,
        )
        assert own.moment_2 == pytest.approx(at_once.moment_2, rel=1e-12)
        assert found.windows == len(values)
        assert found.left_out == ()


@given(days)
def test_sums_of_errors_are_those_of_all_rows(values: list[list[float]]) -> None:
    found = add_spans(span(*one) for one in values).quality["all", "1"]
    flat = np.array([value for one in values for value in one])
    expected = profile_regression(flat, flat + 1.0, 5.0)
    assert isinstance(found, RegressionProfile)
    assert found.rows == expected.rows
    assert found.incomplete == expected.incomplete
    own, sums = found.to_sums(), expected.to_sums()
    assert {name for name, value in own.items() if value is None} == {
        name for name, value in sums.items() if value is None
    }
    known = [name for name, value in sums.items() if value is not None]
    assert [own[name] for name in known] == pytest.approx([sums[n] for n in known], rel=1e-12)


def test_dictionaries_of_different_length_are_aligned() -> None:
    longer = ZONE.extended(["west"])
    short, long = counted(["north", "moon"], ZONE), profile(np.array(["west", "moon"]), longer)
    found = add_up([(KEY, short), (KEY, long)], (), 2).columns[KEY]
    assert found.counts.tolist() == [1, 0, 1, 2]


def test_of_two_bins_versions_the_newer_is_summed_and_the_older_is_named() -> None:
    newer = numerical_bins(np.linspace(0, 10, 50), version=2)
    windows = [counted([1.0, 2.0]), counted([3.0], newer), counted([4.0])]
    found = add_up(((KEY, one) for one in windows), (), 3)
    assert (found.columns[KEY].rows, found.columns[KEY].bins_version) == (1, 2)
    assert found.left_out == (
        LeftOut(
            segment="all",
            name="distance",
            rows=3,
            reason="counted over bins version 1, not 2",
        ),
    )
    assert str(found.left_out[0]) == (
        "3 rows of distance (all) are left out: counted over bins version 1, not 2"
    )
    assert found.about("all") == found.left_out
    assert found.about("north") == ()


def test_what_was_left_out_of_parts_is_left_out_of_their_sum() -> None:
    old, new = span(1.0, 2.0), span(3.0, quality={("all", "1"): errors_about(7.0, 1)})
    parts = [add_spans([old, new]), add_spans([old, old, new])]
    found = add_spans(parts)
    assert [(one.name, one.rows) for one in found.left_out] == [("1", 6)]
    assert found.left_out[0].reason == "summed about the centre 5.0"
    assert found.quality["all", "1"].rows == 2


def errors_about(centre: float, rows: int) -> RegressionProfile:
    return profile_regression(np.ones(rows), np.zeros(rows), centre)


def test_sums_over_other_classes_do_not_add_up() -> None:
    two, three = (
        profile_classification(["a"], ["a"], {}, classes, positive)
        for classes, positive in ((["a", "b"], "b"), (["a", "b", "c"], None))
    )
    found = add_up((), [(("all", "1"), two), (("all", "1"), three), (("all", "1"), three)], 3)
    assert found.quality["all", "1"].rows == 2
    assert found.left_out[0].reason == "summed over the classes 'a', 'b' (positive: 'b')"


def test_a_sum_not_taken_in_one_window_is_not_known_of_all() -> None:
    early = RegressionProfile.from_sums(errors_about(5.0, 3).to_sums() | {"cubed_target": None})
    key = ("all", "1")
    found = add_up((), [(key, early), (key, errors_about(5.0, 2))], 2).quality[key]
    assert isinstance(found, RegressionProfile)
    assert found.cubed_target is None
    assert found.rows == 5


def test_versions_of_a_model_add_up_to_the_model() -> None:
    found = add_spans([span(1.0, 2.0), span(3.0, quality={("all", "2"): errors_about(5.0, 4)})])
    total, others = found.quality_of("all")
    assert found.versions_of("all") == ("1", "2")
    assert total is not None
    assert (total.rows, others) == (6, ())
    assert found.quality_of("north") == (None, ())


def test_versions_about_other_centres_do_not_and_that_is_said() -> None:
    found = add_spans([span(1.0, 2.0), span(3.0, quality={("all", "2"): errors_about(7.0, 4)})])
    total, others = found.quality_of("all")
    assert total is not None
    assert total.rows == 4
    assert [(one.rows, one.reason) for one in others] == [(2, "summed about the centre 5.0")]


def test_no_span_is_a_span_without_windows() -> None:
    assert add_spans([]) == SpanProfiles(columns={}, windows=0)
