"""Sections `drift`, `data_quality` and `quality`: when a number becomes an alarm.

Belongs here: methods, thresholds, smallest sizes, and their defaults. Stays out: computing numbers
(metrics) and applying thresholds (evaluation).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.metrics.entries import QualityMetric
from monitoring_assets.metrics.registry import DEFAULT_METHOD, DRIFT_METHODS, QUALITY_METRICS
from monitoring_assets.records import ColumnKind
from monitoring_assets.spec.base import (
    CLOSED,
    MOST_ROWS,
    NUMBER,
    ClassName,
    Mistake,
    one_of,
    refuse,
)
from monitoring_assets.spec.columns import ColumnName
from monitoring_assets.spec.metric_names import MethodName, MetricName

Share = Annotated[float, Field(ge=0, le=1), NUMBER]

_NO_COLUMN = ""
"""No column is called so: what is asked for it is what its kind's columns have by default."""


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ColumnDriftSpec:
    """How one column's drift is judged; what is left out comes from its kind's default."""

    method: Annotated[MethodName | None, Field(description="Name of the deciding method.")] = None
    threshold: Annotated[
        float | None, Field(gt=0, description="Score above which drift is material."), NUMBER
    ] = None
    also: Annotated[
        tuple[MethodName, ...],
        Field(description="Methods whose score is stored beside the deciding one's, unjudged."),
    ] = ()
    deciding: Annotated[
        bool | None,
        Field(description="False: the score is stored, but has no verdict. Without it, true."),
    ] = None


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ChosenMethod:
    """A method that a column is scored by."""

    method: str
    threshold: float
    deciding: bool


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class DriftSpec:
    """Data drift: methods, thresholds and the share of columns that makes a drifted dataset."""

    numerical: Annotated[
        ColumnDriftSpec, Field(description="Default for columns that are numbers.")
    ] = Field(default_factory=ColumnDriftSpec)
    categorical: Annotated[
        ColumnDriftSpec, Field(description="Default for columns that are categories.")
    ] = Field(default_factory=ColumnDriftSpec)
    columns: Annotated[
        dict[ColumnName, ColumnDriftSpec], Field(description="Exceptions, by column.")
    ] = Field(default_factory=dict[ColumnName, ColumnDriftSpec])
    minimum_rows: Annotated[
        int,
        Field(
            ge=1,
            le=MOST_ROWS,
            description="Fewer values of a column than this: `insufficient_data`.",
        ),
        NUMBER,
    ] = 100
    false_alarm_rate: Annotated[
        float,
        Field(gt=0, le=0.5, description="Largest share of quiet windows with any alarm."),
        NUMBER,
    ] = 0.05
    dataset_share: Annotated[
        Share,
        Field(description="Dataset drift alarms when alarming / decided columns exceeds this."),
    ] = 0.5

    def __post_init__(self) -> None:
        """Refuse defaults of a kind of columns that can decide nothing."""
        kinds = (ColumnKind.NUMERICAL, ColumnKind.CATEGORICAL)
        refuse(
            Mistake((kind.value, *one.path), one.text)
            for kind in kinds
            for one in self.mistakes_about(_NO_COLUMN, kind)
        )

    def for_column(self, name: str, kind: ColumnKind) -> tuple[str, float, bool]:
        """Return method, threshold and whether it decides, for one column.

        Each comes from the column's own entry, else from its kind's default. A threshold belongs to
        a method: where the column's own differs from its kind's, so does the threshold.
        """
        general = self.numerical if kind is ColumnKind.NUMERICAL else self.categorical
        own = self.columns.get(name, general)
        usual = general.method or DEFAULT_METHOD[kind.value]
        method = own.method or usual
        threshold = own.threshold or (general.threshold if method == usual else None)
        deciding = next((d for d in (own.deciding, general.deciding) if d is not None), True)
        return method, threshold or DRIFT_METHODS[method].default_threshold, deciding

    def methods_for(self, name: str, kind: ColumnKind) -> tuple[ChosenMethod, ...]:
        """Return every method a column is scored by, the deciding one first."""
        method, threshold, deciding = self.for_column(name, kind)
        general = self.numerical if kind is ColumnKind.NUMERICAL else self.categorical
        also = dict.fromkeys((*self.columns.get(name, general).also, *general.also))
        return (
            ChosenMethod(method=method, threshold=threshold, deciding=deciding),
            *(
                ChosenMethod(
                    method=one, threshold=DRIFT_METHODS[one].default_threshold, deciding=False
                )
                for one in also
                if one != method
            ),
        )

    def mistakes_about(self, name: str, kind: ColumnKind) -> Iterator[Mistake]:
        """Yield what makes a column's methods or threshold meaningless."""
        chosen, threshold, _ = self.for_column(name, kind)
        method = DRIFT_METHODS[chosen]
        if kind.value not in method.kinds:
            yield Mistake(("method",), _not_for(chosen, kind))
        elif method.high is not None and threshold >= method.high:
            text = (
                f"{threshold:g} is never exceeded: {chosen} is at most {method.high:g}; give less"
            )
            yield Mistake(("threshold",), text)
        general = self.numerical if kind is ColumnKind.NUMERICAL else self.categorical
        for i, also in enumerate(self.columns.get(name, general).also):
            if kind.value not in DRIFT_METHODS[also].kinds:
                yield Mistake(("also", i), _not_for(also, kind))


