"""Generated numbers with verdicts, in a mix as it occurs: mostly quiet, some drift, some gaps.

Belongs here: drift, data quality and model quality. Stays out: counts (profiles.py).
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from monitoring_assets.records import ALL, DATASET, REALISED, Layer, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.generator.base import (
    METRICS,
    MINIMUM_ROWS,
    THRESHOLD,
    Size,
    chance,
    columns,
    computed,
    into,
    windows,
)

_COLUMN_NUMBERS = ("missing_share", "unseen_share", "mean", "median")
"""Data-quality numbers of every column; a real numerical column has some fifteen."""


def result_rows(size: Size) -> Iterator[sa.Insert]:
    """Return the statements that fill the tables of results, in order."""
    yield into(tables.drift_score, _drift_scores(size))
    yield into(tables.dataset_drift, _dataset_drift(size))
    yield into(tables.data_quality, _column_quality(size))
    yield into(tables.data_quality, _window_quality(size))
    yield into(tables.model_quality, _model_quality(size))


def _key(window: sa.Subquery) -> tuple[sa.ColumnElement[Any], ...]:
    return (
        window.c.model_id,
        window.c.granularity,
        window.c.window_start,
        sa.literal(ALL).label("segment"),
    )


def _drift_scores(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window, column = windows(size), columns(size)
    joined, computation_id = computed(window, Layer.DATA_DRIFT)
    key = (window.c.model_id, column.c.n, window.c.n)
    rows = sa.cast(2000 * chance("scored", window.c.model_id, window.c.n), sa.BigInteger) + 1
    quiet = 0.02 + 0.05 * chance("score", *key)
    # One column in five drifts for good from some day on.
    drifts = sa.and_(
        chance("drifts", window.c.model_id, column.c.n) < 0.2,
        window.c.n > size.days * chance("since", window.c.model_id, column.c.n),
    )
    score = quiet + sa.case((drifts, 0.08), else_=0.0)
    few = rows < MINIMUM_ROWS
    method = sa.case((column.c.kind == "numerical", "kolmogorov_smirnov"), else_="jensen_shannon")
    alarm = score > THRESHOLD
    above = sa.case((alarm, " is above the threshold 0.1"), else_=" is not above the threshold 0.1")
    rounded = sa.func.round(sa.cast(score, sa.Numeric), 4)
    return sa.select(
        *_key(window),
        column.c.column_name,
        method.label("method"),
        sa.literal(1).label("reference_version"),
        sa.case((few, sa.null()), else_=score).label("score"),
        sa.literal(THRESHOLD, sa.Double).label("threshold"),
        sa.literal(60000).label("n_reference"),
        rows.label("n_window"),
        sa.true().label("deciding"),
        _verdict(few, alarm).label("verdict"),
        sa.case(
            (few, sa.cast(rows, sa.Text) + " values in the window, 100 are needed"),
            else_=sa.func.concat(method, " ", rounded, above),
        ).label("reason"),
        computation_id,
    ).select_from(joined.join(column, sa.true()))


def _verdict(few: sa.ColumnElement[bool], alarm: sa.ColumnElement[bool]) -> sa.Case[str]:
    return sa.case(
        (few, Verdict.INSUFFICIENT_DATA.value),
        (alarm, Verdict.ALARM.value),
        else_=Verdict.OK.value,
    )


def _dataset_drift(size: Size) -> sa.Select[*tuple[Any, ...]]:
    table = tables.drift_score
    counted = table.c.column_name != "prediction"
    decided = sa.func.count().filter(counted, table.c.score.is_not(None))
    alarming = sa.func.count().filter(counted, table.c.verdict == Verdict.ALARM.value)
    share = sa.cast(alarming, sa.Double) / sa.func.nullif(decided, 0)
    names = ("model_id", "granularity", "window_start", "segment", "reference_version")
    key = [table.c[name] for name in names]
    return (
        sa.select(
            *key,
            decided.label("columns_decided"),
            alarming.label("columns_alarming"),
            share.label("alarming_share"),
            sa.literal(0.2, sa.Double).label("threshold"),
            sa.func.max(table.c.score).filter(~counted).label("prediction_drift"),
            _verdict(decided == 0, share > 0.2).label("verdict"),
            sa.func.concat(alarming, " of ", decided, " columns have drifted").label("reason"),
            sa.func.max(table.c.computation_id).label("computation_id"),
        )
        .where(table.c.model_id.in_(size.model_ids()))
        .group_by(*key)
    )


def _column_quality(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window, column = windows(size), columns(size)
    joined, computation_id = computed(window, Layer.DATA_QUALITY)
    metric = sa.values(sa.column("metric", sa.Text), name="metrics").data(
        [(name,) for name in _COLUMN_NUMBERS]
    )
    share = metric.c.metric.like("%share")
    luck = chance("data quality", window.c.model_id, column.c.n, window.c.n, metric.c.metric)
    alarm = sa.and_(share, luck < 0.005)
    value = sa.case((alarm, 0.3), (share, 0.1 * luck), else_=10 * column.c.n + luck)
    return sa.select(
        *_key(window),
        column.c.column_name,
        metric.c.metric,
        value.label("value"),
        sa.case((share, "at most 0.1"), else_="").label("expectation"),
        _verdict(sa.false(), alarm).label("verdict"),
        sa.case(
            (alarm, "more than the 10.00% allowed"),
            (share, "at most the 10.00% allowed"),
            else_="described, no bound is set",
        ).label("reason"),
        computation_id,
    ).select_from(joined.join(column, column.c.role != "prediction").join(metric, sa.true()))


def _window_quality(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window = windows(size)
    joined, computation_id = computed(window, Layer.DATA_QUALITY)
    return sa.select(
        *_key(window),
        sa.literal(DATASET).label("column_name"),
        sa.literal("missing_share").label("metric"),
        (0.02 * chance("missing", window.c.model_id, window.c.n)).label("value"),
        sa.literal("").label("expectation"),
        sa.literal(Verdict.OK.value).label("verdict"),
        sa.literal("described, no bound is set").label("reason"),
        computation_id,
    ).select_from(joined)


def _model_quality(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window = windows(size)
    joined, computation_id = computed(window, Layer.MODEL_QUALITY)
    metric = sa.values(
        sa.column("metric", sa.Text), sa.column("usual", sa.Double), name="metrics"
    ).data([(name, float(place)) for place, name in enumerate(METRICS, start=1)])
    labels = sa.cast(2000 * chance("scored", window.c.model_id, window.c.n), sa.BigInteger) + 1
    luck = chance("quality", window.c.model_id, window.c.n, metric.c.metric)
    # Every model gets slowly worse, some faster than others.
    worse = 0.3 * window.c.n / size.days * chance("decay", window.c.model_id)
    value = metric.c.usual * (0.95 + 0.1 * luck + worse)
    few, alarm = labels < MINIMUM_ROWS, value > metric.c.usual * 1.2
    return sa.select(
        *_key(window),
        metric.c.metric,
        sa.literal(REALISED).label("kind"),
        sa.literal("1").label("model_version"),
        value.label("value"),
        (value * 0.97).label("interval_low"),
        (value * 1.03).label("interval_high"),
        metric.c.usual.label("reference_value"),
        (metric.c.usual * 1.2).label("threshold"),
        labels.label("labels"),
        sa.literal(1.0, sa.Double).label("coverage"),
        _verdict(few, alarm).label("verdict"),
        sa.case((few, "too few labels"), else_="compared with the reference").label("reason"),
        computation_id,
        tables.computation.c.finished_at.label("recorded_at"),
    ).select_from(joined.join(metric, sa.true()))
