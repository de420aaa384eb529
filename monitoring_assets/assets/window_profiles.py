"""Layer `window_profiles`: a window's rows counted once, so that nothing below reads rows again.

Belongs here: reading stored rows and storing their profiles. Stays out: counting (evaluation,
metrics).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
import pyarrow as pa

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.baselines import Baselines
from monitoring_assets.assets.hand_over import ROWS_AT_HAND
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.evaluation.profiling import (
    profile_rows,
    profiled_columns,
    unseen_values,
    window_segments,
)
from monitoring_assets.records import Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, references, segments, window_counts
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_read import read_rows
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets.storage.window_write import replace_window


def build_window_profiles(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's column profiles."""
    description = "Counts of every column over frozen bins; profiles of windows add up."

    @define_asset(window_asset_arguments(spec, Layer.WINDOW_PROFILES, description))
    def window_profiles(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        baselines = Baselines(spec, database)
        columns = _columns(spec)
        entries = segments.read_segments(database, spec.model_id)

        def work(window: Window) -> Mapping[str, Any]:
            # Refuses a window that was never read: without rows it would pass for an empty one.
            window_counts.read_counts(database, window)
            reference, bins = baselines.reference(window), baselines.bins(window)
            rows = _rows(database, window, columns)
            unseen = unseen_values(spec, rows, bins)
            if unseen:
                bins = references.extend_categories(database, reference, unseen)
            masks = window_segments(spec, entries, rows)
            counted = profile_rows(spec, rows, bins, masks)
            record = replace(
                runs.computation(context, spec, Layer.WINDOW_PROFILES, runtime, window),
                reference_version=reference.reference_version,
            )
            write = profiles.window_profile_write(counted, spec.columns.target)
            replace_window(database, record, [write])
            return {
                **metadata.table(len(counted), "monitoring.window_profile"),
                "rows": rows.num_rows,
                **({"segments": len(masks)} if masks else {}),
                "unseen_categories": sum(len(names) for names in unseen.values()),
            }

        return run_windows(context, spec, Layer.WINDOW_PROFILES, work)

    return window_profiles


def _columns(spec: ModelSpec) -> list[str]:
    """Return the columns that are read: all profiled ones, and what tells which rows count how."""
    several = [] if spec.columns.model_version is None else ["model_version"]
    return ["rejected_by", *several, *(entry.column_name for entry in profiled_columns(spec))]


def _rows(database: Database, window: Window, columns: list[str]) -> pa.Table:
    """Return the window's stored rows; those that this process has just stored need no reading."""
    at_hand = ROWS_AT_HAND.find(database, window, Layer.PREDICTIONS)
    if at_hand is not None:
        return at_hand.select(columns)
    stored = row_table(database, window.model_id, "predictions")
    return read_rows(database, stored, window.start, window.end, columns=columns)
