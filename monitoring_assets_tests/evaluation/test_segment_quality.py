"""Quality by segment: that of its own rows, against its own reference, by its own labels."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error

from monitoring_assets.evaluation.labelled import (
    labelled_columns,
    labelled_rows,
    labelled_segments,
)
from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.profiling import profile_quality, scored_rows
from monitoring_assets.evaluation.reference import measure_reference
from monitoring_assets.evaluation.segment_quality import (
    declared_segments,
    segment_labels,
    segment_normal,
    versions_of,
)
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import ALL, LabelCounts, ModelQuality, Verdict
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.classifier_cases import binary_rows, binary_spec
from monitoring_assets_tests.evaluation.segment_cases import (
    BY_ZONE,
    SegmentCase,
    segmented_rows,
    segmented_spec,
)
from monitoring_assets_tests.specs import small_columns

CASE = SegmentCase()
SPEC = CASE.spec
EVERY, NONE = np.array([True]), np.array([False])
ZONES = {"zone=north": "north", "zone=south": "south", "zone=(other)": "west"}


def with_errors(n: int, seed: int, **spread: float) -> pa.Table:
    """Return rows whose predictions are off by so much in these zones, by 1 elsewhere."""
    table, generator = segmented_rows(n, seed), np.random.default_rng(seed)
    off = np.array([spread.get(str(one), 1.0) for one in table.column("zone").to_pylist()])
    target = table.column("prediction").to_numpy() + generator.normal(0, 1, n) * off
    return table.set_column(table.column_names.index("minutes"), "minutes", pa.array(target))


def beside_labels(spec: ModelSpec, rows: pa.Table, known: Any = EVERY) -> pa.Table:
    """Return rows as they are beside their labels, some of which are not known yet."""
    there = np.broadcast_to(known, rows.num_rows)
    target = pa.array(rows.column(str(spec.columns.target)).to_pylist())
    columns = {name: rows.column(ours) for name, ours in labelled_columns(spec).items()}
    return pa.table(
        {
            "model_version": rows.column("model_version"),
            "prediction": rows.column(spec.prediction_column),
            "target": pa.array(target.to_pylist(), target.type, mask=~there),
            "knowledge_time": pa.nulls(rows.num_rows, pa.timestamp("us", "UTC")),
            **columns,
        }
    )


def judged(
    rows: pa.Table, known: Any = EVERY, case: SegmentCase = CASE
) -> dict[tuple[str, str], ModelQuality]:
    """Return the verdicts of a window by (segment, metric), as the layers would."""
    spec, table = case.spec, beside_labels(case.spec, rows, known)
    masks = labelled_segments(spec, case.reference.segments, table)
    quality = case.reference.quality
    sums = profile_quality(spec, table, quality["centre"], masks)
    scored, labels = scored_rows(table, masks), int(np.broadcast_to(known, rows.num_rows).sum())
    whole = LabelCounts(labels=labels, coverage=labels / rows.num_rows, newest_knowledge_time=None)
    return {
        (name, row.metric): row
        for name in declared_segments(spec, case.reference.segments)
        for row in judge_quality(
            spec,
            versions_of(sums, name),
            segment_normal(spec, quality, name),
            segment_labels(sums, scored if sums else {}, whole, name),
            name,
        )
    }


def of_zone(table: pa.Table, zone: str) -> Any:
    return np.array([one == zone for one in table.column("zone").to_pylist()])


def test_a_segments_metric_is_that_of_scikit_learn_on_its_rows() -> None:
    rows = with_errors(1200, 1, north=2.0, west=0.5)
    found = judged(rows)
    for segment, zone in ZONES.items():
        own = rows.filter(pa.array(of_zone(rows, zone)))
        expected = mean_absolute_error(own.column("minutes"), own.column("prediction"))
        assert found[segment, "mae"].value == pytest.approx(expected, abs=1e-9)
        assert (found[segment, "mae"].segment, found[segment, "mae"].labels) == (
            segment,
            own.num_rows,
        )


def test_sums_of_the_segments_of_a_column_add_up_to_all() -> None:
    table = beside_labels(SPEC, with_errors(700, 2))
    masks = labelled_segments(SPEC, CASE.reference.segments, table)
    sums = profile_quality(SPEC, table, 10.0, masks)
    parts: list[Any] = [sums[one, "1"] for one in BY_ZONE]
    added: Any = sum(parts[1:], start=parts[0])
    whole, total = sums[ALL, "1"].to_sums(), added.to_sums()
    assert total == pytest.approx(whole, rel=1e-12)
    counts = ("rows", "incomplete", "percentage_rows", "minimum_absolute_error")
    assert {name: total[name] for name in counts} == {name: whole[name] for name in counts}


def test_counts_of_classes_add_up_bit_for_bit_and_agree_with_scikit_learn() -> None:
    spec = binary_spec(segments=[{"column": "zone"}])
    rows = binary_rows(500)
    table, entries = beside_labels(spec, rows), measure_reference(spec, rows).segments
    sums = profile_quality(spec, table, 0.0, labelled_segments(spec, entries, table))
    parts: list[Any] = [one for (segment, _), one in sums.items() if segment != ALL]
    total: Any = sum(parts[1:], start=parts[0])
    whole, north = sums[ALL, "1"], sums["zone=north", "1"]
    assert isinstance(whole, ClassificationProfile)
    assert isinstance(north, ClassificationProfile)
    assert np.array_equal(total.confusion, whole.confusion)
    assert np.array_equal(total.scores["yes"].own, whole.scores["yes"].own)
    own = rows.filter(pa.array(of_zone(rows, "north")))
    expected = accuracy_score(
        own.column("minutes").to_pylist(), own.column("prediction").to_pylist()
    )
    assert np.trace(north.confusion) / north.rows == pytest.approx(expected)


def test_every_segment_has_sums_of_every_version() -> None:
    versions = pa.array(["7"] * 90 + ["8"] * 10, pa.string())
    table = beside_labels(SPEC, segmented_rows(100, 3, model_version=versions))
    masks = labelled_segments(SPEC, CASE.reference.segments, table)
    sums = profile_quality(SPEC, table, 0.0, masks)
    assert {*sums} == {(segment, version) for segment in (ALL, *masks) for version in "78"}
    assert sums["nowhere", "8"].rows == 0
    assert sum(sums[one, "8"].rows for one in BY_ZONE) == 10


def test_a_segment_is_held_against_its_own_reference() -> None:
    case = SegmentCase(with_errors(3000, 4, north=5.0))
    found = judged(with_errors(1500, 5, north=5.0), case=case)
    quality = case.reference.quality["segments"]
    for segment in ZONES:
        row = found[segment, "mae"]
        assert row.reference_value == quality[segment]["metrics"]["mae"]
        assert row.threshold == pytest.approx(1.2 * quality[segment]["metrics"]["mae"])
        assert row.verdict is Verdict.OK
    assert quality["zone=north"]["metrics"]["mae"] > 3 * quality["zone=south"]["metrics"]["mae"]


def test_a_segment_that_gets_worse_alarms_by_itself() -> None:
    case = SegmentCase(with_errors(3000, 6))
    found = judged(with_errors(1500, 7, west=2.0), case=case)
    assert found["zone=(other)", "mae"].verdict is Verdict.ALARM
    assert found["zone=north", "mae"].verdict is Verdict.OK
    assert found[ALL, "mae"].verdict is Verdict.OK


def test_a_segment_with_few_labels_is_insufficient_data() -> None:
    row = judged(segmented_rows(200, 8))["zone=(missing)", "mae"]
    assert row.verdict is Verdict.INSUFFICIENT_DATA
    assert row.reason == f"{row.labels} labelled rows, 50 are needed"


def few_in_the_reference(**quality: Any) -> ModelQuality:
    """Return the verdict of a segment of which the reference has 30 rows."""
    reference = segmented_rows(3000, 9)
    kept = ~of_zone(reference, "west") | (np.cumsum(of_zone(reference, "west")) <= 30)
    case = SegmentCase(reference.filter(pa.array(kept)), quality=quality)
    return judged(segmented_rows(1500, 10), case=case)["zone=(other)", "mae"]


def test_a_relative_bound_needs_rows_of_the_segment_in_the_reference() -> None:
    row = few_in_the_reference()
    assert (row.verdict, row.reference_value) == (Verdict.INSUFFICIENT_DATA, None)
    assert row.reason == "30 labelled rows in this segment of the reference, 50 are needed"
    assert row.value == pytest.approx(1.0)


def test_an_absolute_bound_does_not() -> None:
    row = few_in_the_reference(thresholds={"mae": {"absolute": 0.5}})
    assert (row.verdict, row.threshold) == (Verdict.ALARM, 0.5)


def test_a_metric_without_a_bound_has_its_value_all_the_same() -> None:
    row = few_in_the_reference(thresholds={"rmse": {"relative": 0.5}})
    assert (row.verdict, row.reason) == (Verdict.OK, "no threshold is set for this metric")


def test_a_segment_is_mature_by_its_own_labels() -> None:
    rows = segmented_rows(2000, 11)
    late = of_zone(rows, "west") & (np.arange(2000) % 2 == 0)
    found = judged(rows, ~late, SegmentCase(quality={"mature_share": 0.85}))
    assert (found[ALL, "mae"].coverage, found["zone=north", "mae"].coverage) == (
        pytest.approx(1 - late.sum() / 2000),
        1.0,
    )
    west = found["zone=(other)", "mae"]
    assert west.coverage == pytest.approx(1 - late.sum() / of_zone(rows, "west").sum())
    assert {found[one, "mae"].verdict for one in (ALL, "zone=north")} == {Verdict.OK}
    assert west.verdict is Verdict.LABELS_IMMATURE


def test_without_any_label_every_segment_waits_for_labels() -> None:
    found = judged(segmented_rows(300, 12), NONE)
    assert {row.verdict for row in found.values()} == {Verdict.LABELS_IMMATURE}
    assert {segment for segment, _ in found} == {ALL, *BY_ZONE, "far", "nowhere"}


def test_a_segment_in_which_nothing_was_scored_says_so() -> None:
    row = judged(segmented_rows(300, 13))["nowhere", "mae"]
    assert (row.verdict, row.value, row.coverage) == (Verdict.INSUFFICIENT_DATA, None, None)
    assert row.reason == "no row of this segment was scored in the window"


def test_segments_of_an_earlier_yaml_and_of_a_model_without_target_are_not_asked_about() -> None:
    entries = CASE.reference.segments
    fewer = segmented_spec(segments=[{"name": "far", "where": "distance >= 6"}])
    columns = small_columns(prediction="prediction", target=None)
    assert declared_segments(fewer, entries) == (ALL, "far")
    assert declared_segments(segmented_spec(columns=columns), entries) == (ALL,)


def test_windows_before_are_summed_segment_by_segment() -> None:
    def sums(error: float, rows: int) -> QualityProfile:
        return profile_regression([5.0] * rows, [5.0 + error] * rows)

    quality = {
        "centre": 0.0,
        "metrics": {"mae": 1.0},
        "segments": {"far": {"metrics": {"mae": 2.0}, "sums": {"rows": 70}}},
    }
    history = [{(ALL, "1"): sums(3.0, 90), ("far", "1"): sums(9.0, 40)}]
    normal = segment_normal(SPEC, quality, ALL, history)
    assert not isinstance(normal, Undefined)
    assert normal["mae"] == pytest.approx(3.0)
    assert segment_normal(SPEC, quality, "far", history) == {"mae": 2.0}
    longer = segment_normal(SPEC, quality, "far", history * 2)
    assert not isinstance(longer, Undefined)
    assert longer["mae"] == pytest.approx(9.0)
    few = segment_normal(SPEC, quality, "zone=north", history)
    assert few == Undefined("0 labelled rows in this segment of the reference, 50 are needed")


def at_hand(table: pa.Table, spec: ModelSpec, rejected: list[str | None]) -> pa.Table:
    """Return rows joined with labels of all of them, as steps of one process do it."""
    ids = pa.array([str(place) for place in range(table.num_rows)])
    times = pa.array([0] * table.num_rows, pa.timestamp("us", "UTC"))
    labels = {"row_id": ids, "event_time": times, "knowledge_time": times}
    labels["target"] = table.column(str(spec.columns.target))
    place = table.column_names.index("rejected_by")
    stored = table.set_column(place, "rejected_by", pa.array(rejected, pa.string()))
    stored = stored.append_column("row_id", ids).append_column("event_time", times)
    joined = labelled_rows(spec, stored, pa.table(labels))
    assert joined is not None
    return joined


def test_a_column_may_be_called_what_a_label_is_called() -> None:
    columns = small_columns(categorical=["target"], prediction="prediction")
    segments = [{"column": "target"}, {"name": "long", "where": "prediction > 15"}]
    spec = segmented_spec(columns=columns, segments=segments)
    table = segmented_rows(400, 14).rename_columns(
        ["distance", "target", "rejected_by", "prediction", "minutes", "model_version"]
    )
    entries = measure_reference(spec, table).segments
    masks = labelled_segments(spec, entries, at_hand(table, spec, [None] * 400))
    zone = np.array(table.column("target").to_pylist(), dtype=object)
    assert np.array_equal(masks["target=north"], zone == "north")
    assert np.array_equal(masks["long"], table.column("prediction").to_numpy() > 15)


def test_labels_of_rejected_rows_do_not_count() -> None:
    rejected = ["too_far" if place % 4 == 0 else None for place in range(400)]
    joined = at_hand(segmented_rows(400, 15), SPEC, rejected)
    assert joined.num_rows == 300
    assert profile_quality(SPEC, joined, 0.0)[ALL, "1"].rows == 300
