"""Layer `model_quality`: how good a window's predictions were.

Belongs here: sums in, metrics and verdicts stored. Stays out: formulas and rules (evaluation).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.moving import EarlierWindows
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.moving_reference import moving_quality
from monitoring_assets.records import Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, results, window_counts
from monitoring_assets.storage.freshness import present_reference
from monitoring_assets.storage.window_write import replace_window


def build_model_quality(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's quality metrics."""
    description = "Quality metrics with 95 % intervals, against the reference's."

    @define_asset(window_asset_arguments(spec, Layer.MODEL_QUALITY, description))
    def model_quality(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        reference = present_reference(database, spec)
        windows = windows_for_keys(spec, context.partition_keys)
        layer, read = Layer.QUALITY_PROFILES, profiles.read_quality_profiles_between
        earlier = EarlierWindows(database, spec, windows, layer, read)

        def work(window: Window) -> Mapping[str, Any]:
            sums = profiles.read_quality_profiles(database, window)
            labels = window_counts.read_label_counts(database, window)
            span = earlier.span(window)
            normal = fixed = reference.quality["metrics"]
            if span is not None:
                normal = moving_quality(spec, reference.quality, earlier.within(span))
                span = None if normal is fixed else span
            rows = judge_quality(spec, sums, normal, labels)
            record = runs.computation(context, spec, Layer.MODEL_QUALITY, runtime, window)
            replace_window(database, record, [results.model_quality_write(rows)])
            return {
                **metadata.table(len(rows), "monitoring.model_quality"),
                **metadata.model_quality(rows, spec.main_metric),
                "compared_with": metadata.compared_with(reference.reference_version, span),
            }

        return run_windows(context, spec, Layer.MODEL_QUALITY, work, earlier.changed)

    return model_quality
