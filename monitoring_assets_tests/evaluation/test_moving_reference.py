"""References that move with the window: which windows they are, and their sums."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.evaluation.data_drift import judge_drift
from monitoring_assets.evaluation.moving_reference import (
    Span,
    moving_baseline,
    moving_quality,
    moving_span,
    require_history,
)
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import ALL, Verdict, Window
from monitoring_assets_tests.evaluation.cases import Case, usual_rows
from monitoring_assets_tests.specs import small_spec

FIRST = datetime(2023, 2, 1, tzinfo=UTC)
ROLLING = {"rolling_windows": 3}
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
    require_history(spec, window, (day(5), day(9)), 2)
    with pytest.raises(ReferenceMissingError, match="the 4 windows before it, of which 1 have"):
        require_history(spec, window, (day(5), day(9)), 1)


def moved(case: Case, history: list[pa.Table], window: pa.Table) -> Any:
    """Judge a window by those before it."""
    counted, bins = case.profiles(window), case.bins(window)
    earlier = [case.profiles(one) for one in history]
    baseline = moving_baseline(case.spec, case.baseline, earlier, bins, counted)
    scores = judge_drift(case.spec, counted, baseline, bins)
    return {score.column_name: score for score in scores}


@pytest.mark.parametrize("drift", [{}, WASSERSTEIN])
def test_a_shift_that_the_windows_before_have_too_is_no_drift(drift: Any) -> None:
    case = Case(drift=drift)
    history = [usual_rows(500, seed, shift=3) for seed in (1, 2, 3)]
    window = usual_rows(500, 4, shift=3)
    assert case.drift(window)["distance"].verdict is Verdict.ALARM
    score = moved(case, history, window)["distance"]
    assert score.verdict is Verdict.OK
    assert score.n_reference == 1500


@pytest.mark.parametrize("drift", [{}, WASSERSTEIN])
def test_a_shift_away_from_the_windows_before_is_drift(drift: Any) -> None:
    case = Case(drift=drift)
    history = [usual_rows(500, seed, shift=3) for seed in (1, 2, 3)]
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


def test_quality_is_that_of_the_windows_before() -> None:
    spec, fixed = small_spec(), {"centre": 0.0, "metrics": {"mae": 9.0}}
    sums = profile_regression([1.0] * 60, [2.5] * 60)
    other_centre = profile_regression([1.0] * 60, [99.0] * 60, centre=4.0)
    found = moving_quality(spec, fixed, [{"1": sums}, {"1": other_centre}])
    assert found["mae"] == pytest.approx(1.5)


def test_too_few_labels_before_leave_the_fixed_quality_in_place() -> None:
    fixed = {"centre": 0.0, "metrics": {"mae": 9.0}}
    history = [{"1": profile_regression([1.0] * 49, [2.5] * 49)}]
    assert moving_quality(small_spec(), fixed, history) == {"mae": 9.0}


def test_the_law_of_quiet_windows_is_drawn_for_the_windows_own_size() -> None:
    case, window = Case(drift=WASSERSTEIN), usual_rows(321, 9)
    counted, bins = case.profiles(window), case.bins(window)
    history = [case.profiles(usual_rows(300, 1))]
    baseline = moving_baseline(case.spec, case.baseline, history, bins, counted)
    ladder = baseline.ladders["distance", "wasserstein"]
    assert [rung.rows for rung in ladder.rungs] == [counted[ALL, "distance"].finite]
    assert ladder.reference_rows == 300
