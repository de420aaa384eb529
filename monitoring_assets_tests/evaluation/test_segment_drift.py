"""Drift by segment: as of a model that has these rows only, and never noise."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

from monitoring_assets.evaluation.data_drift import DriftBaseline, compared_segments
from monitoring_assets.evaluation.moving_reference import moving_baseline
from monitoring_assets.metrics.profile import merge
from monitoring_assets.records import ALL, UNFILTERED, Verdict
from monitoring_assets_tests.benchmarks import bench_segment_error_rate
from monitoring_assets_tests.evaluation.segment_cases import (
    BY_ZONE,
    SegmentCase,
    segmented_rows,
)

FIT = {"zone=north": "north", "zone=south": "south", "zone=(other)": "west"}
"""Segments with rows enough, and the zone that makes each."""

WASSERSTEIN = {"numerical": {"method": "wasserstein", "threshold": 0.2}}


@pytest.fixture(scope="module")
def case() -> SegmentCase:
    return SegmentCase()


def of_zone(table: pa.Table, zone: str) -> Any:
    return np.array([one == zone for one in table.column("zone").to_pylist()])


def versions(*counts: int) -> pa.Array:
    names = [name for name, n in zip(("7", "8", None), counts, strict=True) for _ in range(n)]
    return pa.array(names, pa.string())


def test_the_segments_of_a_column_add_up_to_all_bit_for_bit(case: SegmentCase) -> None:
    rejected = ["too_far" if place % 7 == 0 else None for place in range(900)]
    window = segmented_rows(900, 1, rejected_by=pa.array(rejected, pa.string()))
    profiles = case.profiles(window)
    for column in ("distance", "zone", "prediction"):
        whole, total = profiles[ALL, column], merge(profiles[one, column] for one in BY_ZONE)
        for field in ("rows", "missing", "counts", "minimum", "maximum"):
            assert np.array_equal(getattr(total, field), getattr(whole, field)), (column, field)
        assert total.moment_2 == pytest.approx(whole.moment_2, rel=1e-12)


@pytest.mark.parametrize("segment", FIT)
def test_scores_and_verdicts_are_those_of_a_model_with_these_rows_only(
    case: SegmentCase, segment: str
) -> None:
    window = segmented_rows(1500, 2, shift=1.0, shifted=["north"])
    scores, _ = case.judged(window)
    zone = FIT[segment]
    alone = case.alone(window, of_zone(window, zone), of_zone(case.rows, zone))
    for column, own in alone.items():
        assert replace(scores[segment, column], segment=ALL) == own


@pytest.mark.parametrize("segment", FIT)
def test_a_score_is_that_of_scipy_on_the_rows_of_the_segment(
    case: SegmentCase, segment: str
) -> None:
    # All rows of the reference have one bin for each value; on values they know it is exact.
    window = segmented_rows(900, 3, shift=0.5)
    known = np.isin(window.column("distance").to_numpy(), case.rows.column("distance").to_numpy())
    window = window.filter(pa.array(known))
    samples = [
        table.column("distance").to_numpy()[of_zone(table, FIT[segment])]
        for table in (case.rows, window)
    ]
    expected: Any = ks_2samp(*samples)
    score = case.judged(window)[0][segment, "distance"]
    assert score.score == pytest.approx(expected.statistic, abs=1e-12)
    assert [score.n_reference, score.n_window] == [*map(len, samples)]


def test_drawn_laws_say_what_those_of_a_model_with_these_rows_say() -> None:
    case = SegmentCase(drift=WASSERSTEIN)
    window = segmented_rows(1500, 2, shift=0.4)
    scores, _ = case.judged(window)
    for segment, zone in FIT.items():
        own = case.alone(window, of_zone(window, zone), of_zone(case.rows, zone))["distance"]
        found = scores[segment, "distance"]
        assert (found.score, found.n_reference) == (own.score, own.n_reference)
        assert found.expected == pytest.approx(own.expected, rel=0.05)
        assert found.p_value == pytest.approx(own.p_value, rel=0.5)


def test_a_shift_in_one_segment_alarms_there_and_in_no_other(case: SegmentCase) -> None:
    window = segmented_rows(2000, 4, shift=1.5, shifted=["south"])
    scores, datasets = case.judged(window)
    alarms = {segment for (segment, column), s in scores.items() if s.verdict is Verdict.ALARM}
    assert "zone=south" in alarms
    assert not alarms & {"zone=north", "zone=(other)", "zone=(missing)"}
    assert datasets["zone=south"].columns_alarming == 1
    assert datasets["zone=north"].columns_alarming == 0


def test_all_comes_first_and_is_judged_as_without_segments(case: SegmentCase) -> None:
    window = segmented_rows(800, 5, shift=0.4)
    scores, datasets = case.judged(window)
    without = SegmentCase(case.rows, segments=[])
    plain, dataset = without.judged(window)
    assert next(iter(datasets)) == next(iter(scores))[0] == ALL
    assert {key: one for key, one in scores.items() if key[0] == ALL} == plain
    assert {ALL: datasets[ALL]} == dataset


def test_a_small_segment_is_insufficient_data_however_far_it_moved(case: SegmentCase) -> None:
    window = segmented_rows(300, 6, shift=50.0, shifted=["west"])
    scores, datasets = case.judged(window)
    one = scores["zone=(other)", "distance"]
    assert one.verdict is Verdict.INSUFFICIENT_DATA
    assert one.reason == f"{one.n_window} values in the window, 100 are needed"
    assert datasets["zone=(other)"].verdict is Verdict.INSUFFICIENT_DATA
    assert datasets["zone=(other)"].segment == "zone=(other)"


def test_a_segment_without_rows_in_the_reference_is_insufficient_data(case: SegmentCase) -> None:
    window = segmented_rows(400, 7)
    nowhere = pa.array(["nowhere"] * 400, pa.string())
    scores, _ = case.judged(window.set_column(1, "zone", nowhere))
    found = {column: scores["nowhere", column] for column in ("distance", "zone", "prediction")}
    assert {one.verdict for one in found.values()} == {Verdict.INSUFFICIENT_DATA}
    assert {one.reason for one in found.values()} == {
        "0 values in this segment of the reference, 50 are needed"
    }


def test_a_segment_the_reference_has_not_heard_of_is_insufficient_data(case: SegmentCase) -> None:
    profiles = {k: v for k, v in case.baseline.profiles.items() if k[0] in (ALL, UNFILTERED)}
    ladders = {k: v for k, v in case.baseline.ladders.items() if k[0] == ALL}
    older = DriftBaseline(version=1, profiles=profiles, ladders=ladders)
    scores, datasets = case.judged(segmented_rows(600, 8), older)
    assert scores["zone=north", "distance"].verdict is Verdict.INSUFFICIENT_DATA
    assert scores["zone=north", "distance"].n_reference == 0
    assert datasets["zone=north"].columns_decided == 0


def test_versions_are_segments_only_where_several_scored_the_window(case: SegmentCase) -> None:
    one = case.profiles(segmented_rows(200, 9, model_version=versions(200, 0, 0)))
    many = case.profiles(segmented_rows(200, 9, model_version=versions(100, 60, 40)))
    named = [f"model_version={name}" for name in ("7", "8", "unknown")]
    assert not {*named} & {*compared_segments(one)}
    assert {*named} < {*compared_segments(many)}
    assert [many[name, "zone"].rows for name in named] == [100, 60, 40]


def test_a_version_that_scored_nothing_does_not_make_several(case: SegmentCase) -> None:
    window = segmented_rows(200, 9, model_version=versions(180, 20, 0))
    answers = pa.array([*window.column("prediction").to_pylist()[:180], *[None] * 20], pa.float64())
    window = window.set_column(window.column_names.index("prediction"), "prediction", answers)
    assert not any(one.startswith("model_version") for one, _ in case.profiles(window))


def test_a_version_is_compared_with_all_of_the_reference(case: SegmentCase) -> None:
    window = segmented_rows(600, 10, model_version=versions(400, 200, 0))
    scores, _ = case.judged(window)
    first = np.arange(600) < 400
    alone = case.alone(window, first, np.ones(3000, dtype=bool))
    for column, own in alone.items():
        assert replace(scores["model_version=7", column], segment=ALL) == own
    assert scores["model_version=7", "distance"].n_reference == 3000


def moved(case: SegmentCase, window: pa.Table) -> DriftBaseline:
    history = [case.profiles(segmented_rows(900, seed, shift=1.5)) for seed in (21, 22, 23)]
    return moving_baseline(
        case.spec, case.baseline, history, case.reference.bins, case.profiles(window)
    )


@pytest.mark.parametrize("drift", [{}, WASSERSTEIN])
def test_references_move_segment_by_segment(drift: Any) -> None:
    case, window = SegmentCase(drift=drift), segmented_rows(900, 24, shift=1.5)
    assert case.judged(window)[0]["zone=north", "distance"].verdict is Verdict.ALARM
    baseline = moved(case, window)
    for segment in FIT:
        score = case.judged(window, baseline)[0][segment, "distance"]
        assert score.verdict is Verdict.OK, score
        before = baseline.profiles[segment, "distance"]
        assert score.n_reference == before.finite > 400


def test_laws_of_moving_segments_are_drawn_for_their_own_sizes() -> None:
    case = SegmentCase(drift=WASSERSTEIN)
    window = segmented_rows(900, 25, shift=1.5, model_version=versions(500, 400, 0))
    baseline, counted = moved(case, window), case.profiles(window)
    for segment in ("zone=north", "model_version=7", "model_version=8"):
        ladder = baseline.ladders[segment, "distance", "wasserstein"]
        assert [rung.rows for rung in ladder.rungs] == [counted[segment, "distance"].finite]
    scores = case.judged(window, baseline)[0]
    assert scores["model_version=7", "distance"].n_reference == 2700


@pytest.mark.slow
def test_quiet_small_segments_alarm_as_rarely_as_promised() -> None:
    windows, sizes = 150, (100, 300)
    tally = bench_segment_error_rate.run(windows, 400, sizes)
    # Five in a hundred, and what chance adds in 150 windows once in a thousand times.
    most = 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / windows)
    for size in sizes:
        assert tally[size, "alarm"] <= tally[size, "significant"] <= most * windows
