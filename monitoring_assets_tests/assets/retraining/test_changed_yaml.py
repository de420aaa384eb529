"""A YAML that changes after a promotion, and windows that are computed again after one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.retraining.loop_model import (
    AFTER,
    BAD,
    BEFORE,
    LATER,
    Loop,
    opened,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import failures_of

pytestmark = pytest.mark.slow

METHOD = {"numerical: {method: kolmogorov_smirnov}": "numerical: {method: missing_share_change}"}


@pytest.fixture
def changed(
    new_database: NewDatabase, promoted_template: Database, tmp_path: Path
) -> Iterator[Loop]:
    """The promoted model, whose YAML measures drift of numbers otherwise by now."""
    with opened(new_database, promoted_template, tmp_path, METHOD, LATER) as loop:
        yield loop


def newest(loop: Loop) -> dict[str | None, int]:
    """Return for whom references were measured, and the newest one of each."""
    rows = sorted(loop.rows(tables.reference), key=lambda row: row["reference_version"])
    return {row["for_model_version"]: row["reference_version"] for row in rows}


def test_both_references_are_measured_anew(changed: Loop) -> None:
    assert newest(changed) == {None: 1, "2": 2}
    changed.runner.set_up()
    assert {*newest(changed)} == {None, "2"}
    assert {*newest(changed).values()} == {3, 4}


def test_measuring_again_changes_nothing(changed: Loop) -> None:
    changed.runner.set_up()
    before = changed.rows(tables.reference)
    changed.runner.set_up()
    assert changed.rows(tables.reference) == before


def test_the_rows_of_a_version_are_those_it_learned_from_still(changed: Loop) -> None:
    changed.runner.set_up()
    sizes = {
        row["reference_version"]: (row["rows"], row["quality"]["metrics"])
        for row in changed.rows(tables.reference)
    }
    found = newest(changed)
    assert sizes[found["2"]] == sizes[2]
    assert sizes[found[None]] == sizes[1]


def test_windows_of_each_time_are_judged_by_the_reference_of_theirs(changed: Loop) -> None:
    changed.runner.set_up()
    found = newest(changed)
    changed.runner.span(BEFORE[0], AFTER[-1], [Layer.DATA_DRIFT])
    for day in (*BEFORE, *BAD, *AFTER):
        expected = found["2"] if day in AFTER else found[None]
        row = changed.of_day(
            tables.drift_score,
            day,
            column_name="trip_distance",
            segment="all",
            deciding=True,
            reference_version=expected,
        )
        assert row["method"] == "missing_share_change"


def test_no_window_is_judged_before_the_references_are_measured(changed: Loop) -> None:
    result = changed.runner.one(AFTER[0], [Layer.DATA_DRIFT], raises=False)
    (failure,) = failures_of(result)
    assert ReferenceMissingError.__name__ in failure
    assert "materialize quick/reference_data once" in failure


def test_an_old_window_computed_again_is_what_it_was(promoted: Loop) -> None:
    before = promoted.until(AFTER[-1])
    promoted.runner.span(BEFORE[0], AFTER[-1])
    assert promoted.until(AFTER[-1]) == before
