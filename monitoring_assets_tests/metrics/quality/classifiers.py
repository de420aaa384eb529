"""Rows of made-up classifiers for the tests of their metrics.

Belongs here: seeded random cases, with all that real ones bring along. Stays out: assertions.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.decision import decide
from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.metrics.result import Estimate

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Labels, answers and probabilities of some rows."""

    target: Texts
    prediction: Texts
    probabilities: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    classes: tuple[str, ...]
    positive: str | None

    def profile(self, order: Any = slice(None)) -> ClassificationProfile:
        probabilities = {name: one[order] for name, one in self.probabilities.items()}
        return profile_classification(
            self.target[order], self.prediction[order], probabilities, self.classes, self.positive
        )

    def matrix(self) -> npt.NDArray[np.float64]:
        """Return the probabilities of all classes, one column each."""
        if self.positive is None or len(self.probabilities) == 2:
            return np.column_stack([self.probabilities[one] for one in self.classes])
        of_positive = self.probabilities[self.positive]
        columns = {
            one: of_positive if one == self.positive else 1 - of_positive for one in self.classes
        }
        return np.column_stack([*columns.values()])


def binary_rows(generator: np.random.Generator, rows: int, power: float = 1.0) -> Rows:
    """Return calibrated rows, or miscalibrated ones by raising the true share to a power."""
    probability = generator.beta(1, 1.5, rows)
    names = np.array(["no", "yes"], object)
    target = names[(generator.random(rows) < probability**power).astype(int)]
    prediction = names[(probability >= 0.5).astype(int)]
    return Rows(
        target=target,
        prediction=prediction,
        probabilities={"yes": probability},
        classes=("no", "yes"),
        positive="yes",
    )


def multiclass_rows(generator: np.random.Generator, rows: int, power: float = 1.0) -> Rows:
    """Return calibrated rows of four classes, or miscalibrated ones."""
    classes = ("a", "b", "c", "d")
    matrix = generator.dirichlet([0.8, 0.6, 0.4, 0.2], rows)
    truth = matrix**power / (matrix**power).sum(axis=1, keepdims=True)
    places = (truth.cumsum(axis=1) < generator.random((rows, 1))).sum(axis=1)
    return Rows(
        target=np.array(classes, object)[np.minimum(places, 3)],
        prediction=np.array(decide(matrix, classes, None, 0.5).to_pylist(), object),
        probabilities=dict(zip(classes, matrix.T, strict=True)),
        classes=classes,
        positive=None,
    )


def messy_rows(seed: int, *, binary: bool) -> Rows:
    """Return a random case: few or many rows, ties, rare, absent, unlisted and missing classes."""
    generator = np.random.default_rng(seed)
    count, rows = (2 if binary else int(generator.integers(3, 7))), int(generator.integers(4, 300))
    classes = tuple(f"class {i}" for i in range(count))
    matrix = generator.dirichlet(generator.choice([0.05, 0.5, 3.0], count), rows)
    matrix = matrix if seed % 3 else np.round(matrix, 2)
    prediction = _messed_up(generator, _named(matrix, classes), seed)
    target = _messed_up(
        generator, np.where(generator.random(rows) < 0.6, prediction, classes[0]), seed
    )
    if seed % 5 == 0:
        matrix[generator.random(rows) < 0.1, -1] = generator.choice([np.nan, 1.5, -0.1, 0.5])
    columns = dict(zip(classes, matrix.T, strict=True))
    return Rows(
        target=target,
        prediction=prediction,
        probabilities={classes[1]: columns[classes[1]]} if binary and seed % 2 else columns,
        classes=classes,
        positive=classes[1] if binary else None,
    )


def both_known(rows: Rows) -> npt.NDArray[np.bool]:
    """Return which rows have a label and an answer."""
    pairs = zip(rows.target, rows.prediction, strict=True)
    return np.array([target is not None and answer is not None for target, answer in pairs])


def value(name: str, profile: ClassificationProfile, class_name: str = "") -> float:
    """Value of a metric that is defined."""
    found = QUALITY_METRICS[name].compute(profile, class_name)
    assert isinstance(found, Estimate), found
    return found.value


def _named(matrix: npt.NDArray[np.float64], classes: tuple[str, ...]) -> Texts:
    return np.array(classes, object)[matrix.argmax(axis=1)]


def _messed_up(generator: np.random.Generator, texts: Texts, seed: int) -> Texts:
    """Replace some by missing ones and, in every other case, by two classes nobody listed."""
    texts, chance = texts.copy(), generator.random(texts.size)
    texts[chance < 0.05] = None
    if seed % 2:
        texts[chance > 0.9], texts[chance > 0.95] = "unlisted", "another"
    return texts
