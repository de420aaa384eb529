"""Layer `data_quality`: what state a window's data is in, on all of its rows.

Belongs here: profiles and counts in, numbers and verdicts stored. Stays out: rules (evaluation).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.baselines import Baselines
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.evaluation.data_quality import judge_data_quality, missing_share
from monitoring_assets.records import ALL, UNFILTERED, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, results, window_counts
from monitoring_assets.storage.window_write import replace_window


def build_data_quality(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's data-quality numbers."""
    description = "Missing, unreadable, infinite, unseen and rejected values of all rows."

    @define_asset(window_asset_arguments(spec, Layer.DATA_QUALITY, description))
    def data_quality(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        baselines, looked_at = Baselines(spec, database), (ALL, UNFILTERED)

        def work(window: Window) -> Mapping[str, Any]:
            bins, normal = baselines.bins(window), baselines.seen(window, looked_at)
            counted = profiles.read_window_profiles(database, window, looked_at)
            counts = window_counts.read_counts(database, window)
            rows = judge_data_quality(spec, counted, normal, bins, counts)
            record = replace(
                runs.computation(context, spec, Layer.DATA_QUALITY, runtime, window),
                reference_version=baselines.reference(window).reference_version,
            )
            replace_window(database, record, [results.data_quality_write(rows)])
            return {
                **metadata.table(len(rows), "monitoring.data_quality"),
                **metadata.data_quality(rows, missing_share(counted)),
            }

        return run_windows(context, spec, Layer.DATA_QUALITY, work)

    return data_quality
