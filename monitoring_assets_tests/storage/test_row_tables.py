"""Row tables: created, extended, started anew, and their months."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import ensure_months, ensure_row_table, row_table
from monitoring_assets.storage.tables import row_table as registry
from monitoring_assets.storage.tables.models import RowKind
from monitoring_assets_tests.specs import small_columns, small_spec
from monitoring_assets_tests.storage.samples import (
    NOW,
    a_window,
    label_rows,
    number_of,
    prediction_rows,
)

SCHEMA = prediction_rows(a_window()).schema


def physical_columns(database: Database, table: RowTable) -> dict[str, str]:
    query = sa.text(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'rows' AND table_name = :name"
    )
    with database.connect() as connection:
        rows = connection.execute(query, {"name": table.table_name})
        return {row.column_name: row.data_type for row in rows}


def partitions(database: Database) -> list[str]:
    query = sa.text(
        "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid"
        " WHERE relkind = 'r' ORDER BY 1"
    )
    with database.connect() as connection:
        return list(connection.execute(query).scalars())


def test_a_table_has_one_typed_column_for_each_of_ours(database: Database) -> None:
    table = ensure_row_table(database, small_spec(), "predictions", SCHEMA)
    assert table.qualified_name == "rows.small_predictions_1"
    assert physical_columns(database, table) == {
        "row_id": "text",
        "event_time": "timestamp with time zone",
        "model_version": "text",
        "distance": "double precision",
        "prediction": "double precision",
    }


def test_asking_again_gives_the_same_table(database: Database) -> None:
    first = ensure_row_table(database, small_spec(), RowKind.PREDICTIONS, SCHEMA)
    reordered = pa.schema(list(reversed(list(SCHEMA))))
    assert ensure_row_table(database, small_spec(), "predictions", reordered) == first
    assert row_table(database, "small", "predictions") == first
    assert number_of(database, registry) == 1


def test_a_new_column_is_added_to_the_table(database: Database) -> None:
    ensure_row_table(database, small_spec(), "predictions", SCHEMA)
    wider = SCHEMA.append(pa.field("Fare (USD)", pa.float64())).append(pa.field("n", pa.int32()))
    table = ensure_row_table(database, small_spec(), "predictions", wider)
    assert table.version == 1
    assert list(physical_columns(database, table))[-2:] == [table.column("Fare (USD)").name, "n"]
    assert row_table(database, "small", "predictions") == table


@pytest.mark.parametrize(
    "changed",
    [SCHEMA.remove(3), SCHEMA.set(3, pa.field("distance", pa.string()))],
    ids=["removed", "retyped"],
)
def test_any_other_change_starts_a_new_table(database: Database, changed: pa.Schema) -> None:
    ensure_row_table(database, small_spec(), "predictions", SCHEMA)
    table = ensure_row_table(database, small_spec(), "predictions", changed)
    assert table.qualified_name == "rows.small_predictions_2"
    assert row_table(database, "small", "predictions") == table
    assert number_of(database, registry) == 2


def test_the_table_knows_which_column_is_the_prediction(database: Database) -> None:
    spec = small_spec(columns=small_columns(prediction="Minutes?"))
    schema = SCHEMA.set(4, pa.field("Minutes?", pa.float64()))
    assert ensure_row_table(database, spec, "predictions", schema).prediction == "Minutes?"
    assert row_table(database, "small", "predictions").prediction == "Minutes?"


def test_without_a_name_in_the_yaml_the_prediction_has_the_usual_one(database: Database) -> None:
    spec = small_spec(columns=small_columns(prediction=None))
    assert ensure_row_table(database, spec, "predictions", SCHEMA).prediction == "prediction"


def test_another_column_as_prediction_starts_a_new_table(database: Database) -> None:
    ensure_row_table(database, small_spec(), "predictions", SCHEMA)
    spec = small_spec(columns=small_columns(numerical=["x"], prediction="distance"))
    table = ensure_row_table(database, spec, "predictions", SCHEMA)
    assert (table.version, table.prediction) == (2, "distance")
    assert row_table(database, "small", "predictions") == table
    assert ensure_row_table(database, spec, "predictions", SCHEMA) == table


def test_labels_do_not_care_what_the_prediction_is_called(database: Database) -> None:
    schema = label_rows(a_window(), {"r0": 1.0}, NOW).schema
    ensure_row_table(database, small_spec(), "labels", schema)
    spec = small_spec(columns=small_columns(prediction="answer"))
    assert ensure_row_table(database, spec, "labels", schema).version == 1


def test_classes_are_text_and_probabilities_numbers(database: Database) -> None:
    answer = pa.field("prediction", pa.dictionary(pa.int32(), pa.string()))
    schema = SCHEMA.set(4, answer).append(pa.field("p_yes", pa.float64()))
    table = ensure_row_table(database, small_spec(), "predictions", schema)
    assert physical_columns(database, table) == {
        "row_id": "text",
        "event_time": "timestamp with time zone",
        "model_version": "text",
        "distance": "double precision",
        "prediction": "text",
        "p_yes": "double precision",
    }


def test_a_table_that_was_never_made_is_asked_for_in_vain(database: Database) -> None:
    with pytest.raises(StorageError, match="model 'small': no labels have been stored yet"):
        row_table(database, "small", "labels")


def test_ten_who_want_a_table_at_once_get_one(database: Database) -> None:
    def make(number: int) -> RowTable:
        schema = SCHEMA.append(pa.field("extra", pa.float64())) if number % 2 else SCHEMA
        table = ensure_row_table(database, small_spec(), "predictions", schema)
        ensure_months(database, table, a_window().start, a_window().end)
        return table

    with ThreadPoolExecutor(10) as pool:
        names = {table.table_name for table in pool.map(make, [1, 0, 1, 0, 1, 1, 1, 1, 1, 1])}
    assert "small_predictions_1" in names
    assert len(partitions(database)) == len(names)


def test_a_period_gets_the_months_it_touches_in_utc(database: Database) -> None:
    table = ensure_row_table(database, small_spec(), "predictions", SCHEMA)
    ensure_months(
        database, table, datetime(2022, 12, 31, 23, tzinfo=UTC), datetime(2023, 2, 1, tzinfo=UTC)
    )
    assert partitions(database) == [
        "rows.small_predictions_1_202212",
        "rows.small_predictions_1_202301",
    ]


def test_reference_rows_need_no_months(database: Database) -> None:
    table = ensure_row_table(database, small_spec(), "reference", SCHEMA)
    assert "reference_version" in table.shape
    assert partitions(database) == []


def test_the_longest_names_fit(database: Database) -> None:
    spec = small_spec(model_id="m" * 40)
    table = ensure_row_table(database, spec, "predictions", SCHEMA)
    ensure_months(database, table, a_window().start, a_window().end)
    assert partitions(database) == [f"rows.{'m' * 40}_predictions_1_202302"]
