"""A reference that moves along over a history that was not computed in order."""

import pytest

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.classifier_model import Classifier
from monitoring_assets_tests.assets.rolling_model import DAYS, backfill, number, stale
from monitoring_assets_tests.dagster_runs import failures_of
from monitoring_assets_tests.stored import everything, rows_of

pytestmark = pytest.mark.slow


def test_over_a_hole_it_says_which_windows_to_compute_first(unbegun: Classifier) -> None:
    (said,) = failures_of(unbegun.runner.one(DAYS[5], raises=False))
    assert "'small'" in said
    assert f"window {DAYS[5]} is compared with the 3 windows before it, of which 0 have" in said
    assert f"compute windows from {DAYS[2]} 00:00 UTC on first" in said
    assert rows_of(unbegun.database, tables.drift_score) == []
    (window,) = rows_of(unbegun.database, tables.window)
    assert (window["partition_key"], window["status"]) == (DAYS[5], "incomplete")


def test_the_backfill_command_over_a_hole_says_it_too_and_then_fills_it(
    unbegun: Classifier, rolling_full: Database
) -> None:
    failed = backfill(unbegun, "--start", DAYS[5], "--end", DAYS[6])
    assert failed.code == 1
    assert f"{DAYS[5]} to {DAYS[6]}" in failed.errors
    assert f"compute windows from {DAYS[2]} 00:00 UTC on first" in failed.errors
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
