"""Layer `reference_data`: what "normal" is, measured once and frozen.

Belongs here: rows of the reference period with predictions the model did not train on, their bins
and profiles, as a new version only if something changed. Stays out: comparing windows with it, what
is stored of a version (measuring.py), the references of promoted versions (retraining).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.assets import metadata, names, runs
from monitoring_assets.assets.fingerprints import fingerprints_of
from monitoring_assets.assets.measuring import (
    About,
    again_if_taken,
    next_version,
    reference_fingerprint,
)
from monitoring_assets.assets.retraining.new_reference import measure_versions_again
from monitoring_assets.assets.runs import asset_arguments, define_asset
from monitoring_assets.assets.scoring import append, with_answers, with_predictions
from monitoring_assets.errors import DataError
from monitoring_assets.records import Computation, Layer, Reference
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import models, references, registry
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import record_unchanged
from monitoring_assets.storage.reference_numbers import next_number
from monitoring_assets.training import fit


def build_reference_data(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that measures the reference."""
    description = "The rows that normal is measured from, with out-of-fold predictions; versioned."
    arguments = asset_arguments(spec, Layer.REFERENCE_DATA, description)
    upstream = [names.asset_key(spec.model_id, Layer.DEPLOYED_MODEL)] if spec.model else []

    @define_asset(arguments, deps=upstream, metadata=metadata.column_schema(spec))
    def reference_data(
        context: dg.AssetExecutionContext, store: Store, runtime: Runtime
    ) -> "dg.MaterializeResult[Any]":
        database = store.database
        source = runtime.reference_source(spec)
        registry.register_model(database, spec, runtime.now())
        registry.write_planted_changes(database, spec.model_id, source.planted_changes())
        record = replace(
            runs.computation(context, spec, Layer.REFERENCE_DATA, runtime),
            source_stamp=source.stamp(*reference_span(spec)),
        )
        found = source.read(*reference_span(spec))
        fingerprints = fingerprints_of(spec, runtime)
        record = replace(record, source_fingerprint=fingerprints.of_table(found.table))
        rows = answered_rows(spec, found.table, database)
        fingerprint = reference_fingerprint(spec, rows)
        # First, for bins of a column that is new come from it: versions have never seen the column.
        unnamed = replace(record, spec_hash="")
        current = again_if_taken(
            lambda: _brought_up_to_date(database, spec, unnamed, rows, fingerprint)
        )
        measure_versions_again(spec, database, record)
        # Last, for this line says that all of them are measured under this YAML.
        known = replace(record, reference_version=current.reference_version)
        record_unchanged(database, known)
        return dg.MaterializeResult(
            metadata={
                **metadata.table(current.rows, "monitoring.reference"),
                "reference_version": current.reference_version,
                "period": f"{current.period_start} to {current.period_end}",
                **{f"quality/{k}": v for k, v in current.quality["metrics"].items()},
                **{f"source/{k}": v for k, v in source.describe().items()},
            }
        )

    return reference_data


def _brought_up_to_date(
    database: Database, spec: ModelSpec, record: Computation, rows: pa.Table, fingerprint: str
) -> Reference:
    """Return the reference of these rows, measured unless it is there already."""
    number = next_number(database, spec.model_id)
    current = references.newest_reference(database, spec.model_id, of_yaml=True)
    if current is not None and current.fingerprint == fingerprint:
        return current
    about = About(number=number, period=_span(spec, rows), fingerprint=fingerprint)
    write = next_version(database, spec, record, rows, about)
    references.save_reference(database, write)
    return write.reference


def reference_span(spec: ModelSpec) -> tuple[datetime | None, datetime | None]:
    """Return what is read for the reference; without a period, everything its source has."""
    days = spec.reference_period
    return spec.period(days) if days else (None, None)


def answered_rows(spec: ModelSpec, rows: pa.Table, database: Database) -> pa.Table:
    """Return all rows of the reference; those that pass the filters have a prediction.

    Where the model learned from the period, predictions are out-of-fold; elsewhere it makes them.
    """
    days = spec.reference_period
    deployed = models.deployments(database, spec.model_id) if spec.model else []
    # The first version: those that were promoted have references of their own.
    version = deployed[0] if deployed else None
    if spec.model is not None and spec.reference.source is None and days == spec.model.training:
        rows = _with_out_of_fold(spec, rows)
        label = version.model_version if version else "none"
        rows = append(rows, "model_version", pa.array([label] * rows.num_rows, pa.string()))
    else:
        number = version.model_version if version else None
        rows = with_predictions(rows, spec, database, number)
    passing = pc.is_null(rows.column("rejected_by"))
    if not pc.any(passing).as_py():
        where = f"period {days.start} to {days.end}" if days else "source of its own"
        raise DataError(
            f"model '{spec.model_id}': no row of the reference's {where} passes the filters"
            f" ({rows.num_rows} rows read); look at `reference` and `filters`"
        )
    return rows


def _span(spec: ModelSpec, rows: pa.Table) -> tuple[datetime, datetime]:
    """Return the period of a reference; without one, from its first row to just after its last.

    Rows that have no time at all count as known when the first window begins.
    """
    if spec.reference_period is not None:
        return spec.period(spec.reference_period)
    ends = pc.min_max(rows.column("event_time")).as_py()
    start = spec.windows.midnight(spec.windows.start)
    if ends["min"] is None:
        return start, start
    return ends["min"], ends["max"] + timedelta(microseconds=1)


def _with_out_of_fold(spec: ModelSpec, rows: pa.Table) -> pa.Table:
    usable = pc.and_(
        pc.is_null(rows.column("rejected_by")), pc.is_valid(rows.column(str(spec.columns.target)))
    )
    mask = usable.to_numpy(zero_copy_only=False)
    predictions = fit.unanswered(spec, rows.num_rows)
    predictions[mask] = fit.out_of_fold_predictions(spec, rows.filter(usable))
    return with_answers(rows, spec, predictions, usable)
