"""Windows that should have had enough labels by now, model by model.

Belongs here: reading that. Stays out: the question in SQL (views/labels.py), labels themselves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from monitoring_assets.storage.database import Database
from monitoring_assets.storage.views.labels import backlog_at


@dataclass(frozen=True, kw_only=True)
class LabelBacklog:
    """What is overdue of a model that says how late its labels come.

    Parameters
    ----------
    windows
        Complete windows past their expected delay with a label coverage below `mature_share`.
    oldest_window_start, newest_window_start
        First moments of the oldest and the newest of them; None if there are none.
    labels_missing
        Scored rows of these windows that have no label.
    """

    model_id: str
    granularity: str
    expected_label_delay: timedelta
    mature_share: float
    windows: int
    oldest_window_start: datetime | None
    newest_window_start: datetime | None
    labels_missing: int


def label_backlog(
    database: Database, now: datetime, model_id: str | None = None
) -> list[LabelBacklog]:
    """Return what is overdue at a moment, one line for each model that declares a delay.

    View `grafana.label_backlog` says the same of the present.

    Parameters
    ----------
    model_id
        Only this model; None: all that are not retired.
    """
    backlog = backlog_at(sa.literal(now, sa.DateTime(timezone=True))).subquery("backlog")
    statement = sa.select(backlog).order_by(backlog.c.model_id)
    if model_id is not None:
        statement = statement.where(backlog.c.model_id == model_id)
    with database.connect() as connection:
        return [LabelBacklog(**row) for row in connection.execute(statement).mappings()]
