"""An episode is opened by the first alarm of a run, and closed by recovery or a promotion."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitoring_assets.evaluation.retraining.episodes import EpisodeChanges, advance
from monitoring_assets.records import Episode
from monitoring_assets_tests.evaluation.retraining.story import (
    DAY,
    MAE,
    after,
    day,
    deployed,
    episode,
    looping,
    told,
)
from monitoring_assets_tests.specs import small_spec

NOTHING = EpisodeChanges()


def changes(
    story: str, *known: Episode, late: timedelta = timedelta(0), since: int | None = None
) -> EpisodeChanges:
    windows = told(story)
    deployment = None if since is None else deployed(since)
    return advance(looping(), known, windows, deployment, after(windows) + late)


def test_the_first_alarming_window_opens_an_episode() -> None:
    [opened] = changes("ooa").opened
    assert (opened.cause, opened.segment, opened.episode_id) == (MAE, "all", None)
    assert (opened.first_window, opened.last_window) == (day(2), day(2))
    assert (opened.alarming_windows, opened.opened_at) == (1, day(3))
    assert opened.reason == "quality/mae on 2"


def test_an_episode_that_is_found_late_begins_with_its_first_window() -> None:
    [opened] = changes("oaila").opened
    assert (opened.first_window, opened.last_window) == (day(1), day(4))
    assert opened.alarming_windows == 2


def test_quiet_windows_change_nothing() -> None:
    assert changes("oiulo-") == NOTHING


def test_more_alarming_windows_let_an_episode_grow() -> None:
    found = changes("oaal", episode(1, 1, 1))
    [grown] = found.grown
    assert (grown.first_window, grown.last_window) == (day(1), day(2))
    assert (grown.alarming_windows, grown.reason) == (2, "quality/mae on 2")
    assert found == EpisodeChanges(grown=(grown,))


def test_an_episode_begins_earlier_once_older_windows_before_it_are_computed() -> None:
    [grown] = changes("oaaa", episode(3, 3, 1)).grown
    assert (grown.first_window, grown.last_window, grown.alarming_windows) == (day(1), day(3), 3)
    assert changes("oa.a", episode(3, 3, 1)) == changes("aaoa", episode(3, 3, 1)) == NOTHING


def test_looking_again_changes_nothing() -> None:
    assert changes("oaal", episode(1, 2, 2)) == NOTHING


def test_what_lies_before_the_windows_at_hand_counts_as_it_is_stored() -> None:
    late = replace(episode(0, 0, 7), first_window=day(-10))
    assert changes("aa", late).grown[0].alarming_windows == 8


def test_the_first_ok_after_it_closes_an_episode() -> None:
    found = changes("oaaoo", episode(1, 2, 2))
    [closed] = found.closed
    assert (closed.closed_by, closed.closed_at) == ("recovery", day(5))
    assert found.recovered[MAE].window.start == day(3)
    assert not found.opened
    assert not found.grown


def test_recovery_closes_an_episode_however_long_ago_it_was() -> None:
    assert changes("oaao", episode(1, 2, 2), late=400 * DAY).closed


def test_an_episode_goes_on_across_a_gap_until_it_recovers() -> None:
    assert changes("aa.a", episode(0, 1, 2)).grown[0].alarming_windows == 3
    assert changes("aa.o", episode(0, 1, 2)).closed


def test_after_recovery_new_alarms_are_another_episode() -> None:
    found = changes("aaoa", episode(0, 1, 2))
    assert [one.first_window for one in found.opened] == [day(3)]
    assert [one.first_window for one in found.closed] == [day(0)]


@pytest.mark.parametrize(
    ("story", "by"), [("aaaa", "promotion"), ("aaao", "promotion"), ("aaoa", "recovery")]
)
def test_a_deployment_ends_the_episodes_of_the_version_before(story: str, by: str) -> None:
    [closed] = changes(story, episode(0, 1, 2), since=3).closed
    assert closed.closed_by == by


def test_alarms_of_an_earlier_version_open_no_episode() -> None:
    assert changes("aaa", since=3) == NOTHING
    assert changes("aaaa", since=3).opened[0].first_window == day(3)


def test_old_history_opens_no_episode() -> None:
    assert changes("aaa", late=3 * DAY).opened
    assert changes("aaa", late=3 * DAY + timedelta(seconds=1)) == NOTHING


def test_the_age_is_that_of_the_newest_alarming_window() -> None:
    assert changes("aalll").opened
    assert changes("aallll", late=timedelta(seconds=1)) == NOTHING


def test_corrected_labels_may_take_an_alarm_back() -> None:
    assert changes("oaa", episode(0, 2, 3)).grown[0].alarming_windows == 2
    assert changes("oll", episode(0, 0, 1)).closed[0].closed_by == "recovery"


def test_an_episode_of_a_segment_is_left_alone() -> None:
    other = replace(episode(1, 1, 1), segment="zone=7")
    assert changes("oo", other) == NOTHING
    assert len(changes("oa", other).opened) == 1


def test_causes_that_count_and_those_that_are_told_have_episodes_of_their_own() -> None:
    windows = told({MAE: "oa", "data_quality": "aa", "prediction_drift": "aa"})
    found = advance(looping(), (), windows, None, after(windows))
    assert [(one.cause, one.alarming_windows) for one in found.opened] == [
        (MAE, 1),
        ("data_quality", 2),
    ]


def test_an_episode_whose_cause_is_no_longer_watched_still_recovers() -> None:
    windows = told({"prediction_drift": "ao"})
    known = episode(0, 0, 1, cause="prediction_drift")
    assert advance(looping(), [known], windows, None, after(windows)).closed


@pytest.mark.parametrize("story", ["a", "aa"])
def test_a_model_that_is_not_retrained_has_episodes_too(story: str) -> None:
    windows = told(story)
    assert advance(small_spec(), (), windows, None, after(windows)).opened
