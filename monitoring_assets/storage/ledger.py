"""Reading the ledger: which windows there are, and in which state.

Belongs here: questions about many windows. Stays out: writing the ledger (computations.py), the
numbers of one window (window_counts.py), results.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring_assets.records import LabelCounts, Window, WindowCounts, WindowStatus
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import computation as computation_table
from monitoring_assets.storage.tables import window as window_table

_KEY = ("model_id", "granularity", "window_start")


@dataclass(frozen=True, kw_only=True)
class WindowState:
    """One row of the ledger.

    Parameters
    ----------
    counts, labels
        None until the layer that finds them out has been computed.
    computed_at
        When any layer of the window was last written.
    """

    window: Window
    status: WindowStatus
    counts: WindowCounts | None
    labels: LabelCounts | None
    computed_at: datetime
    computation_id: int


def windows_of(
    database: Database,
    model_id: str,
    start: datetime | None = None,
    end: datetime | None = None,
    status: WindowStatus | None = None,
) -> list[WindowState]:
    """Return the windows of a model in the ledger, in order of time.

    Parameters
    ----------
    start, end
        Windows that start in `[start, end)`; without them, from the first, to the last.
    status
        Only windows in this state.
    """
    table = window_table
    conditions = [table.c.model_id == model_id]
    conditions += [] if start is None else [table.c.window_start >= start]
    conditions += [] if end is None else [table.c.window_start < end]
    conditions += [] if status is None else [table.c.status == status.value]
    statement = sa.select(table).where(*conditions).order_by(table.c.window_start)
    with database.connect() as connection:
        return [_state(row) for row in connection.execute(statement).mappings()]


def complete_windows(
    database: Database,
    model_id: str,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[WindowState]:
    """Return the complete windows of a model, in order of time."""
    return windows_of(database, model_id, start, end, WindowStatus.COMPLETE)


def complete_keys(database: Database, model_id: str, spec_hash: str | None = None) -> set[str]:
    """Return the partition keys of complete windows.

    Parameters
    ----------
    spec_hash
        Only windows every layer of which was last computed under this YAML; None: under any.
    """
    ours = window_table
    statement = sa.select(ours.c.partition_key).where(
        ours.c.model_id == model_id, ours.c.status == WindowStatus.COMPLETE.value
    )
    if spec_hash is not None:
        statement = statement.where(~_computed_otherwise(ours, spec_hash))
    with database.connect() as connection:
        return set(connection.execute(statement).scalars())


def _computed_otherwise(window: sa.Table, spec_hash: str) -> sa.Exists:
    """Whether any layer of the window was last computed under another YAML."""
    table = computation_table
    newest = (
        sa.select(table.c.spec_hash)
        .where(*(table.c[name] == window.c[name] for name in _KEY))
        .ext(distinct_on(table.c.layer))
        .order_by(table.c.layer, table.c.id.desc())
        .correlate(window)
        .subquery("newest")
    )
    return sa.exists().where(newest.c.spec_hash != spec_hash)


def _state(row: Mapping[Any, Any]) -> WindowState:
    counts = labels = None
    if row["rows_read"] is not None:
        counts = WindowCounts(
            rows_read=row["rows_read"],
            rows_scored=row["rows_scored"],
            rows_rejected=row["rows_rejected"],
            rows_adjusted=row["rows_adjusted"],
        )
    if row["labels"] is not None:
        labels = LabelCounts(
            labels=row["labels"],
            coverage=row["label_coverage"],
            newest_knowledge_time=row["newest_knowledge_time"],
        )
    return WindowState(
        window=Window(
            model_id=row["model_id"],
            granularity=row["granularity"],
            start=row["window_start"],
            end=row["window_end"],
            partition_key=row["partition_key"],
        ),
        status=WindowStatus(row["status"]),
        counts=counts,
        labels=labels,
        computed_at=row["computed_at"],
        computation_id=row["computation_id"],
    )
