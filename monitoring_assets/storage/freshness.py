"""Whether what is stored was computed under the present YAML.

Belongs here: questions and entries of the ledger about layers without windows. Stays out: windows
(ledger.py).
"""

import sqlalchemy as sa

from monitoring_assets.records import Computation, Layer
from monitoring_assets.storage.computations import record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.tables import computation as table


def newest_spec_hash(database: Database, model_id: str, layer: Layer) -> str | None:
    """Return the fingerprint of the YAML under which a layer was last computed; None if never."""
    statement = (
        sa.select(table.c.spec_hash)
        .where(table.c.model_id == model_id, table.c.layer == layer.value)
        .order_by(table.c.id.desc())
        .limit(1)
    )
    with database.connect() as connection:
        return connection.execute(statement).scalar_one_or_none()


def record_unchanged(database: Database, computation: Computation) -> None:
    """Note that a layer was computed and what is stored of it is still right."""
    with database.begin() as connection:
        record_computation(SqlTransaction(connection), computation)
