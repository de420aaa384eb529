"""Which rows a retraining used.

Belongs here: reading and writing table `training_set`. Stays out: gathering the rows (assets).
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.records import TrainingSet
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import training_set as table

_FIELDS = ("decision_id", "model_id", "training_rows", "holdout_rows", "data_hash")


def save_training_set(database: Database, used: TrainingSet) -> None:
    """Store which rows a retraining uses, instead of what was stored for the same decision."""
    row = {name: getattr(used, name) for name in _FIELDS} | {
        "training_start": used.start,
        "training_end": used.end,
        "windows": list(used.windows),
        "created_at": sa.func.now(),
    }
    statement = (
        insert(table).values(row).on_conflict_do_update(constraint=table.primary_key, set_=row)
    )
    with database.begin() as connection:
        connection.execute(statement)


def read_training_set(database: Database, decision_id: int) -> TrainingSet | None:
    """Return which rows a retraining uses; None if they have not been gathered."""
    with database.connect() as connection:
        row = (
            connection.execute(sa.select(table).where(table.c.decision_id == decision_id))
            .mappings()
            .one_or_none()
        )
    if row is None:
        return None
    told = {name: row[name] for name in _FIELDS}
    span = {"start": row["training_start"], "end": row["training_end"]}
    return TrainingSet(**told, **span, windows=tuple(row["windows"]))
