"""What a person sees of a window in the UI: sizes, tables, columns, numbers, worst columns."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from monitoring_assets.assets.names import asset_key
from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import (
    FIRST,
    ROWS,
    SECOND,
    SmallModel,
    ready_model,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.stored import rows_of, stored_rows

TABLES = {
    Layer.PREDICTIONS: "rows.small_predictions_1",
    Layer.LABELS: "rows.small_labels_1",
    Layer.WINDOW_PROFILES: "monitoring.window_profile",
    Layer.QUALITY_PROFILES: "monitoring.quality_profile",
    Layer.DATA_DRIFT: "monitoring.drift_score",
    Layer.DATA_QUALITY: "monitoring.data_quality",
    Layer.MODEL_QUALITY: "monitoring.model_quality",
}


@pytest.fixture(scope="module")
def small(
    new_database: NewDatabase, small_template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SmallModel]:
    """A good day and one on which fares come from elsewhere, computed in one run."""
    folder = tmp_path_factory.mktemp("metadata")
    with ready_model(new_database, small_template, folder) as model:
        model.write(FIRST)
        model.write(SECOND, rows=ROWS - 20, tip=[40.0] * (ROWS - 20))
        model.runner.span(FIRST, SECOND)
        yield model


def metadata(small: SmallModel, layer: Layer, partition: str | None) -> dict[str, Any]:
    wanted = dg.AssetRecordsFilter(
        asset_key=asset_key("small", layer), asset_partitions=[partition] if partition else None
    )
    (record, *_) = small.runner.instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization
    return {name: one.value for name, one in record.asset_materialization.metadata.items()}


@pytest.mark.parametrize("layer", [*WINDOW_LAYERS])
def test_every_layer_names_its_table_under_dagsters_standard_key(
    small: SmallModel, layer: Layer
) -> None:
    assert metadata(small, layer, FIRST)["dagster/table_name"] == TABLES[layer]
    schema, name = TABLES[layer].split(".")
    with small.database.connect() as connection:
        assert sa.inspect(connection).has_table(name, schema=schema)


@pytest.mark.parametrize("layer", [*WINDOW_LAYERS])
def test_every_layer_says_of_each_window_how_many_rows_it_stored(
    small: SmallModel, layer: Layer
) -> None:
    kinds = {Layer.PREDICTIONS: ROWS - 20, Layer.LABELS: ROWS - 20}
    said = metadata(small, layer, SECOND)["dagster/row_count"]
    if layer in kinds:
        assert said == kinds[layer]
    else:
        stored = rows_of(small.database, tables.METADATA.tables[TABLES[layer]])
        if layer in (Layer.WINDOW_PROFILES, Layer.DATA_DRIFT):
            # The target's rows there are those of the layers that know the labels.
            stored = [row for row in stored if row["column_name"] != "minutes"]
        assert said == len([row for row in stored if row["window_start"].day == 2])


@pytest.mark.parametrize("layer", [Layer.PREDICTIONS, Layer.REFERENCE_DATA])
def test_assets_of_rows_show_their_columns_under_dagsters_standard_key(
    small: SmallModel, layer: Layer
) -> None:
    node = small.runner.definitions.resolve_asset_graph().get(asset_key("small", layer))
    schema = node.metadata["dagster/column_schema"]
    columns = {column.name: (column.type, column.description) for column in schema.columns}
    assert columns["distance"] == ("float", "feature")
    assert columns["zone"] == ("string", "feature")
    assert columns["tip"] == ("float", "monitored")
    stored = stored_rows(small.database, "small", "predictions").column_names
    assert {*columns} - {"minutes"} <= {*stored}


def test_numbers_that_plot_over_partitions_belong_to_their_window(small: SmallModel) -> None:
    counts = [metadata(small, Layer.PREDICTIONS, day) for day in (FIRST, SECOND)]
    assert [one["rows_read"] for one in counts] == [ROWS, ROWS - 20]
    shares = [metadata(small, Layer.DATA_DRIFT, day)["alarming_share"] for day in (FIRST, SECOND)]
    assert shares == [0.0, pytest.approx(1 / 3)]
    stored = {
        row["window_start"].day: row["value"]
        for row in rows_of(small.database, tables.model_quality, metric="mae")
    }
    plotted = [metadata(small, Layer.MODEL_QUALITY, day)["mae"] for day in (FIRST, SECOND)]
    assert plotted == [stored[1], stored[2]]


def test_every_layer_has_a_number_that_plots(small: SmallModel) -> None:
    for layer in WINDOW_LAYERS:
        values = metadata(small, layer, FIRST).values()
        assert any(isinstance(value, int | float) for value in values), layer


def test_the_reference_is_plotted_beside_the_main_metric(small: SmallModel) -> None:
    shown = metadata(small, Layer.MODEL_QUALITY, FIRST)
    (row,) = rows_of(small.database, tables.model_quality, metric="mae", value=shown["mae"])
    assert shown["reference_mae"] == row["reference_value"]
    assert shown["label_coverage"] == 1.0
    assert (shown["verdict"], shown["reason"]) == (row["verdict"], row["reason"])


def test_the_worst_columns_of_a_window_are_a_table_the_worst_first(small: SmallModel) -> None:
    worst = metadata(small, Layer.DATA_DRIFT, SECOND)["worst_columns"]
    first = worst.records[0].data
    assert (first["column"], first["verdict"]) == ("tip", "alarm")
    columns = {column.name for column in worst.schema.columns}
    assert columns == {*first}
    assert {"column", "method", "score", "threshold", "verdict", "reason"} <= columns


def test_broken_bounds_of_a_window_are_a_table(small: SmallModel) -> None:
    shown = metadata(small, Layer.DATA_QUALITY, SECOND)
    alarms = [one.data for one in shown["alarms"].records]
    assert [(one["column"], one["metric"]) for one in alarms] == [("tip", "unseen_share")]
    assert shown["alarming_expectations"] == 1
    assert metadata(small, Layer.DATA_QUALITY, FIRST)["alarming_expectations"] == 0


def test_assets_show_group_kinds_owners_and_version(small: SmallModel) -> None:
    spec = small_spec(owners=["team:rides"])
    graph = Runner(spec, small.database, small.folder).definitions.resolve_asset_graph()
    for layer in (*WINDOW_LAYERS, Layer.DEPLOYED_MODEL, Layer.REFERENCE_DATA):
        node = graph.get(asset_key("small", layer))
        assert node.group_name == "small"
        assert "postgres" in node.kinds
        assert node.owners == ["team:rides"]
        assert node.code_version
