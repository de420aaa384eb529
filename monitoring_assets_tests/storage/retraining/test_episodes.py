"""Episodes: opened once, grown, closed once, and open again after that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Episode
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import episodes
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets_tests.storage.retraining.loop import an_episode, at_once
from monitoring_assets_tests.storage.samples import NOW, START
from monitoring_assets_tests.stored import episodes_of


def write(
    database: Database,
    *opened: Episode,
    grown: tuple[Episode, ...] = (),
    closed: tuple[Episode, ...] = (),
) -> tuple[Episode, ...]:
    with loop_transaction(database, "small") as connection:
        return episodes.write_episodes(connection, opened, grown, closed)


def closed_by_recovery(episode: Episode) -> Episode:
    return replace(episode, closed_at=NOW, closed_by="recovery")


def test_episodes_come_back_as_they_were_with_their_numbers(database: Database) -> None:
    stored = write(database, an_episode(), an_episode("dataset_drift"))
    assert [replace(one, episode_id=None) for one in stored] == [
        an_episode(),
        an_episode("dataset_drift"),
    ]
    assert episodes.open_episodes(database, "small") == stored
    assert [one.number for one in stored] == sorted({one.number for one in stored})


def test_one_that_is_open_is_not_opened_again(database: Database) -> None:
    (first,) = write(database, an_episode())
    assert write(database, an_episode(reason="again")) == ()
    assert episodes_of(database, "small") == (first,)


def test_many_who_open_the_same_one_open_it_once(database: Database) -> None:
    def open_it() -> int:
        with database.begin() as connection:
            return len(episodes.write_episodes(connection, [an_episode()], (), ()))

    assert sorted(at_once([open_it] * 8)) == [0] * 7 + [1]


def test_other_causes_segments_and_models_have_episodes_of_their_own(database: Database) -> None:
    others = [an_episode("drift/zone"), an_episode(segment="card"), an_episode(model_id="other")]
    assert len(write(database, an_episode(), *others)) == 4
    assert len(episodes.open_episodes(database, "small")) == 3


def test_an_episode_grows(database: Database) -> None:
    (one,) = write(database, an_episode())
    longer = replace(one, last_window=START + timedelta(days=3), alarming_windows=4)
    write(database, grown=(longer,))
    assert episodes.open_episodes(database, "small") == (longer,)


def test_a_closed_episode_makes_room_for_a_new_one_in_the_same_breath(database: Database) -> None:
    (first,) = write(database, an_episode())
    (second,) = write(database, an_episode(), closed=(closed_by_recovery(first),))
    assert episodes.open_episodes(database, "small") == (second,)
    assert episodes_of(database, "small") == (closed_by_recovery(first), second)


def test_a_closed_episode_changes_no_more(database: Database) -> None:
    (one,) = write(database, an_episode())
    done = closed_by_recovery(one)
    write(database, closed=(done,))
    write(database, grown=(replace(one, alarming_windows=9),))
    write(database, closed=(replace(done, closed_by="promotion"),))
    assert episodes_of(database, "small") == (done,)


def test_a_promotion_closes_all_open_episodes_of_its_model(database: Database) -> None:
    stored = write(database, an_episode(), an_episode("drift/zone"), an_episode(model_id="other"))
    with loop_transaction(database, "small") as connection:
        closed = episodes.close_all(connection, "small", "promotion", NOW)
    expected = [replace(one, closed_at=NOW, closed_by="promotion") for one in stored[:2]]
    assert list(closed) == expected
    assert episodes.open_episodes(database, "small") == ()
    assert episodes.open_episodes(database, "other") == stored[2:]


def test_an_error_leaves_everything_as_it_was(database: Database) -> None:
    (one,) = write(database, an_episode())
    with pytest.raises(StorageError, match=r"retraining of model 'small'.*nothing was written"):
        write(database, an_episode("drift/a\x00"), closed=(closed_by_recovery(one),))
    assert episodes_of(database, "small") == (one,)
