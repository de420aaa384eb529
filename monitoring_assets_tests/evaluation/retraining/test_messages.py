"""What a person on call is told: the model, what alarms, where, the number, and a link."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitoring_assets.evaluation.retraining.episodes import EpisodeChanges, advance
from monitoring_assets.evaluation.retraining.messages import (
    decision_message,
    episode_messages,
    result_message,
)
from monitoring_assets.records import (
    DecisionCode,
    Episode,
    Message,
    MessageKind,
    Outcome,
    RetrainingResult,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.retraining.story import (
    after,
    day,
    deployed,
    episode,
    retraining,
    told,
)
from monitoring_assets_tests.specs import small_spec

HOOK = "https://chat.example/T0/secret"
VERSION = "version 4, trained for 2025-03-04,"
ANOTHER = "; another is tried after 3 more alarming windows"
COMMAND = "monitoring-assets promote small 4"


def telling(**notifications: Any) -> ModelSpec:
    return small_spec(retraining={}, notifications={"webhook": HOOK} | notifications)


def page(start: datetime) -> str:
    return f"https://ui.example/{start:%Y-%m-%d}"


def messages(
    story: str, *known: Episode, late: timedelta = timedelta(0), **notifications: Any
) -> list[Message]:
    spec, windows = telling(**notifications), told(story)
    now = after(windows) + late
    return [*episode_messages(spec, advance(spec, known, windows, None, now), now, page)]


def test_an_alarm_says_what_alarms_where_and_how_much() -> None:
    [found] = messages("oa")
    assert found.text == (
        "small: mae alarms in 2025-03-02: quality/mae on 1\nhttps://ui.example/2025-03-02"
    )
    assert (found.kind, found.created_at, found.withheld) == (MessageKind.OPENED, day(2), None)


def test_an_alarm_of_several_windows_says_since_when() -> None:
    [found] = messages("oaaa")
    assert found.text.startswith(
        "small: mae alarms in 3 windows since 2025-03-02, in 2025-03-04: quality/mae on 3\n"
    )


def test_a_recovery_says_after_how_long_it_is_quiet_again() -> None:
    [found] = messages("aao", episode(0, 1, 2, number=7))
    assert found.text == (
        "small: mae is quiet again in 2025-03-03, after 2 alarming windows since 2025-03-01:"
        " quality/mae on 2\nhttps://ui.example/2025-03-03"
    )
    assert (found.kind, found.episode_id) == (MessageKind.CLOSED, 7)


def test_an_alarm_is_told_once_it_has_lasted_as_long_as_the_policy_says() -> None:
    assert messages("oa", after_windows=3) == []
    assert messages("oaa", episode(1, 1, 1), after_windows=3) == []
    assert [one.kind for one in messages("oaaa", episode(1, 2, 2), after_windows=3)] == [
        MessageKind.OPENED
    ]


def test_recovery_from_an_alarm_that_was_not_told_is_not_told() -> None:
    assert messages("oao", episode(1, 1, 1), after_windows=2) == []


def test_an_end_by_promotion_is_told_by_the_message_about_that() -> None:
    spec, windows = telling(), told("aaa")
    changes = advance(spec, [episode(0, 1, 2)], windows, deployed(2), after(windows))
    assert [one.closed_by for one in changes.closed] == ["promotion"]
    kinds = [one.kind for one in episode_messages(spec, changes, after(windows), page)]
    assert kinds == [MessageKind.OPENED]  # the new version alarms as well


def test_old_windows_are_told_of_neither_when_they_alarm_nor_when_they_recover() -> None:
    late = timedelta(days=300)
    assert messages("oaa", episode(1, 1, 1), late=late) == []
    assert messages("oao", episode(1, 1, 1), late=late) == []


def test_recovery_is_news_however_old_the_alarm_is() -> None:
    assert [one.kind for one in messages("aillllo", episode(0, 0, 1))] == [MessageKind.CLOSED]


def test_only_what_is_asked_for_is_told() -> None:
    assert messages("oa", events=["recovery", "outcome"]) == []
    assert messages("ao", episode(0, 0, 1), events=["alarm"]) == []


def test_without_a_receiver_nothing_is_told() -> None:
    spec = small_spec(retraining={})
    changes = advance(spec, (), told("oa"), None, day(2))
    assert changes.opened
    assert episode_messages(spec, changes, day(2), page) == ()
    assert decision_message(spec, retraining(1, None), day(2), page) is None
    assert result_message(spec, retraining(1, RetrainingResult.REFUSED), day(2), page) is None


def test_without_a_page_there_is_no_link() -> None:
    changes = EpisodeChanges(opened=(replace(episode(0, 0, 1), reason="why"),))
    [found] = episode_messages(telling(), changes, day(1), lambda _: "")
    assert found.text == "small: mae alarms in 2025-03-01: why"


def test_a_retraining_says_that_it_starts_and_why() -> None:
    decision = replace(retraining(3, None, attempt=2), reason="mae alarms in 3 windows in a row")
    found = decision_message(telling(), decision, day(4), page)
    assert found is not None
    assert found.text == (
        "small: a retraining starts for 2025-03-04, attempt 2 of 3: mae alarms in 3 windows in a"
        " row\nhttps://ui.example/2025-03-04"
    )
    assert (found.kind, found.decision_id) == (MessageKind.RETRAINING, 3)


def test_a_retraining_by_hand_has_no_attempts() -> None:
    by_hand = retraining(3, None, code=DecisionCode.BY_HAND, episode_id=None)
    found = decision_message(telling(), replace(by_hand, reason="asked for"), day(4), page)
    assert found is not None
    assert found.text.startswith("small: a retraining starts for 2025-03-04: asked for\n")


def test_waiting_and_ignoring_are_not_told() -> None:
    waits = replace(retraining(3, None), outcome=Outcome.WAIT)
    assert decision_message(telling(), waits, day(4), page) is None
    silent = telling(events=["alarm"])
    assert decision_message(silent, retraining(3, None), day(4), page) is None


@pytest.mark.parametrize(
    ("result", "attempt", "text"),
    [
        ("promoted", 1, f"{VERSION} is promoted: why"),
        ("refused", 1, f"{VERSION} is refused{ANOTHER}: why"),
        ("refused", 3, f"{VERSION} is refused and no other is tried: why"),
        ("awaits_approval", 1, f"{VERSION} awaits approval ({COMMAND}): why"),
        ("failed", 1, f"the retraining for 2025-03-04 failed after 3 tries{ANOTHER}: why"),
    ],
)
def test_a_result_says_what_came_of_a_retraining(result: str, attempt: int, text: str) -> None:
    ended = retraining(3, RetrainingResult(result), attempt, model_version="4", tries=3)
    found = result_message(telling(), replace(ended, result_reason="why"), day(5), page)
    assert found is not None
    assert found.text == f"small: {text}\nhttps://ui.example/2025-03-04"
    assert found.kind.value == result


def test_without_a_result_there_is_nothing_to_tell() -> None:
    assert result_message(telling(), retraining(3, None), day(5), page) is None
    ended = retraining(3, RetrainingResult.REFUSED)
    assert result_message(telling(events=["alarm"]), ended, day(5), page) is None


def test_every_result_has_a_message_of_its_own_kind() -> None:
    found = [
        result_message(telling(), retraining(3, result), day(5), page)
        for result in RetrainingResult
    ]
    assert len({one.kind for one in found if one}) == len(RetrainingResult)


@pytest.mark.parametrize(("minutes", "name"), [(0, "02:00"), (60, "02:00+0100")])
def test_windows_are_called_as_in_the_ui_also_when_clocks_go_back(minutes: int, name: str) -> None:
    cut = {"granularity": "hour", "start": "2023-02-01", "time_zone": "Europe/Berlin"}
    first = datetime(2025, 10, 26, tzinfo=UTC) + timedelta(minutes=minutes)
    opened = replace(episode(0, 0, 1), first_window=first, last_window=first)
    spec = small_spec(windows=cut, notifications={"webhook": HOOK})
    [found] = episode_messages(spec, EpisodeChanges(opened=(opened,)), first, page)
    assert f"alarms in 2025-10-26-{name}: " in found.text
