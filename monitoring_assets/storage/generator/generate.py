"""Filling the database with invented history.

Belongs here: the order of the steps. Stays out: what the rows look like (ledger.py, profiles.py,
results.py).
"""

import sqlalchemy as sa

from monitoring_assets.storage.database import Database
from monitoring_assets.storage.generator.base import Size
from monitoring_assets.storage.generator.ledger import ledger_rows
from monitoring_assets.storage.generator.profiles import profile_rows
from monitoring_assets.storage.generator.results import result_rows
from monitoring_assets.storage.tables.base import METADATA

_COUNTED = {"preserve_rowcount": True}


def generate(database: Database, models: int, days: int, columns: int) -> dict[str, int]:
    """Fill all tables for models `generated_001`, … with daily windows from 2025-01-01 on.

    The same arguments give the same rows. Rows of generated models that are there already are
    removed first; others are not touched.

    Parameters
    ----------
    columns
        Profiled columns of each model, the prediction included.

    Returns
    -------
    dict
        Table -> rows written.
    """
    size = Size(models=models, days=days, columns=columns)
    written: dict[str, int] = {}
    with database.begin() as connection:
        for table in METADATA.sorted_tables:
            if "model_id" in table.c:
                connection.execute(sa.delete(table).where(table.c.model_id.like("generated\\_%")))
        for step in (ledger_rows, profile_rows, result_rows):
            for statement in step(size):
                name = statement.table.name
                rows = connection.execute(statement, execution_options=_COUNTED).rowcount
                written[name] = written.get(name, 0) + rows
            # The next step joins with what this one wrote.
            connection.execute(sa.text("ANALYZE"))
    return written
