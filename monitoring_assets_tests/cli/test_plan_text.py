"""A plan in words: stretches of windows, rows, seconds, what is not known."""

import io

import pytest
from rich.console import Console

from monitoring_assets.assets.planning.costs import Costs
from monitoring_assets.assets.planning.plan import Plan
from monitoring_assets.assets.planning.reasons import WORDS, Reason
from monitoring_assets.cli.plan_text import in_words, plan_as_json, print_plan
from monitoring_assets.records import Layer
from monitoring_assets.storage.staleness import Pace
from monitoring_assets_tests.storage.samples import a_window

WINDOWS = tuple(a_window(day) for day in range(9))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([], ""),
        ([2], "2023-02-03"),
        ([0, 1, 2], "2023-02-01 to 2023-02-03"),
        ([0, 2, 3], "2023-02-01, 2023-02-03 to 2023-02-04"),
        ([0, 2, 4, 6, 7], "2023-02-01, 2023-02-03, 2023-02-05, and 1 more"),
    ],
)
def test_neighbouring_windows_are_one_stretch(days: list[int], words: str) -> None:
    assert in_words([WINDOWS[day] for day in days], WINDOWS) == words


def a_plan(seconds: float | None) -> Plan:
    paces = {} if seconds is None else {Layer.DATA_DRIFT: Pace(seconds=seconds)}
    return Plan(
        model_id="small",
        looked_at=WINDOWS,
        prepared={Layer.REFERENCE_DATA: Reason.YAML},
        windows={one: {Layer.DATA_DRIFT: Reason.UPSTREAM} for one in WINDOWS[:2]},
        kept=WINDOWS[7:],
        costs=Costs(paces, {}),
    )


def printed(plan: Plan) -> str:
    file = io.StringIO()
    print_plan(Console(file=file, width=200), plan)
    return file.getvalue()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "about 0.5 s, not counting what never ran (reference_data)"),
        (90.0, "about 3 min, not counting what never ran (reference_data)"),
        (None, "about 0.0 s, not counting what never ran (reference_data, data_drift)"),
    ],
)
def test_what_it_takes_is_said_as_far_as_it_is_known(seconds: float | None, words: str) -> None:
    assert f"in all 0 rows to read, {words}" in printed(a_plan(seconds))


def test_predictions_that_are_kept_are_named() -> None:
    assert "predictions of 2 windows (2023-02-08 to 2023-02-09) were made" in printed(a_plan(1.0))


def test_a_plan_for_programs_says_what_it_does_not_know() -> None:
    plain = plan_as_json(a_plan(None))
    assert [one["seconds"] for one in plain["out_of_date"]] == [None, None]
    assert plain["kept"] == ["2023-02-08", "2023-02-09"]


def test_every_reason_has_words() -> None:
    assert [*WORDS] == [*Reason]
