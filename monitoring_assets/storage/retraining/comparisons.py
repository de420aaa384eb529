"""Champion and challenger on the same rows, as they were compared.

Belongs here: reading and writing table `model_comparison`. Stays out: comparing (evaluation).
"""

from collections.abc import Sequence

import sqlalchemy as sa

from monitoring_assets.records import MetricComparison
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets.storage.tables import model_comparison as table

_FIELDS = (
    "segment",
    "metric",
    "rows",
    "champion",
    "challenger",
    "gain",
    "gain_low",
    "gain_high",
    "reason",
)


def save_comparisons(
    database: Database,
    decision: tuple[str, int],
    versions: tuple[str, str],
    comparisons: Sequence[MetricComparison],
) -> None:
    """Store a comparison, instead of what was stored for the same decision.

    Parameters
    ----------
    decision
        Model and number of the decision.
    versions
        The champion's and the challenger's.
    """
    model_id, decision_id = decision
    same = {
        "model_id": model_id,
        "decision_id": decision_id,
        "champion_version": versions[0],
        "challenger_version": versions[1],
    }
    rows = [{name: getattr(one, name) for name in _FIELDS} | same for one in comparisons]
    with loop_transaction(database, model_id) as connection:
        connection.execute(sa.delete(table).where(table.c.decision_id == decision_id))
        if rows:
            connection.execute(sa.insert(table), rows)


def read_comparisons(database: Database, decision_id: int) -> tuple[MetricComparison, ...]:
    """Return what was compared for a decision, by segment and metric."""
    statement = (
        sa.select(*(table.c[name] for name in _FIELDS))
        .where(table.c.decision_id == decision_id)
        .order_by(table.c.segment, table.c.metric)
    )
    with database.connect() as connection:
        return tuple(MetricComparison(**row) for row in connection.execute(statement).mappings())


def compared_versions(database: Database, decision_id: int) -> tuple[str, str] | None:
    """Return the champion and the challenger that were compared for a decision; None: none were.

    The champion may not be the version that serves now.
    """
    statement = (
        sa.select(table.c.champion_version, table.c.challenger_version)
        .where(table.c.decision_id == decision_id)
        .limit(1)
    )
    with database.connect() as connection:
        row = connection.execute(statement).one_or_none()
    return None if row is None else (row.champion_version, row.challenger_version)
