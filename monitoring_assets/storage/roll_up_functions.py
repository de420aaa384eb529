"""Functions of schema `grafana` that add windows up to longer periods. No verdicts.

Belongs here: their queries, over the views of what adds up. Stays out: those views
(roll_up_views.py), the same sums for Python, with scores and metrics of every kind (rolled_up.py).

A period that is not made of a model's whole windows gives no rows of it: weeks lie across months.
Periods are cut in the model's time zone, weeks from Monday.
"""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from monitoring_assets.spec.spans import PERIODS
from monitoring_assets.storage.function import Function, parameter
from monitoring_assets.storage.roll_up_views import COLUMN_PROFILES, QUALITY_SUMS
from monitoring_assets.storage.view import SCHEMA

_COLUMNS: Final = "roll_up_columns"
_QUALITY: Final = "roll_up_quality"
_PERIOD: Final = "period"
_INSTANT: Final = sa.DateTime(timezone=True)
_LEGAL: Final = "day, week, month, quarter or year"


def _fits(view: sa.Table, period: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Keep the windows that such periods are made of."""
    return sa.or_(
        *(
            sa.and_(
                view.c.granularity == granularity, period.in_([p for p in longer if p != "hour"])
            )
            for granularity, longer in PERIODS.items()
        )
    )


def _bounds(
    view: sa.Table, period: sa.ColumnElement[str]
) -> tuple[sa.ColumnElement[datetime], ...]:
    """Return where the period begins that holds a window, and where it ends."""
    local = sa.func.timezone(view.c.time_zone, view.c.window_start)
    begun = sa.func.date_trunc(period, local)
    length = sa.case(
        (period == "quarter", sa.literal("3 months", sa.Text)), else_=sa.literal("1 ") + period
    )
    ended = begun + sa.cast(length, sa.Interval)
    return tuple(sa.func.timezone(view.c.time_zone, one, type_=_INSTANT) for one in (begun, ended))


def _roll_up_columns() -> sa.Select[*tuple[Any, ...]]:
    view, period = COLUMN_PROFILES.table, parameter(_COLUMNS, _PERIOD, sa.Text())
    start, end = _bounds(view, period)
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
            start.label("period_start"),
            end.label("period_end"),
            sa.cast(sa.func.count(), sa.BigInteger).label("windows"),
            sa.cast(rows, sa.BigInteger).label("rows"),
            (_double(missing) / _double(sa.func.nullif(rows, 0))).label("missing_share"),
            (total / known).label("mean"),
            sa.func.min(view.c.minimum).label("minimum"),
            sa.func.max(view.c.maximum).label("maximum"),
            (_double(sa.func.sum(view.c.outside)) / values).label("outside_share"),
        )
        .where(_fits(view, period))
        .group_by(view.c.model_id, view.c.segment, view.c.column_name, start, end)
    )


def _roll_up_quality() -> sa.Select[*tuple[Any, ...]]:
    view, period = QUALITY_SUMS.table, parameter(_QUALITY, _PERIOD, sa.Text())
    start, end = _bounds(view, period)
    names = ("error", "absolute_error", "squared_error", "agreeing")
    summed = (
        sa.select(
            view.c.model_id,
            view.c.segment,
            start.label("period_start"),
            end.label("period_end"),
            sa.cast(sa.func.count(view.c.window_start.distinct()), sa.BigInteger).label("windows"),
            sa.cast(sa.func.sum(view.c.labels), sa.BigInteger).label("labels"),
            *(_double(sa.func.sum(view.c[name])).label(name) for name in names),
        )
        .where(_fits(view, period))
        .group_by(view.c.model_id, view.c.segment, start, end)
        .subquery("summed")
    )
    labels = _double(sa.func.nullif(summed.c.labels, 0))
    values = {
        "mae": summed.c.absolute_error / labels,
        "rmse": sa.func.sqrt(summed.c.squared_error / labels),
        "mean_error": summed.c.error / labels,
        "accuracy": summed.c.agreeing / labels,
    }
    named = array([sa.literal(name, sa.Text) for name in values])
    number = (
        sa.func.unnest(named, array(values.values()))
        .table_valued(sa.column("metric", sa.Text), sa.column("value", sa.Double), name="number")
        .render_derived()
    )
    key = ("model_id", "segment", "period_start", "period_end", "windows", "labels")
    return (
        sa.select(*(summed.c[name] for name in key), number.c.metric, number.c.value)
        .select_from(summed.join(number, sa.true()))
        .where(number.c.value.is_not(None))
    )


def _double(number: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    return sa.cast(number, sa.Double)


ROLL_UP_COLUMNS: Final = Function(
    schema=SCHEMA,
    name=_COLUMNS,
    parameters={_PERIOD: sa.Text()},
    query=_roll_up_columns(),
    comment=(
        f"What was counted of each column by {_LEGAL} in the model's time zone, over all windows"
        " that are complete; windows: how many they are."
    ),
)

ROLL_UP_QUALITY: Final = Function(
    schema=SCHEMA,
    name=_QUALITY,
    parameters={_PERIOD: sa.Text()},
    query=_roll_up_quality(),
    comment=(
        f"mae, rmse, mean_error or accuracy of all model versions together by {_LEGAL} in the"
        " model's time zone, over all windows that are complete."
    ),
)
