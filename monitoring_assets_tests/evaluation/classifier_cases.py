"""Small classifiers whose predictions come from the source, and windows of them.

Belongs here: making specs, rows and sums of two and of three classes. Stays out: assertions.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.records import LabelCounts, ModelQuality
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.cases import FIXED
from monitoring_assets_tests.specs import small_columns, small_spec

BINARY = ("no", "yes")
COLOURS = ("red", "green", "blue")

_REFERENCE = {"period": {"start": "2023-01-01", "end": "2023-02-01"}}


def binary_spec(*, probabilities: bool = True, **changes: Any) -> ModelSpec:
    """Return a model that says yes or no, with the probability of yes in column `p_yes`."""
    named = {"yes": "p_yes"} if probabilities else {}
    return _spec("binary", BINARY, named, changes)


def colour_spec(*, probabilities: bool = True, **changes: Any) -> ModelSpec:
    """Return a model that says which of three colours, with all their probabilities."""
    named = {one: f"p_{one}" for one in COLOURS} if probabilities else {}
    return _spec("multiclass", COLOURS, named, changes)


def binary_rows(n: int, seed: int = 0, shift: float = 0.0) -> pa.Table:
    """Return rows of `binary_spec` that pass, as the reference has them if not shifted."""
    generator = np.random.default_rng(seed)
    probability = np.clip(generator.beta(2, 2, n) + shift, 0, 1).round(2)
    labels = np.array(BINARY, object)[(generator.random(n) < probability).astype(int)]
    answers = np.array(BINARY, object)[(probability >= 0.5).astype(int)]
    return pa.table(
        {
            "distance": generator.normal(5, 2, n).round(1),
            "zone": pa.array(generator.choice(["north", "south"], n), pa.string()),
            "prediction": pa.array(answers, pa.string()),
            "p_yes": probability,
            "minutes": pa.array(labels, pa.string()),
            "model_version": pa.array(["1"] * n, pa.string()),
            "rejected_by": pa.nulls(n, pa.string()),
        }
    )


def colours(
    target: str, prediction: str, certainty: float = 0.8, repeat: int = 1
) -> ClassificationProfile:
    """Return sums of rows given by initials, `r`, `g`, `b` or anything else.

    The predicted colour has that probability, the other two share the rest.
    """
    names = {one[0]: one for one in COLOURS}
    labels, answers = (
        [names.get(one, one) for one in text * repeat] for text in (target, prediction)
    )
    rest = (1 - certainty) / 2
    probabilities = {c: [certainty if a == c else rest for a in answers] for c in COLOURS}
    return profile_classification(labels, answers, probabilities, COLOURS, None)


def judged(
    spec: ModelSpec,
    profile: ClassificationProfile | None,
    reference: dict[str, float] | None = None,
    coverage: float | None = 1.0,
) -> dict[tuple[str, str], ModelQuality]:
    """Return the rows of one model version by metric and class."""
    profiles = {} if profile is None else {"1": profile}
    rows = 0 if profile is None else profile.rows
    labels = LabelCounts(labels=rows, coverage=coverage, newest_knowledge_time=None)
    found = judge_quality(spec, profiles, reference or {}, labels)
    assert len({(one.metric, one.class_name) for one in found}) == len(found)
    return {(one.metric, one.class_name): one for one in found}


def _spec(
    task: str, classes: tuple[str, ...], named: dict[str, str], changes: dict[str, Any]
) -> ModelSpec:
    sections: dict[str, Any] = {
        "task": task,
        "classification": {"classes": [*classes]},
        "columns": small_columns(prediction="prediction", probabilities=named),
        "drift": FIXED,
        "model": None,
        "reference": _REFERENCE,
    }
    return small_spec(**(sections | changes))
