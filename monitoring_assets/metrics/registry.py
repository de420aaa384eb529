"""The metrics there are, as data: what the YAML may name, the tables hold and the docs say.

Belongs here: one entry for each metric and the defaults. Stays out: the arithmetic, which is
imported when an entry is computed, so that reading this costs nothing.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

from monitoring_assets.metrics.entries import DriftMethod, Kind, QualityMetric, Task

_DRIFT = "monitoring_assets.metrics.drift"
_QUALITY = "monitoring_assets.metrics.quality"
_BOTH: tuple[Kind, ...] = ("numerical", "categorical")


def drift_method(name: str) -> DriftMethod:
    """Return the drift method of that name.

    Raises
    ------
    KeyError
        There is none; the message lists the legal names.
    """
    if name not in DRIFT_METHODS:
        raise KeyError(f"no drift method {name!r}; there are {', '.join(sorted(DRIFT_METHODS))}")
    return DRIFT_METHODS[name]


def quality_metric(name: str) -> QualityMetric:
    """Return the quality metric of that name.

    Raises
    ------
    KeyError
        There is none; the message lists the legal names.
    """
    if name not in QUALITY_METRICS:
        raise KeyError(
            f"no quality metric {name!r}; there are {', '.join(sorted(QUALITY_METRICS))}"
        )
    return QUALITY_METRICS[name]


def metrics_for(task: Task) -> tuple[QualityMetric, ...]:
    """Return the quality metrics of a task, in the registry's order."""
    return tuple(one for one in QUALITY_METRICS.values() if task in one.tasks)


_METHODS = (
    DriftMethod(
        name="kolmogorov_smirnov",
        label="Kolmogorov-Smirnov distance",
        kinds=("numerical",),
        low=0.0,
        high=1.0,
        default_threshold=0.05,
        grouping="fine",
        minimum_rows=50,
        function=f"{_DRIFT}.kolmogorov_smirnov:kolmogorov_smirnov",
        description="Largest difference of the two distribution functions: a share of rows.",
    ),
    DriftMethod(
        name="jensen_shannon",
        label="Jensen-Shannon distance",
        kinds=_BOTH,
        low=0.0,
        high=1.0,
        default_threshold=0.07,
        log_base=2.0,
        grouping="coarse",
        minimum_rows=50,
        function=f"{_DRIFT}.jensen_shannon:jensen_shannon",
        description="Square root of the Jensen-Shannon divergence to base 2.",
    ),
    DriftMethod(
        name="psi",
        label="population stability index",
        kinds=_BOTH,
        low=0.0,
        high=None,
        default_threshold=0.1,
        log_base=math.e,
        smoothing=0.5,
        grouping="coarse",
        minimum_rows=50,
        function=f"{_DRIFT}.psi:psi",
        description="Sum of (p - q) ln(p / q) over coarse groups.",
    ),
    DriftMethod(
        name="wasserstein",
        label="Wasserstein distance",
        kinds=("numerical",),
        low=0.0,
        high=None,
        default_threshold=0.1,
        grouping="fine",
        minimum_rows=50,
        function=f"{_DRIFT}.wasserstein:wasserstein",
        description="How far values moved on average, in robust standard deviations.",
    ),
    DriftMethod(
        name="chi_squared",
        label="Cramer's V",
        kinds=_BOTH,
        low=0.0,
        high=1.0,
        default_threshold=0.07,
        grouping="coarse",
        minimum_rows=50,
        function=f"{_DRIFT}.chi_squared:chi_squared",
        description="Cramer's V of two samples that weigh alike; p value of chi-squared.",
    ),
    DriftMethod(
        name="missing_share_change",
        label="change of the missing share",
        kinds=_BOTH,
        low=0.0,
        high=1.0,
        default_threshold=0.05,
        grouping="none",
        minimum_rows=50,
        function=f"{_DRIFT}.missing_share_change:missing_share_change",
        description="Difference of the two shares of missing values.",
    ),
)

_QUALITY_METRICS = (
    QualityMetric(
        name="mae",
        label="mean absolute error",
        tasks=("regression",),
        low=0.0,
        high=None,
        better="lower",
        function=f"{_QUALITY}.mean_absolute_error:mean_absolute_error",
        description="Mean of abs(prediction - target), in the target's unit.",
    ),
    QualityMetric(
        name="rmse",
        label="root mean squared error",
        tasks=("regression",),
        low=0.0,
        high=None,
        better="lower",
        function=f"{_QUALITY}.root_mean_squared_error:root_mean_squared_error",
        description="Square root of the mean of (prediction - target)**2, in the target's unit.",
    ),
    QualityMetric(
        name="r2",
        label="R2 score",
        tasks=("regression",),
        low=None,
        high=1.0,
        better="higher",
        function=f"{_QUALITY}.r2_score:r2_score",
        description="1 - squared errors / squared deviations of the target from its mean.",
    ),
    QualityMetric(
        name="mean_error",
        label="mean error",
        tasks=("regression",),
        low=None,
        high=None,
        better="zero",
        function=f"{_QUALITY}.mean_error:mean_error",
        description="Mean of prediction - target: above 0 the model predicts too much.",
    ),
    QualityMetric(
        name="mape",
        label="mean absolute percentage error",
        tasks=("regression",),
        low=0.0,
        high=None,
        better="lower",
        function=f"{_QUALITY}.mean_absolute_percentage_error:mean_absolute_percentage_error",
        description="Mean of abs(error / target) as a share (0.1 is 10 %), without rows at 0.",
    ),
)

DRIFT_METHODS: Mapping[str, DriftMethod] = MappingProxyType({one.name: one for one in _METHODS})
"""Every drift method by name."""

QUALITY_METRICS: Mapping[str, QualityMetric] = MappingProxyType(
    {one.name: one for one in _QUALITY_METRICS}
)
"""Every quality metric by name."""

DEFAULT_METHOD: Mapping[Kind, str] = MappingProxyType(
    {"numerical": "wasserstein", "categorical": "chi_squared"}
)
"""Deciding method of a column whose YAML names none, by kind."""

DEFAULT_METRIC: Mapping[Task, str] = MappingProxyType(
    {"regression": "mae", "binary": "f1", "multiclass": "accuracy"}
)
"""Main quality metric of a model whose YAML names none, by task."""
