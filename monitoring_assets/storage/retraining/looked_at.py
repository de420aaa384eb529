"""The windows that the loop looks at: complete ones, and who wrote to them last.

Belongs here: reading the ledger for the loop, conditions that its statements share. Stays out: what
windows say (signals.py, broken_columns.py).
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from monitoring_assets.records import ALL, Window, WindowStatus
from monitoring_assets.storage.conditions import of_model
from monitoring_assets.storage.tables import window as ledger


@dataclass(frozen=True)
class CompleteWindow:
    """A complete window, and the computation that last wrote to it."""

    window: Window
    labelled: int
    computation_id: int


def written_by(
    connection: sa.Connection, model: tuple[str, str], since: datetime
) -> dict[datetime, int]:
    """Return, for each window from one on, the computation that last wrote to it."""
    statement = sa.select(ledger.c.window_start, ledger.c.computation_id).where(
        *of_model(ledger, model), ledger.c.window_start >= since
    )
    return {row.window_start: row.computation_id for row in connection.execute(statement)}


def complete_windows(
    connection: sa.Connection,
    model: tuple[str, str],
    most: int | None,
    until: datetime | None = None,
) -> list[CompleteWindow]:
    """Return the newest complete windows, `most` of them at most, oldest first.

    Parameters
    ----------
    until
        Without those that end later: a replay looks at history as it was then. None: all.
    """
    ended = [] if until is None else [ledger.c.window_end <= until]
    statement = (
        sa.select(
            ledger.c.window_start,
            ledger.c.window_end,
            ledger.c.partition_key,
            ledger.c.labels,
            ledger.c.computation_id,
        )
        .where(*of_model(ledger, model), ledger.c.status == WindowStatus.COMPLETE, *ended)
        .order_by(ledger.c.window_start.desc())
        .limit(most)
    )
    return [
        CompleteWindow(
            Window(
                model_id=model[0], granularity=model[1], start=start, end=end, partition_key=key
            ),
            labels or 0,
            number,
        )
        for start, end, key, labels, number in reversed(connection.execute(statement).all())
    ]


def judged_since(
    table: sa.Table, model: tuple[str, str], since: datetime
) -> list[sa.ColumnElement[bool]]:
    """Return the condition for what was found of a model's windows from one on, over all rows."""
    return [*of_model(table, model), table.c.window_start >= since, table.c.segment == ALL]
