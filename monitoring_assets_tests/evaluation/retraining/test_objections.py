"""What speaks against a retraining that alarms ask for, each rule by itself and in its order."""

from collections.abc import Mapping
from typing import Any

import pytest

from monitoring_assets.evaluation.retraining.decision import Thought
from monitoring_assets.records import DecisionCode, Layer, Outcome, RetrainingResult
from monitoring_assets_tests.evaluation.retraining.story import (
    MAE,
    ROWS,
    day,
    deployed,
    looping,
    retraining,
    thought,
    told,
)

MISSING = {"zone": "is missing in 40 % of rows"}
REFUSED = retraining(2, RetrainingResult.REFUSED)
FAILED = retraining(2, RetrainingResult.FAILED)


def code_of(found: Thought) -> DecisionCode:
    assert found.decision is not None, found.reason
    assert (found.decision.outcome is Outcome.RETRAIN) == (
        found.decision.code is DecisionCode.ALARM
    )
    return found.decision.code


def blocked(
    story: str, broken: Mapping[int, Mapping[str, str]], **policy: Any
) -> tuple[DecisionCode, str]:
    found = thought(looping(**policy), told(story, broken))
    return code_of(found), found.reason


@pytest.mark.parametrize(("ended", "how"), [(REFUSED, "was refused"), (FAILED, "failed")])
def test_after_a_retraining_without_success_as_many_new_alarms_are_needed(
    ended: Any, how: str
) -> None:
    waits = thought(looping(), told("aaaaa"), decisions=[ended])
    assert code_of(waits) is DecisionCode.NO_NEW_ALARMS
    assert waits.reason == (
        f"wait: the retraining decided for 2025-03-03 {how}; mae alarms in 2 of 3 windows since"
    )
    again = thought(looping(), told("aaaaaa"), decisions=[ended]).decision
    assert again is not None
    assert (again.outcome, again.attempt) == (Outcome.RETRAIN, 2)


def test_before_the_next_window_nothing_is_thought_about_again() -> None:
    found = thought(looping(attempts=1), told("aaa"), decisions=[REFUSED])
    assert found.decision is None
    assert found.reason == (
        "the retraining decided for 2025-03-03 was refused; no newer window is complete"
    )


def test_only_alarming_windows_are_new_alarms() -> None:
    assert code_of(thought(looping(), told("aaaalla"), decisions=[REFUSED])) is (
        DecisionCode.NO_NEW_ALARMS
    )


def test_what_a_person_tried_in_vain_does_not_hold_up_the_policy() -> None:
    by_hand = retraining(2, RetrainingResult.REFUSED, code=DecisionCode.BY_HAND, episode_id=None)
    assert code_of(thought(looping(), told("aaaa"), decisions=[by_hand])) is DecisionCode.ALARM


def test_after_the_last_attempt_an_episode_is_ignored() -> None:
    tried = [retraining(2, RetrainingResult.REFUSED), retraining(5, RetrainingResult.FAILED, 2)]
    found = thought(looping(attempts=2), told("a" * 9), decisions=tried)
    assert code_of(found) is DecisionCode.ATTEMPTS_USED
    assert found.reason == (
        "ignore: mae alarms since 2025-03-01, and 2 retrainings did not end it: no other is tried"
        " before it recovers or a version is promoted by hand"
    )
    assert found.decision is not None
    assert found.decision.attempt == 2


def test_attempts_of_an_episode_that_is_over_do_not_count() -> None:
    tried = [retraining(2, RetrainingResult.REFUSED, episode_id=77)]
    found = thought(looping(attempts=1), told("aaaoaaa"), decisions=tried)
    assert code_of(found) is DecisionCode.ALARM


def test_after_a_promotion_the_cool_down_has_to_be_over_by_event_time() -> None:
    spec, serves = looping(cool_down="5 days"), deployed(1)
    waits = thought(spec, told("aaaaa"), deployment=serves)
    assert code_of(waits) is DecisionCode.COOL_DOWN
    assert waits.reason == (
        "wait: version 2 serves since 2025-03-02 00:00 UTC; its cool-down of 5 days ends at"
        " 2025-03-07 00:00 UTC"
    )
    assert code_of(thought(spec, told("aaaaaa"), deployment=serves)) is DecisionCode.ALARM


def test_the_first_version_needs_no_cool_down() -> None:
    first = deployed(0, "1", by=Layer.DEPLOYED_MODEL)
    found = thought(looping(cool_down="5 days"), told("aaa"), deployment=first)
    assert code_of(found) is DecisionCode.ALARM


def test_a_broken_feature_blocks_and_the_reason_says_how_it_is_broken() -> None:
    assert blocked("oaaa", {3: MISSING}) == (
        DecisionCode.BLOCKED,
        "wait: zone is missing in 40 % of rows",
    )


