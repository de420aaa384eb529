"""Layer `labels`: what turned out to be true, with the moment from which it was known.

Belongs here: labels of a window that is computed. Stays out: which rows of the source are labels
(sources/window_labels.py), labels that come after that (late_labels.py), joining them with
predictions (quality_profiles.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
import pyarrow.compute as pc

from monitoring_assets.assets import metadata, names, runs
from monitoring_assets.assets.fingerprints import fingerprints_of
from monitoring_assets.assets.hand_over import ROWS_AT_HAND
from monitoring_assets.assets.label_start import note_reading_start
from monitoring_assets.assets.partitions import require_ready
from monitoring_assets.assets.runs import define_asset, run_windows, window_asset_arguments
from monitoring_assets.records import Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.labels import merge_labels
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets.storage.staleness import newest_hash


def build_labels(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that stores a window's labels."""
    description = "The true values of a window's rows, and when they became known."
    if spec.labels_have_times:
        description += (
            f" Those that come later are read by the job {names.labels_job(spec.model_id)}."
        )

    @define_asset(window_asset_arguments(spec, Layer.LABELS, description))
    def labels(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        source, fingerprints = runtime.window_labels(spec), fingerprints_of(spec, runtime)
        newest = source.newest_event_time()
        note_reading_start(spec, database, runtime.label_feed(spec), runtime.now())

        def work(window: Window) -> Mapping[str, Any]:
            require_ready(spec, window, runtime.now(), newest)
            record = replace(
                runs.computation(context, spec, Layer.LABELS, runtime, window),
                source_stamp=source.stamp(window.start, window.end),
            )
            found = source.read(window.start, window.end)
            record = replace(record, source_fingerprint=fingerprints.of_table(found))
            # One that is dated in the future waits until then, as if it came late.
            known = pc.less(found.column("knowledge_time"), runtime.now())
            rows = found.filter(known) if spec.labels_have_times else found
            target = ensure_row_table(database, spec, "labels", rows.schema)
            if not spec.labels_have_times:
                number = replace_window_rows(database, record, target, rows)
                ROWS_AT_HAND.keep(database, window, Layer.LABELS, number, rows)
            elif newest_hash(database, window, Layer.LABELS) == record.spec_hash:
                # What was known once stays known, also if the source has forgotten it.
                merge_labels(database, record, target, rows, record_always=True)
            else:
                # Labels of another target, or from elsewhere, would go on to count beside these.
                replace_window_rows(database, record, target, rows)
            return metadata.table(rows.num_rows, target.qualified_name)

        return run_windows(context, spec, Layer.LABELS, work)

    return labels
