"""Who is to blame: a planted bad segment comes first, and an even change has no culprit."""

from collections.abc import Iterable, Iterator
from itertools import count, islice

import numpy as np
import pytest

from monitoring_assets.evaluation.explaining.blame import rank
from monitoring_assets.evaluation.explaining.change import SlicePart
from monitoring_assets.evaluation.explaining.parts import Cut, Split
from monitoring_assets.evaluation.explaining.quality import Asked, ChangeParts, explain_change
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.metrics.result import Estimate
from monitoring_assets.records import ALL
from monitoring_assets_tests.evaluation.explaining.planted import (
    CUTS,
    LAWS,
    PLANTED,
    Trial,
    classification_trial,
    regression_trial,
)

TRIALS = 200
CUT = Cut(name="zone", segments=("a", "b"), rest="none", columns=["zone"])


def explained(trial: Trial, metric: str) -> ChangeParts:
    return explain_change(Asked(metric=metric), trial.before, trial.now, CUTS)


def alarming_trials(metric: str) -> Iterator[Trial]:
    """Yield trials whose whole interval lies beyond 20 % more than the reference's value."""
    for trial in map(regression_trial, count()):
        entry = QUALITY_METRICS[metric]
        before, now = entry.compute(trial.before[ALL]), entry.compute(trial.now[ALL])
        assert isinstance(before, Estimate)
        assert isinstance(now, Estimate)
        if (now.interval_low or 0.0) > 1.2 * before.value:
            yield trial


def blamed_first(trials: Iterator[Trial], metric: str) -> list[str]:
    """Return the segment that comes first and stands out in each trial; '' if none does."""
    first = [explained(trial, metric).suspects[0] for trial in islice(trials, TRIALS)]
    return [one.part.segment if one.stands_out else "" for one in first]


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["mae", "rmse"])
def test_a_planted_bad_segment_comes_first_in_at_least_95_percent_of_alarms(metric: str) -> None:
    assert blamed_first(alarming_trials(metric), metric).count(PLANTED) >= 0.95 * TRIALS


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["accuracy", "f1", "precision", "recall"])
def test_so_it_does_where_a_classifier_errs_more_in_a_segment(metric: str) -> None:
    trials = map(classification_trial, count())
    assert blamed_first(trials, metric).count(PLANTED) >= 0.95 * TRIALS


def accused(trials: Iterable[Trial], metric: str) -> int:
    """Return in how many trials some segment stands out."""
    found = (explained(trial, metric) for trial in trials)
    return sum(any(one.stands_out for one in change.suspects) for change in found)


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_in_quiet_windows_hardly_any_segment_stands_out_whatever_the_errors_are(law: str) -> None:
    quiet = [regression_trial(seed, planted=False, law=law) for seed in range(TRIALS)]
    for metric in ("mae", "rmse", "mean_error", "mape"):
        assert accused(quiet, metric) <= 0.05 * TRIALS, metric


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [0.01, 0.2])
def test_nor_does_one_of_a_classifier_that_is_right_as_often_as_before(wrong: float) -> None:
    trials = range(TRIALS)
    quiet = [classification_trial(seed, planted=False, wrong=wrong) for seed in trials]
    for metric in ("accuracy", "f1", "precision", "recall"):
        assert accused(quiet, metric) <= 0.05 * TRIALS, metric


def side(own: list[float], others: list[float]) -> dict[str, QualityProfile]:
    """Return the sums of rows of two segments with these errors."""
    rows = {ALL: [*own, *others], "a": own, "b": others}
    return {name: profile_regression(np.zeros(len(one)), one) for name, one in rows.items()}


@pytest.mark.parametrize(("bad_rows", "stands_out"), [(1, False), (4, True)])
def test_one_bad_row_makes_no_culprit_and_several_do(bad_rows: int, *, stands_out: bool) -> None:
    before = side([1.0, 3.0] * 200, [1.0, 3.0] * 1800)
    now = side([1.0, 3.0] * 20 + [30.0] * bad_rows, [1.0, 3.0] * 180)
    first = explain_change(Asked(metric="rmse"), before, now, [CUT]).suspects[0]
    assert (first.part.segment, first.stands_out) == ("a", stands_out)


def test_a_segment_whose_rows_are_gone_is_to_blame_as_far_as_they_were_many() -> None:
    before = side([1.0, 3.0] * 50, [4.0, 6.0] * 450)
    gone = explain_change(Asked(metric="mae"), before, side([], [4.0, 6.0] * 50), [CUT])
    few = explain_change(Asked(metric="mae"), before, side([], [4.0, 6.0] * 10), [CUT])
    assert [one.suspects[0].part.segment for one in (gone, few)] == ["a", "a"]
    assert [one.suspects[0].stands_out for one in (gone, few)] == [True, False]


def part(segment: str, excess: float, error: float, rows: int = 100) -> SlicePart:
    return SlicePart(
        segment=segment,
        weight_before=0.1,
        weight_now=0.1,
        mix=0.0,
        rate=excess,
        value_before=1.0,
        value_now=2.0,
        excess=excess,
        error=error,
        rows_now=rows,
    )


def test_a_certain_but_tiny_part_comes_after_a_large_and_nearly_as_certain_one() -> None:
    parts = part("tiny", 0.02, 0.002), part("large", 0.5, 0.06), part("noise", 0.3, 0.4)
    found = rank(1.0, [Split(name="zone", parts=parts)])
    assert [one.part.segment for one in found] == ["large", "tiny", "noise"]
    assert [one.stands_out for one in found] == [True, False, False]
    assert found[0].share == 0.5
    assert found[0].standing == pytest.approx(25 / 3)


def test_what_moved_the_other_way_is_no_suspect() -> None:
    parts = part("better", -0.5, 0.01), part("worse", 0.1, 0.01)
    found = rank(-0.4, [Split(name="zone", parts=parts)])
    assert [(one.part.segment, one.share) for one in found] == [("better", 1.25)]
    assert rank(0.0, [Split(name="zone", parts=parts)]) == ()


def test_few_rows_need_a_higher_standing() -> None:
    parts = part("few", 0.5, 0.15, rows=3), part("many", 0.5, 0.15, rows=3000)
    found = {one.part.segment: one for one in rank(1.0, [Split(name="zone", parts=parts)])}
    assert found["few"].needed == pytest.approx(4.303, abs=0.001)  # t with 2 degrees, 0.975
    assert found["many"].needed == pytest.approx(1.961, abs=0.001)
    assert (found["few"].stands_out, found["many"].stands_out) == (False, True)
