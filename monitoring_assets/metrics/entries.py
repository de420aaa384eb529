"""What the registry says of one metric; its function is imported when it is computed.

Belongs here: the two kinds of entries. Stays out: the entries themselves (metrics/registry.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, cast

from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.drift.comparison import Kernel, score_profiles
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.result import Estimate, Undefined

Kind = Literal["numerical", "categorical"]
Task = Literal["regression", "binary", "multiclass"]
DriftFunction = Callable[[ColumnProfile, ColumnProfile, Bins], float | Undefined]
QualityFunction = Callable[[RegressionProfile], Estimate | Undefined]


@dataclass(frozen=True, kw_only=True)
class DriftMethod:
    """One way to compare a window's profile with the reference's.

    Parameters
    ----------
    name
        What the YAML and the tables call it.
    label
        What people call it.
    kinds
        Kinds of columns it is defined for.
    low, high
        Range of the score; `high` None: unbounded.
    direction
        `larger`: a larger score is more drift; so it is for all of them.
    default_threshold
        Score above the expected one from which a difference is material.
    log_base
        Base of its logarithm: 2.0, e, or None without one.
    smoothing
        What an empty group counts as, in rows; None: empty stays empty.
    grouping
        `fine` bins, `coarse` groups, or `none` where only missing values count.
    minimum_rows
        Fewest values in the window for which its p value holds.
    function
        `module:name` of the function, imported when called.
    description
        One sentence for the docs.
    """

    name: str
    label: str
    kinds: tuple[Kind, ...]
    low: float
    high: float | None
    direction: Literal["larger"] = "larger"
    default_threshold: float
    log_base: float | None = None
    smoothing: float | None = None
    grouping: Literal["fine", "coarse", "none"]
    minimum_rows: int
    function: str
    description: str

    def compute(
        self, reference: ColumnProfile, window: ColumnProfile, bins: Bins
    ) -> float | Undefined:
        """Return the score, or why there is none."""
        if bins.kind not in self.kinds:
            return Undefined(f"{self.label} is not defined for {bins.kind} columns")
        return cast("DriftFunction", load(self.function))(reference, window, bins)

    def kernel(self) -> Kernel:
        """Return its function of matrices of counts; a method with grouping `none` has none."""
        module, _, _ = self.function.partition(":")
        return cast("Kernel", load(f"{module}:kernel"))

    def compute_many(
        self, reference: ColumnProfile, windows: Sequence[ColumnProfile], bins: Bins
    ) -> list[float | Undefined]:
        """Return the scores of a history of windows, in one pass where the method has a kernel."""
        if bins.kind not in self.kinds or self.grouping == "none":
            return [self.compute(reference, window, bins) for window in windows]
        return score_profiles(self.kernel(), reference, windows, bins)


@dataclass(frozen=True, kw_only=True)
class QualityMetric:
    """One number about predictions against labels.

    Parameters
    ----------
    name
        What the YAML and the tables call it.
    label
        What people call it.
    tasks
        Tasks it belongs to.
    by_class
        Whether it is also given for each class by itself.
    needs_probabilities
        Whether it rests on probabilities, not on classes alone.
    low, high
        Range of the value; None: unbounded.
    better
        `lower`, `higher`, or `zero` where deviations to both sides are bad.
    function
        `module:name` of the function, imported when called.
    description
        One sentence for the docs.
    """

    name: str
    label: str
    tasks: tuple[Task, ...]
    by_class: bool = False
    needs_probabilities: bool = False
    low: float | None
    high: float | None
    better: Literal["lower", "higher", "zero"]
    function: str
    description: str

    def compute(self, profile: RegressionProfile) -> Estimate | Undefined:
        """Return the value with its interval, or why there is none."""
        return cast("QualityFunction", load(self.function))(profile)


def load(function: str) -> object:
    """Return what `module:name` names."""
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)
