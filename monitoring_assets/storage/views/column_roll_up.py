"""The function of schema `grafana` that adds columns up to longer periods. No verdicts.

Belongs here: its query, over the view of what adds up. Stays out: that view (sums.py), the same
sums for Python, with scores of every kind (storage/roll_up/).
"""

from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.storage.views.function import Function
from monitoring_assets.storage.views.periods import LEGAL, PARAMETERS, asked_period, bounds, fits
from monitoring_assets.storage.views.sums import COLUMN_PROFILES
from monitoring_assets.storage.views.view import SCHEMA

_NAME: Final = "roll_up_columns"


def _query() -> sa.Select[*tuple[Any, ...]]:
    view, period = COLUMN_PROFILES.table, asked_period(_NAME)
    start, end = bounds(view, period)
    finite = view.c.rows - view.c.missing - view.c.infinite
    rows, missing = sa.func.sum(view.c.rows), sa.func.sum(view.c.missing)
    values = _double(sa.func.nullif(sa.func.sum(finite), 0))
    # About the centre of each window's own bins: they may have changed within the period.
    numbers = view.c.centre.is_not(None)
    total = sa.func.sum(view.c.centre * finite + view.c.moment_1)
    known = _double(sa.func.nullif(sa.func.sum(finite).filter(numbers), 0))
    return (
        sa.select(
            view.c.model_id,
            view.c.segment,
            view.c.column_name,
            start,
            end,
            sa.cast(sa.func.count(), sa.BigInteger).label("windows"),
            sa.cast(rows, sa.BigInteger).label("rows"),
            (_double(missing) / _double(sa.func.nullif(rows, 0))).label("missing_share"),
            (total / known).label("mean"),
            sa.func.min(view.c.minimum).label("minimum"),
            sa.func.max(view.c.maximum).label("maximum"),
            (_double(sa.func.sum(view.c.outside)) / values).label("outside_share"),
        )
        .where(fits(view, period))
        .group_by(view.c.model_id, view.c.segment, view.c.column_name, start.element, end.element)
    )


def _double(number: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    return sa.cast(number, sa.Double)


ROLL_UP_COLUMNS: Final = Function(
    schema=SCHEMA,
    name=_NAME,
    parameters=PARAMETERS,
    query=_query(),
    comment=(
        f"What was counted of each column by {LEGAL} in the model's time zone, over all windows"
        " that are complete; windows: how many they are."
    ),
)
