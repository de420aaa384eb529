"""From answered rows to the next version of a reference.

Belongs here: what is stored of a version: rows, bins, profiles, null ladders, fingerprint. Stays
out: which rows (reference_data.py, retraining/new_reference.py), counting them (evaluation).
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import pyarrow as pa

from monitoring_assets.errors import ReferenceTakenError
from monitoring_assets.evaluation.data_drift import methods_in_use
from monitoring_assets.evaluation.reference import MeasuredReference, measure_reference
from monitoring_assets.records import Computation, Reference
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import references, segments
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.references import ReferenceWrite
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_reference_rows

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a version of the reference beside its rows.

    Parameters
    ----------
    number
        Of the version, chosen before looking whether it is needed (`next_number`).
    for_model_version
        The version whose windows are compared with it; None: the reference that the YAML names.
    centre
        Frozen centre of the target's moments; None: the mean of the rows.
    """

    number: int
    period: tuple[datetime, datetime]
    fingerprint: str
    for_model_version: str | None = None
    centre: float | None = None


def again_if_taken(measure_and_store: Callable[[], Result]) -> Result:
    """Measure and store a reference, once more whenever somebody else has taken its number.

    Parameters
    ----------
    measure_and_store
        Also looks anew whether it is needed: what somebody else has stored may be this very one.
    """
    while True:
        try:
            return measure_and_store()
        except ReferenceTakenError:
            continue


def next_version(
    database: Database, spec: ModelSpec, record: Computation, rows: pa.Table, about: About
) -> ReferenceWrite:
    """Measure the next version of the reference and store its rows; the rest is left to the caller.

    Bins stay those that there are, if they can.

    Parameters
    ----------
    record
        Line of the ledger of layer `reference_data`.
    rows
        With predictions that no model made of rows it learned from.

    Raises
    ------
    ReferenceTakenError
        Somebody else has stored a reference of this number; nothing was written.
    """
    measured = measured_rows(database, spec, rows, ladders=True, centre=about.centre)
    reference = Reference(
        model_id=spec.model_id,
        reference_version=about.number,
        period_start=about.period[0],
        period_end=about.period[1],
        rows=measured.rows,
        model_version=measured.model_version,
        fingerprint=about.fingerprint,
        quality=measured.quality,
        for_model_version=about.for_model_version,
    )
    record = replace(record, reference_version=reference.reference_version)
    stored_by = _store_rows(database, spec, record, rows)
    segments.save_segments(database, spec.model_id, measured.segments)
    return ReferenceWrite(
        computation=record,
        reference=reference,
        bins=measured.bins,
        profiles=measured.profiles,
        ladders=_stored_ladders(measured),
        rows_stored_by=stored_by,
    )


def measured_rows(
    database: Database,
    spec: ModelSpec,
    rows: pa.Table,
    *,
    ladders: bool,
    centre: float | None = None,
) -> MeasuredReference:
    """Return what the rows of a reference come to, by the bins and segments that there are."""
    existing = references.read_bins(database, spec.model_id)
    known = segments.read_segments(database, spec.model_id)
    return measure_reference(spec, rows, existing, known, ladders=ladders, centre=centre)


def _stored_ladders(measured: MeasuredReference) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the null ladders as they are stored: by (segment, column), then by method."""
    stored: dict[tuple[str, str], dict[str, Any]] = {}
    for (segment, column, method), ladder in measured.ladders.items():
        stored.setdefault((segment, column), {})[method] = ladder.to_plain()
    return stored


def reference_fingerprint(spec: ModelSpec, rows: pa.Table) -> str:
    """Return a hash of the rows, of how they are counted, cut and measured, and of the methods."""
    digest = hashlib.sha256(repr((*_counted(spec),)).encode())
    for name in sorted(rows.column_names):
        digest.update(name.encode())
        # Through IPC: the buffers of an array also hold what lies outside its slice.
        column = pa.RecordBatch.from_arrays([rows.column(name).combine_chunks()], [name])
        digest.update(column.serialize())
    return digest.hexdigest()[:32]


def version_fingerprint(spec: ModelSpec, model_version: str, data_hash: str | None) -> str:
    """Return the same for the rows that a version learned from, which never change."""
    text = repr((*_counted(spec), model_version, data_hash))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _counted(spec: ModelSpec) -> Iterator[Any]:
    """Yield what the numbers of a reference depend on beside its rows."""
    yield [(e.column_name, e.kind.value, e.role.value) for e in spec.column_dictionary()]
    yield methods_in_use(spec)
    if spec.classification is not None:
        yield from (spec.classification.classes, spec.classification.positive)
    if spec.segments:
        yield spec.segments


def _store_rows(database: Database, spec: ModelSpec, record: Computation, rows: pa.Table) -> int:
    """Store the rows before the reference that names them, so that it never lacks them.

    Their line in the ledger names no YAML: if the reference is then not stored, a model must not
    look as if its reference had been measured under the present one.
    """
    names_of_columns = [entry.column_name for entry in spec.column_dictionary()]
    stored = rows.select(
        ["row_id", "event_time", "rejected_by", "model_version", *names_of_columns]
    )
    target = ensure_row_table(database, spec, "reference", stored.schema)
    return replace_reference_rows(database, replace(record, spec_hash=""), target, stored)
