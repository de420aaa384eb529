"""Layer `predictions`: one typed row for every scored entity of a window.

Belongs here: reading a window, scoring it by the version in force at its start, storing all rows.
Stays out: reading files (sources), writing rows (storage).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
import pyarrow as pa

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.fingerprints import fingerprints_of
from monitoring_assets.assets.hand_over import ROWS_AT_HAND
from monitoring_assets.assets.partitions import require_ready
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.assets.scoring import with_predictions
from monitoring_assets.errors import DeploymentChangedError
from monitoring_assets.evaluation.profiling import scored_by_version
from monitoring_assets.records import Computation, Layer, Window, WindowCounts
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.sources.base import SourceRows
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import models, registry
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets.storage.window_write import window_of


def build_predictions(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's rows with their predictions."""
    description = "All rows of a window; those that pass the filters have a prediction."
    arguments = window_asset_arguments(spec, Layer.PREDICTIONS, description)

    @define_asset(arguments, metadata=metadata.column_schema(spec))
    def predictions(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        source, fingerprints = runtime.source(spec), fingerprints_of(spec, runtime)
        registry.register_model(database, spec, runtime.now())
        registry.write_rows_outside(database, spec.model_id, source.rows_outside(_periods(spec)))
        newest = source.newest_event_time()

        def work(window: Window) -> Mapping[str, Any]:
            require_ready(spec, window, runtime.now(), newest)
            record = replace(
                runs.computation(context, spec, Layer.PREDICTIONS, runtime, window),
                source_stamp=source.stamp(window.start, window.end),
            )
            found = source.read(window.start, window.end)
            record = replace(record, source_fingerprint=fingerprints.of_rows(found))
            try:
                return _scored(spec, database, record, found)
            except DeploymentChangedError:
                # A promotion came between looking up the version and storing its predictions.
                return _scored(spec, database, record, found)

        return run_windows(context, spec, Layer.PREDICTIONS, work)

    return predictions


def _scored(
    spec: ModelSpec, database: Database, record: Computation, found: SourceRows
) -> Mapping[str, Any]:
    """Score a window by the version in force at its start and store it; return what is shown."""
    window = window_of(record)
    version = models.version_in_force(database, spec.model_id, window.start)
    rows = with_predictions(found.table, spec, database, version)
    counts = _counts(spec, found, rows)
    stored = rows.select(_stored_columns(spec))
    target = ensure_row_table(database, spec, "predictions", stored.schema)
    by_version = replace(record, scored_by=version if spec.model else None)
    number = replace_window_rows(database, by_version, target, stored, counts=counts)
    ROWS_AT_HAND.keep(database, window, Layer.PREDICTIONS, number, stored)
    return {
        **metadata.table(rows.num_rows, target.qualified_name),
        **metadata.window_counts(counts),
        "model_version": version or "none deployed",
    }


def _stored_columns(spec: ModelSpec) -> list[str]:
    own = [
        entry.column_name
        for entry in spec.column_dictionary()
        if entry.column_name != spec.columns.target
    ]
    return ["row_id", "event_time", "rejected_by", "model_version", *own]


def _counts(spec: ModelSpec, found: SourceRows, rows: pa.Table) -> WindowCounts:
    by_version = scored_by_version(spec, rows)
    return WindowCounts(
        rows_read=rows.num_rows,
        rows_scored=sum(by_version.values()),
        rows_rejected=found.rejected,
        rows_adjusted=found.adjusted,
        rows_by_version=by_version,
    )


def _periods(spec: ModelSpec) -> list[tuple[Any, Any]]:
    """Return every span of time whose rows are used: windows, reference, training."""
    windows = spec.windows
    end = windows.midnight(windows.end) if windows.end else None
    days = [spec.model.training] if spec.model else []
    if spec.reference.source is None and spec.reference_period is not None:
        days.append(spec.reference_period)
    return [(windows.midnight(windows.start), end), *map(spec.period, days)]
