"""Layer `data_drift`: how far a window's columns are from the reference.

Belongs here: profiles in, scores and verdicts stored. Stays out: formulas and rules (evaluation).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.moving import EarlierWindows
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.evaluation.data_drift import (
    DriftBaseline,
    judge_dataset,
    judge_drift,
    worst_columns,
)
from monitoring_assets.evaluation.moving_reference import (
    moving_baseline,
    require_history,
    without_history,
)
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.records import ALL, Layer, Reference, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, references, results
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import present_reference
from monitoring_assets.storage.window_write import replace_window


def build_data_drift(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's drift scores."""
    description = "Drift scores of every column against the reference, and the dataset's verdict."

    @define_asset(window_asset_arguments(spec, Layer.DATA_DRIFT, description))
    def data_drift(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        reference = present_reference(database, spec)
        fixed = _baseline(database, reference)
        windows = windows_for_keys(spec, context.partition_keys)
        layer, read = Layer.WINDOW_PROFILES, profiles.read_profiles_between
        earlier = EarlierWindows(database, spec, windows, layer, read)

        def work(window: Window) -> Mapping[str, Any]:
            bins = references.read_bins(database, spec.model_id)
            counted = profiles.read_window_profiles(database, window)
            span = earlier.span(window)
            baseline, gap = fixed, None
            if span is not None:
                history = earlier.within(span)
                gap = require_history(spec, window, span, len(history))
                if gap is None:
                    baseline = moving_baseline(spec, fixed, history, bins, counted)
            scores = judge_drift(spec, counted, baseline, bins)
            dataset = judge_dataset(spec, scores, baseline.version)
            if gap is not None:
                scores, dataset = without_history(scores, dataset, gap)
            record = replace(
                runs.computation(context, spec, Layer.DATA_DRIFT, runtime, window),
                reference_version=baseline.version,
            )
            writes = [results.drift_score_write(scores), results.dataset_drift_write(dataset)]
            replace_window(database, record, writes)
            return {
                **metadata.table(len(scores), "monitoring.drift_score"),
                **metadata.drift(dataset, worst_columns(scores)),
                "compared_with": metadata.compared_with(reference.reference_version, span),
            }

        return run_windows(context, spec, Layer.DATA_DRIFT, work, earlier.changed)

    return data_drift


def _baseline(database: Database, reference: Reference) -> DriftBaseline:
    model_id, version = reference.model_id, reference.reference_version
    stored = references.read_null_ladders(database, model_id, version)
    return DriftBaseline(
        version=version,
        profiles=references.read_reference_profiles(database, model_id, version),
        ladders={
            (column, method): NullLadder.from_plain(plain)
            for (segment, column), by_method in stored.items()
            if segment == ALL
            for method, plain in by_method.items()
        },
    )
