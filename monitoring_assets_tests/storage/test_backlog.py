"""Windows that should have had enough labels: counted from the moment their delay is over."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.records import LabelCounts, Layer, WindowCounts
from monitoring_assets.storage import tables
from monitoring_assets.storage.backlog import LabelBacklog, label_backlog
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.registry import register_model
from monitoring_assets.storage.views.labels import LABEL_BACKLOG
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import (
    NOW,
    a_computation,
    a_window,
    compute_all_layers,
    rows_of,
)

DELAY = timedelta(days=3)
NONE = LabelBacklog(
    model_id="small",
    granularity="day",
    expected_label_delay=DELAY,
    mature_share=0.75,
    windows=0,
    oldest_window_start=None,
    newest_window_start=None,
    labels_missing=0,
)


@pytest.fixture(autouse=True)
def _declared(database: Database) -> None:
    """Declare a model whose labels should be there after three days, three quarters of them."""
    late = {"labels": {"expected_delay": "3 days"}, "quality": {"mature_share": 0.75}}
    register_model(database, small_spec(**late), NOW)


def window_with(database: Database, day: int, scored: int, labels: int, **changes: Any) -> None:
    """Store a complete window of which so many rows have a label."""
    window = replace(a_window(day), **changes)
    compute_all_layers(database, window)
    coverage = labels / scored if scored else None
    found = LabelCounts(labels=labels, coverage=coverage, newest_knowledge_time=None)
    replace_window(
        database,
        a_computation(Layer.MODEL_QUALITY, window),
        [],
        WindowCounts(rows_read=scored, rows_scored=scored),
        found,
    )


def due(day: int) -> datetime:
    return a_window(day).end + DELAY


def test_a_window_is_overdue_from_the_end_of_its_delay_on(database: Database) -> None:
    window_with(database, 0, scored=100, labels=74)
    [before] = label_backlog(database, due(0) - timedelta(microseconds=1))
    [after] = label_backlog(database, due(0))
    start = a_window(0).start
    assert before == NONE
    assert after == replace(
        NONE, windows=1, oldest_window_start=start, newest_window_start=start, labels_missing=26
    )


def test_of_several_windows_the_oldest_the_newest_and_all_missing_labels_are_told(
    database: Database,
) -> None:
    for day, labels in ((4, 10), (1, 0), (2, 75), (3, 100), (8, 0)):
        window_with(database, day, scored=100, labels=labels)
    [backlog] = label_backlog(database, due(4))
    assert backlog == replace(
        NONE,
        windows=2,
        oldest_window_start=a_window(1).start,
        newest_window_start=a_window(4).start,
        labels_missing=190,
    )


def test_windows_without_rows_not_complete_or_of_another_length_do_not_count(
    database: Database,
) -> None:
    window_with(database, 0, scored=0, labels=0)
    window_with(database, 1, scored=100, labels=0)
    replace_window(database, a_computation(Layer.LABELS, a_window(1)), [])
    window_with(database, 2, scored=100, labels=0, granularity="week")
    window_with(database, 3, scored=100, labels=0, model_id="other")
    assert label_backlog(database, NOW) == [NONE]


def test_only_models_that_say_when_and_are_not_retired_have_a_backlog(database: Database) -> None:
    register_model(database, small_spec(model_id="silent"), NOW)
    late = {"labels": {"expected_delay": "1 hours"}}
    register_model(database, small_spec(model_id="another", **late), NOW)
    assert [one.model_id for one in label_backlog(database, NOW)] == ["another", "small"]
    assert [one.model_id for one in label_backlog(database, NOW, "small")] == ["small"]
    assert label_backlog(database, NOW, "silent") == []
    with database.begin() as connection:
        connection.execute(sa.update(tables.model).values(retired_at=NOW))
    assert label_backlog(database, NOW) == []


def test_the_view_says_the_same_of_the_present(database: Database) -> None:
    window_with(database, 0, scored=100, labels=74)
    with database.connect() as connection:
        now = connection.execute(sa.select(sa.func.now())).scalar_one()
    [row] = rows_of(database, LABEL_BACKLOG.table)
    assert [LabelBacklog(**row)] == label_backlog(database, now)
    assert (row["windows"], row["labels_missing"]) == (1, 26)
