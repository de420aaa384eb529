"""Replacing raw rows in bulk, through Arrow.

Belongs here: predictions and labels of a window, rows of a reference, each in one transaction with
its ledger entry. Stays out: metric rows (window_write.py), creating the tables (row_tables.py).
"""

from collections.abc import Generator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from monitoring_assets.errors import DuplicateIdError, StorageError
from monitoring_assets.records import Computation, LabelCounts, Window, WindowCounts
from monitoring_assets.storage.computations import record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.locks import lock_slice
from monitoring_assets.storage.reference_numbers import require_unused
from monitoring_assets.storage.row_shape import (
    EVENT_TIME,
    KEYS,
    REFERENCE_VERSION,
    RowTable,
)
from monitoring_assets.storage.row_tables import ensure_months
from monitoring_assets.storage.statements import ArrowTransaction, arrow_transaction
from monitoring_assets.storage.window_write import described, window_of, window_replaced


def replace_window_rows(
    database: Database,
    computation: Computation,
    table: RowTable,
    rows: pa.Table,
    counts: WindowCounts | None = None,
    labels: LabelCounts | None = None,
) -> int:
    """Replace the raw rows of one window, in one transaction.

    Parameters
    ----------
    table
        Where they go, from `ensure_row_table`; a partitioned kind.
    rows
        The table's columns under our names; every event time lies in the window.
    counts, labels
        What is now known about the window; None leaves what is known.

    Returns
    -------
    int
        Number of the computation.

    Raises
    ------
    StorageError
        The rows do not fit the table, or lie outside the window; nothing was written.
    DuplicateIdError
        Two rows have the same key; nothing was written.
    DatabaseUnavailableError
        The database went away; nothing was written.
    """
    window = window_of(computation)
    require_inside(window, rows)
    encoded = table.encode(rows)
    ensure_months(database, table, window.start, window.end)
    time = table.column(EVENT_TIME)
    with (
        arrow_transaction(database) as transaction,
        window_replaced(transaction, computation, counts, labels) as computation_id,
    ):
        transaction.run(sa.delete(table.sql).where(time >= window.start, time < window.end))
        _ingest(transaction, table, encoded, described(window))
    return computation_id


def replace_reference_rows(
    database: Database, computation: Computation, table: RowTable, rows: pa.Table
) -> int:
    """Replace the raw rows of one version of the reference, in one transaction.

    Parameters
    ----------
    computation
        Its `reference_version` says which one.
    rows
        The table's columns under our names, without `reference_version`.

    Raises
    ------
    ReferenceTakenError
        There is a reference of this number already, and the rows that are stored are its own.
    """
    version = computation.reference_version
    if version is None:
        raise StorageError(f"model '{computation.model_id}': rows of which reference version?")
    filled = pa.repeat(pa.scalar(version, pa.int64()), rows.num_rows)
    encoded = table.encode(rows.append_column(REFERENCE_VERSION, filled))
    with arrow_transaction(database) as transaction:
        lock_slice(transaction, computation.model_id, computation.layer, None)
        require_unused(transaction, computation)
        computation_id = record_computation(transaction, computation)
        transaction.run(sa.delete(table.sql).where(table.column(REFERENCE_VERSION) == version))
        doing = f"model '{computation.model_id}', reference version {version}"
        _ingest(transaction, table, encoded, doing)
    return computation_id


def _ingest(transaction: ArrowTransaction, table: RowTable, rows: pa.Table, doing: str) -> None:
    require_named(table, rows, doing)
    if rows.num_rows:
        with explained(doing, table):
            transaction.ingest("rows", table.table_name, rows)


def require_named(table: RowTable, rows: pa.Table, doing: str) -> None:
    """Refuse rows, as the table encodes them, that lack a part of their key."""
    nameless = sorted(name for name in KEYS[table.kind] if rows.column(name).null_count)
    if nameless:
        raise StorageError(f"{doing}: {table.kind} without {', '.join(nameless)}; nothing written")


def require_inside(window: Window, rows: pa.Table) -> None:
    """Refuse rows whose event time lies outside the window."""
    bounds = pc.min_max(rows.column(EVENT_TIME)).as_py()
    if bounds["min"] is None:
        return
    if bounds["min"] < window.start or bounds["max"] >= window.end:
        raise StorageError(
            f"{described(window)}: rows from {bounds['min']} to {bounds['max']} were given, the"
            f" window is [{window.start}, {window.end}); nothing was written"
        )


@contextmanager
def explained(doing: str, table: RowTable) -> Generator[None]:
    """Say what was being done when the database refuses a row."""
    from adbc_driver_manager import DataError, IntegrityError

    try:
        yield
    except IntegrityError as error:
        raise DuplicateIdError(
            f"{doing}: two {table.kind} have the same {', '.join(KEYS[table.kind])}"
            f" ({str(error).splitlines()[0]}); nothing was written"
        ) from error
    except DataError as error:
        found = " ".join(str(error).split())
        raise StorageError(
            f"{doing}: the database refuses a row of {table.qualified_name} ({found}); nothing was"
            " written. Text must not contain NUL; how columns are spelt says monitoring.row_table"
        ) from error
