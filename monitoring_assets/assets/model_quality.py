"""Layer `model_quality`: how good a window's predictions were, and whether what happened is usual.

Belongs here: sums and the target's profiles in, metrics, its drift and verdicts stored. Stays out:
formulas and rules (evaluation).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import dagster as dg

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.baselines import Baselines
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
from monitoring_assets.evaluation.explaining.normal import Compared, compared, normal_sums
from monitoring_assets.evaluation.explaining.window import Evidence
from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.segment_quality import (
    declared_segments,
    segment_labels,
    segment_normal,
    versions_of,
)
from monitoring_assets.evaluation.target_drift import judge_target_drift
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import (
    ALL,
    DriftScore,
    LabelCounts,
    Layer,
    ModelQuality,
    Window,
)
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, results, segments, window_counts
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.window_write import SliceWrite, replace_window


def build_model_quality(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's quality metrics."""
    description = "Quality metrics with 95 % intervals, and drift of the target."

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
) -> tuple[WindowWork, Callable[..., Sequence[Window]]]:
    """Return what judges the quality of one window, and `EarlierWindows.changed` of what it does.

    Parameters
    ----------
    windows
        All windows of the run.
    """
    baselines = Baselines(spec, database)
    entries = segments.read_segments(database, spec.model_id)
    declared = declared_segments(spec, entries)
    read = partial(profiles.read_quality_profiles_between, segments=declared)
    earlier = EarlierWindows(database, spec, windows, Layer.QUALITY_PROFILES, read)
    observed = _Observed(spec, database, baselines)

    def work(window: Window) -> Mapping[str, Any]:
        reference = baselines.reference(window)
        sums = profiles.read_quality_profiles(database, window)
        scored = profiles.read_scored_rows(database, window)
        labels = window_counts.read_label_counts(database, window)
        span = earlier.span(window)
        history = None if span is None else earlier.within(span)
        rows: list[ModelQuality] = []
        names = dict.fromkeys(one for one, _ in sums) or declared
        known = {name: segment_labels(sums, scored, labels, name) for name in names}
        for name in names:
            normal = segment_normal(spec, reference.quality, name, history)
            rows += judge_quality(spec, versions_of(sums, name), normal, known[name], name)
            if name == ALL and normal is reference.quality["metrics"]:
                span = None
        drift = observed.judge(window, known)
        judged_by = replace(record(window), reference_version=reference.reference_version)
        writes = [results.model_quality_write(rows), *observed.writes(drift)]
        replace_window(database, judged_by, writes)
        of_all = [row for row in rows if row.segment == ALL]
        words = metadata.compared_with(reference.reference_version, span)
        text = alarm_text(
            database,
            spec,
            [*rows, *drift],
            lambda: Evidence(
                window=window,
                labels=labels,
                drift=drift,
                model_quality=rows,
                entries=entries,
                quality_before=normal_sums(spec, reference.quality, ALL, history),
                compared=observed.compared(window),
                quality_now=sums,
                compared_with=words,
            ),
        )
        return {
            **metadata.table(len(rows), "monitoring.model_quality"),
            **metadata.model_quality(of_all, spec.main_metric),
            **metadata.target_drift(drift),
            **metadata.failing_segments([*rows, *drift]),
            **metadata.explanation(text),
            "compared_with": words,
        }

    return work, earlier.changed


@dataclass(frozen=True)
class _Observed:
    """Judges drift of the target, against the fixed reference; says nothing without a target."""

    spec: ModelSpec
    database: Database
    baselines: Baselines

    def judge(self, window: Window, labels: Mapping[str, LabelCounts]) -> list[DriftScore]:
        """Return the scores of every segment, of which `labels` has the counts."""
        target = self.spec.columns.target
        if target is None:
            return []
        counted, bins = self._counted(window, target), self.baselines.frozen_bins(window)
        fixed = self.baselines.fixed(window, target)
        return [
            score
            for name, known in labels.items()
            for score in judge_target_drift(self.spec, counted, fixed, bins, known, name)
        ]

    def writes(self, scores: Sequence[DriftScore]) -> list[SliceWrite]:
        """Return what replaces the scores of a window's target."""
        target = self.spec.columns.target
        return [] if target is None else [results.target_drift_write(scores, target)]

    def compared(self, window: Window) -> Compared:
        """Return what the scores were computed from."""
        target = self.spec.columns.target
        if target is None:
            return compared({}, {}, {})
        fixed = self.baselines.fixed(window, target)
        return compared(
            fixed.profiles, self._counted(window, target), self.baselines.frozen_bins(window)
        )

    def _counted(self, window: Window, target: str) -> dict[tuple[str, str], ColumnProfile]:
        return profiles.read_window_profiles(self.database, window, column=target)
