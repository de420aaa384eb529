"""Reading raw rows: a period, a choice of columns, predictions beside their labels."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Layer
from monitoring_assets.spec.model import ModelSpec
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


CLASSIFIER = small_spec(
    columns=small_columns(prediction="answer", probabilities={"yes": "P(yes)"}),
    task="binary",
    classification={"classes": ["no", "yes"]},
)


def stored(
    database: Database, layer: Layer, rows: pa.Table, day: int = 0, spec: ModelSpec = SPEC
) -> RowTable:
    table = ensure_row_table(database, spec, layer.value, rows.schema)
    replace_window_rows(database, a_computation(layer, a_window(day)), table, rows)
    return table


@pytest.fixture
def predictions(database: Database) -> RowTable:
    names = ["row_id", "event_time", "model_version", "distance", "Minutes?"]
    stored(database, Layer.PREDICTIONS, prediction_rows(a_window(1)).rename_columns(names), day=1)
    return stored(database, Layer.PREDICTIONS, prediction_rows(a_window()).rename_columns(names))


def labels_of(database: Database, *told: tuple[dict[str, float], datetime]) -> Any:
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
    return read_labelled(database, predictions, labels, START, END).to_pydict()


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
def test_a_label_without_prediction_counts_for_nothing(database: Database) -> None:
    assert labels_of(database, ({"r77": 1.0}, NOW))["target"] == [None, None, None]


def classified(database: Database) -> tuple[RowTable, RowTable]:
    """Store answers of a classifier, the newest first, and what turned out to be true of two."""
    window, names = a_window(), ["row_id", "event_time", "model_version", "P(yes)", "answer"]
    rows = prediction_rows(window).rename_columns(names)
    answers = pa.array(["no", None, "yes"], pa.string())
    probabilities = pa.array([0.25, None, 0.75], pa.float64())
    rows = rows.set_column(4, "answer", answers).set_column(3, "P(yes)", probabilities)
    labels = label_rows(window, {"r2": 0.0, "r0": 0.0}, NOW)
    labels = labels.set_column(3, "target", pa.array(["yes", "a new one"], pa.string()))
    return (
        stored(database, Layer.PREDICTIONS, rows.take([2, 0, 1]), spec=CLASSIFIER),
        stored(database, Layer.LABELS, labels, spec=CLASSIFIER),
    )


def test_classes_come_back_as_text_beside_the_columns_asked_for(database: Database) -> None:
    found = read_labelled(database, *classified(database), START, END, columns=["P(yes)"])
    assert found.to_pydict() == {
        "model_version": ["1", "1", "1"],
        "prediction": ["no", None, "yes"],
        "target": ["a new one", None, "yes"],
        "knowledge_time": [NOW, None, NOW],
        "P(yes)": [0.25, None, 0.75],
    }


def test_columns_have_their_types_even_without_rows(database: Database) -> None:
    tables = classified(database)
    found = read_labelled(database, *tables, END, END + timedelta(1), columns=["P(yes)"])
    assert found.num_rows == 0
    text, known = pa.string(), pa.timestamp("us", "UTC")
    assert found.schema.types == [text, text, text, known, pa.float64()]


def test_of_rows_at_one_moment_the_smaller_id_comes_first(database: Database) -> None:
    rows = prediction_rows(a_window(), 12)
    same_time = pa.array([START] * 12, rows.schema.field("event_time").type)
    rows = rows.set_column(1, "event_time", same_time).take([3, 11, 0, 7, 2, 9, 10, 1, 8, 4, 6, 5])
    spec = small_spec()
    predictions = stored(database, Layer.PREDICTIONS, rows, spec=spec)
    labels = stored(database, Layer.LABELS, label_rows(a_window(), {"r0": 1.0}, NOW), spec=spec)
    found = read_labelled(database, predictions, labels, START, END, columns=["row_id"])
    assert found["row_id"].to_pylist() == sorted(rows["row_id"].to_pylist())


def test_a_column_that_is_not_there_or_hides_another_is_named(database: Database) -> None:
    predictions, labels = classified(database)
    for asked, message in (("P(no)", "no column 'P.no.'"), ("target", "'target' is what a label")):
        with pytest.raises(StorageError, match=message):
            read_labelled(database, predictions, labels, START, END, columns=[asked])


def test_columns_can_be_called_otherwise_and_asked_for_twice(database: Database) -> None:
    named = {"yes": "P(yes)", "sure": "P(yes)", "said": "answer"}
    found = read_labelled(database, *classified(database), START, END, columns=named).to_pydict()
    assert {name: found[name] for name in named} == {
        "yes": [0.25, None, 0.75],
        "sure": [0.25, None, 0.75],
        "said": ["no", None, "yes"],
    }
    assert found["prediction"] == found["said"]


def test_rows_that_the_filters_reject_have_no_part(database: Database) -> None:
    rejected = pa.array([None, "too_far", None], pa.string())
    rows = prediction_rows(a_window()).append_column("rejected_by", rejected)
    spec = small_spec()
    predictions = stored(database, Layer.PREDICTIONS, rows, spec=spec)
    targets = {"r0": 1.0, "r1": 2.0, "r2": 3.0}
    labels = stored(database, Layer.LABELS, label_rows(a_window(), targets, NOW), spec=spec)
    found = read_labelled(database, predictions, labels, START, END)
    assert found["target"].to_pylist() == [1.0, 3.0]
