"""What windows would have said at a moment: labels count from when they were known."""

from dataclasses import replace
from typing import Any, Final

import pytest

from monitoring_assets.evaluation.retraining.as_known import (
    as_known,
    labelled_as_known,
    labels_by,
    steps_as_known,
)
from monitoring_assets.evaluation.retraining.rehearsal import rehearse
from monitoring_assets.records import Finding, LabelArrivals, RetrainingResult, Verdict
from monitoring_assets_tests.evaluation.retraining.story import (
    MAE,
    ROWS,
    always,
    day,
    labelled,
    looping,
    steps,
    told,
)
from monitoring_assets_tests.specs import small_spec

SPEC: Final = looping()
PROMOTED: Final = always(RetrainingResult.PROMOTED)
STORY: Final = "oooaaaaaa"


def arrivals(windows: int, **after: int) -> dict[Any, LabelArrivals]:
    """Return that so many labels (`_449`) of each window are known so many days after its start."""
    return {
        day(one): LabelArrivals(
            scored=ROWS,
            moments=tuple(day(one + days) for days in after.values()),
            labels=tuple(int(name[1:]) for name in after),
        )
        for one in range(windows)
    }


def said(now: int, **after: int) -> Finding:
    (window,) = as_known(SPEC, told("a"), arrivals(1, **after), day(now))
    return window.findings[MAE]


def looks(number: int) -> list[Any]:
    return [(place, day(place + 1)) for place in range(number)]


def test_a_verdict_counts_from_the_moment_when_enough_labels_were_known() -> None:
    found = [said(now, _449=2, _450=4).verdict for now in range(1, 6)]
    assert found == [Verdict.LABELS_IMMATURE] * 3 + [Verdict.ALARM] * 2


def test_until_then_it_says_what_is_missing_as_the_window_itself_does() -> None:
    assert said(1, _449=2).reason == "no label of this window is known yet"
    assert said(2, _449=2).reason == "89.8 % of scored rows have a label, 90 % are needed"
    assert said(4, _449=2, _450=4) == told("a")[0].findings[MAE]


def test_with_another_share_it_takes_other_labels() -> None:
    spec = small_spec(retraining={}, quality={"mature_share": 0.2})
    late = arrivals(1, _99=2, _100=3)
    found = [as_known(spec, told("a"), late, day(now))[0].findings[MAE] for now in (2, 3)]
    assert [one.verdict for one in found] == [Verdict.LABELS_IMMATURE, Verdict.ALARM]


def test_no_label_at_all_is_never_enough() -> None:
    spec = small_spec(retraining={}, quality={"mature_share": 0})
    (found,) = as_known(spec, told("a"), arrivals(1, _1=3), day(2))
    assert found.findings[MAE].verdict is Verdict.LABELS_IMMATURE


def test_only_what_rests_on_labels_waits_for_them() -> None:
    causes = ("quality/mae", "quality/r2", "drift/minutes", "drift/distance", "dataset_drift")
    windows = told(dict.fromkeys((*causes, "data_quality"), "a"), {0: {"zone": "is missing"}})
    (found,) = as_known(SPEC, windows, arrivals(1, _500=3), day(2))
    alarming = {one for one, said in found.findings.items() if said.verdict is Verdict.ALARM}
    assert alarming == {"drift/distance", "dataset_drift", "data_quality"}
    assert (list(found.findings), found.broken) == ([*windows[0].findings], windows[0].broken)


def test_labels_are_counted_as_they_were_known() -> None:
    late = arrivals(2, _200=2, _450=4)
    windows = told("aaa")
    assert [one.labelled for one in as_known(SPEC, windows, late, day(4))] == [450, 200, ROWS]
    known = labelled_as_known(labelled(windows), late, day(4))
    assert [one.labelled for one in known] == [450, 200, ROWS]
    assert labels_by(late[day(0)], day(1)) == 0


def test_a_window_whose_labels_were_always_known_is_left_as_it_is() -> None:
    windows = told("aoi")
    assert as_known(SPEC, windows, {}, day(0)) == windows
    assert labelled_as_known(labelled(windows), {}, day(0)) == labelled(windows)


def test_steps_without_late_labels_are_those_of_the_windows() -> None:
    windows = told(STORY)
    found = steps_as_known(SPEC, windows, {}, looks(9), 400)
    assert [replace(one, windows=tuple(one.windows)) for one in found] == [*steps(windows)]


@pytest.mark.parametrize("most", [1, 3, 400])
def test_each_step_has_the_newest_windows_as_they_were_known(most: int) -> None:
    windows, late = told(STORY), arrivals(8, _100=2, _450=4, _500=6)
    for place, step in enumerate(steps_as_known(SPEC, windows, late, looks(9), most)):
        past = windows[: place + 1]
        assert tuple(step.windows) == as_known(SPEC, past, late, step.now)[-most:]
        assert step.known == labelled_as_known(labelled(past), late, step.now)


def test_a_history_that_is_walked_from_its_middle_knows_what_came_before() -> None:
    windows, late = told(STORY), arrivals(9, _450=3)
    (step,) = steps_as_known(SPEC, windows, late, [(8, day(9))], 400)
    assert [one.labelled for one in step.known] == [450] * 7 + [0, 0]
    assert step.windows[-1].findings[MAE].verdict is Verdict.LABELS_IMMATURE


def test_labels_of_windows_that_are_not_looked_at_change_nothing() -> None:
    others = {day(number): LabelArrivals(scored=10) for number in (-3, 40)}
    found = steps_as_known(SPEC, told(STORY), others, looks(9), 400)
    assert rehearse(SPEC, found, PROMOTED) == rehearse(SPEC, steps(told(STORY)), PROMOTED)


def test_a_retraining_is_decided_when_the_third_bad_window_is_known() -> None:
    late = steps_as_known(SPEC, told(STORY), arrivals(9, _500=3), looks(9), 400)
    decided = [rehearse(SPEC, found, PROMOTED)[0] for found in (late, steps(told(STORY)))]
    assert [one.window.start for one in decided] == [day(7), day(5)]
    assert [one.evidence["last_window"] for one in decided] == ["2025-03-06"] * 2
