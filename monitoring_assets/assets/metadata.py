"""What a person sees of a window in the Dagster UI.

Belongs here: metadata built from records; standard keys for row counts, tables and columns. Stays
out: queries and verdicts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import dagster as dg

from monitoring_assets.records import (
    ALL,
    DataQuality,
    DatasetDrift,
    DriftScore,
    ModelQuality,
    Verdict,
    WindowCounts,
)
from monitoring_assets.spec.model import ModelSpec

_MOST: Final = 20
"""Segments that are shown of those that alarm."""


def table(rows: int, table_name: str) -> dict[str, Any]:
    """Return the standard metadata of something stored in a table."""
    return {"dagster/row_count": rows, "dagster/table_name": table_name}


def column_schema(spec: ModelSpec) -> dict[str, Any]:
    """Return the standard column schema of a model's rows, for the asset itself."""
    schema = dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=entry.column_name,
                type="float" if entry.kind == "numerical" else "string",
                description=" ".join(filter(None, (entry.role.value, entry.unit))),
            )
            for entry in spec.column_dictionary()
        ]
    )
    return {"dagster/column_schema": schema}


def window_counts(counts: WindowCounts) -> dict[str, Any]:
    """Return what reading a window found; the numbers plot over partitions."""
    rejected = sum(counts.rows_rejected.values())
    return {
        "rows_read": counts.rows_read,
        "rows_scored": counts.rows_scored,
        "rows_rejected": rejected,
        **{f"rejected/{name}": rows for name, rows in counts.rows_rejected.items()},
        **{f"adjusted/{name}": rows for name, rows in counts.rows_adjusted.items()},
    }


def drift(dataset: DatasetDrift, worst: Sequence[DriftScore]) -> dict[str, Any]:
    """Return the dataset's verdict and the columns that moved most."""
    numbers = {
        "alarming_share": dataset.alarming_share,
        "alarming_columns": dataset.columns_alarming,
        "prediction_drift": dataset.prediction_drift,
    }
    return {
        "verdict": dataset.verdict.value,
        "reason": dataset.reason,
        **_defined(numbers),
        "worst_columns": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {
                        "column": score.column_name,
                        "method": score.method,
                        "score": "" if score.score is None else round(score.score, 6),
                        "threshold": score.threshold,
                        "verdict": score.verdict.value,
                        "reason": score.reason,
                    }
                )
                for score in worst
            ],
            schema=_text_schema("column", "method", "score", "threshold", "verdict", "reason"),
        ),
    }


def drifting_segments(datasets: Sequence[DatasetDrift]) -> dict[str, Any]:
    """Return the segments in which columns have drifted, the worst first; nothing without any."""
    found = [one for one in datasets if one.segment != ALL and one.columns_alarming]
    found.sort(key=lambda one: (one.verdict is not Verdict.ALARM, -(one.alarming_share or 0.0)))
    return _alarming_segments([(one.segment, one.reason) for one in found])


def target_drift(scores: Sequence[DriftScore]) -> dict[str, Any]:
    """Return the target's drift over all rows by its first method; nothing without a target."""
    first = next((one for one in scores if one.segment == ALL), None)
    if first is None:
        return {}
    return {
        **_defined({"target_drift": first.score}),
        "target_drift_verdict": first.verdict.value,
        "target_drift_reason": first.reason,
    }


def failing_segments(rows: Sequence[ModelQuality | DriftScore]) -> dict[str, Any]:
    """Return the segments in which anything alarms, with all their reasons; nothing without.

    Parameters
    ----------
    rows
        Quality, and drift of the target.
    """
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.segment != ALL and row.verdict is Verdict.ALARM:
            drift = f"drift of {row.column_name}: " if isinstance(row, DriftScore) else ""
            reasons.setdefault(row.segment, []).append(drift + row.reason)
    return _alarming_segments([(name, "; ".join(texts)) for name, texts in reasons.items()])


def data_quality(rows: Sequence[DataQuality], missing_share: float | None) -> dict[str, Any]:
    """Return how many bounds are broken, and which."""
    alarms = [row for row in rows if row.verdict is Verdict.ALARM]
    return {
        "alarming_expectations": len(alarms),
        **_defined({"missing_share": missing_share}),
        "alarms": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {
                        "column": row.column_name or "(window)",
                        "metric": row.metric,
                        "value": "" if row.value is None else round(row.value, 6),
                        "expectation": row.expectation,
                        "reason": row.reason,
                    }
                )
                for row in alarms
            ],
            schema=_text_schema("column", "metric", "value", "expectation", "reason"),
        ),
    }


def model_quality(rows: Sequence[ModelQuality], main_metric: str) -> dict[str, Any]:
    """Return the quality numbers; the main metric and its reference plot over partitions.

    Where several versions scored the window, those of the one with most labels. Numbers of single
    classes stand in a table.
    """
    main = [row for row in rows if row.metric == main_metric and not row.class_name]
    first = max(main, key=lambda row: (row.labels, row.model_version), default=None)
    version = first.model_version if first else None
    own = [row for row in rows if row.model_version == version]
    by_class = [row for row in own if row.class_name]
    return {
        **_defined({row.metric: row.value for row in own if not row.class_name}),
        **_defined(
            {
                f"reference_{main_metric}": first.reference_value if first else None,
                "label_coverage": first.coverage if first else None,
            }
        ),
        "labels": first.labels if first else 0,
        "verdict": first.verdict.value if first else Verdict.UNDEFINED.value,
        "reason": first.reason if first else "no quality metric",
        **({"by_class": _class_table(by_class)} if by_class else {}),
    }


def explanation(text: str | None) -> dict[str, Any]:
    """Return what makes up the alarms of a window; nothing for one without."""
    return {} if text is None else {"explanation": dg.MetadataValue.md(text)}


def compared_with(reference_version: int, span: tuple[datetime, datetime] | None) -> str:
    """Return in words what a window was compared with."""
    if span is None:
        return f"reference version {reference_version}"
    start, end = span
    return f"the windows from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def _alarming_segments(found: Sequence[tuple[str, str]]) -> dict[str, Any]:
    if not found:
        return {}
    shown = [dg.TableRecord({"segment": name, "reason": text}) for name, text in found[:_MOST]]
    if len(found) > _MOST:
        more = f"and {len(found) - _MOST} more"
        shown.append(dg.TableRecord({"segment": more, "reason": ""}))
    schema = _text_schema("segment", "reason")
    return {"alarming_segments": dg.MetadataValue.table(shown, schema=schema)}


def _class_table(rows: Sequence[ModelQuality]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "class": row.class_name,
                    "metric": row.metric,
                    "value": "" if row.value is None else round(row.value, 6),
                    "verdict": row.verdict.value,
                    "reason": row.reason,
                }
            )
            for row in rows
        ],
        schema=_text_schema("class", "metric", "value", "verdict", "reason"),
    )


def _defined(numbers: Mapping[str, float | None]) -> dict[str, float]:
    """Leave out what has no value: a plot must show a gap, not a zero."""
    return {name: float(value) for name, value in numbers.items() if value is not None}


def _text_schema(*columns: str) -> dg.TableSchema:
    return dg.TableSchema(columns=[dg.TableColumn(name=name) for name in columns])
