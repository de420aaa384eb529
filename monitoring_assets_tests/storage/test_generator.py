"""Invented history: of the promised size, the same every time, and of a mix as it occurs."""

from collections import Counter
from typing import Any

import pytest

from monitoring_assets.records import WindowStatus
from monitoring_assets.storage import tables
from monitoring_assets.storage.computations import is_complete, newest_computations
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.generator import generate
from monitoring_assets.storage.ledger import windows_of
from monitoring_assets.storage.profiles import read_window_profiles
from monitoring_assets.storage.references import read_bins
from monitoring_assets.storage.registry import register_model
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.dashboard_questions import newest_verdicts
from monitoring_assets_tests.storage.samples import NOW, number_of, rows_of


@pytest.fixture
def written(database: Database) -> dict[str, int]:
    return generate(database, models=10, days=30, columns=6)


def test_every_table_of_results_is_filled(database: Database, written: dict[str, int]) -> None:
    windows = 10 * 30
    assert written["drift_score"] == windows * 6
    assert written["window_profile"] == windows * (6 + 5)
    assert written["dataset_drift"] == written["window"] == windows
    assert written["computation"] == windows * 7
    assert written == {name: number_of(database, getattr(tables, name)) for name in written}


def test_the_same_arguments_give_the_same_rows(database: Database) -> None:
    def scores() -> list[dict[str, Any]]:
        generate(database, models=2, days=9, columns=4)
        rows = [row | {"computation_id": 0} for row in rows_of(database, tables.drift_score)]
        return sorted(
            rows, key=lambda row: (row["model_id"], row["window_start"], row["column_name"])
        )

    assert scores() == scores()


def test_all_verdicts_that_occur_occur(database: Database, written: dict[str, int]) -> None:
    verdicts = Counter(row["verdict"] for row in rows_of(database, tables.drift_score))
    assert sorted(verdicts) == ["alarm", "insufficient_data", "ok"]
    assert verdicts["ok"] > written["drift_score"] / 2


def test_windows_are_as_complete_as_they_say(database: Database, written: dict[str, int]) -> None:
    states = windows_of(database, "generated_010")
    with database.connect() as connection:
        newest = newest_computations(SqlTransaction(connection), states[0].window)
    assert is_complete(newest)
    assert [state.status for state in states[-2:]] == ["complete", "incomplete"]
    assert written["model"] == len({one.model_id for one in newest_verdicts(database)})


def test_generated_profiles_and_bins_can_be_read(
    database: Database, written: dict[str, int]
) -> None:
    window = windows_of(database, "generated_001", status=WindowStatus.COMPLETE)[0].window
    profiles = read_window_profiles(database, window)
    bins = read_bins(database, "generated_001")
    assert len(profiles) == written["window_profile"] / 300
    assert {name: one.size for name, one in bins.items()} == dict.fromkeys(bins, 20)


def test_real_models_are_left_alone(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    for _ in range(2):
        generate(database, models=1, days=1, columns=2)
    found = {row["model_id"] for row in rows_of(database, tables.model)}
    assert found == {"small", "generated_001"}
