"""Reading raw rows: a period, a choice of columns, predictions beside their labels."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_read import read_labelled, read_rows
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets_tests.specs import small_columns, small_spec
from monitoring_assets_tests.storage.samples import (
    NOW,
    START,
    a_computation,
    a_window,
    label_rows,
    prediction_rows,
)

SPEC = small_spec(columns=small_columns(prediction="Minutes?"))
END = START + timedelta(days=1)


def stored(database: Database, layer: Layer, rows: pa.Table, day: int = 0) -> RowTable:
    table = ensure_row_table(database, SPEC, layer.value, rows.schema)
    replace_window_rows(database, a_computation(layer, a_window(day)), table, rows)
    return table


@pytest.fixture
def predictions(database: Database) -> RowTable:
    names = ["row_id", "event_time", "model_version", "distance", "Minutes?"]
    stored(database, Layer.PREDICTIONS, prediction_rows(a_window(1)).rename_columns(names), day=1)
    return stored(database, Layer.PREDICTIONS, prediction_rows(a_window()).rename_columns(names))


def labels_of(
    database: Database, *told: tuple[dict[str, float], datetime], as_of: datetime | None = None
) -> Any:
    predictions = ensure_row_table(
        database,
        SPEC,
        "predictions",
        prediction_rows(a_window())
        .rename_columns(["row_id", "event_time", "model_version", "distance", "Minutes?"])
        .schema,
    )
    rows = pa.concat_tables([label_rows(a_window(), targets, known) for targets, known in told])
    labels = stored(database, Layer.LABELS, rows)
    found = read_labelled(database, predictions, labels, START, END, as_of)
    return found.sort_by("prediction").to_pydict()


def test_a_period_is_half_open(database: Database, predictions: RowTable) -> None:
    second = START + timedelta(seconds=1)
    found = read_rows(database, predictions, START, second, columns=["row_id"])
    assert found.to_pydict() == {"row_id": ["r0"]}
    assert read_rows(database, predictions, START, END + timedelta(days=9)).num_rows == 6


def test_rows_can_be_chosen_by_value(database: Database, predictions: RowTable) -> None:
    where = {"model_version": "1", "Minutes?": 11.0}
    found = read_rows(database, predictions, START, END, ["distance", "Minutes?"], where)
    assert found.to_pydict() == {"distance": [1.0], "Minutes?": [11.0]}
    assert read_rows(database, predictions, START, END, where={"distance": None}).num_rows == 0


def test_no_column_at_all_gives_nothing_but_an_unknown_one_is_named(
    database: Database, predictions: RowTable
) -> None:
    with pytest.raises(StorageError, match=r"no column 'speed': 'row_id', .*'Minutes\?'"):
        read_rows(database, predictions, START, END, columns=["speed"])


def test_times_come_back_in_utc(database: Database, predictions: RowTable) -> None:
    found = read_rows(database, predictions, START, END)
    assert found.schema.field("event_time").type == pa.timestamp("us", "UTC")


@pytest.mark.usefixtures("predictions")
def test_every_prediction_stands_beside_its_label_or_alone(database: Database) -> None:
    assert labels_of(database, ({"r0": 1.0, "r2": 3.0}, NOW)) == {
        "model_version": ["1", "1", "1"],
        "prediction": [10.0, 11.0, 12.0],
        "target": [1.0, None, 3.0],
        "knowledge_time": [NOW, None, NOW],
    }


@pytest.mark.usefixtures("predictions")
def test_the_newest_label_wins(database: Database) -> None:
    later = NOW + timedelta(days=1)
    found = labels_of(database, ({"r0": 1.0, "r1": 2.0}, NOW), ({"r0": 9.0}, later))
    assert found["target"] == [9.0, 2.0, None]
    assert found["knowledge_time"] == [later, NOW, None]


@pytest.mark.usefixtures("predictions")
def test_what_was_not_known_yet_is_left_out(database: Database) -> None:
    later = NOW + timedelta(days=1)
    told = (({"r0": 1.0}, NOW), ({"r0": 9.0, "r1": 2.0}, later))
    assert labels_of(database, *told, as_of=NOW)["target"] == [1.0, None, None]


@pytest.mark.usefixtures("predictions")
def test_a_label_without_prediction_counts_for_nothing(database: Database) -> None:
    assert labels_of(database, ({"r77": 1.0}, NOW))["target"] == [None, None, None]
