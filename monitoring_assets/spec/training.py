"""Section `model`: what is trained here.

Belongs here: estimator, parameters, periods. Stays out: fitting (package `training`).
"""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, LARGEST_SEED, NUMBER
from monitoring_assets.spec.periods import PeriodSpec

EstimatorName = Literal["hist_gradient_boosting", "random_forest", "linear"]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class TrainingSpec:
    """A model that is trained and scored here; leave it out if predictions are in the source."""

    estimator: Annotated[EstimatorName, Field(description="Kind of scikit-learn estimator.")]
    training: Annotated[PeriodSpec, Field(description="Period whose rows version 1 learns from.")]
    parameters: Annotated[
        dict[str, Any],
        Field(description="The estimator's own parameters, as scikit-learn names them."),
    ] = Field(default_factory=dict[str, Any])
    folds: Annotated[
        int,
        Field(ge=2, le=20, description="Folds for the reference's out-of-fold predictions."),
        NUMBER,
    ] = 5
    seed: Annotated[
        int, Field(ge=0, le=LARGEST_SEED, description="Seed of folds and estimator."), NUMBER
    ] = 0
