"""Champion and challenger on the same rows: numbers by hand, and what is said about them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.evaluation.retraining.comparison import (
    HoldoutRows,
    compare_models,
    judge_challenger,
)
from monitoring_assets.records import ALL, MetricComparison
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.retraining.pairs import (
    binary_spec,
    colours_spec,
    drawn_answers,
    drawn_pair,
    holdout,
    numbers_spec,
)
from monitoring_assets_tests.specs import small_spec

NAN, INFINITE = float("nan"), float("inf")
# Errors 1, 2, 0, 1 of the champion; 0.5, 0, 0, 0.5 of the challenger.
BY_HAND = holdout([1, 2, 3, 4], [2, 4, 3, 5], [1.5, 2, 3, 4.5])


def compared(
    spec: ModelSpec, rows: HoldoutRows, metric: str, segment: str = ALL
) -> MetricComparison:
    found = compare_models(spec, rows)
    (one,) = (one for one in found if (one.segment, one.metric) == (segment, metric))
    return one


@pytest.mark.parametrize(
    ("metric", "champion", "challenger", "gain"),
    [
        ("mae", 1.0, 0.25, 0.75),
        ("rmse", 1.5**0.5, 0.125**0.5, 1 - (1 / 12) ** 0.5),
        ("mean_error", 1.0, 0.25, 0.75),
        ("r2", 1 - 6 / 5, 1 - 0.5 / 5, 5.5),
        ("mape", (1 + 1 + 0 + 0.25) / 4, (0.5 + 0.125) / 4, 1 - 0.625 / 2.25),
    ],
)
def test_numbers_of_a_regression_model_worked_by_hand(
    metric: str, champion: float, challenger: float, gain: float
) -> None:
    one = compared(numbers_spec(), BY_HAND, metric)
    assert (one.champion, one.challenger) == pytest.approx((champion, challenger))
    assert one.gain == pytest.approx(gain)
    assert (one.rows, one.reason) == (4, None)


def test_numbers_of_a_classifier_worked_by_hand() -> None:
    columns = ["no", "yes", "yes", "no"], ["no", "yes", "no", "no"]
    given = {"probability_yes": [0.4, 0.6, 0.6, 0.4]}
    champion, challenger = (pa.table({"prediction": one, **given}) for one in columns)
    target = pa.array(["no", "yes", "no", "no"])
    rows = HoldoutRows(target=target, champion=champion, challenger=challenger)
    accuracy = compared(binary_spec(), rows, "accuracy")
    assert (accuracy.champion, accuracy.challenger) == (0.75, 1.0)
    assert accuracy.gain == pytest.approx(1 / 3)
    f1 = compared(binary_spec(), rows, "f1")
    assert (f1.champion, f1.challenger) == (pytest.approx(2 / 3), 1.0)
    assert compared(binary_spec(), rows, "brier_loss").gain == 0


def test_every_metric_of_the_task_is_compared_in_every_segment() -> None:
    rows = replace(BY_HAND, segments={"first": np.array([True, False, False, False])})
    found = compare_models(numbers_spec(), rows)
    metrics = ("mae", "rmse", "r2", "mean_error", "mape")
    assert [(one.segment, one.metric) for one in found] == [
        (segment, metric) for segment in (ALL, "first") for metric in metrics
    ]


def test_a_segment_has_its_own_rows() -> None:
    rows = holdout([1, 2, 3], [3, 2, 3], [2, 2, 4], one=[True, False, False], no=[False] * 3)
    own = compared(numbers_spec(), rows, "mae", "one")
    assert (own.rows, own.champion, own.challenger, own.gain) == (1, 2.0, 1.0, 0.5)
    none = compared(numbers_spec(), rows, "mae", "no")
    assert (none.rows, none.champion, none.gain) == (0, None, None)
    assert none.reason == "no row has both a label and a prediction"


def test_rows_without_a_label_or_one_of_the_answers_count_for_neither() -> None:
    target = [*[1.0, 2.0, 3.0, 4.0], None, 9.0, 9.0, INFINITE]
    champion = [*[2.0, 4.0, 3.0, 5.0], 9.0, None, 99.0, 9.0]
    challenger = [*[1.5, 2.0, 3.0, 4.5], 99.0, 9.0, NAN, 9.0]
    rows = holdout(target, champion, challenger, last=[False] * 4 + [True] * 4)
    assert compared(numbers_spec(), rows, "mae") == compared(numbers_spec(), BY_HAND, "mae")
    assert compared(numbers_spec(), rows, "mae", "last").rows == 0


def test_a_class_without_an_answer_counts_for_neither() -> None:
    spec = colours_spec()
    rows = drawn_answers(spec, 50)
    column = rows.champion.column("prediction").to_pylist()
    gone = rows.champion.set_column(0, "prediction", pa.array([None, *column[1:]], pa.string()))
    assert {one.rows for one in compare_models(spec, replace(rows, champion=gone))} == {49}


def test_only_the_deciding_metric_has_an_interval() -> None:
    found = compare_models(numbers_spec(metric="rmse"), drawn_pair(60, np.random.default_rng(0)))
    assert [one.metric for one in found if one.gain_low is not None] == ["rmse"]


def test_the_same_seed_gives_the_same_interval() -> None:
    rows = drawn_pair(200, np.random.default_rng(0), spread=0.9)
    spec, other = (
        small_spec(retraining={"holdout": {"seed": seed}, "promotion": {"minimum_rows": 10}})
        for seed in (1, 2)
    )
    assert compare_models(spec, rows) == compare_models(spec, rows)
    assert compare_models(spec, rows) != compare_models(other, rows)


def test_a_model_without_a_policy_is_compared_by_the_usual_one() -> None:
    rows = drawn_pair(200, np.random.default_rng(0), spread=0.5)
    assert compare_models(small_spec(), rows) == compare_models(small_spec(retraining={}), rows)
    assert judge_challenger(small_spec(), compare_models(small_spec(), rows))[0]


def test_a_clear_winner_is_promoted_in_words_that_a_person_understands() -> None:
    one = MetricComparison(
        segment=ALL,
        metric="mae",
        rows=900,
        champion=4.41,
        challenger=1.98,
        gain=0.551,
        gain_low=0.52,
        gain_high=0.58,
    )
    assert judge_challenger(numbers_spec(), (one,)) == (
        True,
        "mae 1.98 instead of 4.41 on 900 rows held out: 55 % better, at least 52 % by 95 %",
    )


def test_a_gain_that_may_be_chance_or_is_too_small_is_refused() -> None:
    one = MetricComparison(
        segment=ALL,
        metric="mae",
        rows=1900,
        champion=4.0,
        challenger=4.1,
        gain=-0.025,
        gain_low=-0.031,
        gain_high=-0.02,
    )
    expected = (
        "mae 4.1 instead of 4 on 1,900 rows held out: 2.5 % worse, at worst 3.1 % by 97.5 %;"
        " a gain above 0 % is needed"
    )
    assert judge_challenger(numbers_spec(confidence=0.975), (one,)) == (False, expected)
    better = replace(one, challenger=3.8, gain=0.05, gain_low=0.04)
    assert judge_challenger(numbers_spec(gain=0.03), (better,))[0]
    won, why = judge_challenger(numbers_spec(gain=0.04), (better,))
    assert (won, why.partition("; ")[2]) == (False, "a gain above 4 % is needed")
    perhaps = replace(one, challenger=3.96, gain=0.01, gain_low=-0.02)
    _, why = judge_challenger(numbers_spec(), (perhaps,))
    assert ": 1 % better, but perhaps 2 % worse, by 95 %; a gain above 0 %" in why


def test_the_same_answers_are_no_gain() -> None:
    rows = holdout(range(20), range(1, 21), range(1, 21))
    won, why = judge_challenger(numbers_spec(), compare_models(numbers_spec(), rows))
    assert not won
    assert "0 % better, at least 0 % by 95 %; a gain above 0 % is needed" in why


def test_too_few_rows_are_refused() -> None:
    spec = numbers_spec(minimum_rows=200)
    rows = drawn_pair(199, np.random.default_rng(0), spread=0.1)
    assert judge_challenger(spec, compare_models(spec, rows)) == (
        False,
        "199 rows held out have a label and an answer of both models, 200 are needed",
    )


def test_an_undefined_metric_is_refused_with_its_reason() -> None:
    spec = numbers_spec(metric="r2")
    rows = holdout([5.0] * 20, range(20), range(20))
    assert judge_challenger(spec, compare_models(spec, rows)) == (
        False,
        "r2 cannot decide on 20 rows held out: the target is the same in all rows",
    )


def test_a_champion_without_error_cannot_be_beaten() -> None:
    rows = holdout(range(20), range(20), range(20))
    won, why = judge_challenger(numbers_spec(), compare_models(numbers_spec(), rows))
    assert not won
    assert why.endswith("the champion's is 0, of which there is no share")


def test_a_metric_that_many_resamples_do_not_define_is_refused() -> None:
    # One row of 40 is `yes`: 36 % of resamples (0.975**40) have none, and so no area.
    target = pa.array(["yes"] + ["no"] * 39)
    sides = [
        pa.table({"prediction": ["no"] * 40, "probability_yes": [first] + [0.3, 0.1] * 19 + [0.1]})
        for first in (0.2, 0.4)
    ]
    rows = HoldoutRows(target=target, champion=sides[0], challenger=sides[1])
    spec = binary_spec(metric="roc_auc", resamples=200)
    won, why = judge_challenger(spec, compare_models(spec, rows))
    assert not won
    assert "of 200 resamples of the rows give no gain" in why


def test_a_metric_that_the_model_does_not_have_is_refused() -> None:
    won, why = judge_challenger(numbers_spec(), ())
    assert (won, why.partition(",")[0]) == (False, "mae")
