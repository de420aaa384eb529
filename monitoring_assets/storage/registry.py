"""What the database knows about models as declared: their YAML, columns, ground truth.

Belongs here: tables `model`, `column_dictionary`, `planted_change`, `rows_outside_windows`, written
only if something changed, so that it can be done before every run. Stays out: trained versions
(models.py), windows (ledger.py).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitoring_assets.records import PlantedChange
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock
from monitoring_assets.storage.statements import Row, SqlTransaction


def register_model(database: Database, spec: ModelSpec, now: datetime) -> None:
    """Store a model's declaration and its columns; a retired model of this name is back."""
    model = _model_row(spec)
    columns = [
        {
            "column_name": entry.column_name,
            "number": entry.number,
            "kind": entry.kind.value,
            "role": entry.role.value,
            "unit": entry.unit,
        }
        for entry in spec.column_dictionary()
    ]
    _replace(database, tables.model, spec.model_id, [model], {"updated_at": now})
    _replace(database, tables.column_dictionary, spec.model_id, columns)


def mark_retired(database: Database, present_model_ids: Collection[str], now: datetime) -> set[str]:
    """Mark models that are not declared any more as retired, and bring back those that are again.

    Nothing of a retired model is deleted: dashboards and `status` just do not speak of it.

    Parameters
    ----------
    present_model_ids
        Models that are declared now, including those whose YAML has a mistake in it: a mistake
        takes no model away.

    Returns
    -------
    set of str
        Models that were marked as retired just now.
    """
    table = tables.model
    present = table.c.model_id.in_(list(present_model_ids))
    gone = (
        sa.update(table)
        .where(~present, table.c.retired_at.is_(None))
        .values(retired_at=now, updated_at=now)
        .returning(table.c.model_id)
    )
    back = (
        sa.update(table)
        .where(present, table.c.retired_at.is_not(None))
        .values(retired_at=None, updated_at=now)
    )
    with database.begin() as connection:
        connection.execute(back)
        return set(connection.execute(gone).scalars())


def write_planted_changes(
    database: Database, model_id: str, changes: Sequence[PlantedChange]
) -> None:
    """Store the ground truth of a simulated source."""
    rows = [
        {
            "name": change.name,
            "kind": change.kind,
            "column_name": change.column_name,
            "start_at": change.start,
            "end_at": change.end,
            "magnitude": change.magnitude,
            "description": change.description,
        }
        for change in changes
    ]
    _replace(database, tables.planted_change, model_id, rows)


def planted_changes(database: Database, model_id: str) -> tuple[PlantedChange, ...]:
    """Return the ground truth of a simulated source, in order of time; empty for a real one."""
    table = tables.planted_change
    statement = (
        sa.select(table)
        .where(table.c.model_id == model_id)
        .order_by(table.c.start_at, table.c.name)
    )
    with database.connect() as connection:
        return tuple(
            PlantedChange(
                name=row.name,
                kind=row.kind,
                column_name=row.column_name,
                start=row.start_at,
                end=row.end_at,
                magnitude=row.magnitude,
                description=row.description,
            )
            for row in connection.execute(statement)
        )


def write_rows_outside(database: Database, model_id: str, rows: Mapping[str, int]) -> None:
    """Store how many rows of the source belong to no window, by reason."""
    counted = [{"reason": reason, "rows": number} for reason, number in rows.items()]
    since = {"counted_at": sa.func.now()}
    _replace(database, tables.rows_outside_windows, model_id, counted, since)


def rows_outside(database: Database, model_id: str) -> dict[str, int]:
    """Return how many rows of the source belong to no window, by reason."""
    table = tables.rows_outside_windows
    statement = sa.select(table.c.reason, table.c.rows).where(table.c.model_id == model_id)
    with database.connect() as connection:
        return {row.reason: row.rows for row in connection.execute(statement)}


def _model_row(spec: ModelSpec) -> Row:
    windows, classes = spec.windows, spec.classification
    return {
        "description": spec.description,
        "task": spec.task,
        "classes": list(classes.classes) if classes else [],
        "positive_class": classes.positive if classes and spec.task == "binary" else None,
        "granularity": windows.granularity,
        "time_zone": windows.time_zone,
        "start_at": windows.midnight(windows.start),
        "end_at": windows.midnight(windows.end) if windows.end else None,
        "delay": windows.delay,
        "late_after": windows.late_after,
        "owners": list(spec.owners),
        "main_metric": spec.main_metric,
        "enabled": True,
        "retired_at": None,
        "spec_hash": spec.spec_hash,
        "expected_label_delay": spec.labels.expected_delay,
        "mature_share": spec.quality.mature_share,
    }


def _replace(
    database: Database,
    table: sa.Table,
    model_id: str,
    rows: Sequence[Row],
    stamp: Mapping[str, Any] | None = None,
) -> None:
    """Make these the model's rows of a table; `stamp` goes with them if anything is written."""
    with database.connect() as connection:
        if _same(connection, table, model_id, rows):
            return
    with database.begin() as connection:
        lock(SqlTransaction(connection), table.name, model_id)
        connection.execute(sa.delete(table).where(table.c.model_id == model_id))
        for row in rows:
            values = {"model_id": model_id, **row, **(stamp or {})}
            connection.execute(sa.insert(table).values(values))


def _same(connection: sa.Connection, table: sa.Table, model_id: str, rows: Sequence[Row]) -> bool:
    names = list(rows[0]) if rows else [column.name for column in table.primary_key]
    statement = sa.select(*(table.c[name] for name in names)).where(table.c.model_id == model_id)
    stored = [dict(row) for row in connection.execute(statement).mappings()]
    return len(stored) == len(rows) and all(dict(row) in stored for row in rows)
