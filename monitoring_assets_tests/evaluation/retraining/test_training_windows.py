"""The windows a new version learns from."""

from typing import Any

import pytest

from monitoring_assets.evaluation.retraining.training_windows import training_span
from monitoring_assets.records import LabelledWindow
from monitoring_assets_tests.evaluation.retraining.story import day, looping, window
from monitoring_assets_tests.specs import small_spec

KNOWN = tuple(
    LabelledWindow(window=window(number), labelled=rows)
    for number, rows in enumerate([100, 100, 0, 100, 50, 0])
)


def days_used(episode_start: int = 3, **policy: Any) -> list[int]:
    found = training_span(looping(**policy), day(episode_start), KNOWN)
    return [(one.window.start - day(0)).days for one in found]


def test_by_default_it_learns_from_the_windows_since_the_episode_began() -> None:
    assert days_used() == [3, 4]
    assert days_used(episode_start=1) == [1, 3, 4]


def test_all_windows_are_learned_from_where_the_span_expands() -> None:
    assert days_used(training_span="expanding") == [0, 1, 3, 4]


@pytest.mark.parametrize(("count", "expected"), [(1, [4]), (3, [1, 3, 4]), (9, [0, 1, 3, 4])])
def test_the_last_windows_are_the_last_that_have_labels(count: int, expected: list[int]) -> None:
    assert days_used(training_span="last_windows", last_windows=count) == expected


def test_an_episode_without_labels_gives_no_window() -> None:
    assert days_used(episode_start=5) == []
    assert training_span(looping(), day(0), ()) == ()


def test_a_person_can_train_a_model_that_has_no_policy_on_all_windows() -> None:
    assert len(training_span(small_spec(), day(3), KNOWN)) == 4