def _not_for(method: str, kind: ColumnKind) -> str:
    legal = [one.name for one in DRIFT_METHODS.values() if kind.value in one.kinds]
    return f"{method!r} is not defined for {kind.value} columns; legal: {', '.join(legal)}"


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ColumnDataQualitySpec:
    """Bounds of one column."""

    maximum_missing_share: Annotated[
        Share | None,
        Field(
            description="Largest share of missing values; without it, see `missing_share_margin`."
        ),
    ] = None
    maximum_unseen_share: Annotated[
        Share | None,
        Field(description="Largest share of values outside what the reference has seen."),
    ] = None


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class DataQualitySpec:
    """State of the data, measured on all rows of the window before any filter."""

    missing_share_margin: Annotated[
        Share,
        Field(description="How far the share of missing values may exceed the reference's."),
    ] = 0.05
    maximum_unseen_share: Annotated[
        Share,
        Field(description="Largest share of values outside what the reference has seen."),
    ] = 0.05
    maximum_rejected_share: Annotated[
        Share, Field(description="Largest share of rows that the filters may reject.")
    ] = 0.2
    maximum_unscored_share: Annotated[
        Share,
        Field(description="Largest share of rows without a prediction that pass the filters."),
    ] = 0.05
    maximum_invalid_probability_share: Annotated[
        Share,
        Field(
            description="Largest share of rows whose probabilities lie outside 0 to 1 or do not"
            " sum to 1."
        ),
    ] = 0.01
    columns: Annotated[
        dict[ColumnName, ColumnDataQualitySpec], Field(description="Exceptions, by column.")
    ] = Field(default_factory=dict[ColumnName, ColumnDataQualitySpec])


@dataclass(frozen=True, kw_only=True, config=one_of("relative", "absolute"))
class QualityThresholdSpec:
    """When a quality metric is bad; the whole 95 % interval has to lie beyond it."""

    relative: Annotated[
        float | None,
        Field(
            gt=0,
            description="Share by which it may be worse than the reference: 0.2 is 20 %; of"
            " `roc_auc` the share of its distance to 0.5.",
        ),
        NUMBER,
    ] = None
    absolute: Annotated[
        float | None, Field(description="A bound in the metric's own unit."), NUMBER
    ] = None

    def __post_init__(self) -> None:
        """Refuse two bounds, and none."""
        if (self.relative is None) == (self.absolute is None):
            raise ValueError("give either relative or absolute")


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class QualitySpec:
    """Model quality: metrics against labels."""

    main_metric: Annotated[
        MetricName | None,
        Field(description="Metric shown first and judged; without it, the task's default (`mae`)."),
    ] = None
    thresholds: Annotated[
        dict[MetricName, QualityThresholdSpec],
        Field(description="Bounds by metric; without any, the main metric may be 20 % worse."),
    ] = Field(default_factory=dict[MetricName, QualityThresholdSpec])
    by_class: Annotated[
        dict[ClassName, dict[MetricName, QualityThresholdSpec]],
        Field(description="Bounds of a class's own metrics: class -> metric -> bound."),
    ] = Field(default_factory=dict[ClassName, dict[MetricName, QualityThresholdSpec]])
    minimum_labels: Annotated[
        int,
        Field(ge=2, le=MOST_ROWS, description="Fewer labels than this: `insufficient_data`."),
        NUMBER,
    ] = 50
    mature_share: Annotated[
        Share, Field(description="Label coverage below this: `labels_immature`.")
    ] = 0.9

    def __post_init__(self) -> None:
        """Refuse bounds that a metric can never or must always break."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        yield from _bound_mistakes(("thresholds",), self.thresholds)
        for name, limits in self.by_class.items():
            yield from _bound_mistakes(("by_class", name), limits)


def _bound_mistakes(
    path: tuple[str | int, ...], limits: Mapping[str, QualityThresholdSpec]
) -> Iterator[Mistake]:
    for name, limit in limits.items():
        metric, bound = QUALITY_METRICS[name], limit.absolute
        if bound is not None:
            if text := _unfit_bound(metric, bound):
                yield Mistake((*path, name, "absolute"), text)
        elif metric.better == "higher" and metric.low == 0 and (limit.relative or 0) >= 1:
            text = f"{name} is at least 0 and cannot get worse by 100 % or more; legal: below 1"
            yield Mistake((*path, name, "relative"), text)


def _unfit_bound(metric: QualityMetric, bound: float) -> str:
    """Return why no alarm, or nothing but alarms, would come of a bound; '' if neither is so."""
    low = 0.0 if metric.better == "zero" else metric.low
    if low is not None and bound < low:
        return f"{bound:g} is no bound of {metric.name}; legal: {low:g} or more"
    if metric.high is not None and bound > metric.high:
        return f"{bound:g} is no bound of {metric.name}; legal: {metric.high:g} or less"
    if metric.better == "higher" and bound == low:
        return f"{metric.name} is never below {bound:g}; give a larger bound"
    if metric.better != "higher" and bound == metric.high:
        return f"{metric.name} is never above {bound:g}; give a smaller bound"
    return ""
