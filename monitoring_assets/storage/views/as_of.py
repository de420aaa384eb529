"""Functions that answer what model quality was known at a moment.

Belongs here: their queries. Stays out: keeping what was said (storage/superseding.py).
"""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.storage.tables import model_quality, model_quality_history
from monitoring_assets.storage.views.function import Function, parameter
from monitoring_assets.storage.views.labels import MODEL_QUALITY_RECORDED
from monitoring_assets.storage.views.view import SCHEMA as GRAFANA

_AS_OF: Final = "model_quality_as_of"
_INSTANT: Final = sa.DateTime(timezone=True)


def _said_at(moment: sa.ColumnElement[datetime]) -> sa.CompoundSelect[Any]:
    now, before = model_quality, model_quality_history
    return sa.union_all(
        sa.select(*now.c).where(now.c.recorded_at <= moment),
        sa.select(*(before.c[column.name] for column in now.c)).where(
            before.c.recorded_at <= moment, before.c.superseded_at > moment
        ),
    )


def _recorded_at(moment: sa.ColumnElement[datetime]) -> sa.Select[*tuple[Any, ...]]:
    view = MODEL_QUALITY_RECORDED.table
    return sa.select(*(view.c[column.name] for column in model_quality.c)).where(
        view.c.recorded_at <= moment,
        sa.or_(view.c.superseded_at.is_(None), view.c.superseded_at > moment),
    )


MODEL_QUALITY_AS_OF: Final = Function(
    schema="monitoring",
    name=_AS_OF,
    parameters={"moment": _INSTANT},
    query=_said_at(parameter(_AS_OF, "moment", _INSTANT)),
    comment="The rows of model_quality as the table stood at that moment.",
)

AS_OF_FUNCTIONS: Final = (
    MODEL_QUALITY_AS_OF,
    Function(
        schema=GRAFANA,
        name=_AS_OF,
        parameters={"moment": _INSTANT},
        query=_recorded_at(parameter(_AS_OF, "moment", _INSTANT)),
        comment="The rows of monitoring.model_quality as the table stood at that moment.",
    ),
)
