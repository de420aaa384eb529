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


def stale_followers(
    database: Database,
    model_id: str,
    granularity: str,
    window_span: Mapping[datetime, tuple[datetime, datetime]],
) -> set[datetime]:
    """Return the windows compared with earlier ones that were computed again since.

    Where a reference moves along, a window's drift rests on the profiles of windows before it, and
    its quality on their quality profiles. Computing one of those again leaves the ledger's status of
    the windows after it as it is; it is asked for here, when windows to compute are chosen.

    Parameters
    ----------
    window_span
        Start of a window -> the time `[start, end)` in which the windows start that it rests on;
        leave out a window that rests on none.

    Returns
    -------
    set of datetime
        Those whose `data_drift` or `model_quality` is older than the profiles it rests on; one that
        was never computed is not among them, for it is not complete either.
    """
    if not window_span:
        return set()
    first = min(*window_span, *(start for start, _ in window_span.values()))
    last = max(window_span)
    computed = {layer: list[tuple[datetime, int]]() for pair in _RESTS_ON.items() for layer in pair}
    for start, layer, number in _newest_numbers(database, (model_id, granularity), (first, last)):
        computed[layer].append((start, number))
    return {
        start
        for follower, upstream in _RESTS_ON.items()
        for start in _older(dict(computed[follower]), computed[upstream], window_span)
    }


def _older(
    own: Mapping[datetime, int],
    upstream: Sequence[tuple[datetime, int]],
    window_span: Mapping[datetime, tuple[datetime, datetime]],
) -> Iterator[datetime]:
    """Yield windows older than the newest computation of `upstream`, by time, in their span."""
    starts = [start for start, _ in upstream]
    numbers = [number for _, number in upstream]
    for window, (start, end) in window_span.items():
        rests_on = numbers[bisect_left(starts, start) : bisect_left(starts, end)]
        if window in own and max(rests_on, default=0) > own[window]:
            yield window


def _newest_numbers(
    database: Database, model: tuple[str, str], span: tuple[datetime, datetime]
) -> list[tuple[datetime, Layer, int]]:
    """Return the newest computation of the layers at stake in windows of `[start, end]`, by time."""
    table = computation_table
    layers = {layer.value for pair in _RESTS_ON.items() for layer in pair}
    statement = (
        sa.select(table.c.window_start, table.c.layer, sa.func.max(table.c.id).label("number"))
        .where(
            table.c.model_id == model[0],
            table.c.granularity == model[1],
            table.c.window_start.between(*span),
            table.c.layer.in_(sorted(layers)),
        )
        .group_by(table.c.window_start, table.c.layer)
        .order_by(table.c.window_start)
    )
    with database.connect() as connection:
        return [
            (row.window_start, Layer(row.layer), row.number)
            for row in connection.execute(statement)
        ]


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
