"""Stories walked window by window: when a policy retrains, and when it does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitoring_assets.evaluation.retraining.rehearsal import Ledger, after_step, rehearse
from monitoring_assets.records import Decision, DecisionCode, Outcome, RetrainingResult
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.retraining.story import (
    DAY,
    always,
    day,
    deployed,
    looping,
    steps,
    told,
)

PROMOTED = always(RetrainingResult.PROMOTED)
REFUSED = always(RetrainingResult.REFUSED)
BREAKS = "oooaaaoooooaaaooaoaaaooo"


def walked(story: Any, spec: ModelSpec | None = None, results: Any = PROMOTED) -> Ledger:
    ledger = Ledger()
    for step in steps(story if isinstance(story, tuple) else told(story)):
        ledger = after_step(spec or looping(), ledger, step, results)
    return ledger


def retrained_on(ledger: Ledger) -> list[int]:
    """Return the days whose windows were the newest when a retraining was decided."""
    return [(one.window.start - day(0)).days for one in ledger.retrainings]


def codes(ledger: Ledger) -> list[DecisionCode]:
    return [one.code for one in ledger.decisions]


def test_three_breaks_are_three_retrainings_each_at_its_third_window() -> None:
    ledger = walked(BREAKS)
    assert retrained_on(ledger) == [5, 13, 20]
    assert codes(ledger) == [DecisionCode.ALARM] * 3
    assert [one.model_version for one in ledger.decisions] == [
        "rehearsed_1",
        "rehearsed_2",
        "rehearsed_3",
    ]


def test_a_promotion_closes_the_episode_and_serves_from_the_next_window_on() -> None:
    ledger = walked(BREAKS[:6])
    assert ledger.deployment is not None
    assert ledger.deployment.valid_from == day(6)
    assert [(one.closed_at, one.closed_by) for one in ledger.episodes] == [(day(6), "promotion")]
    assert walked(BREAKS[:9]).open_episodes == ()


def test_the_same_history_looked_at_long_after_decides_nothing() -> None:
    late = [replace(step, now=step.now + timedelta(days=400)) for step in steps(told(BREAKS))]
    assert rehearse(looping(), late, PROMOTED) == ()
    assert rehearse(looping(), late[-1:], PROMOTED) == ()


def test_a_history_that_ends_with_three_bad_windows_now_is_one_retraining() -> None:
    [last] = steps(told("oooaaaoooooaaa"))[-1:]
    decisions = rehearse(looping(), [last] * 10, PROMOTED)
    assert [one.outcome for one in decisions] == [Outcome.RETRAIN]


def test_a_weekly_swing_of_single_alarms_never_retrains() -> None:
    ledger = walked("oooooao" * 8)
    assert ledger.decisions == ()
    assert len(ledger.episodes) == 8
    assert ledger.open_episodes == ()


def test_a_broken_column_blocks_until_enough_windows_alarm_without_it() -> None:
    broken = {number: {"zone": "is missing in 40 % of rows"} for number in range(2, 6)}
    ledger = walked(told("ooaaaaaaao", broken))
    reasons = {one.reason for one in ledger.decisions if one.code is DecisionCode.BLOCKED}
    said = "zone is missing in 40 % of rows"
    assert reasons == {said, f"{said} (window 2025-03-06)"}
    assert [one.outcome for one in ledger.decisions] == [Outcome.WAIT] * 4 + [Outcome.RETRAIN]
    assert retrained_on(ledger) == [8]


def test_a_refused_challenger_tries_again_after_as_many_alarms_up_to_the_limit() -> None:
    ledger = walked("a" * 12, looping(attempts=2), REFUSED)
    assert retrained_on(ledger) == [2, 5]
    assert [one.attempt for one in ledger.retrainings] == [1, 2]
    waits, used = DecisionCode.NO_NEW_ALARMS, DecisionCode.ATTEMPTS_USED
    assert codes(ledger)[1:3] == [waits, waits]
    assert codes(ledger)[4:] == [used] * 6


def test_recovery_gives_the_next_episode_all_its_attempts() -> None:
    assert retrained_on(walked("aaaaoaaa", looping(attempts=1), REFUSED)) == [2, 7]


def test_labels_that_come_late_neither_count_nor_interrupt() -> None:
    assert retrained_on(walked("oaalla")) == [5]
    assert retrained_on(walked("oaallo")) == []


def test_a_gap_ends_a_run() -> None:
    assert retrained_on(walked("oaa.aaa")) == [6]
    assert retrained_on(walked("oaa.aa.aa.aa")) == []


def test_a_champion_that_stays_bad_is_retrained_again_after_as_many_windows() -> None:
    assert retrained_on(walked("a" * 9)) == [2, 5, 8]
    assert retrained_on(walked("a" * 9, looping(cool_down="5 days"))) == [2, 7]


def test_a_stricter_policy_is_later_and_a_laxer_one_earlier() -> None:
    policies = [looping(windows_in_a_row=k, minimum_labelled_rows=1) for k in (1, 2, 5, 6)]
    found = [walked("ooaaaaaoo", policy) for policy in policies]
    assert [retrained_on(ledger)[:1] for ledger in found] == [[2], [3], [6], []]


def test_ten_looks_at_each_window_leave_the_ledger_of_one() -> None:
    often = [step for step in steps(told(BREAKS)) for _ in range(10)]
    assert rehearse(looping(), often, REFUSED) == walked(BREAKS, results=REFUSED).decisions


def test_a_wait_is_written_down_once_for_each_window() -> None:
    history = steps(told("aaaa", {3: {"zone": "is missing"}}))
    spec = looping(minimum_labelled_rows=1501)
    decisions = rehearse(spec, [step for step in history for _ in range(10)], PROMOTED)
    assert [one.code for one in decisions] == [DecisionCode.FEW_LABELS, DecisionCode.BLOCKED]


def test_a_promotion_leaves_episodes_alone_that_were_over_before() -> None:
    ends = [(one.closed_at, one.closed_by) for one in walked("aaoaaa").episodes]
    assert ends == [(day(3), "recovery"), (day(6), "promotion")]


def test_a_rehearsal_is_its_steps_one_by_one() -> None:
    history = steps(told(BREAKS))
    assert rehearse(looping(), history, PROMOTED) == walked(BREAKS).decisions
    assert rehearse(looping(), history[9:], PROMOTED, begin=walked(BREAKS[:9])) == (
        walked(BREAKS).decisions
    )


def test_a_rehearsal_begins_with_the_deployment_in_force() -> None:
    begin = Ledger(deployment=deployed(2))
    decisions = rehearse(looping(), steps(told("aaaaa")), PROMOTED, begin)
    assert [one.window.start for one in decisions] == [day(4)]


def test_what_comes_of_a_retraining_is_asked_with_its_decision() -> None:
    asked: list[Decision] = []

    def answer(decision: Decision) -> RetrainingResult:
        asked.append(decision)
        return RetrainingResult.PROMOTED

    walked(BREAKS, results=answer)
    assert [one.decision_id for one in asked] == [1, 2, 3]
    assert {one.result for one in asked} == {None}


@pytest.mark.parametrize("age", ["1 day", "5 days"])
def test_a_loop_that_was_down_acts_on_alarms_that_are_young_enough(age: str) -> None:
    [last] = steps(told("oooaaa"))[-1:]
    decisions = rehearse(looping(max_age=age), [replace(last, now=last.now + 2 * DAY)], PROMOTED)
    assert len(decisions) == (1 if age == "5 days" else 0)
