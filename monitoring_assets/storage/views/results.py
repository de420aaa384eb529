"""Views of schema `grafana`: results of complete windows, and what the newest of them say.

Belongs here: their queries. Stays out: labels that come late (labels.py), what adds up (sums.py),
numbers beside earlier ones (earlier.py), Dagster's own tables, a view over which would block
Dagster's migrations.
"""

from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.records import ALL, DATASET, REALISED, Verdict
from monitoring_assets.storage.tables import (
    data_quality,
    dataset_drift,
    drift_score,
    model,
    model_quality,
    window,
)
from monitoring_assets.storage.tables.results import ALL_CLASSES
from monitoring_assets.storage.views.conditions import has_newest_reference, is_complete, same
from monitoring_assets.storage.views.view import View


def _beside_window(table: sa.Table, *without: str) -> sa.Select[*tuple[Any, ...]]:
    """Return every column of a result, but for these, and the end of its window."""
    columns = [column for column in table.c if column.name not in without]
    return (
        sa.select(*columns, window.c.window_end)
        .select_from(table.join(window, same(table, window)))
        .where(is_complete())
    )


def _ml_metrics() -> sa.Select[*tuple[Any, ...]]:
    drifted = sa.case(
        (dataset_drift.c.verdict == Verdict.ALARM.value, sa.true()),
        (dataset_drift.c.verdict == Verdict.OK.value, sa.false()),
    )
    missing = sa.and_(
        same(data_quality, window),
        data_quality.c.segment == ALL,
        data_quality.c.column_name == DATASET,
        data_quality.c.metric == "missing_share",
    )
    return (
        sa.select(
            window.c.window_end.label("timestamp"),
            window.c.model_id.label("model_name"),
            dataset_drift.c.prediction_drift,
            dataset_drift.c.columns_alarming.label("num_drifted_columns"),
            data_quality.c.value.label("share_missing_values"),
            drifted.label("dataset_drift"),
            dataset_drift.c.alarming_share.label("drift_score"),
            window.c.computed_at.label("created_at"),
        )
        .select_from(
            window.join(dataset_drift, same(window, dataset_drift)).outerjoin(data_quality, missing)
        )
        .where(is_complete(), dataset_drift.c.segment == ALL, has_newest_reference(dataset_drift))
    )


def _newest_window() -> sa.FromClause:
    return (
        sa.select(window)
        .where(
            window.c.model_id == model.c.model_id,
            window.c.granularity == model.c.granularity,
            is_complete(),
        )
        .order_by(window.c.window_start.desc())
        .limit(1)
        .lateral("newest")
    )


def _verdict_of(
    newest: sa.FromClause, layer: str, metric: sa.ColumnElement[Any], found: sa.FromClause
) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            model.c.model_id,
            model.c.granularity,
            newest.c.window_start,
            newest.c.window_end,
            sa.literal(layer, sa.Text).label("layer"),
            metric.label("metric"),
            found.c.value,
            found.c.verdict,
            found.c.reason,
        )
        .select_from(model.join(newest, sa.true()).join(found, sa.true()))
        .where(model.c.retired_at.is_(None))
    )


def _newest_drift() -> sa.Select[*tuple[Any, ...]]:
    newest, table = _newest_window(), dataset_drift
    found = (
        sa.select(table.c.alarming_share.label("value"), table.c.verdict, table.c.reason)
        .where(same(table, newest), table.c.segment == ALL)
        .order_by(table.c.reference_version.desc())
        .limit(1)
        .lateral("found")
    )
    return _verdict_of(newest, "data_drift", sa.literal("alarming_share", sa.Text), found)


def _newest_data_quality() -> sa.Select[*tuple[Any, ...]]:
    newest, table = _newest_window(), data_quality
    alarms = sa.func.count()
    named = sa.func.concat_ws(
        " ", sa.func.nullif(table.c.column_name, DATASET), table.c.metric + ":", table.c.reason
    )
    all_named = sa.func.string_agg(named, sa.literal("; ", sa.Text))
    found = (
        sa.select(
            sa.cast(alarms, sa.Double).label("value"),
            sa.case((alarms > 0, Verdict.ALARM.value), else_=Verdict.OK.value).label("verdict"),
            sa.func.coalesce(all_named, "no number breaks its bound").label("reason"),
        )
        .where(
            same(table, newest),
            table.c.segment == ALL,
            table.c.verdict == Verdict.ALARM.value,
        )
        .lateral("found")
    )
    return _verdict_of(newest, "data_quality", sa.literal("alarming_numbers", sa.Text), found)


def _newest_quality() -> sa.Select[*tuple[Any, ...]]:
    newest, table = _newest_window(), model_quality
    found = (
        sa.select(table.c.value, table.c.verdict, table.c.reason)
        .where(
            same(table, newest),
            table.c.segment == ALL,
            table.c.metric == model.c.main_metric,
            table.c.class_name == ALL_CLASSES,
            table.c.kind == REALISED,
        )
        # A window may have been scored by several versions: the one with most labels speaks.
        .order_by(table.c.labels.desc(), table.c.model_version.desc())
        .limit(1)
        .lateral("found")
    )
    return _verdict_of(newest, "model_quality", model.c.main_metric, found)


RESULTS: Final = (
    View(
        name="ml_metrics",
        query=_ml_metrics(),
        comment="One line for each complete window, in the columns of well-known dashboards.",
        comments={
            "timestamp": "First moment after the window, UTC.",
            "model_name": "Folder name of the monitored model.",
            "num_drifted_columns": "Columns whose deciding method alarms.",
            "share_missing_values": "Missing cells / all cells of the window, 0 to 1.",
            "dataset_drift": "Whether the dataset has drifted; null if it could not be decided.",
            "drift_score": "Alarming columns / decided columns, 0 to 1.",
            "created_at": "When the window was last computed, UTC.",
        },
    ),
    View(
        name="windows",
        query=sa.select(*window.c).where(is_complete()),
        comment="Every complete window.",
    ),
    View(
        name="drift_scores",
        query=_beside_window(drift_score).where(has_newest_reference(drift_score)),
        comment="Drift scores of complete windows, against the newest reference compared with.",
    ),
    View(
        name="dataset_drift",
        query=_beside_window(dataset_drift).where(has_newest_reference(dataset_drift)),
        comment="Dataset drift of complete windows, against the newest reference compared with.",
    ),
    View(
        name="data_quality",
        query=_beside_window(data_quality),
        comment="Data-quality numbers of complete windows.",
    ),
    View(
        name="model_quality",
        query=_beside_window(model_quality, "class_name", "recorded_at").where(
            model_quality.c.class_name == ALL_CLASSES
        ),
        comment="Model-quality numbers of complete windows, over all classes.",
    ),
    View(
        name="model_quality_by_class",
        query=_beside_window(model_quality, "recorded_at").where(
            model_quality.c.class_name != ALL_CLASSES
        ),
        comment="Model-quality numbers of single classes in complete windows.",
        comments={"class_name": "The class the number is about."},
    ),
    View(
        name="newest_verdicts",
        query=sa.union_all(_newest_drift(), _newest_data_quality(), _newest_quality()),
        comment="Three lines for each model: what its newest complete window says.",
        comments={
            "window_start": "First moment of its newest complete window, UTC.",
            "window_end": "First moment after that window, UTC.",
            "layer": "data_drift, data_quality or model_quality.",
            "metric": "Name of the number.",
            "value": "The number; null if the verdict says why.",
            "verdict": f"What the number means: {', '.join(Verdict)}.",
            "reason": "Why the verdict is what it is, in a sentence.",
        },
    ),
)
