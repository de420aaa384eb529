"""The reference: bins from rows that pass, counts of all rows, quality, and bins that are kept."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import mean_absolute_error

from monitoring_assets.evaluation.reference import measure_reference
from monitoring_assets.metrics.bins import CategoricalBins, NumericalBins
from monitoring_assets.records import ALL, UNFILTERED, SegmentEntry, SegmentKind
from monitoring_assets_tests.evaluation.cases import FIXED, rows, usual_rows
from monitoring_assets_tests.evaluation.segment_cases import segmented_rows, segmented_spec
from monitoring_assets_tests.specs import small_columns, small_spec

SPEC = small_spec(drift=FIXED)


def dictionary(bins: object) -> tuple[str, ...]:
    assert isinstance(bins, CategoricalBins)
    return bins.categories


def test_bins_come_from_rows_that_pass_and_counts_from_all() -> None:
    table = rows([1.0, 2.0, 900.0], ["a", "b", "z"], [None, None, "too_long"])
    measured = measure_reference(SPEC, table)
    distance = measured.bins["distance"]
    assert isinstance(distance, NumericalBins)
    assert distance.edges[-1] == 2.0
    assert measured.profiles[UNFILTERED, "distance"].counts[-1] == 1
    assert measured.profiles[ALL, "distance"].rows == measured.rows == 2


def test_categories_of_rejected_rows_have_a_place_of_their_own() -> None:
    table = rows([1.0, 2.0, 3.0], ["a", "a", "z"], [None, None, "too_long"])
    measured = measure_reference(SPEC, table)
    assert dictionary(measured.bins["zone"]) == ("a", "z")
    assert measured.profiles[UNFILTERED, "zone"].counts.tolist() == [2, 1, 0]


def test_the_quality_is_that_of_the_rows_with_prediction_and_label() -> None:
    table = usual_rows(500)
    measured = measure_reference(SPEC, table)
    target = table.column("minutes").to_numpy()
    expected = mean_absolute_error(target, table.column("prediction").to_numpy())
    assert measured.quality["metrics"]["mae"] == pytest.approx(expected, abs=1e-9)
    assert measured.quality["centre"] == pytest.approx(target.mean())
    assert measured.quality["sums"]["rows"] == 500


@pytest.mark.parametrize("odd", [float("inf"), float("nan"), 1e200, None])
def test_a_target_that_is_no_usual_number_does_not_spoil_the_quality(odd: float | None) -> None:
    table = usual_rows(100)
    target = [odd, *table.column("minutes").to_pylist()[1:]]
    place = table.column_names.index("minutes")
    measured = measure_reference(SPEC, table.set_column(place, "minutes", pa.array(target)))
    assert measured.quality["sums"]["rows"] == 99
    assert np.isfinite([measured.quality["centre"], *measured.quality["metrics"].values()]).all()


@pytest.mark.parametrize("column", ["minutes", "prediction"])
def test_without_labels_or_predictions_there_is_no_quality(column: str) -> None:
    table = usual_rows(100)
    place = table.column_names.index(column)
    table = table.set_column(place, column, pa.nulls(100, pa.float64()))
    assert measure_reference(SPEC, table).quality["metrics"] == {}


def test_a_model_without_target_has_no_quality() -> None:
    spec = small_spec(
        columns=small_columns(target=None),
        model=None,
        reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}},
    )
    quality = measure_reference(spec, usual_rows(100).drop_columns("minutes")).quality
    assert quality == {"centre": 0.0, "metrics": {}, "sums": {}}


def test_what_quiet_windows_score_is_known_for_every_method_in_use() -> None:
    spec = small_spec(drift=FIXED | {"columns": {"distance": {"also": ["missing_share_change"]}}})
    assert {*measure_reference(spec, usual_rows(200)).ladders} == {
        (ALL, "distance", "kolmogorov_smirnov"),
        (ALL, "distance", "missing_share_change"),
        (ALL, "zone", "chi_squared"),
        (ALL, "prediction", "kolmogorov_smirnov"),
        (ALL, "minutes", "kolmogorov_smirnov"),
    }


def test_all_model_versions_of_the_rows_are_named() -> None:
    versions = pa.array(["2", "1", None], pa.string())
    table = rows([1.0, 2.0, 3.0], ["a"] * 3, model_version=versions)
    assert measure_reference(SPEC, table).model_version == "1,2"


def test_a_new_reference_keeps_the_bins_so_that_windows_need_not_be_counted_anew() -> None:
    before = measure_reference(SPEC, usual_rows(1000))
    again = measure_reference(SPEC, usual_rows(1000, seed=1, shift=0.5), before.bins)
    assert again.bins["distance"] == before.bins["distance"]
    assert again.profiles[ALL, "distance"].bins_version == 1


def test_a_column_that_has_left_its_bins_gets_new_ones_and_no_other_does() -> None:
    before = measure_reference(SPEC, usual_rows(1000))
    moved = usual_rows(1000, seed=1)
    moved = moved.set_column(0, "distance", pa.array(moved.column("distance").to_numpy() + 50))
    again = measure_reference(SPEC, moved, before.bins)
    versions = {name: bins.version for name, bins in again.bins.items()}
    assert versions == {"distance": 2, "zone": 1, "prediction": 1, "minutes": 1}
    assert again.profiles[ALL, "distance"].bins_version == 2


def with_wild(table: pa.Table, wild: int, seed: int) -> pa.Table:
    values = np.random.default_rng(seed).gamma(2, 1.5, table.num_rows)
    values[:wild] = np.linspace(40, 6_000, wild)
    return table.set_column(0, "distance", pa.array(values))


def test_a_column_that_wild_values_would_blur_gets_new_bins() -> None:
    before = measure_reference(SPEC, with_wild(usual_rows(10_000), 12, seed=1))
    again = measure_reference(SPEC, with_wild(usual_rows(10_000, seed=1), 8, seed=2), before.bins)
    versions = {name: bins.version for name, bins in again.bins.items()}
    assert versions == {"distance": 2, "zone": 1, "prediction": 1, "minutes": 1}


def test_a_dictionary_of_a_new_reference_grows_where_it_stands() -> None:
    before = measure_reference(SPEC, rows([1.0] * 100, ["b"] * 60 + ["a"] * 40))
    again = measure_reference(SPEC, rows([1.0] * 100, ["new"] * 90 + ["a"] * 10), before.bins)
    assert dictionary(again.bins["zone"]) == ("b", "a", "new")
    assert again.bins["zone"].version == 1
    assert again.profiles[ALL, "zone"].counts.tolist() == [0, 10, 90, 0]


def test_a_dictionary_that_is_full_is_made_anew() -> None:
    before = measure_reference(SPEC, rows([1.0] * 100, ["a"] * 100))
    full = {**before.bins, "zone": CategoricalBins(categories=("a",), cap=1)}
    again = measure_reference(SPEC, rows([1.0] * 100, ["b"] * 6 + ["a"] * 94), full)
    assert again.bins["zone"].version == 2
    assert dictionary(again.bins["zone"]) == ("a", "b")


def test_a_column_that_has_become_a_category_gets_new_bins() -> None:
    number = measure_reference(SPEC, usual_rows(100)).bins["distance"]
    again = measure_reference(SPEC, usual_rows(100), {"zone": number, "gone": number})
    assert (again.bins["zone"].kind, again.bins["zone"].version) == ("categorical", 2)
    assert "gone" not in again.bins


def test_segments_come_from_rows_that_pass_and_those_there_are_stay() -> None:
    rejected = ["too_far" if place < 400 else None for place in range(500)]
    names = ["west"] * 400 + ["north"] * 70 + ["south"] * 30
    table = rows([5.0] * 500, names, rejected)
    kept = SegmentEntry(
        segment="zone=east", number=1, kind=SegmentKind.VALUE, column_name="zone", value="east"
    )
    spec = segmented_spec(segments=[{"column": "zone", "most": 2}])
    measured = measure_reference(spec, table, segments=[kept])
    found = [entry.segment for entry in measured.segments]
    assert found == ["zone=east", "zone=north", "zone=(other)", "zone=(missing)"]
    counted = {name: measured.profiles[name, "zone"].rows for name in found}
    assert counted == {"zone=east": 0, "zone=north": 70, "zone=(other)": 30, "zone=(missing)": 0}


def test_every_segment_has_what_all_has() -> None:
    spec = segmented_spec()
    measured = measure_reference(spec, segmented_rows(600))
    names = {ALL, *(entry.segment for entry in measured.segments)}
    assert {segment for segment, _ in measured.profiles} == {*names, UNFILTERED}
    assert {segment for segment, _, _ in measured.ladders} == names
    assert {*measured.quality["segments"]} == names - {ALL}


def test_the_quality_of_a_segment_is_that_of_its_rows() -> None:
    table = segmented_rows(600)
    own = table.filter(pa.array([one == "south" for one in table.column("zone").to_pylist()]))
    quality = measure_reference(segmented_spec(), table).quality["segments"]["zone=south"]
    expected = mean_absolute_error(own.column("minutes"), own.column("prediction"))
    assert quality["metrics"]["mae"] == pytest.approx(expected, abs=1e-9)
    assert quality["sums"]["rows"] == own.num_rows
