"""A reference that moves along over a history that was not computed in order."""

import pytest

from monitoring_assets.records import Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.classifier_model import Classifier
from monitoring_assets_tests.assets.rolling_model import DAYS, backfill, number, stale
from monitoring_assets_tests.stored import everything, rows_of

pytestmark = pytest.mark.slow


def test_over_a_hole_it_says_which_windows_to_compute_first(unbegun: Classifier) -> None:
    unbegun.runner.one(DAYS[5])
    target = unbegun.spec.columns.target
    stored = rows_of(unbegun.database, tables.drift_score)
    scores = [row for row in stored if row["column_name"] != target]
    for row in [*scores, *rows_of(unbegun.database, tables.dataset_drift)]:
        assert row["verdict"] == Verdict.INSUFFICIENT_DATA
        assert f"{DAYS[5]} is compared with the 3 windows before it, of which 0" in row["reason"]
        assert f"compute windows from {DAYS[2]} 00:00 UTC on first" in row["reason"]
    assert {(row["score"], row["n_reference"]) for row in scores} == {(None, 0)}
    (window,) = rows_of(unbegun.database, tables.window)
    assert (window["partition_key"], window["status"]) == (DAYS[5], "complete")


def test_a_window_judged_for_want_of_history_is_stale_once_an_earlier_one_is_computed(
    unbegun: Classifier,
) -> None:
    unbegun.runner.one(DAYS[5])
    assert stale(unbegun) == []
    unbegun.runner.one(DAYS[2])
    assert stale(unbegun) == [DAYS[5]]


def test_windows_without_history_do_not_keep_the_others_of_a_run_from_being_judged(
    unbegun: Classifier,
) -> None:
    unbegun.runner.span(DAYS[3], DAYS[6])
    rows = {day: number(unbegun, day, tables.dataset_drift) for day in DAYS[3:]}
    lacking = [day for day in rows if rows[day]["verdict"] == Verdict.INSUFFICIENT_DATA]
    assert lacking == DAYS[3:5], "0 and 1 of the 3 windows before; the next one has 2"


def test_the_backfill_command_over_a_hole_goes_on_and_judges_anew_once_it_is_filled(
    unbegun: Classifier, rolling_full: Database
) -> None:
    assert backfill(unbegun, "--start", DAYS[5], "--end", DAYS[6]).code == 0
    lacking = number(unbegun, DAYS[5], tables.dataset_drift)
    assert lacking["verdict"] == Verdict.INSUFFICIENT_DATA
    done = backfill(unbegun)
    assert done.code == 0, done.errors
    assert stale(unbegun) == []
    assert everything(unbegun.database) == everything(rolling_full)


def test_a_window_judged_by_most_of_the_windows_before_it_is_judged_anew_by_all(
    unbegun: Classifier, rolling_full: Database
) -> None:
    unbegun.runner.span(DAYS[0], DAYS[1])
    unbegun.runner.one(DAYS[3])
    row = number(unbegun, DAYS[3], tables.drift_score, column_name="distance")
    assert row["n_reference"] == 2 * 120
    assert backfill(unbegun).code == 0
    assert everything(unbegun.database) == everything(rolling_full)
