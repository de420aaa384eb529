"""The metrics there are, as data: what the YAML may name, the tables hold and the docs say.

Belongs here: one entry for each drift method, look-up by name or task, and the defaults. Stays out:
the entries of quality metrics (quality_metrics.py), and the arithmetic, which is imported when an
entry is computed, so that reading this costs nothing.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

from monitoring_assets.metrics.entries import DriftMethod, Kind, QualityMetric, Task
from monitoring_assets.metrics.quality_metrics import METRICS

_DRIFT = "monitoring_assets.metrics.drift"
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
    """Return the quality metrics of a task, in the order in which they are shown.

    Examples
    --------
    >>> [one.name for one in metrics_for("regression")]
    ['mae', 'rmse', 'r2', 'mean_error', 'mape']
    """
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

DRIFT_METHODS: Mapping[str, DriftMethod] = MappingProxyType({one.name: one for one in _METHODS})
"""Every drift method by name."""

QUALITY_METRICS: Mapping[str, QualityMetric] = MappingProxyType({one.name: one for one in METRICS})
"""Every quality metric by name."""

DEFAULT_METHOD: Mapping[Kind, str] = MappingProxyType(
    {"numerical": "wasserstein", "categorical": "chi_squared"}
)
"""Deciding method of a column whose YAML names none, by kind."""

DEFAULT_METRIC: Mapping[Task, str] = MappingProxyType(
    {"regression": "mae", "binary": "f1", "multiclass": "accuracy"}
)
"""Main quality metric of a model whose YAML names none, by task."""
