"""Conditions that queries of several views share: which rows are shown, what belongs together.

Belongs here: those. Stays out: the queries.
"""

from typing import Final

import sqlalchemy as sa

from monitoring_assets.records import WindowStatus
from monitoring_assets.storage.tables import dataset_drift, window

WINDOW_KEY: Final = ("model_id", "granularity", "window_start")


def same(left: sa.FromClause, right: sa.FromClause, *names: str) -> sa.ColumnElement[bool]:
    """Return the condition that two rows agree in these columns; without any, in their window."""
    return sa.and_(*(left.c[name] == right.c[name] for name in names or WINDOW_KEY))


def is_complete(state: sa.FromClause = window) -> sa.ColumnElement[bool]:
    """Return the condition that a row of the ledger is of a complete window."""
    return state.c.status == WindowStatus.COMPLETE.value


def has_newest_reference(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Keep what was compared with the newest reference that the window was compared with."""
    newer = dataset_drift.alias("newer")
    # Not `SELECT *`, whose columns a view writes down in the order in which the table has them.
    later = sa.select(newer.c.reference_version).where(
        same(newer, table, *WINDOW_KEY, "segment"),
        newer.c.reference_version > table.c.reference_version,
    )
    return ~later.exists()
