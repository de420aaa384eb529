"""What a retraining has made: its rows, its candidate, its comparison."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.errors import ArtifactError, StorageError
from monitoring_assets.records import MetricComparison, ModelVersion, TrainingSet
from monitoring_assets.storage import models, tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import comparisons, training_sets, versions
from monitoring_assets_tests.storage.retraining.loop import (
    REFUSED,
    a_champion,
    a_decision,
    at_once,
    conclude,
    decide,
)
from monitoring_assets_tests.storage.samples import START, number_of
from monitoring_assets_tests.storage.test_models import CONTENT, a_version, store

MAE = MetricComparison(
    segment="all",
    metric="mae",
    rows=900,
    champion=4.41,
    challenger=1.98,
    gain=0.55,
    gain_low=0.52,
    gain_high=0.58,
)
USED = TrainingSet(
    decision_id=5,
    model_id="small",
    start=START,
    end=START + timedelta(days=3),
    windows=(START, START + timedelta(days=2)),
    training_rows=700,
    holdout_rows=300,
    data_hash="d" * 32,
)


def a_candidate(decision: int | None = 5, **changes: Any) -> ModelVersion:
    return a_version("", decision_id=decision, data_hash="d" * 32, **changes)


def save(database: Database, decision: int | None = 5, **changes: Any) -> ModelVersion:
    return versions.save_candidate(database, a_candidate(decision, **changes), CONTENT)


def test_candidates_are_named_by_the_next_whole_number(database: Database) -> None:
    a_champion(database)
    for name in ("9", "best", "²"):
        store(database, a_version(name))
    assert [save(database, number).model_version for number in (5, 6)] == ["10", "11"]
    assert save(database, 7, model_id="other").model_version == "1"


def test_a_candidate_comes_back_as_it_was(database: Database) -> None:
    saved = save(database)
    assert saved == replace(a_candidate(), model_version="1")
    assert versions.version_of_decision(database, 5) == saved
    assert models.read_model_version(database, "small", "1") == saved
    assert versions.version_of_decision(database, 6) is None


def test_a_retraining_that_is_tried_again_gives_the_version_it_gave(database: Database) -> None:
    first = save(database)
    assert save(database, training_rows=1) == first
    assert number_of(database, tables.model_version) == 1


def test_many_at_once_get_numbers_without_gap_and_one_decision_one_version(
    database: Database,
) -> None:
    works = [lambda number=number: save(database, number) for number in (1, 2, 3, 4) for _ in "ab"]
    found = at_once(works)
    assert sorted(one.model_version for one in found if isinstance(one, ModelVersion)) == list(
        "11223344"
    )
    assert number_of(database, tables.model_version) == 4


def test_a_candidate_without_a_decision_is_refused(database: Database) -> None:
    with pytest.raises(StorageError, match="a candidate belongs to a retraining"):
        save(database, None)


def test_a_file_that_is_not_the_recorded_one_gives_no_version(database: Database) -> None:
    with pytest.raises(ArtifactError, match="nothing was stored"):
        versions.save_candidate(database, a_candidate(), CONTENT + b"!")
    assert number_of(database, tables.model_version) == 0


def test_a_version_waits_for_its_result_before_it_is_mirrored_and_is_mirrored_once(
    database: Database,
) -> None:
    a_champion(database)
    number = decide(database, a_decision())
    save(database, number)
    waiting = [one.model_version for one, _ in versions.unmirrored(database, "small")]
    conclude(database, number, REFUSED, "worse")
    versions.note_mirror(database, "small", "1", "run-1")
    after = [one.model_version for one, _ in versions.unmirrored(database, "small")]
    assert (waiting, after) == (["1", "2", "3"], ["2", "3", "4"])


def test_the_rows_of_a_retraining_come_back_and_are_replaced(database: Database) -> None:
    assert training_sets.read_training_set(database, 5) is None
    for used in (USED, replace(USED, training_rows=701, windows=())):
        training_sets.save_training_set(database, used)
        assert training_sets.read_training_set(database, 5) == used
    assert number_of(database, tables.training_set) == 1


def test_a_comparison_comes_back_and_is_replaced(database: Database) -> None:
    none = replace(MAE, metric="r2", gain=None, gain_low=None, gain_high=None, reason="no spread")
    card = replace(none, segment="card", champion=None, challenger=None, rows=0)
    for found in ([card, none, MAE], [MAE]):
        comparisons.save_comparisons(database, ("small", 5), ("1", "2"), found)
        assert set(comparisons.read_comparisons(database, 5)) == set(found)
    assert comparisons.compared_versions(database, 5) == ("1", "2")


def test_nothing_is_compared_before_it_is(database: Database) -> None:
    assert comparisons.read_comparisons(database, 5) == ()
    assert comparisons.compared_versions(database, 5) is None


def test_two_runs_that_compare_at_once_leave_one_comparison(database: Database) -> None:
    both = [MAE, replace(MAE, metric="rmse")]

    def compare() -> None:
        comparisons.save_comparisons(database, ("small", 5), ("1", "2"), both)

    assert at_once([compare] * 6) == [None] * 6
    assert comparisons.read_comparisons(database, 5) == tuple(both)


def test_a_number_that_is_not_finite_is_refused_and_what_was_there_stays(
    database: Database,
) -> None:
    comparisons.save_comparisons(database, ("small", 5), ("1", "2"), [MAE])
    broken = replace(MAE, gain=float("inf"))
    with pytest.raises(StorageError, match="finite"):
        comparisons.save_comparisons(database, ("small", 5), ("1", "3"), [broken])
    assert comparisons.read_comparisons(database, 5) == (MAE,)
    with database.connect() as connection:
        found = connection.execute(sa.select(tables.model_comparison.c.challenger_version))
        assert found.scalars().all() == ["2"]
