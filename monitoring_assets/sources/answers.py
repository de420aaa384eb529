"""The predicted class, where the source delivers probabilities; and which of these make no sense.

Belongs here: probabilities of a table's rows as the model's YAML names them. Stays out: the rule
itself (metrics/decision.py), models that are trained here.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.metrics.decision import decide, valid_probabilities
from monitoring_assets.sources.zones import Flags
from monitoring_assets.spec.model import ModelSpec


def with_answers(spec: ModelSpec, rows: pa.Table) -> pa.Table:
    """Return rows with the predicted class, if it follows from probabilities that they have.

    A row that lacks a probability has no answer.
    """
    classes = spec.classification
    if classes is None or spec.model is not None or not spec.answer_follows_from_probabilities:
        return rows
    positive = classes.positive if spec.task == "binary" else None
    named = [positive] if positive is not None else list(spec.probability_columns)
    if not {spec.probability_columns[one] for one in named} <= {*rows.column_names}:
        return rows  # whoever reads labels only has no use for answers
    answers = decide(_matrix(spec, rows, named), classes.classes, positive, classes.threshold)
    return rows.append_column(spec.prediction_column, pa.array(answers, pa.string()))


def invalid_probabilities(spec: ModelSpec, rows: pa.Table) -> Flags:
    """Return which rows have all their probabilities, but such that cannot be: see `decision`."""
    named = [one for one, column in spec.probability_columns.items() if column in rows.column_names]
    if not named:
        return np.zeros(len(rows), np.bool_)
    matrix = _matrix(spec, rows, named)
    lacking: Flags = np.logical_or.reduce(np.isnan(matrix), axis=1)
    return ~lacking & ~valid_probabilities(matrix)


def _matrix(spec: ModelSpec, rows: pa.Table, classes: list[str]) -> npt.NDArray[np.float64]:
    columns = [rows.column(spec.probability_columns[one]) for one in classes]
    values = [pc.fill_null(one, np.nan).to_numpy() for one in columns]
    return np.column_stack(values) if values else np.empty((rows.num_rows, 0))
