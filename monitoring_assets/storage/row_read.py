"""Reading raw rows in bulk, through Arrow, under our own column names.

Belongs here: rows of a period, rows of a reference, predictions beside their newest labels. Stays
out: writing (row_write.py), counting.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring_assets.errors import StorageError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_shape import (
    EVENT_TIME,
    KNOWLEDGE_TIME,
    MODEL_VERSION,
    REFERENCE_VERSION,
    ROW_ID,
    TARGET,
    RowTable,
)
from monitoring_assets.storage.statements import arrow_transaction

_LABELLED: Final = (MODEL_VERSION, "prediction", TARGET, KNOWLEDGE_TIME)
"""What `read_labelled` gives of every row."""

_REJECTED_BY: Final = "rejected_by"
"""Null for a row that passes the filters."""


def read_rows(
    database: Database,
    table: RowTable,
    start: datetime,
    end: datetime,
    columns: Sequence[str] | None = None,
    where: Mapping[str, Any] | None = None,
) -> pa.Table:
    """Return the rows whose event time lies in `[start, end)`, by event time and id.

    In a fixed order, so that sums over them are the same to the last digit each time.

    Parameters
    ----------
    columns
        Our names of the columns wanted; all of them if None.
    where
        Column -> the value it must have; None stands for a missing value.
    """
    time = table.column(EVENT_TIME)
    return _read(database, table, columns, (time >= start, time < end, *_equal(table, where)))


def read_reference_rows(
    database: Database,
    table: RowTable,
    reference_version: int,
    columns: Sequence[str] | None = None,
    where: Mapping[str, Any] | None = None,
) -> pa.Table:
    """Return the rows of one version of the reference, by event time and id."""
    version = table.column(REFERENCE_VERSION) == reference_version
    return _read(database, table, columns, (version, *_equal(table, where)))


def read_labelled(
    database: Database,
    predictions: RowTable,
    labels: RowTable,
    start: datetime,
    end: datetime,
    columns: Mapping[str, str] | Sequence[str] = (),
) -> pa.Table:
    """Return every prediction of `[start, end)` beside the newest label of its id and event time.

    Predictions of rows that the filters reject are left out: a label may be there all the same. By
    event time and id: in a fixed order, so that sums over them are the same each time.

    Parameters
    ----------
    columns
        Our names of further columns of the predictions that are wanted; or what they are to be
        called in the answer -> our names.

    Returns
    -------
    pa.Table
        Columns `model_version`, `prediction`, `target`, `knowledge_time`, then those that are
        wanted; target and knowledge time are null for a prediction without a label.

    Raises
    ------
    StorageError
        A column that is wanted is not there, or has the name of one that is given anyway.
    """
    more = columns if isinstance(columns, Mapping) else {name: name for name in columns}
    _require_other_names(predictions, more)
    time, label_time = predictions.column(EVENT_TIME), labels.column(EVENT_TIME)
    label_id, known = labels.column(ROW_ID), labels.column(KNOWLEDGE_TIME)
    newest = (
        sa.select(label_id, label_time, known, labels.column(TARGET).label(TARGET))
        .where(label_time >= start, label_time < end)
        .ext(distinct_on(label_id, label_time))
        .order_by(label_id, label_time, known.desc())
        .subquery("newest")
    )
    same = sa.and_(newest.c[ROW_ID] == predictions.column(ROW_ID), newest.c[EVENT_TIME] == time)
    statement = (
        sa.select(
            predictions.column(MODEL_VERSION).label(MODEL_VERSION),
            predictions.column(predictions.prediction).label("prediction"),
            newest.c[TARGET],
            newest.c[KNOWLEDGE_TIME],
            *(predictions.column(name) for name in more.values()),
        )
        .select_from(predictions.sql.outerjoin(newest, same))
        .where(time >= start, time < end, *passing(predictions))
        .order_by(time, predictions.column(ROW_ID))
    )
    with arrow_transaction(database) as transaction:
        # By position: a column of ours may be spelt otherwise in the database.
        return transaction.table(statement).rename_columns([*_LABELLED, *more])


def passing(predictions: RowTable) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a prediction's row passes the filters."""
    return [
        predictions.column(one.name).is_(None)
        for one in predictions.columns
        if one.name == _REJECTED_BY
    ]


def _require_other_names(predictions: RowTable, columns: Iterable[str]) -> None:
    taken = sorted({*columns} & {*_LABELLED})
    if taken:
        raise StorageError(
            f"model '{predictions.model_id}': {', '.join(map(repr, taken))} is what a label or a"
            " prediction is called when the two are read side by side; give the column of this name"
            " another one with `source.rename`"
        )


def _equal(table: RowTable, where: Mapping[str, Any] | None) -> list[sa.ColumnElement[bool]]:
    return [table.column(name).is_not_distinct_from(value) for name, value in (where or {}).items()]


def _read(
    database: Database,
    table: RowTable,
    columns: Sequence[str] | None,
    where: Sequence[sa.ColumnElement[bool]],
) -> pa.Table:
    names = [one.name for one in table.columns] if columns is None else list(columns)
    statement = sa.select(*(table.column(name) for name in names)).where(*where)
    statement = statement.order_by(table.column(EVENT_TIME), table.column(ROW_ID))
    with arrow_transaction(database) as transaction:
        return table.decode(transaction.table(statement), names)
