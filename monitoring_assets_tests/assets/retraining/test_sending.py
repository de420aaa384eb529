"""Messages: from a tick of the sensor to a receiver, good or bad, on a real Postgres."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitoring_assets.assets.retraining import sending
from monitoring_assets.records import Message, MessageKind
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import messages as queue
from monitoring_assets_tests.assets.retraining.awake import messages, telling
from monitoring_assets_tests.assets.retraining.receiver import (
    PRIVATE,
    WRONG,
    Receiver,
    receiving,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.story_model import MODEL, Plot, Story, opened

PLOT = Plot(breaks=(3,), windows=6)
"""Three good windows, then three bad ones."""

PAGES = "https://dagster.example/monitoring"
PAGE = f"{PAGES}/assets/story/model_quality?view=partitions&partition="

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def five_windows(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Three good windows and two bad ones."""
    with opened(new_database, None, tmp_path_factory.mktemp("five"), PLOT) as story:
        story.runner.set_up()
        story.compute(0, 4)
        yield story.database


@pytest.fixture(scope="module")
def six_windows(
    new_database: NewDatabase, five_windows: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Three good windows and three bad ones: the policy wants a retraining."""
    with opened(new_database, five_windows, tmp_path_factory.mktemp("six"), PLOT) as story:
        story.compute_one(5)
        yield story.database


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def story(
    new_database: NewDatabase,
    six_windows: Database,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Story]:
    """All six windows, a minute after the end of the last one."""
    monkeypatch.setenv("MONITORING_DAGSTER_PAGES", PAGES)
    with telling(new_database, six_windows, tmp_path, PLOT, receiver.address) as full:
        yield full.after(5)


def later(story: Story, seconds: float) -> Story:
    return story.after(5, timedelta(minutes=1, seconds=seconds))


def kinds(story: Story) -> list[str]:
    return [row["kind"] for row in messages(story)]


def test_an_alarm_and_a_retraining_arrive_as_slack_wants_them(
    story: Story, receiver: Receiver
) -> None:
    story.tick()
    assert {path for path, _ in receiver.requests} == {f"/services/{PRIVATE}"}
    assert {tuple(content) for _, content in receiver.requests} == {("text",)}
    assert any(
        text.startswith("story: mae alarms in 3 windows since 2025-03-04")
        for text in receiver.texts
    )
    assert receiver.texts[-1].startswith("story: a retraining starts for 2025-03-06, attempt 1")
    link = f"{PAGE}2025-03-06".replace("&", "&amp;")
    assert {text.splitlines()[-1] for text in receiver.texts} == {link}


def test_the_ui_itself_links_to_a_window_of_an_asset_in_this_form() -> None:
    package = find_spec("dagster_webserver")
    assert package is not None
    assert package.origin is not None
    chunks = Path(package.origin).parent.rglob("*.js")
    form = PAGE.removeprefix(f"{PAGES}/assets/story/model_quality")
    assert any(form in chunk.read_text(encoding="utf-8") for chunk in chunks)


def test_ten_ticks_tell_each_change_once(story: Story, receiver: Receiver) -> None:
    for number in range(10):
        later(story, 15 * number).tick()
    told = messages(story)
    assert len({(row["episode_id"], row["decision_id"], row["kind"]) for row in told}) == len(told)
    assert receiver.texts == [sending.slack_text(row["message"]) for row in told]
    assert {row["attempt"] for row in told} == {1}


def test_what_came_of_a_retraining_is_told(story: Story, receiver: Receiver) -> None:
    story.carry_out()
    assert kinds(story)[-1] == MessageKind.PROMOTED
    before = len(receiver.texts)
    for _ in range(3):
        story.tick()
    (text,) = receiver.texts[before:]
    assert text.startswith("story: version 2, trained for 2025-03-06, is promoted: mae ")


def test_a_model_without_retraining_tells_of_alarm_and_recovery(
    new_database: NewDatabase, five_windows: Database, receiver: Receiver, tmp_path: Path
) -> None:
    Plot(breaks=(), windows=6).write(tmp_path, 5, 6)
    plot = Plot(breaks=(3,), windows=5)
    with telling(
        new_database, five_windows, tmp_path, plot, receiver.address, retraining=None
    ) as watched:
        assert watched.after(4).asked() == []
        watched.compute_one(5)
        ended = watched.after(5)
        assert [ended.asked() for _ in range(2)] == [[], []]
        (row,) = messages(watched, kind=MessageKind.CLOSED)
        assert row["message"].startswith(
            "story: mae is quiet again in 2025-03-06, after 2 alarming"
        )
        assert row["message"] in receiver.texts
        assert watched.rows(tables.retraining_decision) == []


@pytest.mark.parametrize("behaviour", WRONG)
def test_a_receiver_that_does_not_take_messages_breaks_no_tick_and_is_tried_again(
    story: Story, receiver: Receiver, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.behaviour = behaviour
    with monkeypatch.context() as hurried:
        hurried.setattr(sending, "SECONDS", 1.2)
        assert story.asked() == ["retraining/1/1"]
    assert len(receiver.requests) == 1
    first, *others = messages(story)
    assert (first["attempt"], first["sent_at"], bool(first["error"])) == (1, None, True)
    assert {row["attempt"] for row in others} == {0}
    receiver.behaviour = "200"
    later(story, 31).tick()
    assert {row["sent_at"] for row in messages(story)} == {PLOT.begin(6) + timedelta(seconds=91)}
    assert {row["error"] for row in messages(story)} == {None}


def test_a_receiver_that_stays_down_is_tried_with_longer_and_longer_pauses(
    story: Story, receiver: Receiver
) -> None:
    with story.database.begin() as connection:
        queue.write_messages(connection, [a_message("down")], "webhook")
    receiver.behaviour = "500"
    runner = story.runner
    for seconds in range(0, 241, 15):
        clock = later(story, seconds).runner.resources["runtime"]
        sending.send_due(runner.spec, story.database, clock)
    assert receiver.texts == ["down"] * 4
    (row,) = messages(story)
    assert row["tried_at"] - PLOT.begin(6) == timedelta(minutes=1, seconds=210)


def a_message(text: str) -> Message:
    return Message(
        model_id=MODEL,
        kind=MessageKind.OPENED,
        text=text,
        created_at=datetime(2025, 3, 7, tzinfo=UTC),
        episode_id=99,
    )


@pytest.mark.parametrize("behaviour", [one for one in WRONG if one not in ("silent", "nobody")])
def test_nobody_reads_the_secret_part_of_the_address_anywhere(
    story: Story,
    receiver: Receiver,
    behaviour: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    receiver.behaviour = behaviour
    caplog.set_level(logging.DEBUG)
    result = story.tick()
    assert len(receiver.requests) == 1
    assert "was not taken" in "".join([*capfd.readouterr(), caplog.text])
    seen = [caplog.text, *capfd.readouterr(), repr(story.spec), repr(result), all_text(story)]
    assert [text for text in seen if PRIVATE in text] == []


def all_text(story: Story) -> str:
    """Return every row of every table of the database, as text."""
    found: list[str] = []
    with story.database.connect() as connection:
        names = sa.inspect(connection)
        for schema in names.get_schema_names():
            for name in names.get_table_names(schema):
                table = sa.table(name, schema=schema)
                found += map(str, connection.execute(sa.select(sa.text("*")).select_from(table)))
    assert any("story: mae alarms" in row for row in found)
    return "\n".join(found)


@pytest.mark.parametrize(
    ("behaviour", "kept"), [("404", "it answers 404: no_service"), ("echo", "it answers 404")]
)
def test_what_the_receiver_says_is_kept_if_it_is_a_word_and_not_the_address(
    story: Story, receiver: Receiver, behaviour: str, kept: str
) -> None:
    receiver.behaviour = behaviour
    story.tick()
    assert messages(story)[0]["error"] == kept


def test_a_redirection_is_not_followed(story: Story, receiver: Receiver) -> None:
    receiver.behaviour = "302"
    story.tick()
    assert [path for path, _ in receiver.requests] == [f"/services/{PRIVATE}"]
    assert messages(story)[0]["error"] == "it answers 302"


def test_models_do_not_wait_in_turn_for_a_receiver_that_hangs(
    story: Story, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 1.2)
    receiver.behaviour = "silent"
    for seconds in (0, 15, 29):
        later(story, seconds).tick()
    assert len(receiver.requests) == 1
    later(story, 31).tick()
    assert len(receiver.requests) == 2


def test_signs_that_slack_reads_as_its_own_arrive_as_text(story: Story, receiver: Receiver) -> None:
    with story.database.begin() as connection:
        queue.write_messages(connection, [a_message("<!channel> zone 'A&B' > 4")], "webhook")
    sending.send_due(story.spec, story.database, story.runner.resources["runtime"])
    assert receiver.texts == ["&lt;!channel&gt; zone 'A&amp;B' &gt; 4"]


def test_while_muted_messages_are_withheld_and_never_sent(story: Story, receiver: Receiver) -> None:
    until = PLOT.begin(6) + timedelta(hours=1)
    queue.mute(story.database, MODEL, until, "somebody")
    assert story.asked() == ["retraining/1/1"]
    withheld = messages(story)
    assert {row["withheld"] for row in withheld} == {"muted until 2025-03-07 01:00 UTC"}
    for hours in (2, 24):
        story.after(5, timedelta(hours=hours)).tick()
    assert receiver.requests == []
    assert [row["sent_at"] for row in messages(story)] == [None] * len(withheld)


def test_a_replay_withholds_what_it_tells(
    new_database: NewDatabase, six_windows: Database, tmp_path: Path, receiver: Receiver
) -> None:
    with telling(new_database, six_windows, tmp_path, PLOT, receiver.address) as awake:
        with opened(new_database, six_windows, tmp_path / "replay", PLOT) as replayed:
            told = Story(PLOT, type(replayed.runner)(awake.spec, replayed.database, tmp_path))
            assert told.after(5).asked() == ["retraining/1/1"]
            assert {row["withheld"] for row in messages(told)} == {"the past is replayed"}
        assert receiver.requests == []


def test_windows_of_long_ago_are_told_to_nobody(story: Story, receiver: Receiver) -> None:
    old = story.after(5, timedelta(days=4))
    assert [old.asked() for _ in range(2)] == [[], []]
    assert messages(story) == []
    assert receiver.requests == []
