"""Layer `reference_data`: what "normal" is, measured once and frozen.

Belongs here: rows of the reference period with predictions the model did not train on, their bins
and profiles, as a new version only if something changed. Stays out: comparing windows with it.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.assets import metadata, names, runs
from monitoring_assets.assets.fingerprints import fingerprints_of
from monitoring_assets.assets.runs import asset_arguments, define_asset
from monitoring_assets.assets.scoring import append, with_answers, with_predictions
from monitoring_assets.errors import DataError
from monitoring_assets.evaluation.data_drift import methods_in_use
from monitoring_assets.evaluation.reference import MeasuredReference, measure_reference
from monitoring_assets.records import Computation, Layer, Reference
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import models, references, registry, segments
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import record_unchanged
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_reference_rows
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
        current = references.newest_reference_or_none(database, spec.model_id)
        if current is None or current.fingerprint != fingerprint:
            current = _measure_and_store(database, spec, record, (rows, fingerprint, current))
        else:
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


def _measure_and_store(
    database: Database,
    spec: ModelSpec,
    record: Computation,
    found: tuple[pa.Table, str, Reference | None],
) -> Reference:
    """Store the next version of the reference; bins stay those of the one before if they can."""
    rows, fingerprint, before = found
    measured = measured_rows(database, spec, rows, ladders=True)
    start, end = _span(spec, rows)
    reference = Reference(
        model_id=spec.model_id,
        reference_version=before.reference_version + 1 if before else 1,
        period_start=start,
        period_end=end,
        rows=measured.rows,
        model_version=measured.model_version,
        fingerprint=fingerprint,
        quality=measured.quality,
    )
    record = replace(record, reference_version=reference.reference_version)
    _store_rows(database, spec, record, rows)
    segments.save_segments(database, spec.model_id, measured.segments)
    references.save_reference(
        database, record, reference, measured.bins, measured.profiles, stored_ladders(measured)
    )
    return reference


def measured_rows(
    database: Database, spec: ModelSpec, rows: pa.Table, *, ladders: bool
) -> MeasuredReference:
    """Return what the rows of a reference come to, by the bins and segments that there are."""
    existing = references.read_bins(database, spec.model_id)
    known = segments.read_segments(database, spec.model_id)
    return measure_reference(spec, rows, existing, known, ladders=ladders)


def stored_ladders(measured: MeasuredReference) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the null ladders as they are stored: by (segment, column), then by method."""
    stored: dict[tuple[str, str], dict[str, Any]] = {}
    for (segment, column, method), ladder in measured.ladders.items():
        stored.setdefault((segment, column), {})[method] = ladder.to_plain()
    return stored


def _store_rows(database: Database, spec: ModelSpec, record: Computation, rows: pa.Table) -> None:
    """Store the rows before the reference that names them, so that it never lacks them.

    Their line in the ledger names no YAML: if the reference is then not stored, a model must not
    look as if its reference had been measured under the present one.
    """
    names_of_columns = [entry.column_name for entry in spec.column_dictionary()]
    stored = rows.select(
        ["row_id", "event_time", "rejected_by", "model_version", *names_of_columns]
    )
    target = ensure_row_table(database, spec, "reference", stored.schema)
    replace_reference_rows(database, replace(record, spec_hash=""), target, stored)


def reference_span(spec: ModelSpec) -> tuple[datetime | None, datetime | None]:
    """Return what is read for the reference; without a period, everything its source has."""
    days = spec.reference_period
    return spec.period(days) if days else (None, None)


def answered_rows(spec: ModelSpec, rows: pa.Table, database: Database) -> pa.Table:
    """Return all rows of the reference; those that pass the filters have a prediction.

    Where the model learned from the period, predictions are out-of-fold; elsewhere it makes them.
    """
    days = spec.reference_period
    version = models.newest_deployment(database, spec.model_id) if spec.model else None
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


def reference_fingerprint(spec: ModelSpec, rows: pa.Table) -> str:
    """Return a hash of the rows, of how they are counted, cut and measured, and of the methods."""
    entries = [(e.column_name, e.kind.value, e.role.value) for e in spec.column_dictionary()]
    counted: tuple[Any, ...] = (entries, methods_in_use(spec))
    if spec.classification is not None:
        counted += (spec.classification.classes, spec.classification.positive)
    if spec.segments:
        counted += (spec.segments,)
    digest = hashlib.sha256(repr(counted).encode())
    for name in sorted(rows.column_names):
        digest.update(name.encode())
        # Through IPC: the buffers of an array also hold what lies outside its slice.
        column = pa.RecordBatch.from_arrays([rows.column(name).combine_chunks()], [name])
        digest.update(column.serialize())
    return digest.hexdigest()[:32]
