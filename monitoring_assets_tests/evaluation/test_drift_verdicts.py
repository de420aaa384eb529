"""Material and significant: each condition alone is no alarm, and each verdict says why."""

from dataclasses import replace

import pytest

from monitoring_assets.evaluation.drift_verdicts import (
    DriftRules,
    ScoredColumn,
    benjamini_hochberg,
    judge_columns,
    judge_dataset,
)
from monitoring_assets.metrics.null.ladder import Quiet
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import DriftScore, Verdict

RULES = DriftRules(reference_version=3, minimum_rows=100)
QUIET = ScoredColumn(
    column_name="fare",
    method="wasserstein",
    threshold=0.1,
    deciding=True,
    score=0.05,
    quiet=Quiet(0.04, 0.3),
    n_reference=10_000,
    n_window=1_234,
)
DRIFTED = replace(QUIET, column_name="distance", score=0.52, quiet=Quiet(0.04, 1e-9))


def judge(*columns: ScoredColumn, rules: DriftRules = RULES) -> list[DriftScore]:
    return list(judge_columns(columns, rules))


def test_a_large_and_unlikely_difference_is_an_alarm_that_explains_itself() -> None:
    found = judge(DRIFTED)[0]
    assert found.verdict is Verdict.ALARM
    assert found.reason == (
        "Wasserstein distance 0.52 where 0.04 is expected of 1,234 quiet values: 0.48 too much, "
        "above the threshold 0.1, and too much for chance (p = 1e-09)"
    )
    assert (found.expected, found.p_value, found.reference_version) == (0.04, 1e-9, 3)


def test_an_unlikely_but_small_difference_is_no_alarm() -> None:
    found = judge(replace(DRIFTED, score=0.13))[0]
    assert found.verdict is Verdict.OK
    assert "not above the threshold 0.1, but too much for chance" in found.reason


def test_a_large_but_likely_difference_is_no_alarm() -> None:
    found = judge(replace(DRIFTED, quiet=Quiet(0.3, 0.06)))[0]
    assert found.verdict is Verdict.OK
    assert "above the threshold 0.1, but within chance (p = 0.06)" in found.reason


def test_the_expected_score_is_subtracted_before_the_threshold() -> None:
    unlikely = replace(DRIFTED, score=0.35, quiet=Quiet(0.24, 1e-9))
    assert judge(unlikely)[0].verdict is Verdict.ALARM
    assert judge(replace(unlikely, quiet=Quiet(0.26, 1e-9)))[0].verdict is Verdict.OK


def test_more_columns_ask_for_smaller_p_values() -> None:
    likely = replace(DRIFTED, quiet=Quiet(0.04, 0.01))
    assert judge(likely)[0].verdict is Verdict.ALARM
    assert judge(likely, *[QUIET] * 9)[0].verdict is Verdict.OK


def test_benjamini_hochberg_is_strict_at_its_edge() -> None:
    # alibi-detect test_statstest.py (reference/field.md G): p = q - 1e-5 rejects, p = q does not.
    assert benjamini_hochberg([0.05 - 1e-5] * 4, 0.05) == [True] * 4
    assert benjamini_hochberg([0.05] * 4, 0.05) == [False] * 4
    assert benjamini_hochberg([0.001, 0.013, 0.04, 0.9], 0.05) == [True, True, False, False]
    assert benjamini_hochberg([], 0.05) == []


def test_too_few_values_are_insufficient_and_do_not_count_as_a_column() -> None:
    small = replace(DRIFTED, n_window=99)
    likely = replace(DRIFTED, quiet=Quiet(0.04, 0.02))
    found = judge(small, likely)
    assert (found[0].verdict, found[1].verdict) == (Verdict.INSUFFICIENT_DATA, Verdict.ALARM)
    assert found[0].reason == "99 values in the window, 100 are needed"


def test_no_setting_asks_for_fewer_rows_than_the_p_value_needs() -> None:
    generous = replace(RULES, minimum_rows=1)
    window, reference = replace(DRIFTED, n_window=49), replace(DRIFTED, n_reference=49)
    found = judge(window, reference, rules=generous)
    assert [score.verdict for score in found] == [Verdict.INSUFFICIENT_DATA] * 2
    assert found[1].reason == "49 values in the reference, 50 are needed"


def test_an_undefined_score_keeps_its_reason() -> None:
    found = judge(replace(QUIET, score=Undefined("bins changed"), quiet=None))[0]
    assert (found.verdict, found.score, found.p_value) == (Verdict.UNDEFINED, None, None)
    assert found.reason == "bins changed"


def test_a_score_that_does_not_decide_is_stored_without_verdict() -> None:
    found = judge(replace(DRIFTED, deciding=False), QUIET)
    assert found[0].verdict is Verdict.UNDEFINED
    assert (found[0].score, found[0].p_value) == (0.52, 1e-9)


def test_a_score_without_null_is_not_judged() -> None:
    found = judge(replace(DRIFTED, quiet=None))[0]
    assert found.verdict is Verdict.UNDEFINED
    assert "not known" in found.reason


@pytest.mark.parametrize(
    ("alarming", "verdict"), [(1, Verdict.OK), (2, Verdict.OK), (3, Verdict.ALARM)]
)
def test_more_than_the_share_of_columns_is_dataset_drift(alarming: int, verdict: Verdict) -> None:
    scores = judge(*[DRIFTED] * alarming, *[QUIET] * (4 - alarming))
    found = judge_dataset(scores, RULES, prediction_drift=0.2)
    assert (found.verdict, found.alarming_share) == (verdict, alarming / 4)
    assert (found.columns_decided, found.prediction_drift) == (4, 0.2)
    assert "distance" in found.reason


def test_a_dataset_with_fewer_than_half_decided_is_insufficient() -> None:
    small = replace(QUIET, n_window=3)
    found = judge_dataset(judge(DRIFTED, small, small), RULES)
    assert found.verdict is Verdict.INSUFFICIENT_DATA
    assert found.reason == "only 1 of 3 columns could be decided, half are needed"
    assert judge_dataset([], RULES).alarming_share is None
