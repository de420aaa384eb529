"""Mix and rate: they sum to the change, depend on no order, and mean what they say."""

import numpy as np
import pytest

from monitoring_assets.evaluation.explaining.change import Ratio, SlicePart, split_change
from monitoring_assets.evaluation.explaining.parts import Cut
from monitoring_assets.evaluation.explaining.quality import Asked, ChangeParts, explain_change
from monitoring_assets.metrics.quality.profiles import QualityProfile, Task
from monitoring_assets.metrics.quality.ratio import NO_ROWS, WHOLE_ONLY, RatioSums
from monitoring_assets.metrics.quality.regression import RegressionProfile, profile_regression
from monitoring_assets.metrics.registry import QUALITY_METRICS, metrics_for
from monitoring_assets.metrics.result import Estimate
from monitoring_assets.records import ALL
from monitoring_assets_tests.evaluation.explaining.random_cases import Case, case
from monitoring_assets_tests.metrics.quality.classifiers import binary_rows

CASES = 200
ZONES = Cut(name="zone", segments=("a", "b"), rest="zone: in no segment", columns=["zone"])


def explained(given: Case, metric: str) -> ChangeParts:
    return explain_change(Asked(metric=metric), given.before, given.now, given.cuts)


def values(given: Case, metric: str) -> tuple[float, float]:
    both = [QUALITY_METRICS[metric].compute(side[ALL]) for side in (given.before, given.now)]
    numbers = [one.value for one in both if isinstance(one, Estimate)]
    return numbers[0], numbers[1]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_mix_and_rate_sum_to_the_change_in_200_random_cases(task: Task) -> None:
    metrics = [one.name for one in metrics_for(task) if one.name not in WHOLE_ONLY]
    missed = list[float]()
    for seed in range(CASES):
        given = case(seed, task)
        for metric in metrics:
            splits = [one for one in explained(given, metric).splits if not one.why_not]
            before, now = values(given, metric) if splits else (0.0, 0.0)
            missed += [abs(one.mix + one.rate - (now - before)) for one in splits]
    assert max(missed) < 1e-9
    assert len(missed) > 1.5 * CASES * len(metrics)


def test_the_other_way_round_every_part_has_the_other_sign() -> None:
    for given in (case(seed, "regression") for seed in range(20)):
        turned = Case(before=given.now, now=given.before, cuts=given.cuts)
        one, other = (explained(side, "mae").splits[0] for side in (given, turned))
        for part in one.parts:
            (same,) = (found for found in other.parts if found.segment == part.segment)
            assert same.mix == pytest.approx(-part.mix, abs=1e-12)
            assert same.rate == pytest.approx(-part.rate, abs=1e-12)


def errors(*each: float) -> RegressionProfile:
    """Return the sums of rows with these errors."""
    target = np.full(len(each), 10.0)
    return profile_regression(target, target + np.array(each), 10.0)


def sides(before: dict[str, list[float]], now: dict[str, list[float]]) -> Case:
    def side(segments: dict[str, list[float]]) -> dict[str, QualityProfile]:
        every = [error for errors in segments.values() for error in errors]
        return {ALL: errors(*every), **{name: errors(*one) for name, one in segments.items()}}

    return Case(before=side(before), now=side(now), cuts=(ZONES,))


def parts(given: Case, metric: str = "mae") -> dict[str, SlicePart]:
    (split,) = explained(given, metric).splits
    return {part.segment: part for part in split.parts}


def test_a_segment_that_got_worse_is_all_rate() -> None:
    found = parts(sides({"a": [1.0] * 6, "b": [2.0] * 2}, {"a": [1.0] * 6, "b": [4.0] * 2}))
    assert (found["b"].mix, found["b"].rate) == (0.0, 0.5)  # a quarter of the rows, by 2
    assert (found["a"].mix, found["a"].rate) == (0.0, 0.0)
    assert (found["b"].value_before, found["b"].value_now, found["b"].rows_now) == (2.0, 4.0, 2)


def test_a_bad_segment_that_grew_is_all_mix() -> None:
    found = parts(sides({"a": [1.0] * 6, "b": [3.0] * 2}, {"a": [1.0] * 4, "b": [3.0] * 4}))
    # From 1.5 to 2: the weight of b grew by 1/4, it lies 1.25 above the level of 1.75.
    assert found["b"].mix == pytest.approx(0.25 * 1.25)
    assert found["a"].mix == pytest.approx(-0.25 * -0.75)
    assert (found["a"].rate, found["b"].rate) == (0.0, 0.0)


def test_both_at_once_are_split_at_the_middle() -> None:
    found = parts(sides({"a": [1.0] * 2, "b": [2.0] * 2}, {"a": [1.0], "b": [4.0] * 3}))
    # From 1.5 to 3.25; b from 2 to 4, from half of the rows to three quarters.
    assert found["b"].rate == pytest.approx((0.5 + 0.75) / 2 * 2.0)
    assert found["b"].mix == pytest.approx(0.25 * (3.0 - 2.375))


