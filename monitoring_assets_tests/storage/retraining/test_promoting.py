"""Promotions and rollbacks: where they begin, what goes with them, and that they happen once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitoring_assets.errors import PromotionRefusedError, ReferenceTakenError, StorageError
from monitoring_assets.records import Deployment, Layer, MessageKind
from monitoring_assets.storage import models, tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.references import read_references, save_reference
from monitoring_assets.storage.retraining import decisions, episodes, promoting
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets.storage.retraining.promoting import Promotion, promote
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.retraining.loop import (
    AWAITS,
    FAILED,
    PROMOTED,
    REFUSED,
    a_champion,
    a_decision,
    a_measured_reference,
    a_message,
    a_promotion,
    an_episode,
    at_once,
    conclude,
    decide,
    score,
)
from monitoring_assets_tests.storage.samples import (
    NOW,
    START,
    a_computation,
    a_window,
    number_of,
    rows_of,
)
from monitoring_assets_tests.stored import episodes_of, messages_of


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def deployed(database: Database) -> list[tuple[str, datetime]]:
    return [(one.model_version, one.valid_from) for one in models.deployments(database, "small")]


def whole_promotion(database: Database) -> Promotion:
    """Return a promotion of version 2 with a decision, a reference, an episode and a message."""
    a_champion(database)
    save_reference(database, a_measured_reference(1))
    for number in range(3):
        score(database, number)
    with loop_transaction(database, "small") as connection:
        opened = [an_episode(), an_episode("dataset_drift")]
        episodes.write_episodes(connection, opened, (), ())
    number = decide(database, a_decision())
    told = a_message("promoted", kind=MessageKind.PROMOTED, episode_id=None, decision_id=number)
    reference = a_measured_reference(2, of_version="2")
    return a_promotion(
        not_before=day(3), decision_id=number, reference=reference, messages=[told], channel="web"
    )


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    names = (
        "deployment reference reference_profile bins episode retraining_decision notification"
        " computation"
    )
    return {name: rows_of(database, vars(tables)[name]) for name in names.split()}


def test_a_promotion_changes_everything_that_goes_with_it(database: Database) -> None:
    deployment = promote(database, whole_promotion(database))
    assert deployed(database) == [("1", START), ("2", day(3))]
    assert models.newest_deployment(database, "small") == deployment
    assert [one.for_model_version for one in read_references(database, "small")] == [None, "2"]
    assert episodes.open_episodes(database, "small") == ()
    closed_by = {one.closed_by for one in episodes_of(database, "small")}
    (decision,) = decisions.retrain_decisions(database, "small")
    (message,) = messages_of(database, "small")
    assert (closed_by, decision.result, decision.model_version) == ({"promotion"}, PROMOTED, "2")
    assert (decision.result_reason, message.text) == ("better by 55 %", "promoted")


def test_the_same_decision_promoted_again_changes_nothing(database: Database) -> None:
    promotion = whole_promotion(database)
    first = promote(database, promotion)
    before = everything(database)
    score(database, 3, "2")
    assert promote(database, promotion) == first
    after = everything(database)
    # The line of the window that was scored.
    assert len(after.pop("computation")) == len(before.pop("computation")) + 1
    assert after == before


def test_the_same_decision_promoted_by_many_at_once_is_one_deployment(
    database: Database,
) -> None:
    promotion = whole_promotion(database)
    found = at_once([lambda: promote(database, promotion)] * 6)
    assert [one == found[0] for one in found] == [True] * 6
    assert isinstance(found[0], Deployment)
    assert (len(deployed(database)), number_of(database, tables.reference)) == (2, 2)
    assert number_of(database, tables.notification) == 1


STEPS = ("write_deployment", "write_reference", "close_all", "finish", "write_messages")


@pytest.mark.parametrize("step", STEPS)
def test_a_promotion_that_breaks_at_any_step_has_not_happened(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    promotion = whole_promotion(database)
    before = everything(database)
    do = getattr(promoting, step)

    def do_and_break(*given: Any) -> None:
        do(*given)
        raise RuntimeError("the plug was pulled")

    monkeypatch.setattr(promoting, step, do_and_break)
    with pytest.raises(RuntimeError, match="plug"):
        promote(database, promotion)
    monkeypatch.undo()
    assert everything(database) == before
    assert promote(database, promotion).valid_from == day(3)


def test_a_version_serves_from_the_first_window_that_was_not_scored(database: Database) -> None:
    a_champion(database)
    for number in (0, 1, 5):
        score(database, number)
    replace_window(database, a_computation(Layer.LABELS, a_window(8)), [])
    assert promote(database, a_promotion(not_before=day(3))).valid_from == day(6)


def test_a_version_does_not_serve_before_the_windows_it_rests_on_have_ended(
    database: Database,
) -> None:
    a_champion(database)
    score(database, 0)
    assert promote(database, a_promotion(not_before=day(3))).valid_from == day(3)


def test_windows_of_other_models_do_not_hold_a_promotion_back(database: Database) -> None:
    a_champion(database)
    replace_window(database, a_computation(Layer.PREDICTIONS, a_window(9, "other")), [])
    assert promote(database, a_promotion(not_before=day(1))).valid_from == day(1)


def test_a_rollback_before_any_window_was_scored_takes_the_place_of_the_promotion(
    database: Database,
) -> None:
    a_champion(database)
    score(database, 0)
    promote(database, a_promotion())
    promote(database, a_promotion("1", champion="2", reason="rolled back"))
    assert deployed(database) == [("1", START), ("1", day(1))]
    newest = models.newest_deployment(database, "small")
    assert newest is not None
    assert newest.reason == "rolled back"


def test_a_rollback_after_windows_leaves_history_as_it_was(database: Database) -> None:
    a_champion(database)
    score(database, 0)
    promote(database, a_promotion())
    for number in (1, 2):
        score(database, number, "2")
    promote(database, a_promotion("1", champion="2"))
    assert deployed(database) == [("1", START), ("2", day(1)), ("1", day(3))]
    found = [models.version_in_force(database, "small", day(number)) for number in range(5)]
    assert found == ["1", "2", "2", "1", "1"]


def test_who_was_overtaken_is_told_by_whom_and_nothing_is_changed(database: Database) -> None:
    promotion = whole_promotion(database)
    promote(database, a_promotion("3", decided_by="ann", reason="a hunch"))
    before = everything(database)
    told = r"take the place of version 1, but version 3 .* 2023-03-01 12:00 UTC by ann \(a hunch\)"
    with pytest.raises(PromotionRefusedError, match=told):
        promote(database, promotion)
    assert everything(database) == before


def test_of_two_promotions_at_once_one_wins_and_the_other_is_told(database: Database) -> None:
    a_champion(database)
    versions = ("2", "3")
    found = at_once([lambda one=one: promote(database, a_promotion(one)) for one in versions])
    (winner,) = [one for one in found if isinstance(one, Deployment)]
    (loser,) = [one for one in found if isinstance(one, PromotionRefusedError)]
    assert f"version {winner.model_version} was deployed meanwhile" in str(loser)
    assert deployed(database) == [(winner.model_version, START)]


def test_without_a_first_version_nothing_is_promoted(database: Database) -> None:
    with pytest.raises(PromotionRefusedError, match="none is deployed"):
        promote(database, a_promotion())
    assert deployed(database) == []


@pytest.mark.parametrize("result", [REFUSED, FAILED])
def test_a_run_that_was_given_up_promotes_nothing_any_more(database: Database, result: Any) -> None:
    promotion = whole_promotion(database)
    conclude(database, promotion.decision_id or 0, result, "no result after 6 hours")
    before = everything(database)
    with pytest.raises(PromotionRefusedError, match=rf"{result.value} \(no result after 6 hours\)"):
        promote(database, promotion)
    assert everything(database) == before


def test_what_awaited_approval_is_promoted_by_hand(database: Database) -> None:
    promotion = whole_promotion(database)
    conclude(database, promotion.decision_id or 0, AWAITS, "better by 55 %")
    promote(database, promotion)
    assert [one.result for one in decisions.all_decisions(database, "small")] == [PROMOTED]


def test_a_promotion_that_a_person_took_back_is_not_made_again(database: Database) -> None:
    promotion = whole_promotion(database)
    promote(database, promotion)
    promote(database, a_promotion("1", champion="2"))
    with pytest.raises(PromotionRefusedError, match=r"promoted \(better by 55 %\)"):
        promote(database, promotion)
    assert deployed(database) == [("1", START), ("1", day(3))]


def test_a_reference_whose_number_was_taken_holds_everything_back(database: Database) -> None:
    promotion = whole_promotion(database)
    save_reference(database, a_measured_reference(2))
    before = everything(database)
    with pytest.raises(ReferenceTakenError, match="measure once more"):
        promote(database, promotion)
    assert everything(database) == before
    promote(database, replace(promotion, reference=a_measured_reference(3, of_version="2")))
    assert len(deployed(database)) == 2


def test_a_promotion_of_a_decision_that_is_not_there_is_refused(database: Database) -> None:
    a_champion(database)
    with pytest.raises(StorageError, match="no decision number 77"):
        promote(database, a_promotion(decision_id=77))
    assert deployed(database) == [("1", START)]


def test_decided_at_is_the_clock_and_valid_from_is_event_time(database: Database) -> None:
    a_champion(database)
    found = promote(database, a_promotion(decided_at=NOW))
    assert (found.decided_at, found.valid_from) == (NOW, START)
