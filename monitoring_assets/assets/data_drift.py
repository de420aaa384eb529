"""Layer `data_drift`: how far a window's columns are from the reference.

Belongs here: profiles in, scores and verdicts stored. Stays out: formulas and rules (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import dagster as dg

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.baselines import Baselines
from monitoring_assets.assets.explaining import alarm_text
from monitoring_assets.assets.moving import EarlierWindows
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.evaluation.data_drift import (
    judge_segments,
    worst_columns,
)
from monitoring_assets.evaluation.explaining.normal import compared
from monitoring_assets.evaluation.explaining.window import Evidence
from monitoring_assets.evaluation.moving_reference import (
    moving_baseline,
    require_history,
    without_history,
)
from monitoring_assets.evaluation.profiling import ColumnProfiles
from monitoring_assets.evaluation.target_drift import without_target
from monitoring_assets.metrics.null.drawn import DRAWS_FOR_ONE_SIZE
from monitoring_assets.metrics.null.shared import SharedDraws
from monitoring_assets.records import ALL, Layer, SegmentEntry, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, results, segments
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.window_write import replace_window


def build_data_drift(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's drift scores."""
    description = "Drift scores of every column against the reference, and the dataset's verdict."

    @define_asset(window_asset_arguments(spec, Layer.DATA_DRIFT, description))
    def data_drift(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        baselines = Baselines(spec, database)
        entries = segments.read_segments(database, spec.model_id)
        windows = windows_for_keys(spec, context.partition_keys)
        earlier = _earlier(database, spec, windows, entries)
        draws = SharedDraws(DRAWS_FOR_ONE_SIZE)

        def work(window: Window) -> Mapping[str, Any]:
            bins, fixed = baselines.bins(window), baselines.fixed(window)
            counted = without_target(spec, profiles.read_window_profiles(database, window))
            span = earlier.span(window)
            baseline, gap, history = fixed, None, None
            if span is not None:
                before = (without_target(spec, one) for one in earlier.within(span))
                history = [one for one in before if one]
                gap = require_history(spec, window, span, len(history))
                if gap is None:
                    baseline = moving_baseline(spec, fixed, history, bins, counted, shared=draws)
            scores, datasets = judge_segments(spec, counted, baseline, bins)
            if gap is not None:
                scores, datasets = without_history(scores, datasets, gap)
            record = replace(
                runs.computation(context, spec, Layer.DATA_DRIFT, runtime, window),
                reference_version=baseline.version,
            )
            writes = [
                results.drift_score_write(scores, spec.columns.target),
                results.dataset_drift_write(datasets),
            ]
            replace_window(database, record, writes)
            of_all = worst_columns(one for one in scores if one.segment == ALL)
            words = metadata.compared_with(fixed.version, span)
            text = alarm_text(
                database,
                spec,
                scores,
                lambda: Evidence(
                    window=window,
                    drift=scores,
                    datasets=datasets,
                    entries=entries,
                    compared=compared(fixed.profiles, counted, bins, history),
                    compared_with=words,
                ),
            )
            return {
                **metadata.table(len(scores), "monitoring.drift_score"),
                **metadata.drift(datasets[0], of_all),
                **metadata.drifting_segments(datasets),
                **metadata.explanation(text),
                "compared_with": words,
            }

        return run_windows(context, spec, Layer.DATA_DRIFT, work, earlier.changed)

    return data_drift


def _earlier(
    database: Database,
    spec: ModelSpec,
    windows: Sequence[Window],
    entries: Sequence[SegmentEntry],
) -> EarlierWindows[ColumnProfiles]:
    """Return the windows before those of a run, all segments that are compared."""
    names = [ALL, *(one.segment for one in entries)]
    read = partial(profiles.read_profiles_between, segments=names)
    return EarlierWindows(database, spec, windows, Layer.WINDOW_PROFILES, read)
