"""Bins as rows of table `bins`.

Belongs here: from bins to a row and back, and which version bins are stored under. Stays out: when
bins are made or grow (references.py), transactions.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from monitoring_assets.metrics.bins import Bins, CategoricalBins, NumericalBins
from monitoring_assets.records import Reference
from monitoring_assets.storage.tables import bins as table
from monitoring_assets.storage.tables import reference_profile as profile

_KEY = ("model_id", "column_name", "bins_version")
_NOTHING = ("edges", "coarse_groups", "categories", "cap", "centre", "scale", "is_discrete")


def newest_bins(connection: sa.Connection, model_id: str) -> dict[str, Bins]:
    """Return the newest bins of every column of a model."""
    statement = (
        sa.select(table)
        .where(table.c.model_id == model_id)
        .ext(distinct_on(table.c.column_name))
        .order_by(table.c.column_name, table.c.bins_version.desc())
    )
    rows = connection.execute(statement).mappings()
    return {row["column_name"]: _bins(row) for row in rows}


def bins_of_versions(
    connection: sa.Connection, model_id: str, versions: Mapping[str, int]
) -> dict[str, Bins]:
    """Return the bins of columns in these versions."""
    wanted = sa.tuple_(table.c.column_name, table.c.bins_version).in_([*versions.items()])
    statement = sa.select(table).where(table.c.model_id == model_id, wanted)
    return {row["column_name"]: _bins(row) for row in connection.execute(statement).mappings()}


def bins_in(connection: sa.Connection, reference: Reference) -> dict[str, Bins]:
    """Return the bins by which a version of the reference was counted, as they are by now."""
    statement = (
        sa.select(profile.c.column_name, sa.func.max(profile.c.bins_version).label("bins_version"))
        .where(
            profile.c.model_id == reference.model_id,
            profile.c.reference_version == reference.reference_version,
        )
        .group_by(profile.c.column_name)
    )
    versions = {row.column_name: row.bins_version for row in connection.execute(statement)}
    return bins_of_versions(connection, reference.model_id, versions)


def write_bins(connection: sa.Connection, model_id: str, bins: Mapping[str, Bins]) -> None:
    """Store bins under their versions; of stored ones only the categories may have grown."""
    rows = [
        {"model_id": model_id, "column_name": column, **_row(one)} for column, one in bins.items()
    ]
    if rows:
        statement = insert(table)
        grown = {"categories": statement.excluded.categories}
        connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=grown), rows)


def settled_bins(known: Mapping[str, Bins], new: Mapping[str, Bins]) -> dict[str, Bins]:
    """Return new bins under the version they are to be stored by."""
    return {column: _settled(known.get(column), one) for column, one in new.items()}


def _settled(known: Bins | None, new: Bins) -> Bins:
    if known is None:
        return replace(new, version=1)
    if isinstance(known, CategoricalBins) and isinstance(new, CategoricalBins):
        shorter = min(len(known.categories), len(new.categories))
        if known.categories[:shorter] == new.categories[:shorter]:
            # Counts over the shorter dictionary stay right over the longer one.
            return max(known, replace(new, version=known.version), key=lambda one: one.size)
    elif replace(new, version=known.version) == known:
        return known
    return replace(new, version=known.version + 1)


def _row(bins: Bins) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": bins.kind, "bins_version": bins.version}
    row |= dict.fromkeys(_NOTHING)
    if isinstance(bins, CategoricalBins):
        return row | {"categories": list(bins.categories), "cap": bins.cap}
    return row | {
        "edges": bins.edges.tolist(),
        "coarse_groups": bins.coarse_groups.tolist(),
        "centre": bins.centre,
        "scale": bins.scale,
        "is_discrete": bins.is_discrete,
    }


def _bins(row: Mapping[Any, Any]) -> Bins:
    if row["kind"] == "categorical":
        return CategoricalBins(
            categories=tuple(row["categories"]), cap=row["cap"], version=row["bins_version"]
        )
    return NumericalBins(
        edges=row["edges"],
        coarse_groups=row["coarse_groups"],
        centre=row["centre"],
        scale=row["scale"],
        is_discrete=row["is_discrete"],
        version=row["bins_version"],
    )
