"""Classification profile: the sums from which every metric of a classifier is read. They add up.

Belongs here: the sums, how they are taken and stored. Stays out: losses of single rows
(row_losses.py), bins of probabilities (score_bins.py), the metrics (one file each), deciding on a
class (metrics/decision.py) and joining labels to predictions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from monitoring_assets.metrics.arrays import (
    FloatArray,
    IntArray,
    Values,
    category_codes,
    numbers,
)
from monitoring_assets.metrics.bins import frozen
from monitoring_assets.metrics.quality.row_losses import losses_of_rows
from monitoring_assets.metrics.quality.score_bins import ClassScores, count_scores


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassificationProfile:
    """Sums over rows that have a label and a predicted class.

    Parameters
    ----------
    classes
        Classes that the model's YAML lists.
    positive
        The positive one of a binary model; None for several classes.
    rows
        Rows with a label and a prediction.
    incomplete
        Rows left out because one of the two is missing.
    confusion
        int64, shape `(C + 1, C + 1)`: rows by label and predicted class, in the order of `classes`;
        the last place is any class that the YAML does not list.
    unlisted_agreeing
        Rows whose label and prediction are one and the same class that is not listed.
    probability_rows
        Rows with a listed label and valid probabilities; the sums that follow are over these.
    invalid_probability_rows
        Rows with a listed label left out of them: a probability is missing, outside 0 to 1 by more
        than 1e-6, or the sum over all classes is farther than 0.01 from 1.
    log_loss, squared_log_loss
        Sums of -log(probability of the label) and of its square.
    brier, squared_brier
        Sums of the squared error of a row's probabilities, of `(p - y)**2` for two classes and
        of its sum over three classes or more, and of the square of that.
    scores
        Class -> its probabilities against all others; of a binary model the positive class only,
        empty without probabilities.
    """

    classes: tuple[str, ...]
    positive: str | None
    rows: int
    incomplete: int
    confusion: IntArray
    unlisted_agreeing: int
    probability_rows: int
    invalid_probability_rows: int
    log_loss: float
    squared_log_loss: float
    brier: float
    squared_brier: float
    scores: Mapping[str, ClassScores]

    def __post_init__(self) -> None:
        frozen(self.confusion)
        if int(self.confusion.sum()) != self.rows:
            raise ValueError(f"{int(self.confusion.sum())} rows counted, {self.rows} present")

    @property
    def unlisted_target_rows(self) -> int:
        """Rows whose label is a class that the YAML does not list."""
        return int(self.confusion[-1].sum())

    @property
    def unlisted_prediction_rows(self) -> int:
        """Rows whose prediction is a class that the YAML does not list."""
        return int(self.confusion[:, -1].sum())

    def __add__(self, other: "ClassificationProfile") -> "ClassificationProfile":
        """Profile of both sets of rows; exact for counts.

        A profile without probabilities adds to one with them: the sum has those of the other.
        """
        if (self.classes, self.positive) != (other.classes, other.positive):
            raise ValueError(
                f"cannot add sums over classes {other.classes} (positive: {other.positive}) to"
                f" sums over {self.classes} (positive: {self.positive})"
            )
        of_both = [
            [one.scores[name] for one in (self, other) if name in one.scores]
            for name in self.classes
        ]
        scores = {
            name: sum(found[1:], start=found[0])
            for name, found in zip(self.classes, of_both, strict=True)
            if found
        }
        sums = {name: getattr(self, name) + getattr(other, name) for name in _ADDITIVE}
        return ClassificationProfile(
            classes=self.classes, positive=self.positive, scores=scores, **sums
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassificationProfile) and self.to_sums() == other.to_sums()

    __hash__ = None  # pyright: ignore[reportAssignmentType] - compared by arrays, never a key

    def to_sums(self) -> dict[str, Any]:
        """Return plain numbers, occupied cells and bins only; JSON gives them back exactly."""
        occupied = np.argwhere(self.confusion).tolist()
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "classes": list(self.classes),
            "confusion": [[i, j, int(self.confusion[i, j])] for i, j in occupied],
            "scores": {name: one.to_sums() for name, one in self.scores.items()},
        }

    @classmethod
    def from_sums(cls, sums: Mapping[str, Any]) -> "ClassificationProfile":
        """Return the profile that `to_sums` wrote down; a missing or unknown key is a TypeError."""
        size = len(sums["classes"]) + 1
        confusion = np.zeros((size, size), dtype=np.int64)
        for target, prediction, rows in sums["confusion"]:
            confusion[target, prediction] = rows
        scores = {name: ClassScores.from_sums(one) for name, one in sums["scores"].items()}
        read: dict[str, Any] = {name: float(sums[name]) for name in _LOSSES if name in sums}
        read |= {"classes": tuple(sums["classes"]), "confusion": confusion, "scores": scores}
        return cls(**{**sums, **read})


_LOSSES = ("log_loss", "squared_log_loss", "brier", "squared_brier")
_ADDITIVE = (
    "rows",
    "incomplete",
    "confusion",
    "unlisted_agreeing",
    "probability_rows",
    "invalid_probability_rows",
    *_LOSSES,
)


def profile_classification(
    target: Values,
    prediction: Values,
    probabilities: Mapping[str, Values],
    classes: Sequence[str],
    positive: str | None,
) -> ClassificationProfile:
    """Count labels against predicted classes, and sum what the probabilities tell.

    Parameters
    ----------
    target, prediction
        Categories, of any flat type, equal shapes `(n,)`: the rule for each type stands in
        `metrics/arrays.py`. A row with a missing one is left out and counted as incomplete.
    probabilities
        Class -> its probability, shape `(n,)`; empty without any. All classes, or of a binary model
        one: the other class's is then 1 - p.
    classes
        All classes that the model's YAML lists.
    positive
        The positive one of the two classes of a binary model, else None.

    Examples
    --------
    >>> found = profile_classification(
    ...     ["no", "yes", "yes", None], ["no", "yes", "no", "no"],
    ...     {"yes": [0.2, 0.75, 0.25, 0.1]}, ["no", "yes"], "yes")
    >>> found.rows, found.incomplete, found.confusion.tolist(), found.brier
    (3, 1, [[1, 0, 0], [1, 1, 0], [0, 0, 0]], 0.665)
    """
    _check_classes(probabilities, classes, positive)
    truth, answer = category_codes(target, prediction, known=classes)
    columns = {name: numbers(values) for name, values in probabilities.items()}
    sizes = {truth.size, answer.size, *(column.size for column in columns.values())}
    if len(sizes) > 1:
        raise ValueError(
            f"{truth.size} targets but {answer.size} predictions, probabilities of"
            f" {[column.size for column in columns.values()]} rows"
        )
    complete = (truth >= 0) & (answer >= 0)
    incomplete = int(complete.size - np.count_nonzero(complete))
    if incomplete:
        truth, answer = truth[complete], answer[complete]
        columns = {name: column[complete] for name, column in columns.items()}
    unlisted = len(classes)
    cells = np.minimum(truth, unlisted) * (unlisted + 1) + np.minimum(answer, unlisted)
    confusion = np.bincount(cells, minlength=(unlisted + 1) ** 2).reshape(unlisted + 1, -1)
    return ClassificationProfile(
        classes=tuple(classes),
        positive=positive,
        rows=truth.size,
        incomplete=incomplete,
        confusion=confusion,
        unlisted_agreeing=int(np.count_nonzero((truth == answer) & (truth >= unlisted))),
        **_probability_sums(truth, columns, classes, positive),
    )


def _check_classes(
    probabilities: Mapping[str, Values], classes: Sequence[str], positive: str | None
) -> None:
    if positive is not None and (positive not in classes or len(classes) != 2):
        raise ValueError(f"{positive!r} is to be the positive one of two classes: {classes}")
    given, needed = set(probabilities), set(classes)
    if given and given != needed and (positive is None or len(given) > 1 or not given <= needed):
        raise ValueError(f"probabilities of classes {sorted(given)}, the model has {classes}")


def _probability_sums(
    truth: IntArray, columns: dict[str, FloatArray], classes: Sequence[str], positive: str | None
) -> dict[str, Any]:
    """Return the fields of a profile that are about probabilities; NaN is no valid one."""
    found = losses_of_rows(truth, columns, classes, positive)
    used, listed = found.log_loss.size, int(np.count_nonzero(truth < len(classes)))
    return {
        "probability_rows": used,
        "invalid_probability_rows": listed - used if columns else 0,
        "log_loss": float(found.log_loss.sum()),
        "squared_log_loss": float(np.square(found.log_loss).sum()),
        "brier": float(found.brier.sum()),
        "squared_brier": float(np.square(found.brier).sum()),
        "scores": {
            name: count_scores(found.probabilities[name], found.truth == place)
            for place, name in enumerate(classes)
            if columns and positive in {None, name}
        },
    }
