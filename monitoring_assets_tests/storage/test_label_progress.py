"""How far labels were read, and windows that were computed under another YAML."""

from datetime import timedelta
from typing import Any

import pytest

from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.label_progress import (
    Watermark,
    advance_watermark,
    hold_watermark,
    read_watermark,
    windows_computed_otherwise,
)
from monitoring_assets.storage.row_tables import ensure_row_table, older_row_tables, row_table
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import (
    NOW,
    START,
    a_computation,
    a_window,
    label_rows,
    prediction_rows,
)

MOMENT = timedelta(microseconds=1)
LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize("noted", [START, NOW, LATER])
def test_a_watermark_stands_before_a_label_that_waits_wherever_it_was(
    database: Database, noted: Any
) -> None:
    advance_watermark(database, "small", noted, 3, START)
    hold_watermark(database, "small", NOW, 4, LATER)
    held = Watermark(knowledge_time=NOW - MOMENT, orphans=4, updated_at=LATER)
    assert read_watermark(database, "small") == held
    advance_watermark(database, "small", LATER, 0, LATER)
    assert read_watermark(database, "small") == Watermark(
        knowledge_time=LATER, orphans=0, updated_at=LATER
    )


def test_a_label_that_waits_is_noted_where_none_was_read_before(database: Database) -> None:
    hold_watermark(database, "small", NOW, 4, LATER)
    held = Watermark(knowledge_time=NOW - MOMENT, orphans=4, updated_at=LATER)
    assert read_watermark(database, "small") == held


def compute(database: Database, layer: Layer, day: int, spec_hash: str, **other: Any) -> None:
    computation = a_computation(layer, a_window(day, **other), spec_hash=spec_hash)
    replace_window(database, computation, [])


@pytest.mark.parametrize("layer", [Layer.PREDICTIONS, Layer.LABELS])
def test_the_newest_computation_of_a_layer_says_under_which_yaml_a_window_was_computed(
    database: Database, layer: Layer
) -> None:
    for day, spec_hash in ((0, "old"), (1, "old"), (1, "new"), (2, "new"), (3, "new"), (3, "old")):
        compute(database, layer, day, spec_hash)
    compute(database, Layer.DATA_DRIFT, 2, "old")
    compute(database, layer, 2, "old", model_id="other")
    found = windows_computed_otherwise(database, "small", "day", layer, "new")
    assert found == {a_window(0).start, a_window(3).start}


def test_older_row_tables_are_those_that_the_newest_has_replaced(database: Database) -> None:
    rows = prediction_rows(a_window())
    shapes = [rows, rows.drop_columns("distance"), rows.drop_columns("model_version")]
    spec = small_spec()
    assert older_row_tables(database, "small", "predictions") == []
    made = [ensure_row_table(database, spec, "predictions", one.schema) for one in shapes]
    labels = label_rows(a_window(), {"r0": 1.0}, NOW)
    ensure_row_table(database, spec, "labels", labels.schema)
    assert [one.version for one in made] == [1, 2, 3]
    assert older_row_tables(database, "small", "predictions") == made[1::-1]
    assert row_table(database, "small", "predictions") == made[2]
    assert older_row_tables(database, "small", "labels") == []


def test_a_window_whose_rows_lie_in_an_older_table_counts_as_computed_under_another_yaml(
    database: Database,
) -> None:
    compute(database, Layer.PREDICTIONS, 0, "present")
    compute(database, Layer.LABELS, 0, "present")
    ensure_row_table(database, small_spec(), "predictions", prediction_rows(a_window()).schema)
    compute(database, Layer.PREDICTIONS, 1, "present")
    found = {
        layer: windows_computed_otherwise(database, "small", "day", layer, "present")
        for layer in (Layer.PREDICTIONS, Layer.LABELS)
    }
    assert found == {Layer.PREDICTIONS: {a_window(0).start}, Layer.LABELS: set()}
