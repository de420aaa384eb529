"""Quality profiles of any task: which kind one is, and reading either kind back.

Belongs here: what the two kinds of profiles share. Stays out: their sums (regression.py,
classification.py).
"""

from collections.abc import Mapping
from typing import Any, Literal

from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.regression import RegressionProfile

Task = Literal["regression", "binary", "multiclass"]
"""What a model predicts: a number, one of two classes, one of several."""

QualityProfile = RegressionProfile | ClassificationProfile
"""Additive sums of predictions against labels."""


def task_of(profile: QualityProfile) -> Task:
    """Return the task of the model that the profile belongs to."""
    if isinstance(profile, RegressionProfile):
        return "regression"
    return "multiclass" if profile.positive is None else "binary"


def quality_profile_from_sums(sums: Mapping[str, Any]) -> QualityProfile:
    """Return the profile that `to_sums` wrote down, of whichever kind.

    Examples
    --------
    >>> from monitoring_assets.metrics.quality.regression import profile_regression
    >>> profile = profile_regression([1.0, 2.0], [2.0, 4.0])
    >>> quality_profile_from_sums(profile.to_sums()) == profile
    True
    """
    if "confusion" in sums:
        return ClassificationProfile.from_sums(sums)
    return RegressionProfile.from_sums(sums)
