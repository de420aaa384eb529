"""A retraining is decided on when alarms last, and only then."""

import json
from datetime import timedelta

from monitoring_assets.evaluation.retraining.decision import LoopState, Thought, decide
from monitoring_assets.records import DecisionCode, Outcome, RetrainingResult
from monitoring_assets_tests.evaluation.retraining.story import (
    DAY,
    MAE,
    after,
    day,
    deployed,
    episode,
    labelled,
    looping,
    retraining,
    thought,
    told,
)
from monitoring_assets_tests.specs import small_spec

DRIFT = "dataset_drift"
BOTH = looping(verdicts=["quality", "dataset_drift"])


def said(found: Thought) -> tuple[Outcome, DecisionCode] | str:
    """Return outcome and code of a decision; the reason where none was taken."""
    return (found.decision.outcome, found.decision.code) if found.decision else found.reason


RETRAIN = (Outcome.RETRAIN, DecisionCode.ALARM)
TOO_OLD = (Outcome.IGNORE, DecisionCode.TOO_OLD)


def test_three_alarming_windows_in_a_row_ask_for_a_retraining() -> None:
    found = thought(looping(), told("oaaa"))
    assert said(found) == RETRAIN
    assert found.reason == (
        "retrain: mae alarms in 3 windows in a row since 2025-03-02: quality/mae on 3"
    )


def test_a_decision_says_what_it_rests_on_in_what_json_can_hold() -> None:
    decision = thought(looping(), told("oaaal"), deployment=deployed(0)).decision
    assert decision is not None
    assert (decision.window.start, decision.decided_at) == (day(4), day(5))
    assert (decision.cause, decision.episode_id, decision.attempt) == (MAE, 1, 1)
    assert json.loads(json.dumps(decision.evidence)) == {
        "alarming_windows": 3,
        "windows_in_a_row": 3,
        "first_window": "2025-03-02",
        "last_window": "2025-03-04",
        "alarm": "quality/mae on 3",
        "labelled_rows": 2000,
        "training_windows": 4,
        "training_start": "2025-03-02T00:00:00+00:00",
        "training_end": "2025-03-06T00:00:00+00:00",
        "left_out": [],
        "model_version": "2",
    }


def test_fewer_alarming_windows_are_counted_for_whoever_looks() -> None:
    assert said(thought(looping(), told("oaa"))) == "mae: 2 of 3 windows"
    assert said(thought(looping(windows_in_a_row=9), told("a"))) == "mae: 1 of 9 windows"


def test_without_alarms_it_is_said_since_when() -> None:
    assert said(thought(looping(), told("oooo"))) == "nothing alarms since 2025-03-01"
    assert said(thought(looping(), told("aaoo"))) == "nothing alarms since 2025-03-03"


def test_what_is_not_judged_is_not_passed_off_as_quiet() -> None:
    assert said(thought(looping(), told("ol"))) == (
        "nothing alarms since 2025-03-01; mae of 2025-03-02 is not judged: quality/mae on 1"
    )


def test_without_windows_it_is_said_what_is_waited_for() -> None:
    assert said(thought(looping(), (), now=day(0))) == "no window is complete yet"
    found = thought(looping(), told("aaa"), deployment=deployed(3))
    assert said(found) == (
        "no window is complete that version 2 scored, since 2025-03-04 00:00 UTC"
    )


def test_a_model_without_a_policy_is_never_retrained() -> None:
    found = thought(small_spec(), told("aaaa"))
    assert said(found) == "nothing is retrained by itself: the YAML has no section `retraining`"


def test_alarms_that_do_not_count_start_nothing() -> None:
    windows = told({DRIFT: "aaaa", MAE: "oooo"})
    assert said(thought(looping(), windows)) == "nothing alarms since 2025-03-01"
    assert said(thought(BOTH, windows)) == RETRAIN


def test_a_gap_begins_a_new_row_of_windows() -> None:
    assert said(thought(looping(), told("aa.aa"))) == "mae: 2 of 3 windows"


