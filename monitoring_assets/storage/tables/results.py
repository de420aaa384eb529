"""Numbers with verdicts: drift, data quality and model quality of every window.

Belongs here: tables that dashboards, checks and sensors read. Stays out: what they are computed
from (profiles.py).
"""

from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.records import Verdict
from monitoring_assets.storage.tables.base import (
    METADATA,
    column_key,
    count,
    finite,
    flag,
    instant,
    number,
    segment_key,
    text,
    verdict_checks,
    verdict_columns,
    version,
    window_key,
    written_by,
)

ALL_CLASSES: Final = ""
"""`class_name` of a quality number that is not about one class."""


def _as_it_was(column: sa.Column[Any]) -> sa.Column[Any]:
    """Return the column of a result for its history, where it is no key."""
    return sa.Column(
        column.name,
        column.type,
        nullable=column.nullable,
        comment=column.comment,
        autoincrement=False,
    )


drift_score = sa.Table(
    "drift_score",
    METADATA,
    *window_key(),
    segment_key(),
    column_key(),
    text("method", "Name of the method; decides unit and range of the score.", key=True),
    version("reference_version", "Reference compared with.", key=True),
    number("score", "The drift number, larger is more; null if the verdict says why."),
    number("expected", "Median score of a quiet window of this size."),
    number("p_value", "How rarely a quiet window scores as much, 0 to 1."),
    number("threshold", "Score above which drift is material.", optional=False),
    count("n_reference", "Reference rows compared with."),
    count("n_window", "Rows of the window compared."),
    flag("deciding", "Whether this method decides about its column."),
    *verdict_columns(),
    written_by(),
    *verdict_checks("score"),
    *finite("score", "expected", "p_value", "threshold"),
    comment="One drift number of one column by one method.",
)
sa.Index(
    "drift_score_by_column",
    drift_score.c.model_id,
    drift_score.c.segment,
    drift_score.c.column_name,
    drift_score.c.window_start,
)

dataset_drift = sa.Table(
    "dataset_drift",
    METADATA,
    *window_key(),
    segment_key(),
    version("reference_version", "Reference compared with.", key=True),
    count("columns_decided", "Columns whose deciding method gave ok or alarm."),
    count("columns_alarming", "Columns whose deciding method alarms."),
    number("alarming_share", "columns_alarming / columns_decided, 0 to 1."),
    number("threshold", "Share above which the dataset has drifted, 0 to 1.", optional=False),
    number("prediction_drift", "Score of the deciding method on the prediction."),
    *verdict_columns(),
    written_by(),
    *verdict_checks("alarming_share"),
    *finite("alarming_share", "threshold", "prediction_drift"),
    comment="The verdict over all deciding columns of a window and segment.",
)

data_quality = sa.Table(
    "data_quality",
    METADATA,
    *window_key(),
    segment_key(),
    column_key("Our name of the column; '' for the whole window."),
    text("metric", "Name of the number, such as missing_share or quantile_0.25.", key=True),
    number("value", "The number; null if the verdict says why."),
    text("expectation", "What it is held against, in words; '' if nothing."),
    *verdict_columns(),
    written_by(),
    *verdict_checks("value"),
    *finite("value"),
    comment="One number about the state of the data, measured on all rows of the window.",
)
sa.Index(
    "data_quality_by_column",
    data_quality.c.model_id,
    data_quality.c.segment,
    data_quality.c.column_name,
    data_quality.c.window_start,
)
# Of some three hundred numbers of a window few alarm, and these are what is asked for.
sa.Index(
    "data_quality_alarms",
    data_quality.c.model_id,
    data_quality.c.granularity,
    data_quality.c.window_start,
    postgresql_where=data_quality.c.verdict == Verdict.ALARM.value,
)

model_quality = sa.Table(
    "model_quality",
    METADATA,
    *window_key(),
    segment_key(),
    text("metric", "Name of the number, such as mae.", key=True),
    sa.Column(
        "class_name",
        sa.Text,
        primary_key=True,
        server_default=ALL_CLASSES,
        comment="The class a number is about; '' for all classes.",
    ),
    text("kind", "realised: measured against labels; estimated: without them.", key=True),
    text("model_version", "Version that made the predictions; '' if none did.", key=True),
    number("value", "The number; null if the verdict says why."),
    number("interval_low", "Lower end of the 95 % interval."),
    number("interval_high", "Upper end of the 95 % interval."),
    number("reference_value", "The same number on the reference."),
    number("threshold", "Bound beyond which it is bad, in the metric's own unit."),
    count("labels", "Rows it was measured on."),
    number("coverage", "Share of scored rows with a label, 0 to 1."),
    *verdict_columns(),
    written_by(),
    instant("recorded_at", "Since when the table has said so, UTC."),
    *verdict_checks("value"),
    *finite("value", "interval_low", "interval_high", "reference_value", "threshold", "coverage"),
    comment="One number about predictions against labels.",
)
sa.Index(
    "model_quality_by_metric",
    model_quality.c.model_id,
    model_quality.c.segment,
    model_quality.c.metric,
    model_quality.c.window_start,
)

model_quality_history = sa.Table(
    "model_quality_history",
    METADATA,
    *(_as_it_was(column) for column in model_quality.columns),
    instant("superseded_at", "Until when the table has said so, UTC."),
    comment="What model_quality said before it said otherwise: for model_quality_as_of.",
)
# What was said at one moment is found in the index alone, and all rows of a computation lie there
# as one entry: 4,500,000 rows take 34 MB; of one model's 1,500,000 those of a moment take 50 ms.
sa.Index(
    "model_quality_history_by_moment",
    model_quality_history.c.model_id,
    model_quality_history.c.superseded_at,
    model_quality_history.c.recorded_at,
    model_quality_history.c.window_start,
)
