"""Section `retraining`: when a model is trained anew, on what, and when the result is promoted.

Belongs here: the policy and its defaults. Stays out: applying it (evaluation/retraining), the first
version (section `model`, spec/training.py), messages (spec/notifications.py).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, WrapValidator
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import (
    CLOSED,
    LARGEST_SEED,
    MOST_ROWS,
    NUMBER,
    Duration,
    Mistake,
    refuse,
)
from monitoring_assets.spec.columns import ColumnName
from monitoring_assets.spec.metric_names import MetricName

CountedVerdict = Literal["dataset_drift", "prediction_drift", "quality"]
TrainingSpan = Literal["since_episode", "last_windows", "expanding"]

Blocking = Literal["features", "none"]

_MOST_WINDOWS: Final = 1000
_COLUMNS: Final = TypeAdapter(tuple[ColumnName, ...])


def _word_or_columns(value: Any, _: object) -> Any:
    """Read a word or a list; pydantic alone would say of both what is wrong with either."""
    if isinstance(value, str):
        if value not in ("features", "none"):
            raise ValueError(f"must be features, none or a list of columns, found {value!r}")
        return value
    return _COLUMNS.validate_python(value)


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class HoldoutSpec:
    """Rows that champion and challenger are compared on; the challenger never learns from them."""

    share: Annotated[
        float,
        Field(gt=0, lt=1, description="Share of the rows, chosen by a hash of their id."),
        NUMBER,
    ] = 0.3
    windows: Annotated[
        int,
        Field(ge=1, le=_MOST_WINDOWS, description="Newest windows whose rows are held out."),
        NUMBER,
    ] = 3
    seed: Annotated[
        int, Field(ge=0, le=LARGEST_SEED, description="Seed of the hash and the resamples."), NUMBER
    ] = 0


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class PromotionSpec:
    """When the challenger takes the champion's place."""

    mode: Annotated[
        Literal["automatic", "manual"],
        Field(description="manual: a challenger that wins waits until a person promotes it."),
    ] = "automatic"
    metric: Annotated[
        MetricName | None,
        Field(description="Quality metric that decides; without it, the model's main metric."),
    ] = None
    gain: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            description="By how much the challenger must be better, as a share of the champion's"
            " number: 0.05 is five per cent.",
        ),
        NUMBER,
    ] = 0.0
    confidence: Annotated[
        float,
        Field(
            gt=0.5,
            lt=1,
            description="How sure it must be that the gain is larger than that, by a paired"
            " bootstrap over the rows held out.",
        ),
        NUMBER,
    ] = 0.95
    resamples: Annotated[
        int, Field(ge=100, le=100_000, description="Resamples of the bootstrap."), NUMBER
    ] = 1000
    minimum_rows: Annotated[
        int,
        Field(ge=10, le=MOST_ROWS, description="Fewest rows held out for a comparison."),
        NUMBER,
    ] = 100


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class RetrainingSpec:
    """When alarms that last start a retraining, and what it learns from."""

    verdicts: Annotated[
        tuple[CountedVerdict, ...],
        Field(description="Verdicts whose alarms count: any one of them is enough."),
    ] = ("quality",)
    columns: Annotated[
        tuple[ColumnName, ...], Field(description="Columns whose own drift counts as well.")
    ] = ()
    metrics: Annotated[
        tuple[MetricName, ...],
        Field(description="Metrics that `quality` stands for; without any, the main metric."),
    ] = ()
    windows_in_a_row: Annotated[
        int,
        Field(
            ge=1,
            le=100,
            description="Alarming windows in a row that it takes; a window without a verdict"
            " neither counts nor interrupts.",
        ),
        NUMBER,
    ] = 3
    blocked_by: Annotated[
        Blocking | tuple[ColumnName, ...],
        WrapValidator(_word_or_columns),
        Field(
            description="Columns whose data-quality alarms in those windows make a retraining wait:"
            " features, none, or a list of columns."
        ),
    ] = "features"
    blocked_by_drift: Annotated[
        tuple[ColumnName, ...],
        Field(
            description="Columns whose drift in those windows makes a retraining wait as well: what"
            " they hold moves only when something is broken, such as a unit."
        ),
    ] = ()
    minimum_labelled_rows: Annotated[
        int,
        Field(ge=1, le=MOST_ROWS, description="Fewest labelled rows of the training span."),
        NUMBER,
    ] = 1000
    cool_down: Annotated[
        Duration, Field(description="How long after a promotion no other retraining begins.")
    ] = timedelta(0)
    max_age: Annotated[
        Duration | None,
        Field(
            description="How long after its end a window may still start a retraining or a message;"
            " without it, three windows, the delay of windows and that of labels."
        ),
    ] = None
    attempts: Annotated[
        int, Field(ge=1, le=100, description="Most retrainings of one episode."), NUMBER
    ] = 3
    tries: Annotated[
        int,
        Field(ge=1, le=20, description="How often the run of one retraining is started at most."),
        NUMBER,
    ] = 3
    backoff: Annotated[
        Duration,
        Field(description="Wait before a failed run is started again; doubles each time."),
    ] = timedelta(minutes=1)
    time_limit: Annotated[
        Duration,
        Field(description="How long a run may take before it counts as lost and is tried again."),
    ] = timedelta(hours=2)
    training_span: Annotated[
        TrainingSpan,
        Field(
            description="Windows whose rows are learned from, up to the newest: since the episode"
            " began, the last N, or all there are."
        ),
    ] = "since_episode"
    last_windows: Annotated[
        int | None,
        Field(ge=1, le=_MOST_WINDOWS, description="N, for `last_windows`."),
        NUMBER,
    ] = None
    holdout: Annotated[HoldoutSpec, Field(description="Rows to compare models on.")] = Field(
        default_factory=HoldoutSpec
    )
    promotion: Annotated[PromotionSpec, Field(description="When a challenger is promoted.")] = (
        Field(default_factory=PromotionSpec)
    )

    def __post_init__(self) -> None:
        """Refuse a policy that nothing can set off, and numbers that belong to nothing."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        if not (self.verdicts or self.columns):
            yield Mistake(("verdicts",), "name at least one verdict or column that counts")
        if self.metrics and "quality" not in self.verdicts:
            yield Mistake(("metrics",), "leave it out, or name quality under verdicts")
        spanning = self.training_span == "last_windows"
        if spanning and self.last_windows is None:
            yield Mistake(("last_windows",), "is needed for training_span: last_windows")
        if self.last_windows is not None and not spanning:
            text = "belongs to training_span: last_windows; write that, or leave it out"
            yield Mistake(("last_windows",), text)
        for name in ("verdicts", "columns", "metrics", "blocked_by_drift"):
            given = getattr(self, name)
            if len({*given}) != len(given):
                yield Mistake((name,), "names one of them twice; leave one out")
