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
from monitoring_assets.metrics.quality.profiles import QualityProfile, Task, task_of
from monitoring_assets.metrics.result import Estimate, Undefined

__all__ = ["DriftMethod", "Kind", "QualityMetric", "Task", "load"]

Kind = Literal["numerical", "categorical"]
DriftFunction = Callable[[ColumnProfile, ColumnProfile, Bins], float | Undefined]
QualityFunction = Callable[..., Estimate | Undefined]


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
    low, high
        Range of the value; None: unbounded.
    better
        `lower`, `higher`, or `zero` where deviations to both sides are bad.
    by_class
        Whether there is also one value for each class.
    needs_probabilities
        Whether it is read from probabilities; the others need the answer only.
    function
        `module:name` of the function, imported when called. It takes the profile, and with
        `by_class` the class as second argument.
    description
        One sentence for the docs.
    """

    name: str
    label: str
    tasks: tuple[Task, ...]
    low: float | None
    high: float | None
    better: Literal["lower", "higher", "zero"]
    by_class: bool = False
    needs_probabilities: bool = False
    function: str
    description: str

    def compute(self, profile: QualityProfile, class_name: str = "") -> Estimate | Undefined:
        """Return the value with its interval, or why there is none.

        Parameters
        ----------
        profile
            Of any task: for a profile of another task than its own, which a window may still have
            from before the model's YAML changed, a metric is undefined.
        class_name
            One class of the profile; without it the value of the whole. A ValueError for a metric
            that has no value of one class.
        """
        task = task_of(profile)
        if task not in self.tasks:
            return Undefined(f"{self.label} is not defined for {task} models")
        function = cast("QualityFunction", load(self.function))
        if self.by_class:
            return function(profile, class_name)
        if class_name:
            raise ValueError(f"{self.name} has no value of one class, here of {class_name!r}")
        return function(profile)


def load(function: str) -> object:
    """Return what `module:name` names."""
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)
