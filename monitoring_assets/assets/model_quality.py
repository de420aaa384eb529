"""Layer `model_quality`: how good a window's predictions were.

Belongs here: sums in, metrics and verdicts stored. Stays out: formulas and rules (evaluation).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import dagster as dg

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.explaining import alarm_text
from monitoring_assets.assets.moving import EarlierWindows
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.assets.runs import (
    Recorder,
    WindowWork,
    define_asset,
    run_windows,
    window_asset_arguments,
)
from monitoring_assets.evaluation.explaining.normal import normal_sums
from monitoring_assets.evaluation.explaining.window import Evidence
from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.segment_quality import (
    declared_segments,
    segment_labels,
    segment_normal,
    versions_of,
)
from monitoring_assets.records import ALL, Layer, ModelQuality, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, results, segments, window_counts
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import present_reference
from monitoring_assets.storage.window_write import replace_window


def build_model_quality(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's quality metrics."""
    description = "Quality metrics with 95 % intervals, against the reference's."

    @define_asset(window_asset_arguments(spec, Layer.MODEL_QUALITY, description))
    def model_quality(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        windows = windows_for_keys(spec, context.partition_keys)
        record = partial(runs.computation, context, spec, Layer.MODEL_QUALITY, runtime)
        work, changed = quality_judging(spec, store.database, windows, record)
        return run_windows(context, spec, Layer.MODEL_QUALITY, work, changed)

    return model_quality


def quality_judging(
    spec: ModelSpec, database: Database, windows: Sequence[Window], record: Recorder
) -> tuple[WindowWork, Callable[[], Sequence[Window]]]:
    """Return what judges the quality of one window, and what says which to judge once more.

    Parameters
    ----------
    windows
        All windows of the run.
    """
    reference = present_reference(database, spec)
    entries = segments.read_segments(database, spec.model_id)
    declared = declared_segments(spec, entries)
    read = partial(profiles.read_quality_profiles_between, segments=declared)
    earlier = EarlierWindows(database, spec, windows, Layer.QUALITY_PROFILES, read)

    def work(window: Window) -> Mapping[str, Any]:
        sums = profiles.read_quality_profiles(database, window)
        scored = profiles.read_scored_rows(database, window)
        labels = window_counts.read_label_counts(database, window)
        span = earlier.span(window)
        history = None if span is None else earlier.within(span)
        rows: list[ModelQuality] = []
        for name in dict.fromkeys(one for one, _ in sums) or declared:
            normal = segment_normal(spec, reference.quality, name, history)
            known = segment_labels(sums, scored, labels, name)
            rows += judge_quality(spec, versions_of(sums, name), normal, known, name)
            if name == ALL and normal is reference.quality["metrics"]:
                span = None
        judged_by = replace(record(window), reference_version=reference.reference_version)
        replace_window(database, judged_by, [results.model_quality_write(rows)])
        of_all = [row for row in rows if row.segment == ALL]
        words = metadata.compared_with(reference.reference_version, span)
        text = alarm_text(
            database,
            spec,
            rows,
            lambda: Evidence(
                window=window,
                labels=labels,
                model_quality=rows,
                entries=entries,
                quality_before=normal_sums(spec, reference.quality, ALL, history),
                quality_now=sums,
                compared_with=words,
            ),
        )
        return {
            **metadata.table(len(rows), "monitoring.model_quality"),
            **metadata.model_quality(of_all, spec.main_metric),
            **metadata.failing_segments(rows),
            **metadata.explanation(text),
            "compared_with": words,
        }

    return work, earlier.changed