def test_windows_without_a_verdict_neither_count_nor_interrupt() -> None:
    assert said(thought(looping(), told("ala-ial"))) == RETRAIN
    assert said(thought(looping(), told("alal"))) == "mae: 2 of 3 windows"


def test_windows_of_an_earlier_deployment_do_not_count() -> None:
    found = thought(looping(), told("aaaa"), deployment=deployed(2))
    assert said(found) == "mae: 2 of 3 windows"


def test_too_old_an_alarm_is_ignored_even_if_its_episode_is_open() -> None:
    windows = told("aaalllll")
    state = LoopState(windows=windows, episodes=[episode(0, 2, 3)], known=labelled(windows))
    assert said(decide(looping(), state, day(6))) == RETRAIN
    found = decide(looping(), state, day(6) + timedelta(seconds=1))
    assert said(found) == TOO_OLD
    assert found.reason == (
        "ignore: too old: the newest alarm of mae ended at 2025-03-04 00:00 UTC, more than 3 days"
        " ago (max_age)"
    )


def test_a_cause_whose_alarms_are_too_old_does_not_hold_up_another() -> None:
    windows = told({DRIFT: "aaalllll", MAE: "ooooaaaa"})
    known = [episode(0, 2, 3, cause=DRIFT, number=7)]
    found = thought(BOTH, windows, episodes=known).decision
    assert found is not None
    assert (found.outcome, found.cause) == (Outcome.RETRAIN, MAE)


def test_old_history_is_ignored_without_a_line_in_the_ledger() -> None:
    found = thought(looping(), told("aaa"), now=day(300))
    assert found.decision is None
    assert found.reason.startswith("ignore: too old: the newest alarm of mae ended at 2025-03-04")


def test_one_retraining_at_a_time() -> None:
    found = thought(looping(), told("aaaa"), decisions=[retraining(2, None)])
    assert said(found) == (
        "a retraining is under way: attempt 1, decided for 2025-03-03 at 2025-03-04 00:00 UTC"
    )


def test_a_retraining_by_hand_is_one_too() -> None:
    by_hand = retraining(2, None, code=DecisionCode.BY_HAND, episode_id=None)
    assert "under way" in str(said(thought(looping(), told("aaaa"), decisions=[by_hand])))


def test_nothing_else_is_trained_while_a_challenger_awaits_approval() -> None:
    waits = retraining(2, RetrainingResult.AWAITS_APPROVAL, model_version="3")
    found = thought(looping(), told("aaaaaaaa"), decisions=[waits])
    assert said(found) == (
        "version 3, trained for 2025-03-03, awaits approval: nothing else is trained until a person"
        " promotes a version"
    )


def test_a_challenger_of_an_episode_that_is_over_holds_nothing_up() -> None:
    waits = retraining(2, RetrainingResult.AWAITS_APPROVAL, episode_id=77)
    assert said(thought(looping(), told("aaaoaaa"), decisions=[waits])) == RETRAIN


def test_the_cause_whose_episode_began_first_is_the_one_it_is_about() -> None:
    found = thought(BOTH, told({MAE: "oaaa", DRIFT: "aaaa"})).decision
    assert found is not None
    assert found.cause == DRIFT


def test_among_causes_that_began_together_the_policy_names_the_first() -> None:
    found = thought(BOTH, told({DRIFT: "oaaa", MAE: "oaaa"})).decision
    assert found is not None
    assert found.cause == MAE


def test_a_cause_that_has_no_retraining_left_does_not_hold_up_another() -> None:
    spec = looping(verdicts=["quality", "dataset_drift"], attempts=1)
    refused = retraining(2, RetrainingResult.REFUSED, cause=DRIFT, episode_id=2)
    windows = told({MAE: "ooooaaa", DRIFT: "aaaaaaa"})
    found = thought(spec, windows, decisions=[refused]).decision
    assert found is not None
    assert (found.outcome, found.cause, found.attempt) == (Outcome.RETRAIN, MAE, 1)


def test_the_same_state_gives_the_same_decision() -> None:
    windows = told("aaa")
    now = after(windows) + DAY
    assert thought(looping(), windows, now) == thought(looping(), windows, now)
