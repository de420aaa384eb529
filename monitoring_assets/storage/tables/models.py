"""What models there are: their declaration, their trained versions, their deployments.

Belongs here: tables that say what a model is. Stays out: windows and results.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from monitoring_assets.records import ColumnKind, ColumnRole, SegmentKind
from monitoring_assets.storage.tables.base import (
    METADATA,
    column_key,
    count,
    finite,
    flag,
    instant,
    model_key,
    number,
    one_of,
    text,
    version,
)


class RowKind(StrEnum):
    """What the rows of a typed row table are."""

    PREDICTIONS = "predictions"
    LABELS = "labels"
    REFERENCE = "reference"


def _words(name: str, comment: str) -> sa.Column[list[str]]:
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}", comment=comment)


model = sa.Table(
    "model",
    METADATA,
    model_key(),
    text("description", "What the model does."),
    text("task", "What it predicts: regression, binary or multiclass."),
    _words("classes", "Classes of a classifier, in the order of its probabilities."),
    text(
        "positive_class", "The class that counts as positive; null if there is none.", optional=True
    ),
    text("granularity", "Length of its windows: hour, day, week or month."),
    text("time_zone", "IANA time zone in which windows are cut."),
    instant("start_at", "First moment of its first window, UTC."),
    instant("end_at", "First moment after its last window, UTC; null: no end.", optional=True),
    sa.Column(
        "delay",
        sa.Interval,
        nullable=False,
        comment="How long after its end a window is computed.",
    ),
    sa.Column(
        "late_after",
        sa.Interval,
        comment="How long after its end a window without result counts as late; null: never.",
    ),
    _words("owners", "E-mail addresses, or 'team:name'."),
    text("main_metric", "The quality metric shown first and judged."),
    flag("enabled", "Whether windows are computed."),
    instant("retired_at", "When its YAML was found removed, UTC; null while there.", optional=True),
    text("spec_hash", "Fingerprint of its YAML."),
    instant("updated_at", "When this row last changed, UTC."),
    sa.Column(
        "expected_label_delay",
        sa.Interval,
        comment="How long after a window's end its labels should be there; null: not declared.",
    ),
    number("mature_share", "Label coverage below which quality is not judged, 0 to 1."),
    *finite("mature_share"),
    comment="Every monitored model, as its YAML declares it.",
)

column_dictionary = sa.Table(
    "column_dictionary",
    METADATA,
    model_key(),
    column_key(),
    count("number", "Place of the column, from 1."),
    text("kind", "numerical or categorical."),
    text("role", f"What it is to the model: {', '.join(ColumnRole)}."),
    text("unit", "Unit of its values; null if not declared.", optional=True),
    one_of("kind", ColumnKind),
    one_of("role", ColumnRole),
    comment="Every column of every model.",
)

segment = sa.Table(
    "segment",
    METADATA,
    model_key(),
    text("segment", "Name of the slice of rows, such as card or pickup_zone=74.", key=True),
    count("number", "Place of the segment, from 1."),
    text("kind", f"How its rows are told: {', '.join(SegmentKind)}."),
    text("column_name", "The column whose values make it; '' for an expression."),
    text("value", "The value in text; null if it is not one value.", optional=True),
    one_of("kind", SegmentKind),
    comment="The segments of every model; values of a column are only ever appended.",
)

model_version = sa.Table(
    "model_version",
    METADATA,
    model_key(),
    text("model_version", "Name of the version, unique within the model.", key=True),
    text("estimator", "Kind of estimator."),
    sa.Column("parameters", JSONB, nullable=False, comment="Parameters of the estimator."),
    instant("training_start", "First moment of the rows it learned from, UTC."),
    instant("training_end", "First moment after the rows it learned from, UTC."),
    count("training_rows", "Rows it learned from."),
    text("artifact_sha256", "SHA-256 of its file in hex: artifact.sha256."),
    sa.Column("library_versions", JSONB, nullable=False, comment="Library -> version it needs."),
    sa.Column("metrics", JSONB, nullable=False, comment="Metric -> value when it was trained."),
    count(
        "decision_id",
        "Decision it was trained for: retraining_decision.id; null for the first version.",
        optional=True,
    ),
    text("data_hash", "Fingerprint of the rows it learned from; null if unknown.", optional=True),
    text("mirrored_as", "Run in MLflow that mirrors it; null as long as none does.", optional=True),
    instant("created_at", "When it was stored, UTC."),
    comment="Every trained version of every model.",
)
sa.Index(
    "model_version_of_decision_once",
    model_version.c.decision_id,
    unique=True,
    postgresql_where=model_version.c.decision_id.is_not(None),
)

artifact = sa.Table(
    "artifact",
    METADATA,
    text("sha256", "SHA-256 of the content in hex.", key=True),
    sa.Column("content", sa.LargeBinary, nullable=False, comment="The file, as skops wrote it."),
    instant("created_at", "When it was stored, UTC."),
    comment="Files of trained models, named by their fingerprint.",
)

deployment = sa.Table(
    "deployment",
    METADATA,
    model_key(),
    instant("valid_from", "Event time from which on the version serves windows, UTC.", key=True),
    text("model_version", "The version that serves."),
    instant("decided_at", "When it was decided, UTC."),
    text("decided_by", "Who or what decided."),
    text("reason", "Why, in a sentence."),
    count(
        "decision_id",
        "Decision that it carries out: retraining_decision.id; null if none.",
        optional=True,
    ),
    comment="Which version serves from when on; a deployment ends where the next one begins.",
)

planted_change = sa.Table(
    "planted_change",
    METADATA,
    model_key(),
    text("name", "Name of the change.", key=True),
    text("kind", "What kind of change it is."),
    text("column_name", "Our name of the column that was changed; '' if it is not one column."),
    instant("start_at", "First moment of the change, UTC."),
    instant("end_at", "First moment after the change, UTC; null: it stays.", optional=True),
    number("magnitude", "How large it is, in the unit the description names.", optional=False),
    text("description", "What was changed, in a sentence."),
    *finite("magnitude"),
    comment="Ground truth of simulated sources: the changes that monitoring has to find.",
)

row_table = sa.Table(
    "row_table",
    METADATA,
    model_key(),
    text("kind", "What rows it holds: predictions, labels or reference.", key=True),
    version("version", "Shape of the rows, from 1; a new shape starts a new table.", key=True),
    text("table_name", "Name of the table in schema rows."),
    sa.Column(
        "columns",
        JSONB,
        nullable=False,
        comment="In order: [our name, physical name, type] of every column.",
    ),
    text("prediction", "Our name of the column that holds the prediction."),
    text("shape_hash", "Fingerprint of names and types."),
    instant("created_at", "When the table was created, UTC."),
    sa.UniqueConstraint("table_name", name="row_table_name_once"),
    one_of("kind", RowKind),
    comment="The typed tables of schema rows, and how our column names are spelt there.",
)
