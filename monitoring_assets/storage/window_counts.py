"""What the ledger knows of the rows and labels of one window.

Belongs here: reading back what the layers that read rows found out, for the layers that do not.
Stays out: writing it (computations.py), lists of windows (ledger.py).
"""

import sqlalchemy as sa

from monitoring_assets.errors import StorageError
from monitoring_assets.records import LabelCounts, Window, WindowCounts
from monitoring_assets.storage.conditions import of_window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.statements import Row
from monitoring_assets.storage.tables import window as table


def read_counts(database: Database, window: Window) -> WindowCounts:
    """Return what reading the window's rows found.

    Raises
    ------
    StorageError
        The window's predictions have not been stored yet.
    """
    row = _row(database, window)
    if row["rows_read"] is None:
        raise _not_yet(window, "predictions")
    return WindowCounts(
        rows_read=row["rows_read"],
        rows_scored=row["rows_scored"],
        rows_rejected=row["rows_rejected"],
        rows_adjusted=row["rows_adjusted"],
        rows_by_version=row["rows_by_version"],
    )


def read_label_counts(database: Database, window: Window) -> LabelCounts:
    """Return what is known about the window's labels.

    Raises
    ------
    StorageError
        The window's labels have not been joined with its predictions yet.
    """
    row = _row(database, window)
    if row["labels"] is None:
        raise _not_yet(window, "quality_profiles")
    return LabelCounts(
        labels=row["labels"],
        coverage=row["label_coverage"],
        newest_knowledge_time=row["newest_knowledge_time"],
    )


def _row(database: Database, window: Window) -> Row:
    statement = sa.select(table).where(*of_window(table, window))
    with database.connect() as connection:
        row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise _not_yet(window, "predictions")
    return dict(row)


def _not_yet(window: Window, layer: str) -> StorageError:
    return StorageError(
        f"model '{window.model_id}', window {window.partition_key}: {layer} have not been stored"
        f" yet; materialize {window.model_id}/{layer} for this window first"
    )
