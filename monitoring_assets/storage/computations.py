"""Writing the ledger: who computed what, and when a window is complete.

Belongs here: lines of `computation`, rows of `window`, the rule when a window is complete. Stays
out: results (window_write.py), questions about the ledger (ledger.py).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.records import (
    WINDOW_LAYERS,
    Computation,
    LabelCounts,
    Layer,
    Window,
    WindowCounts,
    WindowStatus,
)
from monitoring_assets.storage.conditions import of_window
from monitoring_assets.storage.statements import Transaction
from monitoring_assets.storage.tables import computation as computation_table
from monitoring_assets.storage.tables import window as window_table

_KEY = ("model_id", "granularity", "window_start")


def record_computation(
    transaction: Transaction, computation: Computation, finished_at: datetime | None = None
) -> int:
    """Write a line of the ledger and return its number.

    Parameters
    ----------
    finished_at
        When its rows were written; without it, the database's clock.
    """
    window = computation.window
    finished = sa.func.clock_timestamp() if finished_at is None else finished_at
    statement = (
        insert(computation_table)
        .values(
            model_id=computation.model_id,
            layer=computation.layer.value,
            granularity=window.granularity if window else None,
            window_start=window.start if window else None,
            window_end=window.end if window else None,
            run_id=computation.run_id,
            code_version=computation.code_version,
            spec_hash=computation.spec_hash,
            reference_version=computation.reference_version,
            bins_version=computation.bins_version,
            source_fingerprint=computation.source_fingerprint,
            source_stamp=computation.source_stamp,
            started_at=computation.started_at,
            finished_at=finished,
        )
        .returning(computation_table.c.id)
    )
    return int(transaction.run(statement)[0]["id"])


def claim_window(transaction: Transaction, window: Window) -> None:
    """Make sure that the window has a row, and hold that row until the transaction ends.

    Writers of different layers of one window so come one after the other, and the numbers of their
    computations tell their order, on which `settle_window` relies.
    """
    statement = insert(window_table).values(
        model_id=window.model_id,
        granularity=window.granularity,
        window_start=window.start,
        window_end=window.end,
        partition_key=window.partition_key,
        status=WindowStatus.INCOMPLETE.value,
        computed_at=sa.func.clock_timestamp(),
        computation_id=0,
    )
    new = statement.excluded
    claimed = statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={"window_end": new.window_end, "partition_key": new.partition_key},
        # A row that this leaves as it is gets locked all the same.
        where=sa.or_(
            window_table.c.window_end != new.window_end,
            window_table.c.partition_key != new.partition_key,
        ),
    )
    transaction.run(claimed)


def settle_window(
    transaction: Transaction,
    window: Window,
    computation_id: int,
    counts: WindowCounts | None = None,
    labels: LabelCounts | None = None,
) -> WindowStatus:
    """Write what is now known about a window; the row must have been claimed before."""
    newest = newest_computations(transaction, window)
    status = WindowStatus.COMPLETE if is_complete(newest) else WindowStatus.INCOMPLETE
    values: dict[str, Any] = {
        "status": status.value,
        "computed_at": sa.func.clock_timestamp(),
        "computation_id": computation_id,
    }
    if counts is not None:
        values |= {
            "rows_read": counts.rows_read,
            "rows_scored": counts.rows_scored,
            "rows_rejected": dict(counts.rows_rejected),
            "rows_adjusted": dict(counts.rows_adjusted),
            "rows_by_version": dict(counts.rows_by_version),
        }
    if labels is not None:
        values |= {
            "labels": labels.labels,
            "label_coverage": labels.coverage,
            "newest_knowledge_time": labels.newest_knowledge_time,
        }
    transaction.run(sa.update(window_table).where(*of_window(window_table, window)).values(values))
    return status


def newest_computations(transaction: Transaction, window: Window) -> dict[Layer, int]:
    """Return the number of the newest computation of each layer of a window."""
    table = computation_table
    statement = (
        sa.select(table.c.layer, sa.func.max(table.c.id).label("id"))
        .where(*of_window(table, window))
        .group_by(table.c.layer)
    )
    return {Layer(row["layer"]): int(row["id"]) for row in transaction.run(statement)}


def is_complete(newest: Mapping[Layer, int]) -> bool:
    """Whether every layer was computed, and after all layers that it is computed from.

    >>> is_complete({layer: number for number, layer in enumerate(WINDOW_LAYERS)})
    True
    >>> is_complete({layer: 9 - number for number, layer in enumerate(WINDOW_LAYERS)})
    False
    """
    return all(
        layer in newest and all(newest[layer] > newest.get(one, 0) for one in upstream)
        for layer, upstream in WINDOW_LAYERS.items()
    )
