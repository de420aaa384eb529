"""Metrics that are means over rows: what each row adds.

Belongs here: one number a row, and how the mean becomes the metric; a test holds every one of them
against the metric's own function. Stays out: the metrics (metrics/quality), resampling
(bootstrap.py).
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from monitoring_assets.evaluation.profiling import positive_class
from monitoring_assets.metrics.arrays import FloatArray, category_codes, numbers
from monitoring_assets.metrics.decision import valid_columns
from monitoring_assets.metrics.quality.classification import SMALLEST_PROBABILITY
from monitoring_assets.spec.model import ModelSpec

Losses = Callable[[ModelSpec, pa.Table], FloatArray]
"""(model, rows with its answers and target) -> shape `(n,)`; NaN for a row that does not count."""


def row_losses(spec: ModelSpec, metric: str, rows: pa.Table) -> FloatArray | None:
    """Return what each row adds to a metric; None for a metric that is no mean over rows.

    Parameters
    ----------
    rows
        All of them with a label and a prediction.
    """
    found = _LOSSES.get(metric)
    return None if found is None else found(spec, rows)


def from_mean(metric: str, mean: float) -> float:
    """Return the metric whose rows' numbers have this mean."""
    return float(np.sqrt(mean)) if metric == "rmse" else mean


def _error(spec: ModelSpec, rows: pa.Table) -> FloatArray:
    truth = numbers(rows.column(str(spec.columns.target)))
    return numbers(rows.column(spec.prediction_column)) - truth


def _absolute_error(spec: ModelSpec, rows: pa.Table) -> FloatArray:
    return np.abs(_error(spec, rows))


def _squared_error(spec: ModelSpec, rows: pa.Table) -> FloatArray:
    return np.square(_error(spec, rows))


def _right(spec: ModelSpec, rows: pa.Table) -> FloatArray:
    columns = rows.column(str(spec.columns.target)), rows.column(spec.prediction_column)
    truth, answer = category_codes(*columns, known=_classes(spec))
    return (truth == answer).astype(np.float64)


def _log_loss(spec: ModelSpec, rows: pa.Table) -> FloatArray:
    probabilities, own, counts = _probabilities(spec, rows)
    of_label = np.where(own, probabilities, 0.0).sum(axis=0)
    clipped = np.clip(of_label, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return np.where(counts, -np.log(clipped), np.nan)


def _brier(spec: ModelSpec, rows: pa.Table) -> FloatArray:
    probabilities, own, counts = _probabilities(spec, rows)
    squared = np.square(probabilities - own).sum(axis=0)
    return np.where(counts, squared / (1 if positive_class(spec) is None else 2), np.nan)


def _probabilities(
    spec: ModelSpec, rows: pa.Table
) -> tuple[FloatArray, FloatArray, np.ndarray[tuple[int], np.dtype[np.bool]]]:
    """Return probabilities and labels, a line for each class, and which rows count.

    These are the rows with a listed label and valid probabilities.
    """
    classes = _classes(spec)
    (truth,) = category_codes(rows.column(str(spec.columns.target)), known=classes)
    given = {one: numbers(rows.column(name)) for one, name in spec.probability_columns.items()}
    counts = (truth < len(classes)) & valid_columns(list(given.values()))
    cut = {one: np.clip(np.nan_to_num(column), 0.0, 1.0) for one, column in given.items()}
    if len(cut) == 1:
        ((name, column),) = cut.items()
        cut = {one: column if one == name else 1 - column for one in classes}
    own = np.stack([truth == place for place in range(len(classes))]).astype(np.float64)
    return np.stack([cut[one] for one in classes]), own, counts


def _classes(spec: ModelSpec) -> tuple[str, ...]:
    return spec.classification.classes if spec.classification else ()


_LOSSES: Final[Mapping[str, Losses]] = {
    "mae": _absolute_error,
    "rmse": _squared_error,
    "accuracy": _right,
    "log_loss": _log_loss,
    "brier_loss": _brier,
}
