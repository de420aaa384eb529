"""Labels that come in pieces: added to what is stored of a window.

Belongs here: which labels are new, merging them, finding the event times of ids. Stays out: a
window's labels as a whole (row_write.py), predictions beside their labels (row_read.py), how far
labels were read (label_progress.py), reading the source.

A label is named by id, event time and knowledge time. What is stored is never deleted: a correction
has a later knowledge time, and both stay. So any order in which labels arrive, once or repeatedly,
ends in the same rows; only of two that differ under one name does the one that comes last stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.errors import DuplicateIdError
from monitoring_assets.records import Computation
from monitoring_assets.storage.computations import claim_window, record_computation, settle_window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ddl import existing_indexes, run_ddl
from monitoring_assets.storage.locks import lock, lock_slice
from monitoring_assets.storage.row_shape import EVENT_TIME, KEYS, ROW_ID, RowTable
from monitoring_assets.storage.row_tables import ensure_months
from monitoring_assets.storage.row_write import explained, require_inside, require_named
from monitoring_assets.storage.statements import SqlTransaction, arrow_transaction
from monitoring_assets.storage.window_write import described, window_of

_INCOMING: Final = "incoming"


@dataclass(frozen=True, kw_only=True)
class MergedLabels:
    """What merging labels into a window did.

    Parameters
    ----------
    computation_id
        Number of the computation; None if nothing was written.
    changed
        Labels that were not there, or said otherwise.
    """

    computation_id: int | None
    changed: int


def merge_labels(
    database: Database,
    computation: Computation,
    table: RowTable,
    rows: pa.Table,
    *,
    record_always: bool = False,
) -> MergedLabels:
    """Add labels to those that are stored of a window, in one transaction.

    A label that is there and says the same is left alone, one that says otherwise is replaced,
    none is deleted. Without anything new, nothing at all is written, the ledger included. 100,000
    new labels take the processor 1.3 s in a window of as many and 2.5 s in one of 3,000,000, known
    ones 0.5 s and 1.9 s.

    Parameters
    ----------
    computation
        Layer `labels` of the window in which every event time lies.
    table
        Where they go, from `ensure_row_table`.
    rows
        The table's columns under our names. A label that occurs twice counts once.
    record_always
        Write the ledger's line also if there is nothing new: the window's labels were looked at.

    Raises
    ------
    StorageError
        The rows do not fit the table, or lie outside the window; nothing was written.
    DuplicateIdError
        Two labels of one id, event time and knowledge time differ; nothing was written.
    DatabaseUnavailableError
        The database went away; nothing was written.
    """
    window = window_of(computation)
    require_inside(window, rows)
    encoded = table.encode(rows)
    require_named(table, encoded, described(window))
    encoded = _once(table, encoded, described(window))
    if encoded.num_rows:
        ensure_months(database, table, window.start, window.end)
    with arrow_transaction(database) as transaction:
        with explained(described(window), table):
            incoming = transaction.stage(encoded, _INCOMING)
        lock_slice(transaction, computation.model_id, computation.layer, window.start)
        merged = _merged(table, incoming, (window.start, window.end))
        changed = int(transaction.run(merged)[0]["changed"])
        if not (changed or record_always):
            return MergedLabels(computation_id=None, changed=0)
        # Only now: whoever reads the ledger's line sees the rows as well, they commit together.
        claim_window(transaction, window)
        number = record_computation(transaction, computation)
        settle_window(transaction, window, number)
    return MergedLabels(computation_id=number, changed=changed)


def new_labels(database: Database, table: RowTable, rows: pa.Table) -> pa.Table:
    """Return the labels that are not stored, or said otherwise there, by event time.

    Of any number of windows at once: reading 100,000 labels of 500 windows, all known, takes 1 s of
    the processor in all, with merging them window by window instead it took 11 s.

    Parameters
    ----------
    rows
        As for `merge_labels`, which has the last word: another run may store labels meanwhile.
    """
    span = pc.min_max(rows.column(EVENT_TIME)).as_py()
    if span["min"] is None:
        return rows
    encoded = table.encode(rows)
    with arrow_transaction(database) as transaction:
        with explained(f"labels of model '{table.model_id}'", table):
            incoming = transaction.stage(encoded, _INCOMING)
        new = sa.select(*incoming.c).where(~_known(table, incoming, span["min"], span["max"]))
        found = transaction.table(new.order_by(incoming.c[EVENT_TIME]))
    return table.decode(found, [one.name for one in table.columns])


def find_predictions(
    database: Database,
    table: RowTable,
    row_ids: pa.Array | pa.ChunkedArray,
    columns: Sequence[str] = (ROW_ID, EVENT_TIME),
) -> pa.Table:
    """Return id, event time and more of every stored row with one of these ids, by both.

    By the index that `ensure_id_index` makes; for a large share of all rows, by reading these.

    Parameters
    ----------
    row_ids
        Ids in text; missing and repeated ones count for nothing.
    columns
        Our names of the columns wanted.

    Returns
    -------
    pa.Table
        These columns: an id that occurs at several event times has several rows, one that is not
        stored has none. Rows that a filter rejects are among them.
    """
    wanted = pc.unique(row_ids.drop_null().cast(pa.string()))
    row_id, event_time = table.column(ROW_ID), table.column(EVENT_TIME)
    found = [table.column(name) for name in columns]
    with arrow_transaction(database) as transaction:
        ids = transaction.stage(pa.table({ROW_ID: wanted}), _INCOMING)
        joined = table.sql.join(ids, row_id == ids.c[ROW_ID])
        rows = transaction.table(sa.select(*found).select_from(joined).order_by(row_id, event_time))
    return table.decode(rows, columns)


def ensure_id_index(database: Database, table: RowTable) -> None:
    """Make sure that rows of a table by month are found by their id alone, in months to come too.

    Writers of the table wait while the index is built, 4 s for 3,000,000 rows; readers do not. It
    takes 85 MB for these; writing 100,000 rows x 12 columns more takes the server's processor
    0.6 s instead of 0.3 s. By hash: a tree takes 122 MB and 0.85 s.
    """
    name = f"{table.table_name}_id"
    with database.connect() as connection:
        if existing_indexes(connection, "rows", [name]):
            return
    parts = {
        "index": sql.Identifier(name),
        "table": sql.Identifier("rows", table.table_name),
        "id": sql.Identifier(ROW_ID),
    }
    statement = sql.SQL("CREATE INDEX IF NOT EXISTS {index} ON {table} USING hash ({id})").format(
        **parts
    )
    with database.begin() as connection:
        # As whoever adds a column or a month does.
        lock(SqlTransaction(connection), "row_table", table.model_id, table.kind.value)
        run_ddl(connection, statement.as_string())


def _once(table: RowTable, rows: pa.Table, doing: str) -> pa.Table:
    """Return the rows without repetitions, which one statement must not write twice."""
    key = list(KEYS[table.kind])
    distinct = rows.group_by(rows.column_names).aggregate([])
    counted = distinct.group_by(key).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted.column("count_all"), 1))
    if twice.num_rows:
        first = ", ".join(f"{name} {twice.column(name)[0].as_py()}" for name in key)
        raise DuplicateIdError(
            f"{doing}: {twice.num_rows} times two {table.kind} have the same {', '.join(key)} and"
            f" differ (one is {first}); nothing was written. A correction needs a later"
            " knowledge time"
        )
    return distinct.select(rows.column_names)


def _said(table: RowTable) -> Sequence[sa.Column[Any]]:
    """Return the columns that are no key."""
    return [column for column in table.sql.c if column.name not in KEYS[table.kind]]


def _known(table: RowTable, incoming: sa.TableClause, first: datetime, last: datetime) -> sa.Exists:
    """Return the condition that an incoming row is stored and says the same.

    Parameters
    ----------
    first, last
        Between these two, themselves included, lie all event times.
    """
    stored, key = table.sql, KEYS[table.kind]
    return sa.exists().where(
        table.column(EVENT_TIME).between(first, last),
        *(stored.c[name] == incoming.c[name] for name in key),
        *(column.is_not_distinct_from(incoming.c[column.name]) for column in _said(table)),
    )


def _merged(
    table: RowTable, incoming: sa.TableClause, span: tuple[datetime, datetime]
) -> sa.Select[int]:
    """Return the statement that merges the incoming rows and counts what is new or changed."""
    stored = table.sql
    names = [column.name for column in stored.c]
    # A row that is there and says the same must not even be locked: that would be writing, too.
    new = sa.select(*(incoming.c[name] for name in names)).where(~_known(table, incoming, *span))
    insertion = insert(stored).from_select(names, new)
    written = insertion.on_conflict_do_update(
        index_elements=list(KEYS[table.kind]),
        set_={column.name: insertion.excluded[column.name] for column in _said(table)},
    )
    merged = written.returning(table.column(ROW_ID)).cte("merged")
    return sa.select(sa.func.count().label("changed")).select_from(merged)
