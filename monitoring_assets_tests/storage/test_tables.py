"""Declared tables: keys, comments, and the rules that a row has to keep."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables.base import METADATA
from monitoring_assets.storage.views import VIEWS
from monitoring_assets_tests.storage.samples import START, a_score

KEYS = {
    "model": "model_id",
    "column_dictionary": "model_id column_name",
    "segment": "model_id segment",
    "computation": "id",
    "window": "model_id granularity window_start",
    "rows_outside_windows": "model_id reason",
    "label_watermark": "model_id",
    "reference": "model_id reference_version",
    "bins": "model_id column_name bins_version",
    "reference_profile": "model_id reference_version segment column_name",
    "window_profile": "model_id granularity window_start segment column_name",
    "quality_profile": "model_id granularity window_start segment model_version",
    "drift_score": "model_id granularity window_start segment column_name method reference_version",
    "dataset_drift": "model_id granularity window_start segment reference_version",
    "data_quality": "model_id granularity window_start segment column_name metric",
    "model_quality": (
        "model_id granularity window_start segment metric class_name kind model_version"
    ),
    "model_quality_history": "",
    "model_version": "model_id model_version",
    "artifact": "sha256",
    "deployment": "model_id valid_from",
    "episode": "id",
    "training_set": "decision_id",
    "model_comparison": "decision_id segment metric",
    "mute": "model_id",
    "retraining_decision": "id",
    "notification": "id",
    "planted_change": "model_id name",
    "row_table": "model_id kind version",
}


def test_every_table_has_the_key_that_others_rely_on() -> None:
    declared = {
        table.name: " ".join(column.name for column in table.primary_key)
        for table in METADATA.sorted_tables
    }
    assert declared == KEYS


def test_every_table_and_every_column_says_what_it_is() -> None:
    silent = [table.name for table in METADATA.sorted_tables if not table.comment]
    for table in METADATA.sorted_tables:
        silent += [f"{table.name}.{column.name}" for column in table.c if not column.comment]
    assert silent == []


def test_every_view_and_every_column_of_it_says_what_it_is() -> None:
    silent = [view.name for view in VIEWS if not view.comment]
    for view in VIEWS:
        comments = view.column_comments()
        assert list(comments) == [column.name for column in view.table.c]
        silent += [f"{view.name}.{name}" for name, text in comments.items() if len(text) < 10]
    assert silent == []


def test_every_table_is_exported() -> None:
    exported = {name for name, value in vars(tables).items() if isinstance(value, sa.Table)}
    assert exported == {table.name for table in METADATA.sorted_tables}


@pytest.mark.parametrize(
    "broken",
    [
        {"score": float("nan")},
        {"score": float("inf")},
        {"threshold": float("-inf")},
        {"score": None},
        {"verdict": "fine"},
        {"reason": ""},
        {"segment": None},
    ],
    ids=str,
)
def test_a_number_without_meaning_is_refused(database: Database, broken: dict[str, Any]) -> None:
    row = vars(a_score()) | {
        "model_id": "small",
        "granularity": "day",
        "window_start": START,
        "computation_id": 1,
    }
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(sa.insert(tables.drift_score), [row | broken])


def test_a_missing_number_is_fine_with_a_verdict_that_explains_it(database: Database) -> None:
    row = vars(a_score(score=None, verdict="insufficient_data")) | {
        "model_id": "small",
        "granularity": "day",
        "window_start": START,
        "computation_id": 1,
    }
    with database.begin() as connection:
        connection.execute(sa.insert(tables.drift_score), [row])
        stored = connection.execute(sa.select(tables.drift_score.c.verdict)).scalar_one()
    assert stored == "insufficient_data"