def test_a_window_before_the_newest_is_named_in_the_reason() -> None:
    assert blocked("oaaa", {2: MISSING}) == (
        DecisionCode.BLOCKED,
        "wait: zone is missing in 40 % of rows (window 2025-03-03)",
    )


def test_of_several_windows_the_newest_says_how_a_column_is_broken() -> None:
    broken = {2: {"zone": "is old"}, 3: {"zone": "is new", "distance": "is infinite"}}
    assert blocked("oaaa", broken)[1] == "wait: distance is infinite; zone is new"


def test_a_column_that_is_no_feature_does_not_block_by_default() -> None:
    broken = {3: {"minutes": "is missing in 40 % of rows", "": "has no rows"}}
    assert blocked("oaaa", broken)[0] is DecisionCode.ALARM


def test_the_policy_says_which_columns_block() -> None:
    assert blocked("oaaa", {3: MISSING}, blocked_by="none")[0] is DecisionCode.ALARM
    assert blocked("oaaa", {3: MISSING}, blocked_by=["distance"])[0] is DecisionCode.ALARM
    assert blocked("oaaa", {3: MISSING}, blocked_by=["zone"])[0] is DecisionCode.BLOCKED


def test_a_column_blocks_in_the_alarming_windows_that_it_takes_and_after_them() -> None:
    assert blocked("aaaaa", {1: MISSING})[0] is DecisionCode.ALARM
    assert blocked("aaaaa", {2: MISSING})[0] is DecisionCode.BLOCKED
    assert blocked("aaall", {4: MISSING})[0] is DecisionCode.BLOCKED
    assert blocked("alala", {1: MISSING})[0] is DecisionCode.BLOCKED


def test_drift_of_a_column_blocks_where_the_policy_says_so() -> None:
    story = {MAE: "oaaa", "drift/zone": "ooao"}
    assert code_of(thought(looping(), told(story))) is DecisionCode.ALARM
    waits = thought(looping(blocked_by_drift=["zone"]), told(story))
    assert code_of(waits) is DecisionCode.BLOCKED
    assert waits.reason == "wait: zone has drifted: drift/zone on 2 (window 2025-03-03)"


def test_a_column_that_is_broken_and_drifts_is_said_to_be_broken() -> None:
    windows = told({MAE: "oaaa", "drift/zone": "ooao"}, {2: MISSING})
    waits = thought(looping(blocked_by_drift=["zone"]), windows)
    assert waits.reason == "wait: zone is missing in 40 % of rows (window 2025-03-03)"


def test_windows_that_block_are_not_learned_from_later() -> None:
    story = {MAE: "oaaaaaaa", "drift/zone": "ooaaoooo"}
    found = thought(looping(blocked_by_drift=["zone"]), told(story)).decision
    assert found is not None
    assert (found.code, found.evidence["training_windows"]) == (DecisionCode.ALARM, 5)
    assert found.evidence["left_out"] == [day(2).isoformat(), day(3).isoformat()]
    assert found.evidence["labelled_rows"] == 5 * ROWS


def test_too_few_labels_wait() -> None:
    waits = thought(looping(minimum_labelled_rows=1501), told("oaaa"))
    assert code_of(waits) is DecisionCode.FEW_LABELS
    assert waits.reason == "wait: 1,500 labelled rows since 2025-03-02, 1,501 are needed"
    assert code_of(thought(looping(minimum_labelled_rows=1500), told("oaaa"))) is DecisionCode.ALARM


def test_without_any_label_the_reason_says_so() -> None:
    found = thought(looping(), told("aaa"), known=())
    assert found.reason == "wait: 0 labelled rows in the training span, 1,000 are needed"


def test_a_longer_span_has_more_labels() -> None:
    spec = looping(minimum_labelled_rows=2000, training_span="expanding")
    assert code_of(thought(spec, told("oaaa"))) is DecisionCode.ALARM


def test_the_first_that_applies_is_said() -> None:
    everything: dict[str, Any] = {
        "decisions": [retraining(2, RetrainingResult.REFUSED)],
        "deployment": deployed(0),
    }
    windows = told("aaaaaa", {5: MISSING})
    many = {"cool_down": "30 days", "minimum_labelled_rows": 10_000}
    used = thought(looping(attempts=1, **many), windows, **everything)
    new = thought(looping(**many), windows[:5], **everything)
    cool = thought(looping(**many), windows, **everything)
    broken = thought(looping(minimum_labelled_rows=10_000), windows, **everything)
    assert [*map(code_of, (used, new, cool, broken))] == [
        DecisionCode.ATTEMPTS_USED,
        DecisionCode.NO_NEW_ALARMS,
        DecisionCode.COOL_DOWN,
        DecisionCode.BLOCKED,
    ]
