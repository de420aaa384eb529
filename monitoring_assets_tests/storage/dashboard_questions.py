"""The three questions that dashboards ask most, as tests and benchmarks ask them of the views.

Belongs here: a model's year, a column's year, the newest verdicts of all models. Stays out: one
window in detail (storage/verdicts.py).
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from monitoring_assets.records import ALL, Verdict
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.statements import Row
from monitoring_assets.storage.views import VIEWS

_VIEW = {view.name: view.table for view in VIEWS}


@dataclass(frozen=True, kw_only=True)
class NewestVerdict:
    """What one layer of a model's newest complete window says."""

    model_id: str
    granularity: str
    window_start: datetime
    window_end: datetime
    layer: str
    metric: str
    value: float | None
    verdict: Verdict
    reason: str


def newest_verdicts(database: Database) -> list[NewestVerdict]:
    """Return what the newest complete window of every model says, three lines for each model."""
    view = _VIEW["newest_verdicts"]
    statement = sa.select(view).order_by(view.c.model_id, view.c.layer)
    with database.connect() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return [NewestVerdict(verdict=Verdict(row.pop("verdict")), **row) for row in rows]


def model_year(database: Database, model_id: str, start: datetime, end: datetime) -> list[Row]:
    """Return one row of view `ml_metrics` for each complete window that ends in `(start, end]`."""
    view = _VIEW["ml_metrics"]
    return _rows(database, view, view.c.timestamp, (view.c.model_name == model_id,), (start, end))


def feature_year(
    database: Database, model_id: str, column_name: str, start: datetime, end: datetime
) -> list[Row]:
    """Return the drift scores of a column in complete windows that end in `(start, end]`."""
    view = _VIEW["drift_scores"]
    which = (
        view.c.model_id == model_id,
        view.c.segment == ALL,
        view.c.column_name == column_name,
    )
    return _rows(database, view, view.c.window_end, which, (start, end))


def _rows(
    database: Database,
    view: sa.Table,
    time: sa.ColumnElement[datetime],
    which: tuple[sa.ColumnElement[bool], ...],
    period: tuple[datetime, datetime],
) -> list[Row]:
    within = (time > period[0], time <= period[1])
    statement = sa.select(view).where(*which, *within).order_by(time)
    with database.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]
