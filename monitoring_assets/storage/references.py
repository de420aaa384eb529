"""The reference: its frozen bins, its profiles, its quality, version by version.

Belongs here: saving and loading all of it. Stays out: rows of the reference (row_write.py,
row_read.py), bins as rows (bins.py), measuring (package evaluation).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.metrics.bins import Bins, CategoricalBins
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import Computation, Reference
from monitoring_assets.storage import tables
from monitoring_assets.storage.bins import bins_in, newest_bins, settled_bins, write_bins
from monitoring_assets.storage.computations import record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock, lock_slice
from monitoring_assets.storage.profiles import ColumnProfiles, profile_of, profile_rows
from monitoring_assets.storage.reference_numbers import require_own
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.window_write import explained

Ladders = Mapping[tuple[str, str], Mapping[str, Any]]
"""(segment, column name) -> null ladder by method."""


@dataclass(frozen=True, kw_only=True)
class ReferenceWrite:
    """A version of the reference with all that is stored of it, beside its rows.

    Parameters
    ----------
    computation
        Where it came from.
    bins
        By column.
    ladders
        (segment, column name) -> null ladder by method.
    rows_stored_by
        Number of the computation that stored its rows; None: whoever did.
    """

    computation: Computation
    reference: Reference
    bins: Mapping[str, Bins]
    profiles: ColumnProfiles
    ladders: Ladders = field(default_factory=dict[tuple[str, str], Mapping[str, Any]])
    rows_stored_by: int | None = None


def save_reference(database: Database, measured: ReferenceWrite) -> int:
    """Store a version of the reference, replacing one of the same number, in one transaction.

    Bins that are the stored ones, or a dictionary that the stored one has grown out of, keep their
    version. Others get the next one, so that counts over old and new bins are never compared.

    Returns
    -------
    int
        Number of the computation.

    Raises
    ------
    ReferenceTakenError
        Somebody else has stored another reference of this number; nothing was written.
    """
    reference = measured.reference
    doing = f"saving reference version {reference.reference_version} of '{reference.model_id}'"
    with database.begin() as connection, explained(doing):
        return write_reference(connection, measured)


def write_reference(connection: sa.Connection, measured: ReferenceWrite) -> int:
    """Store a version of the reference in an open transaction; return the computation's number."""
    reference, transaction = measured.reference, SqlTransaction(connection)
    lock_slice(transaction, reference.model_id, measured.computation.layer, None)
    require_own(transaction, measured.computation, reference, measured.rows_stored_by)
    lock(transaction, "bins", reference.model_id)
    computation_id = record_computation(transaction, measured.computation)
    settled = settled_bins(newest_bins(connection, reference.model_id), measured.bins)
    write_bins(connection, reference.model_id, settled)
    versions = {column: one.version for column, one in settled.items()}
    _write_reference(connection, reference, computation_id)
    rows = profile_rows(_renumbered(measured.profiles, versions))
    _write_profiles(connection, reference, rows, measured.ladders, computation_id)
    return computation_id


def read_references(database: Database, model_id: str) -> tuple[Reference, ...]:
    """Return all versions of the reference of a model, oldest first."""
    table = tables.reference
    statement = (
        sa.select(*(table.c[name] for name in _FIELDS))
        .where(table.c.model_id == model_id)
        .order_by(table.c.reference_version)
    )
    with database.connect() as connection:
        return tuple(Reference(**row) for row in connection.execute(statement).mappings())


def newest_reference(
    database: Database, model_id: str, *, of_yaml: bool = False
) -> Reference | None:
    """Return the newest version of the reference, or None.

    Parameters
    ----------
    of_yaml
        Only of the one that the YAML names, not of those measured for a promoted version.
    """
    named = [tables.reference.c.for_model_version.is_(None)] if of_yaml else []
    return _newest(database, model_id, *named)


def read_reference(database: Database, model_id: str, reference_version: int) -> Reference | None:
    """Return one version of the reference, or None."""
    return _newest(database, model_id, tables.reference.c.reference_version == reference_version)


def read_reference_profiles(
    database: Database,
    model_id: str,
    reference_version: int,
    segments: Collection[str] | None = None,
    *,
    column: str | None = None,
) -> dict[tuple[str, str], ColumnProfile]:
    """Return the profiles of a version of the reference by (segment, column name).

    Parameters
    ----------
    segments
        Those that are wanted; None: all of them.
    column
        The only column that is wanted; None: all of them.
    """
    table = tables.reference_profile
    columns = [one for one in table.c if one is not table.c.null_ladder]
    wanted = [] if segments is None else [table.c.segment.in_(segments)]
    wanted += _of_column(column)
    rows = _profiles(database, (model_id, reference_version), columns, wanted)
    return {(row["segment"], row["column_name"]): profile_of(row) for row in rows}


