"""Two models' answers to the same invented rows.

Belongs here: making specs and hold-outs. Stays out: assertions.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.evaluation.retraining.comparison import HoldoutRows
from monitoring_assets.metrics.decision import decide
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_columns, small_spec

COLOURS = ("red", "green", "blue")
Floats = npt.NDArray[np.float64]


def policy(**promotion: Any) -> dict[str, Any]:
    """Return section `retraining` that promotes as soon as ten rows say so, with changes."""
    return {"promotion": {"minimum_rows": 10} | promotion}


def numbers_spec(**promotion: Any) -> ModelSpec:
    return small_spec(retraining=policy(**promotion))


def binary_spec(**promotion: Any) -> ModelSpec:
    return _classifier("binary", ("no", "yes"), promotion)


def colours_spec(**promotion: Any) -> ModelSpec:
    return _classifier("multiclass", COLOURS, promotion)


def holdout(target: Any, champion: Any, challenger: Any, **segments: Any) -> HoldoutRows:
    """Return rows of a regression model."""
    return HoldoutRows(
        target=pa.array(target, pa.float64()),
        champion=pa.table({"prediction": pa.array(champion, pa.float64())}),
        challenger=pa.table({"prediction": pa.array(challenger, pa.float64())}),
        segments={name: np.array(mask) for name, mask in segments.items()},
    )


def drawn_pair(
    rows: int, generator: np.random.Generator, spread: float = 1.0, shared: float = 0.8
) -> HoldoutRows:
    """Return errors that have much in common; the challenger's are `spread` times the champion's.

    Parameters
    ----------
    shared
        Correlation of the two errors of a row.
    """
    target, common = generator.gamma(2, 5, rows), generator.normal(size=rows)
    own = generator.normal(size=(2, rows)) * np.sqrt(1 - shared**2) + shared * common
    return holdout(target, target + own[0], target + spread * own[1])


def drawn_answers(
    spec: ModelSpec, rows: int, seed: int = 0, noise: tuple[float, float] = (1.0, 0.5)
) -> HoldoutRows:
    """Return rows of a classifier; each model knows the true scores up to its noise."""
    generator, classes = np.random.default_rng(seed), list(_classes(spec))
    scores = generator.normal(size=(rows, len(classes)))
    target = scores.argmax(axis=1)
    told = [scores + one * generator.normal(size=scores.shape) for one in noise]
    return HoldoutRows(
        target=pa.array([classes[place] for place in target]),
        champion=_answers(spec, told[0]),
        challenger=_answers(spec, told[1]),
    )


def _answers(spec: ModelSpec, scores: Floats) -> pa.Table:
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    classes = list(_classes(spec))
    positive = "yes" if spec.task == "binary" else None
    answer = decide(shares, classes, positive, 0.5)
    given = {
        column: shares[:, classes.index(one)] for one, column in spec.probability_columns.items()
    }
    return pa.table({"prediction": answer, **given})


def _classes(spec: ModelSpec) -> tuple[str, ...]:
    return spec.classification.classes if spec.classification else ()


def _classifier(task: str, classes: tuple[str, ...], promotion: dict[str, Any]) -> ModelSpec:
    return small_spec(
        task=task,
        classification={"classes": list(classes)},
        columns=small_columns(target="answer"),
        retraining=policy(**promotion),
    )
