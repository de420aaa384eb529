"""Rows that are replaced, kept for those who ask later what was said before.

Belongs here: telling which rows of a slice say something new, and moving their predecessors to the
history. Stays out: locks and the ledger (window_write.py), asking (views/as_of.py).

A row that says what the table says already is not written: the one that is there keeps the moment
since when, and the computation that said so first. So what stood in the table at any moment can be
told to the last column.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from monitoring_assets.errors import StorageError
from monitoring_assets.storage.statements import Row

_STAMPS: Final = frozenset({"computation_id", "recorded_at"})
"""Columns that say who wrote a row when, and nothing about the window."""


def supersede(
    connection: sa.Connection,
    table: sa.Table,
    history: sa.Table,
    where: Sequence[sa.ColumnElement[bool]],
    rows: Sequence[Row],
) -> list[Row]:
    """Move what is replaced by something else, or by nothing, to the history; return what is new.

    One statement more than the rows need, and no other writer of this slice: hold its lock.

    Parameters
    ----------
    history
        A table with the columns of the table, and `superseded_at`.
    where
        Which rows of the table are replaced.
    rows
        What replaces them, all columns but `recorded_at`.

    Returns
    -------
    list
        Rows to be inserted, with the moment since when the table says so.

    Raises
    ------
    StorageError
        Two rows have the same key.
    """
    stored = connection.execute(sa.select(table).where(*where)).mappings()
    before = {_key(table, row): _says(table, row) for row in stored}
    now = {_key(table, row): _says(table, row) for row in rows}
    _require_distinct(table, rows, now)
    gone = [key for key, says in before.items() if now.get(key) != says]
    new = [row for row in rows if before.get(key := _key(table, row)) != now[key]]
    if not gone and not new:
        return []
    moment = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    if gone:
        connection.execute(_moved((table, history), where, gone, moment))
    return [{**row, "recorded_at": moment} for row in new]


def _key(table: sa.Table, row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _says(table: sa.Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what a row says, numbers to the last bit: of two zeros one may be negative."""
    return {
        column.name: _exactly(row[column.name]) if _is_double(column) else row[column.name]
        for column in table.c
        if column.name not in _STAMPS
    }


def _is_double(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.Double)


def _exactly(value: float | None) -> str | None:
    return None if value is None else float(value).hex()


def _require_distinct(
    table: sa.Table, rows: Sequence[Row], named: Mapping[tuple[Any, ...], Any]
) -> None:
    if len(named) < len(rows):
        keys = [_key(table, row) for row in rows]
        twice = next(key for key in keys if keys.count(key) > 1)
        names = ", ".join(column.name for column in table.primary_key)
        raise StorageError(
            f"{table.name}: two rows have the same {names} ({', '.join(map(str, twice))}); nothing"
            " was written. Keys have to be unique"
        )


def _moved(
    tables: tuple[sa.Table, sa.Table],
    where: Sequence[sa.ColumnElement[bool]],
    keys: Sequence[tuple[Any, ...]],
    moment: datetime,
) -> sa.Insert:
    """Return the statement that takes these rows out of the table and puts them into the history.

    Keys go as one array for each column: a statement takes at most 65,535 parameters.
    """
    table, history = tables
    columns = list(table.primary_key)
    arrays = [
        sa.cast(sa.literal(list(values), ARRAY(column.type)), ARRAY(column.type))
        for column, values in zip(columns, zip(*keys, strict=True), strict=True)
    ]
    names = [sa.column(column.name, column.type) for column in columns]
    named = sa.func.unnest(*arrays).table_valued(*names, name="named").render_derived()
    same = [column == named.c[column.name] for column in columns]
    gone = sa.delete(table).where(*where, *same).returning(*table.c).cte("gone")
    until = sa.literal(moment, sa.DateTime(timezone=True)).label("superseded_at")
    superseded = sa.select(*gone.c, until)
    return sa.insert(history).from_select(list(superseded.selected_columns.keys()), superseded)
