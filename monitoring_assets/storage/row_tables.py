"""Typed row tables: one for each model, kind and shape of rows, in schema `rows`.

Belongs here: creating, extending and finding them, their months. Stays out: names and types
(row_shape.py), reading and writing rows (row_read.py, row_write.py). A new column is added to the
table; any other change of the shape, or another column as prediction, starts a new table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import pyarrow as pa
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.schema import CreateColumn

from monitoring_assets.errors import StorageError
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ddl import create_table, existing_tables, run_ddl
from monitoring_assets.storage.locks import lock
from monitoring_assets.storage.row_shape import RowColumn, RowTable, fingerprint, shape_of, spelt
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.tables import row_table as registry
from monitoring_assets.storage.tables.models import RowKind


def ensure_row_table(
    database: Database, spec: ModelSpec, kind: RowKind | str, schema: pa.Schema
) -> RowTable:
    """Return the table for rows of this shape, created or extended if it has to be.

    Parameters
    ----------
    schema
        Every column of the rows, by our names; times carry a time zone.

    Raises
    ------
    StorageError
        A key column is missing, a name occurs twice, or a type has no place in a row table.
    """
    kind = RowKind(kind)
    wanted = RowTable(
        model_id=spec.model_id,
        kind=kind,
        version=1,
        columns=_columns(shape_of(spec.model_id, kind, schema)),
        prediction=spec.prediction_column,
    )
    with database.connect() as connection:
        found = _newest(connection, spec.model_id, kind)
    if found is not None and _is_enough(found, wanted):
        return found
    with database.begin() as connection:
        lock(SqlTransaction(connection), "row_table", spec.model_id, kind.value)
        # Somebody else may have done it while we waited.
        found = _newest(connection, spec.model_id, kind)
        if found is None:
            return _created(connection, wanted)
        return _brought_to(connection, found, wanted)


def row_table(database: Database, model_id: str, kind: RowKind | str) -> RowTable:
    """Return the newest row table of a model and kind.

    Raises
    ------
    StorageError
        No rows of this kind have ever been stored.
    """
    with database.connect() as connection:
        found = _newest(connection, model_id, RowKind(kind))
    if found is None:
        raise StorageError(
            f"model '{model_id}': no {kind} have been stored yet; materialize that asset first"
        )
    return found


def older_row_tables(database: Database, model_id: str, kind: RowKind | str) -> list[RowTable]:
    """Return all row tables of a model and kind but the newest, the one that came last first.

    Rows of windows lie there that were not computed again since the shape of rows has changed, and
    what those that were have left behind.
    """
    with database.connect() as connection:
        return _all(connection, model_id, RowKind(kind))[1:]


def newest_since(connection: sa.Connection, model_id: str) -> dict[str, datetime]:
    """Return when the newest row table of each kind was created.

    Rows of a window that were stored before that lie in an older table, where nobody looks: also
    where a YAML has been changed back, and the window's fingerprint is the present one again.
    """
    statement = (
        sa.select(registry.c.kind, sa.func.max(registry.c.created_at).label("created_at"))
        .where(registry.c.model_id == model_id)
        .group_by(registry.c.kind)
    )
    return {row.kind: row.created_at for row in connection.execute(statement)}


def ensure_months(database: Database, table: RowTable, start: datetime, end: datetime) -> None:
    """Create the partitions that rows of `[start, end)` need, one for each month in UTC."""
    months = list(_months(start, end))
    names = [_partition_name(table, first) for first, _ in months]
    with database.connect() as connection:
        if existing_tables(connection, "rows", names) == set(names):
            return
    with database.begin() as connection:
        lock(SqlTransaction(connection), "row_table", table.model_id, table.kind.value)
        existing = existing_tables(connection, "rows", names)
        for name, month in zip(names, months, strict=True):
            if name not in existing:
                _create_month(connection, table, name, month)


def _newest(connection: sa.Connection, model_id: str, kind: RowKind) -> RowTable | None:
    return next(iter(_all(connection, model_id, kind, most=1)), None)


def _all(
    connection: sa.Connection, model_id: str, kind: RowKind, most: int | None = None
) -> list[RowTable]:
    """Return the row tables of a model and kind, the newest first."""
    statement = (
        sa.select(registry.c.version, registry.c.columns, registry.c.prediction)
        .where(registry.c.model_id == model_id, registry.c.kind == kind.value)
        .order_by(registry.c.version.desc())
        .limit(most)
    )
    found: list[RowTable] = []
    for row in connection.execute(statement):
        columns = tuple(RowColumn(*one) for one in row.columns)
        found.append(_row_table(model_id, kind, row.version, columns, row.prediction))
    return found


@lru_cache(maxsize=256)
def _row_table(
    model_id: str, kind: RowKind, version: int, columns: tuple[RowColumn, ...], prediction: str
) -> RowTable:
    # The same one each time: its `sql` is made once, and SQLAlchemy knows statements about it.
    return RowTable(
        model_id=model_id, kind=kind, version=version, columns=columns, prediction=prediction
    )


def _columns(shape: Mapping[str, str], taken: Iterable[str] = ()) -> tuple[RowColumn, ...]:
    physical = spelt(shape, taken)
    return tuple(RowColumn(name, physical[name], type_) for name, type_ in shape.items())


def _is_enough(found: RowTable, wanted: RowTable) -> bool:
    """Whether rows of the shape that is wanted can go into a table as it is."""
    return found.shape == wanted.shape and _same_answer(found, wanted)


def _same_answer(found: RowTable, wanted: RowTable) -> bool:
    # Labels have no prediction: what it is called makes no difference to them.
    return found.kind is RowKind.LABELS or found.prediction == wanted.prediction


def _brought_to(connection: sa.Connection, found: RowTable, wanted: RowTable) -> RowTable:
    if _is_enough(found, wanted):
        return found
    old, shape = found.shape, wanted.shape
    if not (old.items() <= shape.items() and _same_answer(found, wanted)):
        return _created(connection, replace(wanted, version=found.version + 1))
    added = {name: type_ for name, type_ in shape.items() if name not in old}
    columns = _columns(added, taken=[column.physical for column in found.columns])
    return _extended(connection, replace(found, columns=(*found.columns, *columns)), list(added))


def _created(connection: sa.Connection, table: RowTable) -> RowTable:
    for statement in create_table(table.sql):
        run_ddl(connection, statement)
    _register(connection, table)
    return table


def _extended(connection: sa.Connection, table: RowTable, names: Sequence[str]) -> RowTable:
    target = sql.Identifier("rows", table.table_name)
    for name in names:
        column = CreateColumn(table.column(name)).compile(dialect=connection.dialect)
        addition = sql.SQL("ALTER TABLE {} ADD COLUMN ").format(target).as_string()
        run_ddl(connection, addition + str(column))
    connection.execute(sa.delete(registry).where(registry.c.table_name == table.table_name))
    _register(connection, table)
    return table


def _register(connection: sa.Connection, table: RowTable) -> None:
    row = {
        "model_id": table.model_id,
        "kind": table.kind.value,
        "version": table.version,
        "table_name": table.table_name,
        "columns": [[column.name, column.physical, column.type] for column in table.columns],
        "prediction": table.prediction,
        "shape_hash": fingerprint(table.shape),
        "created_at": sa.func.now(),
    }
    connection.execute(sa.insert(registry).values(row))


def _months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    start = start.astimezone(UTC)
    first = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while first < end:
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        yield first, following
        first = following


def _partition_name(table: RowTable, month: datetime) -> str:
    return f"{table.table_name}_{month:%Y%m}"


def _create_month(
    connection: sa.Connection, table: RowTable, name: str, month: tuple[datetime, datetime]
) -> None:
    parts = {
        "month": sql.Identifier("rows", name),
        "table": sql.Identifier("rows", table.table_name),
        "first": sql.Literal(month[0].isoformat()),
        "following": sql.Literal(month[1].isoformat()),
    }
    # Created apart and attached: PARTITION OF would wait for, and hold up, every reader.
    for statement in (
        "CREATE TABLE {month} (LIKE {table} INCLUDING DEFAULTS)",
        "ALTER TABLE {table} ATTACH PARTITION {month} FOR VALUES FROM ({first}) TO ({following})",
    ):
        run_ddl(connection, sql.SQL(statement).format(**parts).as_string())
