"""The reference of a version that was promoted: the rows it learned from, predicted out of fold.

Belongs here: measuring it for the promotion, and again where the YAML measures otherwise. Stays
out: the reference that the YAML names (assets/reference_data.py), storing (assets/measuring.py).
"""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from monitoring_assets.assets.measuring import (
    About,
    again_if_taken,
    next_version,
    version_fingerprint,
)
from monitoring_assets.assets.retraining.candidate_model import asked_for
from monitoring_assets.assets.retraining.rows import GatheredRows
from monitoring_assets.assets.scoring import append, with_answers
from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.records import ColumnKind, Computation, Decision, Reference
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import present_references
from monitoring_assets.storage.in_force import references_in_force
from monitoring_assets.storage.models import read_model_version
from monitoring_assets.storage.reference_numbers import next_number
from monitoring_assets.storage.references import ReferenceWrite, save_reference
from monitoring_assets.storage.row_read import read_reference_rows
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets.training import fit


def measure_for_version(
    spec: ModelSpec,
    database: Database,
    record: Computation,
    rows: GatheredRows,
    trained: tuple[Decision, str],
) -> ReferenceWrite:
    """Return the reference of a version that has just been trained, its rows stored already.

    Parameters
    ----------
    record
        Line of the ledger of layer `reference_data`.
    trained
        The decision that it was trained for, and the version.
    """
    decision, version = trained
    known = read_model_version(database, spec.model_id, version)
    about = About(
        number=next_number(database, spec.model_id),
        period=(rows.windows[0].start, rows.windows[-1].end),
        fingerprint=version_fingerprint(spec, version, known.data_hash),
        for_model_version=version,
        centre=present_references(database, spec).of_yaml.quality["centre"],
    )
    answered = _out_of_fold(asked_for(spec, decision), rows.training, version)
    # Without a YAML in the ledger: the newest line with one says what the source held for it.
    return next_version(database, spec, replace(record, spec_hash=""), answered, about)


def measure_versions_again(spec: ModelSpec, database: Database, record: Computation) -> None:
    """Measure the references of promoted versions anew that the present YAML measures otherwise.

    Their rows are those that were stored with them; a column that has come since is missing there.
    """
    while again_if_taken(lambda: _one_measured_again(spec, database, record)):
        pass


def _measured_otherwise(
    spec: ModelSpec, database: Database, number: int
) -> Iterator[tuple[Reference, About]]:
    """Yield the references of versions that the YAML measures otherwise, and what they become."""
    try:
        known = references_in_force(database, spec.model_id)
    except ReferenceMissingError:
        return
    for reference in known.all:
        version = reference.for_model_version
        if version is None:
            continue
        data_hash = read_model_version(database, spec.model_id, version).data_hash
        fingerprint = version_fingerprint(spec, version, data_hash)
        if fingerprint != reference.fingerprint:
            about = About(
                number=number,
                period=(reference.period_start, reference.period_end),
                fingerprint=fingerprint,
                for_model_version=version,
                centre=reference.quality["centre"],
            )
            yield reference, about


def _one_measured_again(spec: ModelSpec, database: Database, record: Computation) -> bool:
    """Measure one of them anew; return False if none is left."""
    number = next_number(database, spec.model_id)
    found = next(_measured_otherwise(spec, database, number), None)
    if found is None:
        return False
    outdated, about = found
    stored = row_table(database, spec.model_id, "reference")
    rows = read_reference_rows(database, stored, outdated.reference_version)
    # Without a YAML in the ledger: only when all are measured are they the present one's.
    unnamed = replace(record, spec_hash="")
    rows = _with_all_columns(spec, rows)
    save_reference(database, next_version(database, spec, unnamed, rows, about))
    return True


def _with_all_columns(spec: ModelSpec, rows: pa.Table) -> pa.Table:
    for entry in spec.column_dictionary():
        if entry.column_name not in rows.column_names:
            kind = pa.float64() if entry.kind is ColumnKind.NUMERICAL else pa.string()
            rows = append(rows, entry.column_name, pa.nulls(rows.num_rows, kind))
    return rows


def _out_of_fold(spec: ModelSpec, rows: pa.Table, version: str) -> pa.Table:
    rows = append(rows, "rejected_by", pa.nulls(rows.num_rows, pa.string()))
    passing = pa.chunked_array([pa.array([True] * rows.num_rows)])
    answered = with_answers(rows, spec, fit.out_of_fold_predictions(spec, rows), passing)
    return append(answered, "model_version", pa.array([version] * rows.num_rows, pa.string()))
