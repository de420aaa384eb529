"""What the ledger says of labels: since when they are read, and windows whose quality lags behind.

Belongs here: these two questions. Stays out: labels and their watermark (labels.py), everything
else that is out of date (staleness.py).
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import computation

_LAYERS: Final = (Layer.LABELS, Layer.QUALITY_PROFILES, Layer.MODEL_QUALITY)


def windows_behind_labels(database: Database, model_id: str, granularity: str) -> set[datetime]:
    """Return the starts of windows judged once whose labels were stored again after that."""
    labels, sums, judged = (_newest(layer) for layer in _LAYERS)
    statement = (
        sa.select(computation.c.window_start)
        .where(
            computation.c.model_id == model_id,
            computation.c.granularity == granularity,
            computation.c.layer.in_([layer.value for layer in _LAYERS]),
        )
        .group_by(computation.c.window_start)
        .having(judged.is_not(None), sa.or_(labels > sums, sums > judged))
    )
    with database.connect() as connection:
        return set(connection.execute(statement).scalars())


def first_reading(database: Database, model_id: str, granularity: str) -> datetime | None:
    """Return the earliest moment at which the labels of a window were last read; None if never."""
    newest = (
        sa.select(sa.func.max(computation.c.started_at).label("read_at"))
        .where(
            computation.c.model_id == model_id,
            computation.c.granularity == granularity,
            computation.c.layer == Layer.LABELS.value,
        )
        .group_by(computation.c.window_start)
        .subquery("newest")
    )
    with database.connect() as connection:
        return connection.execute(sa.select(sa.func.min(newest.c.read_at))).scalar_one()


def _newest(layer: Layer) -> sa.ColumnElement[int]:
    return sa.func.max(computation.c.id).filter(computation.c.layer == layer.value)
