"""The function of schema `grafana` that adds quality up to longer periods. No verdicts.

Belongs here: its query, for the metrics that a few sums give exactly. Stays out: the views of what
adds up (sums.py); metrics that are read from bins of probabilities, intervals, single model
versions, which `monitoring-assets roll-up` computes (storage/roll_up/).

As in Python, metrics with no value have no row, and of sums that do not add up, such as those about
another centre, the ones count that add to the newest window's.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from monitoring_assets.storage.tables.results import ALL_CLASSES
from monitoring_assets.storage.views.function import Function
from monitoring_assets.storage.views.periods import LEGAL, PARAMETERS, asked_period, bounds, fits
from monitoring_assets.storage.views.sums import CLASS_SUMS, QUALITY_SUMS
from monitoring_assets.storage.views.view import SCHEMA

_NAME: Final = "roll_up_quality"
_SPAN: Final = ("model_id", "segment", "period_start", "period_end")
_SUMMED: Final = (
    "labels", "error", "absolute_error", "squared_error", "target", "squared_target",
    "percentage_rows", "percentage_error", "agreeing", "probability_rows", "log_loss", "brier",
)  # fmt: skip
_SUMMED_BY_CLASS: Final = ("labels", "labelled", "predicted", "agreeing")

ROUNDING: Final = 1e-14
"""What rounding leaves of the squares when the target is constant; `r2` is undefined there."""


def _newest_alike(view: sa.Table) -> sa.Subquery:
    """Return the rows with their period, and what the newest sums of the period are about."""
    period = asked_period(_NAME)
    start, end = bounds(view, period)
    newest = sa.func.first_value(view.c.about).over(
        partition_by=(view.c.model_id, view.c.segment, start.element, end.element),
        order_by=(view.c.window_start.desc(), view.c.model_version.desc()),
    )
    return (
        sa.select(*view.c, start, end, newest.label("newest"))
        .where(fits(view, period))
        .subquery("rows")
    )


def _added_up(view: sa.Table, names: Sequence[str], *more: str) -> sa.Subquery:
    """Return the sums of each period, and of these columns besides."""
    rows = _newest_alike(view)
    keys = [rows.c[name] for name in (*_SPAN, *more)]
    windows = sa.func.count(rows.c.window_start.distinct())
    return (
        sa.select(
            *keys,
            sa.cast(windows, sa.BigInteger).label("windows"),
            *(_double(sa.func.sum(rows.c[name])).label(name) for name in names),
        )
        .where(rows.c.about == rows.c.newest)
        .group_by(*keys)
        .subquery("summed")
    )


def _of_all_rows() -> sa.Select[*tuple[Any, ...]]:
    """Return the metrics of sums over all rows of a period."""
    summed = _added_up(QUALITY_SUMS.table, _SUMMED)
    one = summed.c
    deviations = one.squared_target - one.target * one.target / _rows(one.labels)
    varies = sa.and_(one.labels >= 2, deviations > ROUNDING * one.squared_target)
    values = {
        "mae": one.absolute_error / _rows(one.labels),
        "rmse": sa.func.sqrt(one.squared_error / _rows(one.labels)),
        "mape": one.percentage_error / _rows(one.percentage_rows),
        "mean_error": one.error / _rows(one.labels),
        "r2": sa.case((varies, 1 - one.squared_error / deviations)),
        "accuracy": one.agreeing / _rows(one.labels),
        "log_loss": one.log_loss / _rows(one.probability_rows),
        "brier_loss": one.brier / _rows(one.probability_rows),
    }
    return _row_by_row(summed, _text(ALL_CLASSES), one.labels, values)


def _by_class() -> sa.Subquery:
    """Return precision, recall and f1 of each class of a period; null where there is none."""
    summed = _added_up(CLASS_SUMS.table, _SUMMED_BY_CLASS, "class_name", "is_positive")
    one = summed.c
    return sa.select(
        *(one[name] for name in (*_SPAN, "windows", "labels", "labelled")),
        one.class_name,
        one.is_positive,
        (one.agreeing / _rows(one.predicted)).label("precision"),
        (one.agreeing / _rows(one.labelled)).label("recall"),
        (2 * one.agreeing / _rows(one.labelled + one.predicted)).label("f1"),
    ).subquery("classes")


def _of_single_classes() -> sa.Select[*tuple[Any, ...]]:
    classes = _by_class()
    values = {name: classes.c[name] for name in ("precision", "recall", "f1")}
    return _row_by_row(classes, classes.c.class_name, classes.c.labelled, values)


def _over_classes() -> sa.Select[*tuple[Any, ...]]:
    """Return the numbers of the positive class, or the averages over all, as those of the whole."""
    classes = _by_class()
    one = classes.c
    whole = {
        name: sa.func.coalesce(
            sa.func.max(one[name]).filter(one.is_positive),
            sa.func.avg(one[name]).filter(one.is_positive.is_(None)),
        )
        for name in ("precision", "recall", "f1")
    }
    summed = (
        sa.select(
            *(one[name] for name in _SPAN),
            sa.func.max(one.windows).label("windows"),
            sa.func.max(one.labels).label("labels"),
            *(value.label(name) for name, value in whole.items()),
            sa.func.avg(one.recall).label("balanced_accuracy"),
        )
        .group_by(*(one[name] for name in _SPAN))
        .subquery("averages")
    )
    values = {name: summed.c[name] for name in (*whole, "balanced_accuracy")}
    return _row_by_row(summed, _text(ALL_CLASSES), summed.c.labels, values)


def _row_by_row(
    summed: sa.Subquery,
    class_name: sa.ColumnElement[str],
    labels: sa.ColumnElement[float],
    values: Mapping[str, sa.ColumnElement[float]],
) -> sa.Select[*tuple[Any, ...]]:
    """Return a row for each metric that has a value."""
    number = (
        sa.func.unnest(array([_text(name) for name in values]), array(values.values()))
        .table_valued(sa.column("metric", sa.Text), sa.column("value", sa.Double), name="number")
        .render_derived()
    )
    return (
        sa.select(
            *(summed.c[name] for name in (*_SPAN, "windows")),
            sa.cast(labels, sa.BigInteger).label("labels"),
            number.c.metric,
            class_name.label("class_name"),
            number.c.value,
        )
        .select_from(summed.join(number, sa.true()))
        .where(number.c.value.is_not(None))
    )


def _rows(number: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    """Return what is divided by; null without rows."""
    return sa.func.nullif(number, 0)


def _double(number: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    return sa.cast(number, sa.Double)


def _text(value: str) -> sa.ColumnElement[str]:
    return sa.literal(value, sa.Text)


ROLL_UP_QUALITY: Final = Function(
    schema=SCHEMA,
    name=_NAME,
    parameters=PARAMETERS,
    query=sa.union_all(_of_all_rows(), _over_classes(), _of_single_classes()),
    comment=(
        "mae, rmse, mape, mean_error, r2, accuracy, balanced_accuracy, log_loss, brier_loss, and"
        " precision, recall and f1 also of single classes, of all model versions together by"
        f" {LEGAL} in the model's time zone, over all windows that are complete."
    ),
)
