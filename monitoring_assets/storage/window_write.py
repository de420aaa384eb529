"""Replacing the results of a window: the one way in which metric rows get into the database.

Belongs here: lock, delete, insert, ledger, all in one transaction. A crash leaves the old rows, a
re-run gives the same rows, two runs at once give one result, and no reader sees half. Stays out:
what the rows mean (results.py, profiles.py), raw rows in bulk (row_write.py).
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from monitoring_assets.errors import StorageError
from monitoring_assets.records import Computation, LabelCounts, Window, WindowCounts
from monitoring_assets.storage.computations import claim_window, record_computation, settle_window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock_slice
from monitoring_assets.storage.serving import require_in_force
from monitoring_assets.storage.statements import Row, SqlTransaction, Transaction
from monitoring_assets.storage.superseding import supersede


@dataclass(frozen=True, kw_only=True)
class SliceWrite:
    """The rows of one table that a computation replaces.

    Parameters
    ----------
    table
        A table with the columns `model_id`, `granularity`, `window_start` and `computation_id`.
    rows
        Column -> value, without those four columns.
    within
        Further columns that bound what is replaced, such as `reference_version`; they are also
        filled in. Without any, all rows of the window are replaced.
    without
        Columns with a value that marks rows of another layer: those stay, and none may be written.
        Layers that share a table replace slices of it that have no row in common.
    history
        Where rows go that are replaced by others; they and the table have `recorded_at`, and rows
        that say what the table says already stay as they are. None: what is replaced is gone.
    """

    table: sa.Table
    rows: Sequence[Mapping[str, Any]]
    within: Mapping[str, Any] = field(default_factory=dict[str, Any])
    without: Mapping[str, Any] = field(default_factory=dict[str, Any])
    history: sa.Table | None = None


def replace_window(
    database: Database,
    computation: Computation,
    writes: Sequence[SliceWrite],
    counts: WindowCounts | None = None,
    labels: LabelCounts | None = None,
) -> int:
    """Replace what one layer says of one window, in one transaction.

    Parameters
    ----------
    computation
        Which layer of which window, and where the rows come from; its window must be given.
    writes
        The rows, table by table; may be empty for a layer that writes none of its own.
    counts, labels
        What the layer found out about the window, if it did; None leaves what is known.

    Returns
    -------
    int
        Number of the computation.

    Raises
    ------
    StorageError
        A row breaks a rule of its table; nothing was written.
    DatabaseUnavailableError
        The database went away; nothing was written.
    """
    window = window_of(computation)
    with database.begin() as connection:
        transaction = SqlTransaction(connection)
        with window_replaced(transaction, computation, counts, labels) as computation_id:
            for write in writes:
                with explained(f"writing {write.table.name} of {described(window)}"):
                    _replace_slice(connection, window, write, computation_id)
    return computation_id


@contextmanager
def window_replaced(
    transaction: Transaction,
    computation: Computation,
    counts: WindowCounts | None,
    labels: LabelCounts | None,
) -> Generator[int]:
    """Hold the window and its ledger entry around the writing of rows."""
    window = window_of(computation)
    lock_slice(transaction, computation.model_id, computation.layer, window.start)
    if computation.scored_by is not None:
        require_in_force(transaction, computation)
    claim_window(transaction, window)
    computation_id = record_computation(transaction, computation)
    yield computation_id
    settle_window(transaction, window, computation_id, counts, labels)


def window_of(computation: Computation) -> Window:
    """Return the window of a computation; an asset without windows is a mistake here."""
    if computation.window is None:
        raise StorageError(
            f"model '{computation.model_id}', {computation.layer}: no window was given to replace"
        )
    return computation.window


def described(window: Window) -> str:
    """Return how a window is named in messages."""
    return f"model '{window.model_id}', window {window.partition_key}"


@contextmanager
def explained(doing: str) -> Generator[None]:
    """Say what was being done when the database refuses a row."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        found = str(error.orig).strip().replace("\n", "; ")
        raise StorageError(
            f"{doing}: the database refuses a row ({found}); nothing was written. Numbers have to"
            " be finite, or missing with a verdict that says why; keys unique; text without NUL"
        ) from error
    except StatementError as error:
        if error.connection_invalidated or not isinstance(error.orig, (ValueError, TypeError)):
            raise
        raise StorageError(f"{doing}: a value has no place there ({error.orig})") from error


def _replace_slice(
    connection: sa.Connection, window: Window, write: SliceWrite, computation_id: int
) -> None:
    key = {
        "model_id": window.model_id,
        "granularity": window.granularity,
        "window_start": window.start,
    }
    _require_own(window, write)
    where = [write.table.c[name] == value for name, value in {**key, **write.within}.items()]
    where += [write.table.c[name] != value for name, value in write.without.items()]
    filled = {**key, **write.within, "computation_id": computation_id}
    rows: list[Row] = [{**row, **filled} for row in write.rows]
    if write.history is None:
        connection.execute(sa.delete(write.table).where(*where))
    else:
        rows = supersede(connection, write.table, write.history, where, rows)
    if rows:
        connection.execute(sa.insert(write.table), rows)


def _require_own(window: Window, write: SliceWrite) -> None:
    for name, value in write.without.items():
        if any(row[name] == value for row in write.rows):
            raise StorageError(
                f"writing {write.table.name} of {described(window)}: rows whose {name} is {value!r}"
                " belong to another layer; nothing was written. Leave them to it"
            )
