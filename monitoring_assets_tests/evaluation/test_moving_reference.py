"""References that move with the window: which windows they are, and their sums."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.evaluation.data_drift import DriftBaseline, judge_dataset, judge_drift
from monitoring_assets.evaluation.drift_verdicts import DriftRules, ScoredColumn, judge_columns
from monitoring_assets.evaluation.moving_reference import (
    Span,
    moving_baseline,
    moving_quality,
    moving_span,
    require_history,
    without_history,
)
from monitoring_assets.evaluation.profiling import ColumnProfiles
from monitoring_assets.metrics.null.ladder import Quiet
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import ALL, Verdict, Window
from monitoring_assets_tests.evaluation.cases import Case, rows, usual_rows
from monitoring_assets_tests.specs import small_spec

FIRST = datetime(2023, 2, 1, tzinfo=UTC)
ROLLING: dict[str, Any] = {"rolling_windows": 3}
WASSERSTEIN = {"numerical": {"method": "wasserstein", "threshold": 0.2}}


def day(count: int) -> datetime:
    return FIRST + timedelta(days=count)


def span_of(count: int, deployed_from: datetime | None = None, **reference: Any) -> Span | None:
    return moving_span(small_spec(reference=reference), day(count), deployed_from)


def test_a_fixed_reference_does_not_move() -> None:
    assert span_of(100) is None


@pytest.mark.parametrize(("count", "span"), [(2, None), (3, (0, 3)), (10, (7, 10))])
def test_a_rolling_reference_is_the_windows_just_before(
    count: int, span: tuple[int, int] | None
) -> None:
    assert span_of(count, **ROLLING) == (span and (day(span[0]), day(span[1])))


@pytest.mark.parametrize(("count", "span"), [(21, None), (27, (20, 27)), (60, (20, 60))])
def test_since_deployment_begins_with_the_version_in_force(
    count: int, span: tuple[int, int] | None
) -> None:
    found = span_of(count, day(20), since_deployment=True)
    assert found == (span and (day(span[0]), day(span[1])))


def test_since_deployment_waits_for_as_many_windows_as_the_yaml_says() -> None:
    reference = {"since_deployment": True, "minimum_windows": 2}
    assert span_of(21, day(20), **reference) is None
    assert span_of(22, day(20), **reference) == (day(20), day(22))
    assert span_of(22, None, **reference) is None


def test_less_than_half_of_the_windows_are_no_reference() -> None:
    spec = small_spec(reference={"rolling_windows": 4})
    window = Window(
        model_id="small", granularity="day", start=day(9), end=day(10), partition_key="2023-02-10"
    )
    assert require_history(spec, window, (day(5), day(9)), 2) is None
    said = require_history(spec, window, (day(5), day(9)), 1)
    assert said is not None
    assert "window 2023-02-10 is compared with the 4 windows before it, of which 1 have" in said
    assert said.endswith("compute windows from 2023-02-06 00:00 UTC on first")


def test_without_history_nothing_is_compared_and_every_verdict_says_why() -> None:
    case = Case()
    scores = [*case.drift(usual_rows(500, 9, shift=3)).values()]
    dataset = judge_dataset(case.spec, scores, 1)
    assert dataset.columns_decided > 0
    withheld, (undecided,) = without_history(scores, [dataset], "too little")
    assert [one.column_name for one in withheld] == [one.column_name for one in scores]
    for one in (*withheld, undecided):
        assert (one.verdict, one.reason) == (Verdict.INSUFFICIENT_DATA, "too little")
    assert {(one.score, one.p_value, one.n_reference) for one in withheld} == {(None, None, 0)}
    assert (undecided.columns_decided, undecided.alarming_share) == (0, None)


def moving(case: Case, earlier: Sequence[ColumnProfiles], window: pa.Table) -> DriftBaseline:
    counted, bins = case.profiles(window), case.bins(window)
    return moving_baseline(case.spec, case.baseline, earlier, bins, counted)


def moved(case: Case, history: list[pa.Table], window: pa.Table) -> Any:
    """Judge a window by those before it."""
    baseline = moving(case, [case.profiles(one) for one in history], window)
    scores = judge_drift(case.spec, case.profiles(window), baseline, case.bins(window))
    return {score.column_name: score for score in scores}


@pytest.mark.parametrize("drift", [{}, WASSERSTEIN])
def test_a_shift_that_the_windows_before_have_too_is_no_drift(drift: Any) -> None:
    case = Case(drift=drift)
    history = [usual_rows(500, seed, shift=2) for seed in (1, 2, 3)]
    window = usual_rows(500, 4, shift=2)
    assert case.drift(window)["distance"].verdict is Verdict.ALARM
    score = moved(case, history, window)["distance"]
    assert score.verdict is Verdict.OK
    assert score.n_reference == 1500


@pytest.mark.parametrize("drift", [{}, WASSERSTEIN])
def test_a_shift_away_from_the_windows_before_is_drift(drift: Any) -> None:
    case = Case(drift=drift)
    history = [usual_rows(500, seed, shift=2) for seed in (1, 2, 3)]
    score = moved(case, history, usual_rows(500, 4))["distance"]
    assert score.verdict is Verdict.ALARM
    assert score.p_value is not None
    assert score.p_value < 1e-6


def test_the_sum_of_windows_equals_their_rows_counted_at_once() -> None:
    case, window = Case(), usual_rows(500, 9)
    history = [usual_rows(200, seed) for seed in (1, 2)]
    at_once = moved(case, [pa.concat_tables(history)], window)
    assert moved(case, history, window) == at_once


def test_windows_without_rows_leave_the_fixed_reference_in_place() -> None:
    case, window = Case(), usual_rows(500, 9)
    assert moved(case, [usual_rows(0)], window) == case.drift(window)


def distances(*places: float) -> pa.Table:
    """Return 100 rows, their distances these in turn; the reference lies in 5 +- 8."""
    return rows([places[one % len(places)] for one in range(100)], ["north"] * 100)


OUTSIDE = "of the values in the windows before lie outside the bins: measure the reference anew"


def test_a_column_that_has_left_its_bins_is_not_judged_by_them() -> None:
    case = Case()
    history = [usual_rows(500, seed, shift=100) for seed in (1, 2)]
    score = moved(case, history, usual_rows(500, 3, shift=300))["distance"]
    assert (score.verdict, score.reason) == (Verdict.UNDEFINED, f"100% {OUTSIDE}")
    assert score.score == pytest.approx(0)


@pytest.mark.parametrize(("outside", "verdict"), [(5, Verdict.OK), (6, Verdict.UNDEFINED)])
def test_up_to_5_percent_outside_the_bins_a_moving_reference_serves(
    outside: int, verdict: Verdict
) -> None:
    window = distances(*[5.0] * (100 - outside), *[99.0] * outside)
    score = moved(Case(), [window, window], window)["distance"]
    assert score.verdict is verdict
    assert score.n_reference == 200
    assert (score.reason == f"6% {OUTSIDE}") == (outside == 6)


def test_missing_values_are_judged_outside_the_bins_too() -> None:
    missing = {"method": "missing_share_change", "threshold": 0.1}
    case = Case(drift={"numerical": missing})
    far, gone = usual_rows(500, 1, shift=100), rows([None] * 500, ["north"] * 500)
    assert moved(case, [far], far)["distance"].verdict is Verdict.OK
    assert moved(case, [far], gone)["distance"].verdict is Verdict.ALARM


@pytest.mark.parametrize(("unusable", "verdict"), [("", Verdict.OK), ("outside", Verdict.ALARM)])
def test_an_unusable_column_takes_no_part_in_the_false_alarm_rate(
    unusable: str, verdict: Verdict
) -> None:
    moving = ScoredColumn(
        column_name="x",
        method="kolmogorov_smirnov",
        threshold=0.05,
        deciding=True,
        score=0.2,
        quiet=Quiet(expected=0.05, p_value=0.04),
        n_reference=500,
        n_window=500,
    )
    blind = replace(moving, quiet=Quiet(expected=0.05, p_value=0.9), unusable=unusable)
    first, _ = judge_columns([moving, blind], DriftRules(reference_version=1))
    assert first.verdict is verdict


def test_a_column_outside_its_bins_does_not_count_as_decided() -> None:
    case, window = Case(), usual_rows(500, 3, shift=300)
    far = [usual_rows(500, seed, shift=100) for seed in (1, 2)]
    baseline = moving(case, [case.profiles(one) for one in far], window)
    assert sorted(baseline.unusable) == [(ALL, "distance"), (ALL, "prediction")]
    scores = judge_drift(case.spec, case.profiles(window), baseline, case.bins(window))
    assert [one.verdict for one in scores if one.column_name == "zone"] == [Verdict.OK]
    dataset = judge_dataset(case.spec, scores, 1)
    assert dataset.columns_decided == 1


def counted_over_other_bins(profiles: ColumnProfiles, column: str) -> ColumnProfiles:
    other = replace(profiles[ALL, column], bins_version=99)
    return {**profiles, (ALL, column): other}


@pytest.mark.parametrize(("others", "n_reference"), [(2, 400), (3, 2000)])
def test_a_column_moves_if_half_of_the_windows_were_counted_over_its_bins(
    others: int, n_reference: int
) -> None:
    case, window = Case(), usual_rows(500, 9)
    alike = [case.profiles(usual_rows(200, seed)) for seed in range(4)]
    changed = [counted_over_other_bins(one, "distance") for one in alike[:others]]
    baseline = moving(case, [*changed, *alike[others:]], window)
    assert baseline.profiles[ALL, "distance"].finite == n_reference
    assert baseline.profiles[ALL, "zone"].finite == 800


@pytest.mark.parametrize(("values", "n_reference"), [(49, 2000), (50, 50)])
def test_fewer_than_50_values_before_leave_the_fixed_reference_in_place(
    values: int, n_reference: int
) -> None:
    case, window = Case(), usual_rows(500, 9)
    history = [usual_rows(values - 20, 1), usual_rows(20, 2)]
    assert moved(case, history, window)["distance"].n_reference == n_reference


def test_quality_is_that_of_the_windows_before() -> None:
    spec, fixed = small_spec(), {"centre": 0.0, "metrics": {"mae": 9.0}}
    sums = profile_regression([1.0] * 60, [2.5] * 60)
    other_centre = profile_regression([1.0] * 60, [99.0] * 60, centre=4.0)
    found = moving_quality(spec, fixed, [{"1": sums}, {"1": other_centre}])
    assert found["mae"] == pytest.approx(1.5)


def test_a_metric_that_the_windows_before_leave_undefined_keeps_the_fixed_value() -> None:
    fixed = {"centre": 0.0, "metrics": {"mae": 9.0, "r2": 0.8}}
    same = [{"1": profile_regression([1.0] * 60, [2.5] * 60)}]
    found = moving_quality(small_spec(), fixed, same)
    assert (found["mae"], found["r2"]) == (pytest.approx(1.5), 0.8)


def test_too_few_labels_before_leave_the_fixed_quality_in_place() -> None:
    fixed = {"centre": 0.0, "metrics": {"mae": 9.0}}
    history = [{"1": profile_regression([1.0] * 49, [2.5] * 49)}]
    assert moving_quality(small_spec(), fixed, history) == {"mae": 9.0}


def test_the_law_of_quiet_windows_is_drawn_for_the_windows_own_size() -> None:
    case, window = Case(drift=WASSERSTEIN), usual_rows(321, 9)
    counted, bins = case.profiles(window), case.bins(window)
    history = [case.profiles(usual_rows(300, 1))]
    baseline = moving_baseline(case.spec, case.baseline, history, bins, counted)
    ladder = baseline.ladders[ALL, "distance", "wasserstein"]
    assert [rung.rows for rung in ladder.rungs] == [counted[ALL, "distance"].finite]
    assert ladder.reference_rows == 300
