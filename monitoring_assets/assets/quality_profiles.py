"""Layer `quality_profiles`: predictions against labels, as sums that add up.

Belongs here: joining stored predictions with stored labels and storing the sums, and the target
counted as a column of the same rows. Stays out: metrics and verdicts (model_quality).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.assets import metadata, runs
from monitoring_assets.assets.baselines import Baselines
from monitoring_assets.assets.hand_over import ROWS_AT_HAND
from monitoring_assets.assets.runs import (
    Recorder,
    WindowWork,
    define_asset,
    run_windows,
    window_asset_arguments,
)
from monitoring_assets.evaluation.labelled import (
    labelled_columns,
    labelled_rows,
    labelled_segments,
)
from monitoring_assets.evaluation.profiling import profile_quality, scored_rows
from monitoring_assets.evaluation.target_drift import profile_labelled
from monitoring_assets.records import WINDOW_LAYERS, LabelCounts, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, segments, window_counts
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import newest_computation
from monitoring_assets.storage.row_read import read_labelled
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets.storage.window_write import replace_window


def build_quality_profiles(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's error sums."""
    description = "Sums over predictions and labels; from these every quality metric is computed."

    @define_asset(window_asset_arguments(spec, Layer.QUALITY_PROFILES, description))
    def quality_profiles(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        record = partial(runs.computation, context, spec, Layer.QUALITY_PROFILES, runtime)
        work = quality_profiling(spec, store.database, record)
        return run_windows(context, spec, Layer.QUALITY_PROFILES, work)

    return quality_profiles


def quality_profiling(spec: ModelSpec, database: Database, record: Recorder) -> WindowWork:
    """Return what profiles the quality of one window and stores it."""
    baselines = Baselines(spec, database)
    entries = segments.read_segments(database, spec.model_id)

    def compute(window: Window) -> Mapping[str, Any]:
        labelled, reference = _labelled(database, spec, window), baselines.reference(window)
        scored = window_counts.read_counts(database, window).rows_scored
        counts = _label_counts(labelled, scored)
        masks = labelled_segments(spec, entries, labelled)
        sums = profile_quality(spec, labelled, reference.quality["centre"], masks)
        writes = [profiles.quality_profile_write(sums, scored_rows(labelled, masks))]
        if spec.columns.target is not None:
            observed = profile_labelled(spec, labelled, baselines.frozen_bins(window), masks)
            writes.append(profiles.target_profile_write(observed, spec.columns.target))
        made = replace(record(window), reference_version=reference.reference_version)
        replace_window(database, made, writes, labels=counts)
        return {
            **metadata.table(len(sums), "monitoring.quality_profile"),
            "labels": counts.labels,
            **({} if counts.coverage is None else {"label_coverage": counts.coverage}),
        }

    def work(window: Window) -> Mapping[str, Any]:
        while True:
            rests_on = _rests_on(database, window)
            found = compute(window)
            # Rows that another run stored after we read and before we wrote have smaller numbers
            # than our sums, which would pass for newer ones for ever.
            if _rests_on(database, window) == rests_on:
                return found

    return work


def _rests_on(database: Database, window: Window) -> tuple[int | None, ...]:
    layers = WINDOW_LAYERS[Layer.QUALITY_PROFILES]
    return tuple(newest_computation(database, window, layer) for layer in layers)


def _labelled(database: Database, spec: ModelSpec, window: Window) -> pa.Table:
    """Return predictions beside labels; those that this process has just stored are at hand."""
    predictions = ROWS_AT_HAND.find(database, window, Layer.PREDICTIONS)
    labels = ROWS_AT_HAND.find(database, window, Layer.LABELS)
    if predictions is not None and labels is not None:
        joined = labelled_rows(spec, predictions, labels)
        if joined is not None:
            return joined
    return read_labelled(
        database,
        row_table(database, spec.model_id, "predictions"),
        row_table(database, spec.model_id, "labels"),
        window.start,
        window.end,
        columns=labelled_columns(spec),
    )


def _label_counts(labelled: pa.Table, scored: int) -> LabelCounts:
    # A label of a row without a prediction (a source may leave some out) says nothing about it.
    scored_rows = labelled.filter(pc.is_valid(labelled.column("prediction")))
    known = scored_rows.filter(pc.is_valid(scored_rows.column("target")))
    newest = pc.max(known.column("knowledge_time")).as_py()
    return LabelCounts(
        labels=known.num_rows,
        coverage=known.num_rows / scored if scored else None,
        newest_knowledge_time=newest,
    )
