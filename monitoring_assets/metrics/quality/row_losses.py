"""What the probabilities of single rows are worth: log loss and squared error, row by row.

Belongs here: which rows count, their losses. Stays out: sums over rows (classification.py), whether
probabilities are valid (metrics/decision.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.decision import valid_columns

SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)
"""Log loss counts a probability below 2.2e-16 as that, one above 1 - 2.2e-16 as that.

So does `sklearn.metrics.log_loss` (1.9).
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class RowLosses:
    """What the probabilities of single rows are worth, of those with a listed label and valid ones.

    Parameters
    ----------
    counted
        Which of all rows these are, shape `(n,)`.
    truth
        Place of the label among the classes, shape `(m,)`, m rows being counted.
    probabilities
        Class -> its probability, within 0 and 1, shape `(m,)`; empty without any.
    log_loss, brier
        As the sums of a `ClassificationProfile` have them, shape `(m,)`.
    """

    counted: npt.NDArray[np.bool_]
    truth: IntArray
    probabilities: Mapping[str, FloatArray]
    log_loss: FloatArray
    brier: FloatArray


def losses_of_rows(
    truth: IntArray,
    columns: Mapping[str, FloatArray],
    classes: Sequence[str],
    positive: str | None,
) -> RowLosses:
    """Return the losses of rows that have a label.

    Parameters
    ----------
    truth
        Places of the labels among the classes, from `len(classes)` on of those not listed.
    columns, classes, positive
        As for `profile_classification`.
    """
    listed = truth < len(classes)
    valid = listed & valid_columns(list(columns.values())) if columns else np.zeros_like(listed)
    used = int(np.count_nonzero(valid))
    if used < valid.size:
        truth = truth[valid]
        columns = {name: column[valid] for name, column in columns.items()}
    columns = {name: np.clip(column, 0.0, 1.0) for name, column in columns.items()}
    if len(columns) == 1:
        ((name, column),) = columns.items()
        columns = {one: column if one == name else 1 - column for one in classes}
    of_truth, brier = np.zeros(used), np.zeros(used)
    for place, name in enumerate(classes if columns else ()):
        own = truth == place
        of_truth[own] = columns[name][own]
        brier += np.square(columns[name] - own)
    if positive is not None:
        brier /= 2
    loss = -np.log(np.clip(of_truth, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))
    return RowLosses(counted=valid, truth=truth, probabilities=columns, log_loss=loss, brier=brier)
