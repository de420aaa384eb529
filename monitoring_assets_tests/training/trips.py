"""Invented rows for the small model, and its three estimators.

Belongs here: making rows. Stays out: assertions.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_spec

ESTIMATORS = ("hist_gradient_boosting", "random_forest", "linear")
FEW_TREES: dict[str, dict[str, Any]] = {
    "hist_gradient_boosting": {"max_iter": 20},
    "random_forest": {"n_estimators": 10},
    "linear": {},
}


def spec_of(estimator: str, parameters: dict[str, Any] | None = None, **others: Any) -> ModelSpec:
    """Return the small model with an estimator of few trees."""
    section = {
        "estimator": estimator,
        "training": {"start": "2023-01-01", "end": "2023-02-01"},
        "parameters": FEW_TREES[estimator] | (parameters or {}),
    }
    return small_spec(model=section | others)


def trips(n: int = 400, seed: int = 0) -> pa.Table:
    """Return trips whose minutes are three per unit of distance, four more from the north."""
    generator = np.random.default_rng(seed)
    distance, zone = generator.gamma(2, 2, n), generator.choice(["north", "south", "west"], n)
    minutes = 3 * distance + 4 * (zone == "north") + generator.normal(0, 0.5, n)
    return pa.table(
        {
            "distance": pa.array(distance),
            "zone": pa.array(zone.tolist(), pa.string()),
            "minutes": pa.array(minutes),
        }
    )


def features(distance: list[float | None], zone: list[str | None]) -> pa.Table:
    """Return rows without target."""
    return pa.table(
        {"distance": pa.array(distance, pa.float64()), "zone": pa.array(zone, pa.string())}
    )
