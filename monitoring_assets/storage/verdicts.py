"""What was concluded about windows, read back: for checks, `status` and the demo's table.

Belongs here: one row a window with the verdict of each layer. Stays out: writing (window_write).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from monitoring_assets.records import ALL, ColumnRole, Finding, Verdict, WindowStatus
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables.ledger import window
from monitoring_assets.storage.tables.models import column_dictionary, model
from monitoring_assets.storage.tables.results import (
    ALL_CLASSES,
    data_quality,
    dataset_drift,
    drift_score,
    model_quality,
)


@dataclass(frozen=True, kw_only=True)
class WindowVerdicts:
    """All that was concluded about one window; None where a layer has not been computed.

    `quality` is None too if the model has no target: it would hide every other verdict. Drift of
    the target, `observed_drift`, stands beside it and is no lack of quality.
    """

    model_id: str
    window_start: datetime
    partition_key: str
    complete: bool
    rows_read: int | None
    alarming_share: float | None
    metric: str | None
    value: float | None
    reference_value: float | None
    drift: Finding | None
    drifted_columns: tuple[str, ...]
    data_quality: Finding | None
    broken_columns: tuple[str, ...]
    quality: Finding | None
    observed_drift: Finding | None = None

    @property
    def worst(self) -> Verdict:
        """The verdict a person should hear of first."""
        findings = (self.drift, self.data_quality, self.quality)
        order = list(reversed(_SEVERITY))
        known = [finding.verdict for finding in findings if finding is not None]
        return max(known, key=order.index) if known else Verdict.UNDEFINED


_SEVERITY = (
    Verdict.ALARM,
    Verdict.UNDEFINED,
    Verdict.INSUFFICIENT_DATA,
    Verdict.LABELS_IMMATURE,
    Verdict.OK,
)


def window_verdicts(
    database: Database, model_id: str, main_metric: str, starts: Sequence[datetime]
) -> dict[datetime, WindowVerdicts]:
    """Return what was concluded about windows of a model, by window start.

    Parameters
    ----------
    main_metric
        Quality metric whose verdict stands for the window's.
    starts
        First moments of the windows asked for; one that is not in the ledger is left out.
    """
    with database.connect() as connection:
        rows = connection.execute(_statement(model_id, main_metric, starts)).mappings().all()
        return {row["window_start"]: _verdicts(dict(row), main_metric) for row in rows}


def newest_starts(database: Database, model_id: str, most: int = 1) -> list[datetime]:
    """Return the starts of a model's newest complete windows, newest first."""
    statement = (
        sa.select(window.c.window_start)
        .where(*_of_model(model_id), window.c.status == WindowStatus.COMPLETE)
        .order_by(window.c.window_start.desc())
        .limit(most)
    )
    with database.connect() as connection:
        return list(connection.execute(statement).scalars())


def known_models(database: Database) -> dict[str, str]:
    """Return the models in the database that are not retired, each with its main metric."""
    statement = sa.select(model.c.model_id, model.c.main_metric).where(model.c.retired_at.is_(None))
    with database.connect() as connection:
        return {row.model_id: row.main_metric for row in connection.execute(statement)}


