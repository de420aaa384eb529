"""Rows that are replaced, kept for those who ask later what was said before.

Belongs here: telling which rows of a slice say something new, and moving the others' predecessors
to the history. Stays out: locks and the ledger (window_write.py), asking (functions.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.storage.statements import Row

_STAMPS: Final = frozenset({"computation_id", "recorded_at"})
"""Columns that say who wrote a row when, and nothing about the window."""


def stamped(
    connection: sa.Connection,
    history: sa.Table,
    old: Sequence[Mapping[Any, Any]],
    rows: Sequence[Row],
    key: Sequence[str],
) -> list[Row]:
    """Return rows with the moment since when the table says so; keep what they replace.

    A row that says what its predecessor said is as old as that one. What is replaced by something
    else, or by nothing, goes to the history.

    Parameters
    ----------
    history
        A table with the columns of the rows, and `superseded_at`.
    old
        The rows that are being replaced, all columns.
    rows
        What replaces them, all columns but `recorded_at`.
    key
        Columns that tell rows of a table apart.
    """
    now = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    before = {_named(row, key): row for row in old}
    kept = {
        _named(row, key): before[_named(row, key)]["recorded_at"]
        for row in rows
        if _named(row, key) in before and _says(row) == _says(before[_named(row, key)])
    }
    superseded = [{**row, "superseded_at": now} for name, row in before.items() if name not in kept]
    if superseded:
        connection.execute(sa.insert(history), superseded)
    return [{**row, "recorded_at": kept.get(_named(row, key), now)} for row in rows]


def _named(row: Mapping[Any, Any], key: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key)


def _says(row: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in row.items() if name not in _STAMPS}
