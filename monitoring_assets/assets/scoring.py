"""Which model scores a window, opened once a process.

Belongs here: from a deployment to a pipeline in memory, and rows with predictions. Stays out:
training and the tables.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import models
from monitoring_assets.storage.database import Database
from monitoring_assets.training import artifacts, fit

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def with_predictions(
    rows: pa.Table, spec: ModelSpec, database: Database, version: str | None
) -> pa.Table:
    """Return rows with columns `model_version`, the prediction and, for classes, probabilities.

    A row that the filters reject is not scored; without a deployed version no row is. Rows that
    bring their predictions keep them, and their own model version where the source has one.
    """
    if spec.model is None:
        return _with_own_version(rows)
    passing = pc.is_null(rows.column("rejected_by"))
    if version is None:
        predictions = fit.unanswered(spec, rows.num_rows)
        versions = pa.nulls(rows.num_rows, pa.string())
    else:
        predictions = fit.predict(pipeline_of(database, spec.model_id, version), spec, rows)
        versions = pc.if_else(passing, version, None)
    answered = with_answers(rows, spec, predictions, passing)
    return append(answered, "model_version", versions)


def with_answers(
    rows: pa.Table, spec: ModelSpec, predictions: fit.Predictions, where: pa.ChunkedArray
) -> pa.Table:
    """Return rows with the columns of these predictions, null where `where` is false."""
    for name, values in fit.answer_columns(spec, predictions).items():
        rows = append(rows, name, pc.if_else(where, values, None))
    return rows


def append(rows: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return a table with one more column; an existing one of that name is replaced."""
    if name in rows.column_names:
        return rows.set_column(rows.column_names.index(name), name, values)
    return rows.append_column(name, values)


@lru_cache(maxsize=8)
def pipeline_of(database: Database, model_id: str, version: str) -> "Pipeline":
    """Return the fitted pipeline of a model version, its fingerprint checked."""
    record = models.read_model_version(database, model_id, version)
    content = models.read_artifact(database, record.artifact_sha256)
    return artifacts.load(content, record.artifact_sha256, record.library_versions)


def _with_own_version(rows: pa.Table) -> pa.Table:
    if "model_version" not in rows.column_names:
        return rows.append_column(
            "model_version", pa.array(["source"] * rows.num_rows, pa.string())
        )
    return rows
