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
from monitoring_assets.metrics.quality.row_losses import RowLosses, losses_of_rows
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
    found = _of_probabilities(spec, rows)
    return _of_all_rows(found, found.log_loss)


def _brier(spec: ModelSpec, rows: pa.Table) -> FloatArray:
    found = _of_probabilities(spec, rows)
    return _of_all_rows(found, found.brier)


def _of_probabilities(spec: ModelSpec, rows: pa.Table) -> RowLosses:
    (truth,) = category_codes(rows.column(str(spec.columns.target)), known=_classes(spec))
    given = {one: numbers(rows.column(name)) for one, name in spec.probability_columns.items()}
    return losses_of_rows(truth, given, _classes(spec), positive_class(spec))


def _of_all_rows(found: RowLosses, losses: FloatArray) -> FloatArray:
    every = np.full(found.counted.size, np.nan)
    every[found.counted] = losses
    return every


def _classes(spec: ModelSpec) -> tuple[str, ...]:
    return spec.classification.classes if spec.classification else ()


_LOSSES: Final[Mapping[str, Losses]] = {
    "mae": _absolute_error,
    "rmse": _squared_error,
    "accuracy": _right,
    "log_loss": _log_loss,
    "brier_loss": _brier,
}