def read_null_ladders(
    database: Database, model_id: str, reference_version: int, *, column: str | None = None
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the null ladders of a version of the reference by (segment, column name).

    Parameters
    ----------
    column
        The only column that is wanted; None: all of them.
    """
    table = tables.reference_profile
    columns = (table.c.segment, table.c.column_name, table.c.null_ladder)
    rows = _profiles(database, (model_id, reference_version), columns, _of_column(column))
    return {(row["segment"], row["column_name"]): row["null_ladder"] for row in rows}


def read_bins(database: Database, model_id: str) -> dict[str, Bins]:
    """Return the newest bins of every column."""
    with database.connect() as connection:
        return newest_bins(connection, model_id)


def extend_categories(
    database: Database, reference: Reference, unseen: Mapping[str, Sequence[str]]
) -> dict[str, Bins]:
    """Append unseen categories to the dictionaries of a reference, as far as their caps allow.

    Two who do this at once append one after the other; what is already there is not doubled, and
    nothing is ever reordered.

    Returns
    -------
    dict
        The bins of every column of the reference, the untouched ones too.
    """
    model_id = reference.model_id
    doing = f"extending the categories of model '{model_id}'"
    with database.begin() as connection, explained(doing):
        lock(SqlTransaction(connection), "bins", model_id)
        known = bins_in(connection, reference)
        grown: dict[str, Bins] = {}
        for column, categories in unseen.items():
            dictionary = known.get(column)
            if not isinstance(dictionary, CategoricalBins):
                raise StorageError(f"{doing}: column {column!r} has no dictionary of categories")
            grown[column] = dictionary.extended(categories)
        write_bins(connection, model_id, grown)
    return known | grown


_FIELDS = (
    "model_id",
    "reference_version",
    "period_start",
    "period_end",
    "rows",
    "model_version",
    "fingerprint",
    "quality",
    "for_model_version",
)


def _newest(database: Database, model_id: str, *where: sa.ColumnElement[bool]) -> Reference | None:
    table = tables.reference
    statement = (
        sa.select(*(table.c[name] for name in _FIELDS))
        .where(table.c.model_id == model_id, *where)
        .order_by(table.c.reference_version.desc())
        .limit(1)
    )
    with database.connect() as connection:
        row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Reference(**row)


def _profiles(
    database: Database,
    reference: tuple[str, int],
    columns: Sequence[sa.Column[Any]],
    wanted: Sequence[sa.ColumnElement[bool]] = (),
) -> Sequence[Mapping[Any, Any]]:
    table = tables.reference_profile
    statement = sa.select(*columns).where(
        table.c.model_id == reference[0], table.c.reference_version == reference[1], *wanted
    )
    with database.connect() as connection:
        return connection.execute(statement).mappings().all()


def _of_column(column: str | None) -> list[sa.ColumnElement[bool]]:
    table = tables.reference_profile
    return [] if column is None else [table.c.column_name == column]


def _renumbered(profiles: ColumnProfiles, versions: Mapping[str, int]) -> ColumnProfiles:
    """Name in each profile the version under which its bins are stored."""
    return {
        (segment, column): replace(profile, bins_version=versions[column])
        for (segment, column), profile in profiles.items()
    }


def _write_reference(connection: sa.Connection, reference: Reference, computation_id: int) -> None:
    for table in (tables.reference, tables.reference_profile):
        connection.execute(
            sa.delete(table).where(
                table.c.model_id == reference.model_id,
                table.c.reference_version == reference.reference_version,
            )
        )
    row = {name: getattr(reference, name) for name in _FIELDS} | {
        "quality": dict(reference.quality),
        "computation_id": computation_id,
        "created_at": sa.func.now(),
    }
    connection.execute(sa.insert(tables.reference).values(row))


def _write_profiles(
    connection: sa.Connection,
    reference: Reference,
    rows: Sequence[Mapping[str, Any]],
    ladders: Ladders,
    computation_id: int,
) -> None:
    filled = [
        {
            **row,
            "model_id": reference.model_id,
            "reference_version": reference.reference_version,
            "null_ladder": dict(ladders.get((row["segment"], row["column_name"]), {})),
            "computation_id": computation_id,
        }
        for row in rows
    ]
    if filled:
        connection.execute(sa.insert(tables.reference_profile), filled)
