"""Two spans against each other: quiet when they are alike, loud when one has moved, never silent
about what is missing."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import mean_absolute_error

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.evaluation.comparing import Comparison, compare, reference_span
from monitoring_assets.evaluation.data_drift import judge_drift
from monitoring_assets.metrics.drift.comparison import refusal
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.metrics.span import SpanProfiles
from monitoring_assets.records import ALL, DriftScore, ModelQuality, Reference, Verdict
from monitoring_assets_tests.evaluation.cases import FIXED, ZONES, Case, rows, usual_rows
from monitoring_assets_tests.evaluation.classifier_cases import binary_rows, binary_spec
from monitoring_assets_tests.evaluation.spans import span_of, zones
from monitoring_assets_tests.metrics.added_spans import add_spans

START = datetime(2023, 1, 1, tzinfo=UTC)
ANY_SIZE = {
    "numerical": {"method": "wasserstein", "threshold": 1e-6},
    "categorical": {"method": "chi_squared", "threshold": 1e-6},
}
"""However small a change is, chance alone decides."""
ALSO: dict[str, Any] = {
    "numerical": FIXED["numerical"] | {"also": ["wasserstein", "jensen_shannon", "psi"]},
    "categorical": FIXED["categorical"] | {"also": ["jensen_shannon", "psi"]},
}


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(drift=ALSO)


def spans(case: Case, *windows: pa.Table) -> SpanProfiles:
    return span_of(case.spec, case.bins(windows[0]), *windows, masks=zones)


def week(case: Case, first: int, **changes: Any) -> SpanProfiles:
    return spans(case, *(noisy(usual_rows(300, first + day, **changes)) for day in range(7)))


def noisy(table: pa.Table, error: float = 1.0) -> pa.Table:
    """Return rows whose labels lie about so far from the prediction."""
    generator = np.random.default_rng(table.num_rows)
    minutes = table.column("prediction").to_numpy() + generator.normal(0, error, table.num_rows)
    return table.set_column(table.schema.get_field_index("minutes"), "minutes", pa.array(minutes))


def compared(case: Case, span: SpanProfiles, other: SpanProfiles, name: str = ALL) -> Comparison:
    return compare(case.spec, span, other, case.reference.bins, name)


def quality(found: Comparison, metric: str) -> ModelQuality:
    """Return the number of the whole."""
    (one,) = (one for one in found.quality if (one.metric, one.class_name) == (metric, ""))
    return one


def deciding(found: Comparison) -> dict[str, DriftScore]:
    return {one.column_name: one for one in found.drift if one.deciding}


@pytest.mark.parametrize("segment", [ALL, "zone=north"])
def test_a_span_against_itself_is_quiet(case: Case, segment: str) -> None:
    span = week(case, 1)
    found = compared(case, span, span, segment)
    assert not found.alarms
    assert found.left_out == ()
    assert {one.score for one in found.drift} == {0.0}
    assert {one.verdict for one in found.drift if one.deciding} == {Verdict.OK}
    assert found.dataset.verdict is Verdict.OK
    mae = quality(found, "mae")
    assert (mae.value, mae.verdict) == (mae.reference_value, Verdict.OK)


def test_what_moved_between_two_weeks_alarms_and_nothing_else(case: Case) -> None:
    found = compared(case, week(case, 10, shift=0.8), week(case, 1))
    alarming = [name for name, one in deciding(found).items() if one.verdict is Verdict.ALARM]
    assert alarming == ["distance", "prediction", "minutes"]
    assert found.dataset.columns_decided == 2
    assert found.dataset.verdict is Verdict.OK
    assert found.dataset.prediction_drift == deciding(found)["prediction"].score
    assert found.alarms


@pytest.mark.parametrize("method", sorted(DRIFT_METHODS))
def test_the_score_of_summed_windows_is_that_of_their_rows_counted_at_once(method: str) -> None:
    case = Case(drift=ALSO)
    entry, bins = DRIFT_METHODS[method], case.reference.bins
    days = [usual_rows(150, day, shift=day / 9) for day in range(7)]
    by_days, at_once = spans(case, *days), spans(case, pa.concat_tables(days))
    for column in (name for name, one in bins.items() if one.kind in entry.kinds):
        key = (ALL, column)
        reference = case.reference.profiles[key]
        assert refusal(reference, by_days.columns[key], bins[column]) is None
        summed = entry.compute(reference, by_days.columns[key], bins[column])
        raw = entry.compute(reference, at_once.columns[key], bins[column])
        assert not isinstance(raw, Undefined)
        assert summed == pytest.approx(raw, rel=1e-12, abs=1e-15)


def test_the_quality_of_a_week_is_that_of_all_its_rows() -> None:
    case = Case()
    days = [noisy(usual_rows(200 + day, day), 1 + day) for day in range(7)]
    found = compared(case, spans(case, *days), week(case, 50))
    mae = quality(found, "mae")
    whole = pa.concat_tables(days)
    expected = mean_absolute_error(whole["minutes"].to_numpy(), whole["prediction"].to_numpy())
    assert mae.value == pytest.approx(expected, rel=1e-12)
    assert mae.labels == whole.num_rows
    assert mae.verdict is Verdict.ALARM


def test_a_relative_bound_is_relative_to_the_other_span(case: Case) -> None:
    found = compared(case, week(case, 1), spans(case, noisy(usual_rows(900, 3), 0.5)))
    mae = quality(found, "mae")
    assert mae.reference_value == pytest.approx(0.4, abs=0.05)
    assert mae.threshold == pytest.approx(1.2 * (mae.reference_value or 0))
    assert mae.verdict is Verdict.ALARM


def test_few_rows_or_labels_on_either_side_are_no_ground_for_a_verdict(case: Case) -> None:
    usual, few = week(case, 1), spans(case, noisy(usual_rows(30, 2)))
    for one, other in ((usual, few), (few, usual)):
        found = compared(case, one, other)
        assert {score.verdict for score in found.drift if score.deciding} == {
            Verdict.INSUFFICIENT_DATA
        }
        mae = quality(found, "mae")
        assert mae.verdict is Verdict.INSUFFICIENT_DATA
        assert mae.reason.startswith("30 labelled rows")


def with_labels_of_half(table: pa.Table) -> pa.Table:
    minutes = [None if place % 2 else one for place, one in enumerate(table["minutes"].to_pylist())]
    place = table.schema.get_field_index("minutes")
    return table.set_column(place, "minutes", pa.array(minutes, pa.float64()))


def test_labels_that_are_not_there_yet_are_no_ground_for_a_verdict(case: Case) -> None:
    usual, half = week(case, 1), spans(case, with_labels_of_half(noisy(usual_rows(900, 2))))
    own, others = (quality(compared(case, *pair), "mae") for pair in ((half, usual), (usual, half)))
    assert (own.verdict, own.coverage) == (Verdict.LABELS_IMMATURE, 0.5)
    assert (others.verdict, others.reference_value) == (Verdict.INSUFFICIENT_DATA, None)
    assert others.reason.startswith("50 % of scored rows of the reference have a label")


def test_a_segment_that_one_span_lacks_is_insufficient_data(case: Case) -> None:
    north = noisy(rows([5.0, 6.0] * 300, ["north"] * 600))
    for pair in ((week(case, 1), spans(case, north)), (spans(case, north), week(case, 1))):
        found = compared(case, *pair, "zone=south")
        assert {one.segment for one in (*found.drift, *found.quality)} == {"zone=south"}
        judged = {one.verdict for one in found.drift if one.deciding}
        assert judged == {Verdict.INSUFFICIENT_DATA}
        assert quality(found, "mae").verdict is Verdict.INSUFFICIENT_DATA
        assert found.dataset.verdict is Verdict.INSUFFICIENT_DATA


def test_a_segment_is_judged_by_itself(case: Case) -> None:
    south = [zone == "south" for zone in usual_rows(2100, 3)["zone"].to_pylist()]
    table = usual_rows(2100, 3)
    moved = np.where(south, table["distance"].to_numpy() + 2, table["distance"].to_numpy())
    span = spans(case, noisy(rows(moved.tolist(), table["zone"].to_pylist())))
    other = week(case, 20)
    verdicts = {
        zone: deciding(compared(case, span, other, f"zone={zone}"))["distance"].verdict
        for zone in ZONES
    }
    assert verdicts == {"north": Verdict.OK, "south": Verdict.ALARM, "west": Verdict.OK}


def test_a_model_version_is_compared_with_all_rows_of_the_other_span(case: Case) -> None:
    span, other = week(case, 1), week(case, 20)
    segment = "model_version=2"
    of_all = {name: one for (own, name), one in span.columns.items() if own == ALL}
    named = SpanProfiles(
        columns={(segment, name): one for name, one in of_all.items()},
        quality={(segment, "2"): span.quality[ALL, "1"]},
        windows=7,
    )
    found = compared(case, named, other, "model_version=2")
    assert {one.verdict for one in found.drift if one.deciding} == {Verdict.OK}
    assert quality(found, "mae").verdict is Verdict.OK
    assert quality(found, "mae").model_version == "2"


def test_a_column_counted_by_other_bins_is_undefined_and_says_what_is_missing(case: Case) -> None:
    days = [usual_rows(300, day) for day in range(4)]
    old = {
        name: replace(one, version=2 if name == "distance" else 1)
        for name, one in case.reference.bins.items()
    }
    both = span_of(case.spec, case.reference.bins, *days[:2])
    newer = span_of(case.spec, old, *days[2:])
    mixed = compare(case.spec, add_spans([both, newer]), both, old)
    distance = next(one for one in mixed.drift if one.column_name == "distance")
    assert distance.verdict is Verdict.UNDEFINED
    assert "bins changed: the reference was counted over version 1" in distance.reason
    assert "600 rows of distance (all) are left out: counted over bins version 1" in distance.reason
    zone = next(one for one in mixed.drift if one.column_name == "zone")
    assert (zone.verdict, zone.n_window) == (Verdict.OK, 1200)


def test_a_span_outside_its_bins_is_not_judged_by_them(case: Case) -> None:
    far = spans(case, *(noisy(usual_rows(300, day, shift=100)) for day in (1, 2)))
    found = deciding(compared(case, far, far))
    assert found["distance"].verdict is Verdict.UNDEFINED
    assert found["distance"].reason.endswith("outside the bins: measure the reference anew")
    assert found["zone"].verdict is Verdict.OK


def test_the_fixed_reference_may_be_the_other_span(case: Case) -> None:
    measured = case.reference
    reference = Reference(
        model_id="small",
        reference_version=1,
        period_start=START,
        period_end=START,
        rows=measured.rows,
        model_version="1",
        fingerprint="",
        quality=measured.quality,
    )
    span = week(case, 1)
    found = compared(case, span, reference_span(reference, measured.profiles))
    assert {one.verdict for one in found.drift if one.deciding} == {Verdict.OK}
    scores = judge_drift(case.spec, span.columns, case.baseline, measured.bins)
    of_others = [one.score for one in found.drift if one.column_name != "minutes"]
    assert of_others == [one.score for one in scores]
    assert quality(found, "mae").reference_value == measured.quality["metrics"]["mae"]


def test_a_column_without_bins_says_what_to_do(case: Case) -> None:
    span = week(case, 1)
    with pytest.raises(ReferenceMissingError, match="'zone' has no bins yet; materialize small/"):
        compare(case.spec, span, span, {"distance": case.reference.bins["distance"]})


def test_classifiers_are_compared_by_their_metrics_and_classes() -> None:
    case = Case(binary_rows(2000))
    case.spec = binary_spec()
    span, other = (
        span_of(case.spec, case.reference.bins, *(binary_rows(400, seed) for seed in seeds))
        for seeds in ((1, 2, 3), (4, 5, 6))
    )
    found = compare(case.spec, span, other, case.reference.bins)
    assert not found.alarms
    assert quality(found, "f1").verdict is Verdict.OK
    assert {one.class_name for one in found.quality} == {"", "no", "yes"}
    assert quality(found, "accuracy").value == pytest.approx(0.7, abs=0.05)


@pytest.mark.slow
def test_two_halves_of_quiet_data_alarm_no_more_often_than_the_yaml_allows() -> None:
    case, trials = Case(drift=ANY_SIZE), 200
    alarming = 0
    for seed in range(trials):
        span, other = (spans(case, usual_rows(300, 10_000 + 2 * seed + half)) for half in (0, 1))
        scores = deciding(compared(case, span, other))
        del scores["minutes"]  # the target is judged by itself
        alarming += any(one.verdict is Verdict.ALARM for one in scores.values())
    # At 5 % of 200 trials fewer than 3 or more than 18 are seen once in 100 times.
    assert 3 <= alarming <= 18
