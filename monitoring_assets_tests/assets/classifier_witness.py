"""Quality of classes and probabilities found a second time, by scikit-learn and pandas.

Belongs here: an independent path from raw rows to every number of a classifier; it shares no code
with the package. Stays out: rows (classifier_model.py), assertions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn import calibration, metrics

NEAR = 0.002
"""Two probabilities in one score bin are not farther apart."""


@dataclass(frozen=True, eq=False)
class Witness:
    """Rows with a label and a predicted class.

    Parameters
    ----------
    rows
        Columns `label`, `said`, and the probability of each class under the class's name; without
        the latter where there are none.
    classes, positive
        All classes; the positive one of two, else None.
    """

    rows: pd.DataFrame
    classes: list[str]
    positive: str | None

    def value(self, metric: str, class_name: str = "") -> float:
        """Return a metric, of one class or of the whole; NaN where it is not defined."""
        chosen = class_name or self.positive
        if metric in _OF_ROWS:
            return float(_OF_ROWS[metric](self))
        if chosen is not None:
            return float(_OF_CLASS[metric](self, chosen))
        found = pd.Series([_OF_CLASS[metric](self, one) for one in self.classes])
        return float(found.mean())  # pandas leaves NaN out

    def near_pairs(self, class_name: str = "") -> float:
        """Return half the share of pairs whose order one score bin may hide: ROC AUC's error."""
        chosen = class_name or self.positive
        names = self.classes if chosen is None else [chosen]
        return float(np.nanmean([self._near_pairs(one) for one in names]))

    def labels(self, class_name: str = "") -> int:
        """Return the rows with the label of a class; all rows without one."""
        return int((self.rows["label"] == class_name).sum()) if class_name else len(self.rows)

    def _near_pairs(self, class_name: str) -> float:
        own, probability = self.rows["label"] == class_name, self.rows[class_name].to_numpy()
        apart = np.abs(np.subtract.outer(probability[own], probability[~own]))
        return float((apart <= NEAR).mean()) / 2 if apart.size else np.nan

    def matrix(self) -> Any:
        """Return the probabilities in scikit-learn's order of classes."""
        return self.rows[sorted(self.classes)].to_numpy()


def _by_class(function: Callable[..., Any]) -> Callable[[Witness, str], float]:
    def found(one: Witness, name: str) -> float:
        truth, said = one.rows["label"] == name, one.rows["said"] == name
        return float(function(truth, said, zero_division=np.nan))

    return found


def _area(one: Witness, name: str) -> float:
    own = one.rows["label"] == name
    return float(metrics.roc_auc_score(own, one.rows[name])) if own.nunique() == 2 else np.nan


def _calibration(one: Witness, name: str) -> float:
    own, probability = one.rows["label"] == name, one.rows[name]
    found, expected = calibration.calibration_curve(own, probability, n_bins=10)
    rows, _ = np.histogram(probability, np.linspace(0, 1, 11))
    return float((np.abs(found - expected) * rows[rows > 0]).sum() / rows.sum())


def _brier(one: Witness) -> float:
    if one.positive is not None:
        own = one.rows["label"] == one.positive
        return float(metrics.brier_score_loss(own, one.rows[one.positive]))
    labels = sorted(one.classes)
    return float(metrics.brier_score_loss(one.rows["label"], one.matrix(), labels=labels))


def _balanced(one: Witness) -> float:
    recalls = [_OF_CLASS["recall"](one, name) for name in one.classes]
    return float(pd.Series(recalls).mean())


_OF_ROWS: Mapping[str, Callable[[Witness], float]] = {
    "accuracy": lambda one: metrics.accuracy_score(one.rows["label"], one.rows["said"]),
    "balanced_accuracy": _balanced,
    "log_loss": lambda one: metrics.log_loss(
        one.rows["label"], one.matrix(), labels=sorted(one.classes)
    ),
    "brier_loss": _brier,
    "mean_calibration_error": lambda one: (
        one.rows[one.positive].mean() - (one.rows["label"] == one.positive).mean()
    ),
}

_OF_CLASS: Mapping[str, Callable[[Witness, str], float]] = {
    "precision": _by_class(metrics.precision_score),
    "recall": _by_class(metrics.recall_score),
    "f1": _by_class(metrics.f1_score),
    "roc_auc": _area,
    "calibration_error": _calibration,
}
