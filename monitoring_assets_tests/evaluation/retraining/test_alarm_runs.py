"""Only complete windows side by side, of the champion in force, make a run of alarms."""

import pytest

from monitoring_assets.evaluation.retraining.alarm_runs import alarm_run, trailing
from monitoring_assets_tests.evaluation.retraining.story import MAE, day, told


def lengths(story: str, since: int | None = None) -> tuple[int, int]:
    """Return how many windows count, and how many of them alarm in a row."""
    stretch = trailing(told(story), None if since is None else day(since))
    run = alarm_run(stretch, MAE)
    return len(stretch), run.alarming if run else 0


def test_all_windows_side_by_side_count() -> None:
    assert lengths("oaa") == (3, 2)
    assert lengths("") == (0, 0)


def test_a_missing_window_ends_the_run() -> None:
    assert lengths("aaa.aa") == (2, 2)
    assert lengths("aaa.") == (3, 3)  # the newest window is the newest that is complete


def test_windows_that_an_earlier_version_scored_do_not_count() -> None:
    assert lengths("aaaa", since=2) == (2, 2)
    assert lengths("aaaa", since=4) == (0, 0)


def test_a_window_that_began_before_the_deployment_is_an_earlier_versions() -> None:
    windows = told("aaa")
    assert len(trailing(windows, day(1))) == 2
    assert len(trailing(windows, day(1) + (day(1) - day(0)) / 2)) == 1


@pytest.mark.parametrize("letter", "ilu-")
def test_a_window_without_a_verdict_neither_counts_nor_interrupts(letter: str) -> None:
    assert lengths(f"oa{letter}a{letter}")[1] == 2


def test_ok_interrupts() -> None:
    assert lengths("aaoa")[1] == 1
    assert lengths("aaao")[1] == 0


def test_a_run_names_its_first_and_last_alarming_window_and_what_the_last_one_says() -> None:
    run = alarm_run(told("oialali"), MAE)
    assert run is not None
    assert (run.first.start, run.last.start, run.alarming) == (day(2), day(4), 2)
    assert run.reason == "quality/mae on 4"


def test_causes_have_runs_of_their_own() -> None:
    windows = told({MAE: "aaoa", "dataset_drift": "oaaa"})
    runs = [alarm_run(windows, cause) for cause in (MAE, "dataset_drift", "prediction_drift")]
    assert [run and run.alarming for run in runs] == [1, 3, None]
