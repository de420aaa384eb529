"""Messages: written once for each change, sent once, tried again with longer and longer pauses."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from monitoring_assets.records import Message, MessageKind
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import messages
from monitoring_assets_tests.storage.retraining.loop import a_message, at_once
from monitoring_assets_tests.storage.samples import NOW, rows_of
from monitoring_assets_tests.stored import messages_of

RESULT: dict[str, Any] = {"kind": MessageKind.PROMOTED, "decision_id": 5}


def write(database: Database, *written: Message) -> int:
    with database.begin() as connection:
        return messages.write_messages(connection, written, "webhook")


def due(database: Database, seconds: float = 0) -> list[str]:
    found = messages.due_messages(database, "small", NOW + timedelta(seconds=seconds))
    return [one.text for one in found]


def fail(database: Database, seconds: float = 0) -> None:
    now = NOW + timedelta(seconds=seconds)
    (message,) = messages.due_messages(database, "small", now)
    assert messages.claim_message(database, message, now)
    messages.note_failure(database, message.number, now, "503: no")


def test_a_message_is_written_once_for_each_change(database: Database) -> None:
    changes = [
        a_message(),
        a_message("quiet again", kind=MessageKind.CLOSED),
        a_message("another alarm", episode_id=2),
        a_message("promoted", **RESULT),
        a_message("refused", **RESULT | {"kind": MessageKind.REFUSED}),
    ]
    assert [write(database, *changes), write(database, *changes)] == [5, 0]
    assert due(database) == [one.text for one in changes]


def test_the_first_of_several_about_one_change_is_kept(database: Database) -> None:
    assert write(database, a_message("first"), a_message("second")) == 1
    assert write(database) == 0
    assert due(database) == ["first"]


def test_many_at_once_write_one_message_for_each_change(database: Database) -> None:
    both = [a_message(), a_message("promoted", **RESULT)]
    results = at_once([lambda: write(database, *both)] * 8)
    assert sorted(results) == [0] * 7 + [2]


def test_a_message_goes_with_the_transaction_of_what_it_tells(database: Database) -> None:
    with database.connect() as connection, connection.begin() as transaction:
        assert messages.write_messages(connection, [a_message()], "webhook") == 1
        transaction.rollback()
    assert messages_of(database, "small") == ()


def test_a_message_that_is_withheld_is_kept_and_never_sent(database: Database) -> None:
    write(database, a_message(withheld="the past is replayed"))
    assert write(database, a_message()) == 0
    assert due(database, 10**6) == []
    assert [one.withheld for one in messages_of(database, "small")] == ["the past is replayed"]


def test_messages_of_other_models_are_not_ours(database: Database) -> None:
    write(database, a_message(model_id="other"))
    assert due(database) == []
    assert messages_of(database, "small") == ()


def test_a_message_that_was_taken_is_not_due_again(database: Database) -> None:
    write(database, a_message())
    (message,) = messages.due_messages(database, "small", NOW)
    assert messages.claim_message(database, message, NOW)
    messages.note_sent(database, message.number, NOW)
    (sent,) = messages_of(database, "small")
    assert (sent.sent_at, sent.attempt, sent.error) == (NOW, 1, None)
    assert due(database, 10**6) == []
    assert not messages.claim_message(database, sent, NOW)


def test_of_many_senders_one_sends_a_message(database: Database) -> None:
    write(database, a_message())
    (message,) = messages.due_messages(database, "small", NOW)
    results = at_once([lambda: messages.claim_message(database, message, NOW)] * 8)
    assert sorted(results) == [False] * 7 + [True]


def test_a_message_whose_sender_died_is_due_after_the_pause(database: Database) -> None:
    write(database, a_message())
    (message,) = messages.due_messages(database, "small", NOW)
    messages.claim_message(database, message, NOW)
    assert [due(database, seconds) for seconds in (0, 29, 30)] == [[], [], ["mae alarms"]]


def test_pauses_double_up_to_an_hour(database: Database) -> None:
    write(database, a_message())
    moment = 0
    for pause in (30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600):
        fail(database, moment)
        assert due(database, moment + pause - 1) == []
        moment += pause
    assert due(database, moment) == ["mae alarms"]


def test_a_hundred_failures_are_still_one_message(database: Database) -> None:
    write(database, a_message())
    with database.begin() as connection:
        connection.execute(sa.update(tables.notification).values(attempt=100, tried_at=NOW))
    assert [due(database, 3599), due(database, 3600)] == [[], ["mae alarms"]]


def test_what_the_receiver_answered_is_kept(database: Database) -> None:
    write(database, a_message())
    fail(database)
    (row,) = rows_of(database, tables.notification)
    assert (row["attempt"], row["tried_at"], row["error"]) == (1, NOW, "503: no")
    assert row["channel"] == "webhook"


def test_a_muted_model_is_silent_until_then(database: Database) -> None:
    write(database, a_message())
    assert messages.muted_until(database, "small") is None
    messages.mute(database, "small", NOW + timedelta(seconds=60), "somebody")
    assert messages.muted_until(database, "small") == NOW + timedelta(seconds=60)
    assert [due(database, 59), due(database, 60)] == [[], ["mae alarms"]]


def test_muting_again_takes_the_place_of_the_first(database: Database) -> None:
    for seconds in (3600, -1):
        messages.mute(database, "small", NOW + timedelta(seconds=seconds), "somebody")
    write(database, a_message())
    assert due(database) == ["mae alarms"]
    assert len(rows_of(database, tables.mute)) == 1
