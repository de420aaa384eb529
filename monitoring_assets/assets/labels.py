"""Layer `labels`: what turned out to be true, with the moment from which it was known.

Belongs here: labels that come with the rows of the source. Stays out: joining them with predictions
(quality_profiles).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.hand_over import ROWS_AT_HAND
from monitoring_assets.assets.partitions import require_ready
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.records import ColumnKind, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows


def build_labels(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's labels."""
    description = "The true values of a window's rows, and when they became known."

    @define_asset(window_asset_arguments(spec, Layer.LABELS, description))
    def labels(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        source = runtime.label_source(spec)
        newest = source.newest_event_time()

        def work(window: Window) -> Mapping[str, Any]:
            require_ready(spec, window, runtime.now(), newest)
            rows = _labels(spec, source.read(window.start, window.end).table, window)
            target = ensure_row_table(database, spec, "labels", rows.schema)
            record = runs.computation(context, spec, Layer.LABELS, runtime, window)
            number = replace_window_rows(database, record, target, rows)
            ROWS_AT_HAND.keep(database, window, Layer.LABELS, number, rows)
            return metadata.table(rows.num_rows, target.qualified_name)

        return run_windows(context, spec, Layer.LABELS, work)

    return labels


def _labels(spec: ModelSpec, rows: pa.Table, window: Window) -> pa.Table:
    """Return id, event time, knowledge time and target of the rows that have a label.

    A label without a knowledge time of its own counts as known from the end of its window on: that
    does not depend on when this code runs, so a window computed again is the same.
    """
    name = spec.columns.target
    if name is None:
        kind = pa.float64() if spec.answer_kind is ColumnKind.NUMERICAL else pa.string()
        rows, values = rows.slice(0, 0), pa.chunked_array([], kind)
    else:
        labelled = pc.and_(pc.is_null(rows.column("rejected_by")), pc.is_valid(rows.column(name)))
        rows = rows.filter(labelled)
        values = rows.column(name)
    known = rows.column("knowledge_time")
    known = pc.fill_null(known, pa.scalar(window.end, known.type))
    return pa.table(
        {
            "row_id": rows.column("row_id"),
            "event_time": rows.column("event_time"),
            "knowledge_time": known,
            "target": values,
        }
    )