def test_a_segment_that_was_not_there_is_all_mix() -> None:
    found = parts(sides({"a": [1.0] * 4}, {"a": [1.0] * 3, "b": [5.0]}))
    assert found["b"].rate == 0.0
    assert found["b"].mix == pytest.approx(0.25 * (5.0 - 1.5))
    assert (found["b"].value_before, found["b"].value_now) == (None, 5.0)


def test_rows_in_no_segment_are_a_slice_of_their_own() -> None:
    found = parts(sides({"a": [1.0] * 2, "c": [1.0] * 2}, {"a": [1.0] * 2, "c": [3.0] * 2}))
    assert found["zone: in no segment"].rate == pytest.approx(1.0)
    assert found["zone: in no segment"].rows_now == 2


def test_the_parts_of_a_root_are_those_of_its_square_over_the_sum_of_both_roots() -> None:
    found = parts(sides({"a": [3.0] * 4}, {"a": [3.0] * 2, "b": [5.0] * 2}), "rmse")
    total = sum(part.total for part in found.values())
    assert total == pytest.approx(17**0.5 - 3)
    assert found["b"].total == pytest.approx(0.5 * (25 - 13) / (17**0.5 + 3))


def test_without_the_rows_of_a_bad_segment_the_metric_would_not_have_changed() -> None:
    found = parts(sides({"a": [1.0] * 6, "b": [2.0] * 2}, {"a": [1.0] * 6, "b": [4.0] * 2}))
    assert found["b"].excess == pytest.approx(0.5)
    assert found["a"].excess == pytest.approx(0.5 - 2.0)  # without a, it would be b's change


def test_the_error_of_an_excess_is_that_of_repeated_draws() -> None:
    generator, drawn = np.random.default_rng(1), list[tuple[float, float]]()
    for _ in range(400):
        rows = [generator.exponential(2, size) for size in (3000, 500)]
        own = [generator.random(one.size) < 0.1 for one in rows]
        each = [[_mean(one[mask]), _mean(one)] for one, mask in zip(rows, own, strict=True)]
        whole, part = (Ratio(each[0][place], each[1][place]) for place in (1, 0))
        (found,) = split_change(whole, {"a": part})
        drawn.append((found.excess or 0.0, found.error or 0.0))
    excess, error = np.array(drawn).T
    assert np.std(excess) == pytest.approx(np.mean(error), rel=0.1)


def _mean(rows: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> RatioSums:
    squares = float((rows**2).sum())
    return RatioSums(
        numerator=float(rows.sum()),
        denominator=rows.size,
        square=squares,
        cross=float(rows.sum()),
        denominator_square=rows.size,
    )


@pytest.mark.parametrize("metric", sorted(WHOLE_ONLY))
def test_what_is_no_ratio_of_sums_says_so(metric: str) -> None:
    task = "regression" if metric == "r2" else "binary"
    found = explained(case(1, task), metric)
    assert found.splits == ()
    assert found.why_not == WHOLE_ONLY[metric]


def test_a_reference_measured_before_its_segments_were_declared_splits_nothing() -> None:
    given = sides({"c": [1.0] * 4}, {"a": [1.0] * 3, "b": [5.0]})
    (split,) = explained(given, "mae").splits
    assert split.why_not == "the reference was measured before its segments were declared"
    missing = explain_change(Asked(metric="mae", segment="a"), given.before, given.now, ())
    assert missing.why_not == "no sums of the reference are stored for segment a"


def test_segments_counted_over_other_rows_are_not_made_to_fit() -> None:
    given = sides({"a": [1.0] * 4}, {"a": [1.0] * 4})
    doubled = {**given.now, "b": errors(2.0, 2.0)}
    found = explain_change(Asked(metric="mae"), given.before, doubled, [ZONES])
    assert found.splits[0].why_not == "its segments were counted over other rows than the whole"


def test_an_average_over_other_classes_than_before_is_not_split() -> None:
    given = case(3, "multiclass")
    profile = given.now["s0"]
    before = {ALL: given.before[ALL], "s0": given.before["s0"]}
    only_a = binary_rows(np.random.default_rng(1), 50).profile()
    found = explain_change(Asked(metric="f1"), before, {ALL: only_a, "s0": profile}, given.cuts)
    assert found.why_not.startswith("the reference was measured as a model of another task")


def test_a_part_without_rows_anywhere_adds_nothing() -> None:
    (part,) = split_change(
        Ratio(_mean(np.ones(4)), _mean(np.full(4, 2.0))), {"a": Ratio(NO_ROWS, NO_ROWS)}
    )
    assert (part.mix, part.rate, part.value_now) == (0.0, 0.0, None)
