"""Decisions: written once, one retraining at a time, one result each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitoring_assets.errors import RetrainingUnderwayError, StorageError
from monitoring_assets.records import Decision, DecisionCode, Outcome, RetrainingResult
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions
from monitoring_assets_tests.storage.retraining.loop import (
    AWAITS,
    FAILED,
    PROMOTED,
    REFUSED,
    a_decision,
    at_once,
    by_hand,
    conclude,
    decide,
)
from monitoring_assets_tests.storage.samples import NOW


def waits(day: int = 2, **changes: Any) -> Decision:
    return a_decision(day, outcome=Outcome.WAIT, code=DecisionCode.BLOCKED, **changes)


def written(database: Database, decision: Decision) -> int | None:
    """Write without the loop's lock: the indexes have to hold by themselves."""
    with database.begin() as connection:
        return decisions.write_decision(connection, decision)


def writing(database: Database, *made: Decision) -> list[Callable[[], int | None]]:
    return [lambda one=one: written(database, one) for one in made]


def numbers(results: list[int | Exception | None]) -> list[int]:
    return [one for one in results if isinstance(one, int)]


def test_a_decision_comes_back_as_it_was(database: Database) -> None:
    whole = a_decision(tries=2, requested_at=NOW, run_id="a-run", evidence={"a": [1, {"b": None}]})
    number = decide(database, whole)
    assert decisions.read_decision(database, number) == replace(whole, decision_id=number)


def test_a_decision_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(StorageError, match="no decision number 7"):
        decisions.read_decision(database, 7)


def test_the_same_said_of_the_same_window_is_written_once(database: Database) -> None:
    decide(database, waits())
    assert written(database, waits(decided_at=NOW + timedelta(seconds=15))) is None
    assert len(decisions.all_decisions(database, "small")) == 1


def test_something_else_of_the_window_or_the_same_of_another_is_written(
    database: Database,
) -> None:
    others = [waits(3), waits(episode_id=2), replace(waits(), code=DecisionCode.COOL_DOWN)]
    for one in (waits(), *others):
        decide(database, one)
    decide(database, a_decision())
    assert len(decisions.all_decisions(database, "small")) == 5
    assert len(decisions.retrain_decisions(database, "small")) == 1


def test_ten_ticks_at_once_decide_once(database: Database) -> None:
    results = at_once(writing(database, *[a_decision()] * 10))
    assert len(numbers(results)) == 1
    assert len(decisions.all_decisions(database, "small")) == 1


def test_one_attempt_is_made_once_though_windows_come_between(database: Database) -> None:
    conclude(database, decide(database, a_decision(2)), REFUSED, "worse")
    results = at_once(writing(database, *[a_decision(day) for day in range(3, 9)]))
    assert numbers(results) == []
    assert len(numbers(at_once(writing(database, *[a_decision(9, attempt=2)] * 6)))) == 1


def test_two_causes_at_once_start_one_retraining(database: Database) -> None:
    causes = [a_decision(episode_id=number) for number in range(1, 7)]
    assert len(numbers(at_once(writing(database, *causes)))) == 1
    assert written(database, a_decision(model_id="other", episode_id=77)) is not None


def test_another_retraining_starts_once_the_first_has_a_result(database: Database) -> None:
    first = decide(database, a_decision(2))
    assert written(database, a_decision(3, attempt=2)) is None
    assert conclude(database, first, FAILED, "no memory")
    assert written(database, a_decision(3, attempt=2)) is not None


def test_a_person_is_told_which_retraining_is_underway(database: Database) -> None:
    number = decide(database, a_decision())
    with pytest.raises(RetrainingUnderwayError, match=f"retraining number {number} is underway"):
        decisions.decide_by_hand(database, by_hand())


def test_of_many_persons_at_once_one_starts_a_retraining(database: Database) -> None:
    results = at_once([lambda: decisions.decide_by_hand(database, by_hand())] * 6)
    assert len(numbers(results)) == 1
    assert sum(isinstance(one, RetrainingUnderwayError) for one in results) == 5


def test_a_person_may_retrain_over_the_same_window_again(database: Database) -> None:
    for _ in range(2):
        conclude(database, decisions.decide_by_hand(database, by_hand()), REFUSED, "worse")
    assert len(decisions.retrain_decisions(database, "small")) == 2


def test_tries_are_counted(database: Database) -> None:
    number = decide(database, a_decision())
    later = NOW + timedelta(minutes=1)
    assert [decisions.request_try(database, number, at) for at in (NOW, later)] == [1, 2]
    found = decisions.read_decision(database, number)
    assert (found.tries, found.requested_at) == (2, later)


def test_two_who_ask_for_the_same_try_count_once(database: Database) -> None:
    number = decide(database, a_decision())
    for wanted in (1, 2):
        asked = [lambda n=wanted: decisions.request_try(database, number, NOW, n)] * 6
        assert set(at_once(asked)) == {wanted}


def test_a_decision_with_a_result_is_not_tried_again(database: Database) -> None:
    number = decide(database, a_decision(tries=1))
    conclude(database, number, FAILED, "no memory")
    assert decisions.request_try(database, number, NOW, 2) == 1


def test_a_decision_is_found_by_the_run_that_works_on_it(database: Database) -> None:
    number = decide(database, a_decision())
    decisions.note_run(database, number, "a-run")
    found = decisions.decision_of_run(database, "a-run")
    assert found is not None
    assert found.number == number
    assert decisions.decision_of_run(database, "another-run") is None


@pytest.mark.parametrize("result", list(RetrainingResult))
def test_a_result_is_noted_with_reason_version_and_time(
    database: Database, result: RetrainingResult
) -> None:
    number = decide(database, a_decision())
    assert conclude(database, number, result, "why")
    found = decisions.read_decision(database, number)
    assert (found.result, found.result_reason, found.model_version) == (result, "why", "2")
    assert found.finished_at == NOW


@pytest.mark.parametrize("second", list(RetrainingResult))
@pytest.mark.parametrize("first", list(RetrainingResult))
def test_only_what_awaits_approval_gets_another_result_by_promotion(
    database: Database, first: RetrainingResult, second: RetrainingResult
) -> None:
    number = decide(database, a_decision())
    conclude(database, number, first, "first")
    changed = (first, second) == (AWAITS, PROMOTED)
    assert conclude(database, number, second, "second") is changed
    found = decisions.read_decision(database, number)
    assert found.result is (second if changed else first)


def test_of_many_results_at_once_one_is_noted(database: Database) -> None:
    number = decide(database, a_decision())
    results = [lambda one=one: conclude(database, number, one, one) for one in (FAILED, REFUSED)]
    assert sorted(at_once(results * 3)) == [False] * 5 + [True]
