"""From rows to profiles: which columns and segments, versions apart, nothing counted twice."""

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.evaluation.profiling import (
    freeze_bins,
    profile_quality,
    profile_rows,
    profiled_columns,
    scored_by_version,
    unseen_values,
)
from monitoring_assets.metrics.profile import merge
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.records import ALL, UNFILTERED
from monitoring_assets_tests.evaluation.cases import Case, rows, usual_rows
from monitoring_assets_tests.specs import small_spec


def labelled(
    version: list[str | None], prediction: list[float | None], target: list[float | None]
) -> pa.Table:
    return pa.table(
        {
            "model_version": pa.array(version, pa.string()),
            "prediction": pa.array(prediction, pa.float64()),
            "target": pa.array(target, pa.float64()),
            "knowledge_time": pa.nulls(len(version), pa.timestamp("us", "UTC")),
        }
    )


def error_sums(table: pa.Table) -> dict[str, RegressionProfile]:
    """Return the sums of a regression by model version."""
    profiles = profile_quality(small_spec(), table, 0.0)
    return {
        version: one
        for (segment, version), one in profiles.items()
        if segment == ALL and isinstance(one, RegressionProfile)
    }


def test_every_column_but_the_target_is_profiled() -> None:
    names = [entry.column_name for entry in profiled_columns(small_spec())]
    assert names == ["distance", "zone", "prediction"]


def test_bins_are_frozen_for_every_watched_column_by_its_kind() -> None:
    bins = freeze_bins(small_spec(), usual_rows(100))
    assert {name: one.kind for name, one in bins.items()} == {
        "distance": "numerical",
        "zone": "categorical",
        "prediction": "numerical",
        "minutes": "numerical",
    }


def test_unseen_categories_come_in_alphabetical_order() -> None:
    case = Case()
    window = rows([1.0] * 4, ["up", "north", "down", None])
    assert unseen_values(case.spec, window, case.reference.bins) == {"zone": ("down", "up")}
    assert unseen_values(case.spec, usual_rows(50), case.reference.bins) == {}


def test_rejected_rows_count_in_the_unfiltered_segment_only() -> None:
    window = rows([1.0, 2.0, None], ["north", "south", "up"], [None, "too_short", "too_short"])
    profiles = Case().profiles(window)
    assert (profiles[ALL, "distance"].rows, profiles[UNFILTERED, "distance"].rows) == (1, 3)
    assert (profiles[ALL, "zone"].missing, profiles[UNFILTERED, "distance"].missing) == (0, 1)


def test_the_prediction_has_no_unfiltered_profile_because_rejected_rows_are_not_scored() -> None:
    segments = {*Case().profiles(usual_rows(10))}
    assert segments == {
        (ALL, "distance"),
        (ALL, "zone"),
        (ALL, "prediction"),
        (UNFILTERED, "distance"),
        (UNFILTERED, "zone"),
    }


def test_an_empty_window_has_all_profiles_with_no_rows() -> None:
    profiles = Case().profiles(rows([], []))
    assert len(profiles) == 5
    assert {profile.rows for profile in profiles.values()} == {0}


def test_the_profiles_of_two_windows_add_up_to_that_of_both() -> None:
    case = Case()
    first, second = usual_rows(60, seed=1), usual_rows(90, seed=2)
    both = case.profiles(pa.concat_tables([first, second]))
    parts = case.profiles(first), case.profiles(second)
    for key, profile in both.items():
        total = merge(part[key] for part in parts)
        assert np.array_equal(total.counts, profile.counts)
        assert total.moment_2 == pytest.approx(profile.moment_2, rel=1e-12)


def test_a_category_without_a_place_counts_as_overflow() -> None:
    case = Case()
    window = rows([1.0, 1.0], ["north", "nowhere"])
    profile = profile_rows(case.spec, window, case.reference.bins)[ALL, "zone"]
    assert profile.counts[-1] == 1


def test_a_version_has_scored_the_rows_that_pass_and_have_its_prediction() -> None:
    rejected = [None, None, "too_short", None, None]
    versions = pa.array(["8", "7", "7", None, "8"], pa.string())
    window = rows([1.0, 2.0, 3.0, 4.0, None], ["a"] * 5, rejected, model_version=versions)
    found = scored_by_version(small_spec(), window)
    assert found == {"7": 1, "8": 1, "unknown": 1}
    assert [*found] == sorted(found)
    assert scored_by_version(small_spec(), rows([], [])) == {}


def test_quality_is_summed_for_each_model_version_by_itself() -> None:
    table = labelled(["2", "1", "2"], [1.0, 5.0, 4.0], [2.0, 5.0, 2.0])
    profiles = error_sums(table)
    assert [*profiles] == ["1", "2"]
    assert (profiles["2"].rows, profiles["2"].absolute_error) == (2, 3.0)
    assert (profiles["1"].rows, profiles["1"].absolute_error) == (1, 0.0)


def test_rows_without_prediction_or_label_have_no_part_in_quality() -> None:
    table = labelled(["1", "1", None], [1.0, None, None], [None, 2.0, 3.0])
    assert profile_quality(small_spec(), table, 0.0) == {}


def test_a_prediction_that_is_no_number_is_counted_as_incomplete() -> None:
    table = labelled(["1"] * 3, [1.0, float("nan"), float("inf")], [1.0, 2.0, 3.0])
    profile = error_sums(table)["1"]
    assert (profile.rows, profile.incomplete, profile.absolute_error) == (1, 2, 0.0)


def test_a_prediction_whose_source_does_not_name_its_version_is_not_lost() -> None:
    profiles = profile_quality(small_spec(), labelled([None, "7"], [1.0, 1.0], [2.0, 1.0]), 0.0)
    assert {key: one.rows for key, one in profiles.items()} == {(ALL, "7"): 1, (ALL, "unknown"): 1}


def test_an_empty_window_has_no_quality_profile() -> None:
    assert profile_quality(small_spec(), labelled([], [], []), 0.0) == {}
