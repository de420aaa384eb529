"""Periods in queries: which windows make up a day, week, month, quarter or year.

Belongs here: conditions and bounds that roll-ups share. Stays out: what is added up
(column_roll_up.py, quality_roll_up.py), the same for Python (spec/spans.py).

A period that is not made of a model's whole windows gives no rows of it: weeks lie across months.
Periods are cut in the model's time zone, weeks from Monday.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from monitoring_assets.spec.spans import PERIODS
from monitoring_assets.storage.views.function import parameter

LEGAL: Final = "day, week, month, quarter or year"
PARAMETERS: Final = {"period": sa.Text()}
_INSTANT: Final = sa.DateTime(timezone=True)


def asked_period(function: str) -> sa.ColumnElement[str]:
    """Return the period as it stands in the query of a function."""
    return parameter(function, "period", PARAMETERS["period"])


def fits(view: sa.FromClause, period: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Keep the windows that such periods are made of."""
    return sa.or_(
        *(
            sa.and_(
                view.c.granularity == granularity, period.in_([p for p in longer if p != "hour"])
            )
            for granularity, longer in PERIODS.items()
        )
    )


def bounds(
    view: sa.FromClause, period: sa.ColumnElement[str]
) -> tuple[sa.Label[datetime], sa.Label[datetime]]:
    """Return where the period begins that holds a window, and where it ends."""
    local = sa.func.timezone(view.c.time_zone, view.c.window_start)
    begun = sa.func.date_trunc(period, local)
    length = sa.case(
        (period == "quarter", sa.literal("3 months", sa.Text)), else_=sa.literal("1 ") + period
    )
    ended = begun + sa.cast(length, sa.Interval)
    start, end = (sa.func.timezone(view.c.time_zone, one, type_=_INSTANT) for one in (begun, ended))
    return start.label("period_start"), end.label("period_end")