def _of_model(model_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a window is a model's, of the length that its YAML has now."""
    length = sa.select(model.c.granularity).where(model.c.model_id == model_id).scalar_subquery()
    return window.c.model_id == model_id, window.c.granularity == length


def _same_window(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.model_id == window.c.model_id,
        table.c.granularity == window.c.granularity,
        table.c.window_start == window.c.window_start,
        table.c.segment == ALL,
    )


def _reasons(metric: sa.Column[str], class_name: sa.Column[str]) -> sa.ColumnElement[str]:
    """Return the reasons of several quality numbers in one text, each with its class, in order."""
    of_class = sa.case((class_name != ALL_CLASSES, sa.literal("class ") + class_name + ": "))
    text = sa.func.concat(of_class, model_quality.c.reason)
    return sa.func.string_agg(text, aggregate_order_by(sa.literal("; "), metric, class_name))


def _statement(
    model_id: str, main_metric: str, starts: Sequence[datetime]
) -> "sa.Select[*tuple[Any, ...]]":
    broken = (
        sa.select(
            sa.func.count().label("judged"),
            sa.func.count().filter(data_quality.c.verdict == Verdict.ALARM).label("alarms"),
            sa.func.array_agg(sa.distinct(sa.func.nullif(data_quality.c.column_name, "")))
            .filter(data_quality.c.verdict == Verdict.ALARM)
            .label("columns"),
            sa.func.string_agg(
                sa.func.concat_ws(
                    " ",
                    sa.func.nullif(data_quality.c.column_name, ""),
                    data_quality.c.metric + ":",
                    data_quality.c.reason,
                ),
                aggregate_order_by(
                    sa.literal("; "), data_quality.c.column_name, data_quality.c.metric
                ),
            )
            .filter(data_quality.c.verdict == Verdict.ALARM)
            .label("reasons"),
        )
        .where(_same_window(data_quality))
        .lateral("broken")
    )
    newest = (
        sa.select(dataset_drift)
        .where(_same_window(dataset_drift))
        .order_by(dataset_drift.c.reference_version.desc())
        .limit(1)
        .lateral("newest_drift")
    )
    drifted = (
        sa.select(sa.func.array_agg(drift_score.c.column_name).label("names"))
        .where(
            _same_window(drift_score),
            drift_score.c.deciding,
            drift_score.c.verdict == Verdict.ALARM,
            drift_score.c.reference_version == newest.c.reference_version,
        )
        .lateral("drifted")
    )
    has_target = (
        sa.exists()
        .where(
            column_dictionary.c.model_id == window.c.model_id,
            column_dictionary.c.role == ColumnRole.TARGET,
        )
        .correlate(window)
    )
    observed = (
        sa.select(drift_score)
        .join(
            column_dictionary,
            sa.and_(
                column_dictionary.c.model_id == drift_score.c.model_id,
                column_dictionary.c.column_name == drift_score.c.column_name,
                column_dictionary.c.role == ColumnRole.TARGET,
            ),
        )
        .where(
            _same_window(drift_score),
            drift_score.c.deciding,
            drift_score.c.reference_version == newest.c.reference_version,
        )
        .lateral("observed_drift")
    )
    quality = (
        sa.select(model_quality)
        .where(
            _same_window(model_quality),
            model_quality.c.metric == main_metric,
            model_quality.c.class_name == ALL_CLASSES,
            has_target,
        )
        # A window may have been scored by several versions: the one with most labels speaks.
        .order_by(model_quality.c.labels.desc(), model_quality.c.model_version.desc())
        .limit(1)
        .lateral("main_quality")
    )
    beside = (
        sa.select(_reasons(model_quality.c.metric, model_quality.c.class_name).label("reasons"))
        .where(
            _same_window(model_quality),
            model_quality.c.model_version == quality.c.model_version,
            model_quality.c.verdict == Verdict.ALARM,
            sa.or_(
                model_quality.c.metric != main_metric, model_quality.c.class_name != ALL_CLASSES
            ),
            has_target,
        )
        .lateral("beside")
    )
    return (
        sa.select(
            window.c.model_id,
            window.c.window_start,
            window.c.partition_key,
            window.c.status,
            window.c.rows_read,
            newest.c.alarming_share,
            newest.c.verdict.label("drift_verdict"),
            newest.c.reason.label("drift_reason"),
            drifted.c.names.label("drifted"),
            broken.c.judged,
            broken.c.alarms,
            broken.c.columns.label("broken"),
            broken.c.reasons,
            quality.c.value,
            quality.c.reference_value,
            quality.c.verdict.label("quality_verdict"),
            quality.c.reason.label("quality_reason"),
            beside.c.reasons.label("other_reasons"),
            observed.c.verdict.label("observed_verdict"),
            observed.c.reason.label("observed_reason"),
        )
        .select_from(window)
        .join(newest, sa.true(), isouter=True)
        .join(drifted, sa.true(), isouter=True)
        .join(broken, sa.true(), isouter=True)
        .join(quality, sa.true(), isouter=True)
        .join(beside, sa.true(), isouter=True)
        .join(observed, sa.true(), isouter=True)
        .where(*_of_model(model_id), window.c.window_start.in_(list(starts)))
    )


def _verdicts(row: dict[str, Any], main_metric: str) -> WindowVerdicts:
    return WindowVerdicts(
        model_id=row["model_id"],
        window_start=row["window_start"],
        partition_key=row["partition_key"],
        complete=row["status"] == WindowStatus.COMPLETE,
        rows_read=row["rows_read"],
        alarming_share=row["alarming_share"],
        metric=main_metric,
        value=row["value"],
        reference_value=row["reference_value"],
        drift=_finding(row["drift_verdict"], row["drift_reason"]),
        drifted_columns=tuple(sorted(row["drifted"] or ())),
        data_quality=_data_quality(row),
        broken_columns=tuple(sorted(name or "rows" for name in row["broken"] or ())),
        quality=_quality(row),
        observed_drift=_finding(row["observed_verdict"], row["observed_reason"]),
    )


def _data_quality(row: dict[str, Any]) -> Finding | None:
    if not row["judged"]:
        return None
    if row["alarms"]:
        return Finding(verdict=Verdict.ALARM, reason=row["reasons"])
    return Finding(verdict=Verdict.OK, reason=f"none of {row['judged']} numbers breaks its bound")


def _quality(row: dict[str, Any]) -> Finding | None:
    """Return the main metric's verdict, unless another metric or a class breaks its own bound."""
    main = _finding(row["quality_verdict"], row["quality_reason"])
    if main is None or row["other_reasons"] is None:
        return main
    reasons = [main.reason] if main.verdict is Verdict.ALARM else []
    return Finding(verdict=Verdict.ALARM, reason="; ".join([*reasons, row["other_reasons"]]))


def _finding(verdict: str | None, reason: str | None) -> Finding | None:
    return None if verdict is None else Finding(verdict=Verdict(verdict), reason=reason or "")
