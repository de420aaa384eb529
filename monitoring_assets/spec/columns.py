"""Sections `columns`, `derived` and `filters`: what the columns are and which rows count.

Belongs here: roles, kinds, columns computed from others, bounds a row must keep. Stays out: reading
files (sources) and thresholds (spec/verdicts.py).
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED

ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
Columns = tuple[ColumnName, ...]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class MonitoredOnlySpec:
    """Columns that are watched but that the model does not see."""

    numerical: Annotated[Columns, Field(description="Numbers.")] = ()
    categorical: Annotated[Columns, Field(description="Categories.")] = ()


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ColumnsSpec:
    """Which column plays which role."""

    event_time: Annotated[ColumnName, Field(description="When the thing predicted happened.")]
    id: Annotated[
        ColumnName | None,
        Field(description="Unique id of a row; without it, the file's name and the row number."),
    ] = None
    numerical: Annotated[Columns, Field(description="Features that are numbers.")] = ()
    categorical: Annotated[Columns, Field(description="Features that are categories.")] = ()
    monitored: Annotated[
        MonitoredOnlySpec, Field(description="Columns watched though the model does not see them.")
    ] = Field(default_factory=MonitoredOnlySpec)
    target: Annotated[
        ColumnName | None, Field(description="The true value; without it quality is unknown.")
    ] = None
    prediction: Annotated[
        ColumnName, Field(description="The model's answer; read from the source if no `model`.")
    ] = "prediction"
    model_version: Annotated[
        ColumnName | None,
        Field(description="Column naming the version that made the prediction, if the source has."),
    ] = None
    knowledge_time: Annotated[
        ColumnName | None,
        Field(description="When the label became known; without it, the end of its window."),
    ] = None
    units: Annotated[
        dict[ColumnName, str], Field(description="Unit of a column, shown beside its numbers.")
    ] = Field(default_factory=dict[ColumnName, str])

    @property
    def features(self) -> Columns:
        """Columns the model sees, numbers first."""
        return self.numerical + self.categorical


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class MinutesBetween:
    """Minutes from one time to another, taken between instants, not between clock faces."""

    kind: Literal["minutes_between"]
    start: Annotated[ColumnName, Field(description="Time at which it began.")]
    end: Annotated[ColumnName, Field(description="Time at which it ended.")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class HourOfDay:
    """Hour 0-23 of the event time in the windows' time zone."""

    kind: Literal["hour_of_day"]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class DayOfWeek:
    """Day of the event time in the windows' time zone: 1 is Monday, 7 is Sunday."""

    kind: Literal["day_of_week"]


DerivedSpec = Annotated[MinutesBetween | HourOfDay | DayOfWeek, Field(discriminator="kind")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class FilterSpec:
    """A condition a row must keep to be scored; rows that break it are counted under its name."""

    name: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$", description="Name under which rows count.")
    ]
    column: Annotated[ColumnName, Field(description="Column the condition is about.")]
    minimum: Annotated[float | None, Field(description="Smallest value that passes.")] = None
    maximum: Annotated[float | None, Field(description="Largest value that passes.")] = None
    allowed: Annotated[
        tuple[str, ...] | None, Field(description="Categories that pass.", min_length=1)
    ] = None
    allow_missing: Annotated[bool, Field(description="Whether a row without a value passes.")] = (
        False
    )

    def __post_init__(self) -> None:
        """Refuse a filter without a condition, or with an empty range."""
        if self.minimum is None and self.maximum is None and self.allowed is None:
            if self.allow_missing:
                raise ValueError(
                    "a filter needs minimum, maximum or allowed, or it passes all rows"
                )
        elif self.allowed is not None and (self.minimum is not None or self.maximum is not None):
            raise ValueError("give allowed, or minimum and maximum, not both")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is larger than maximum {self.maximum}")
