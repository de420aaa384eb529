"""Sections `columns`, `derived` and `filters`: what the columns are and which rows count.

Belongs here: roles, kinds, columns computed from others, bounds a row must keep. Stays out: rules
between sections (spec/rules.py), reading files (sources), thresholds (spec/verdicts.py).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.records import ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.spec.base import CLOSED, NUMBER, ClassName, Mistake, refuse

RESERVED_NAMES: Final = (
    "row_id",
    "event_time",
    "knowledge_time",
    "model_version",
    "rejected_by",
    "reference_version",
)
"""Columns that every stored row has besides the model's own; none of those may be called so."""

DEFAULT_PREDICTION: Final = "prediction"
"""Name of the model's answer in a YAML that does not name it."""

ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
Columns = Annotated[tuple[ColumnName, ...], Field(json_schema_extra={"uniqueItems": True})]


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
        ColumnName | None,
        Field(
            description="The model's answer, read from the source if no `model`; without it,"
            " `prediction`, or the class that follows from `probabilities`."
        ),
    ] = None
    probabilities: Annotated[
        dict[ClassName, ColumnName],
        Field(description="Class -> column of its probability; for `binary` the positive's do."),
    ] = Field(default_factory=dict[ClassName, ColumnName])
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

    def dictionary(
        self,
        answer: ColumnKind = ColumnKind.NUMERICAL,
        probabilities: Mapping[str, ColumnName] | None = None,
    ) -> tuple[ColumnEntry, ...]:
        """Return every column that is stored, with kind and role, numbered from 1.

        The order: features, monitored columns (numbers first in both), prediction, probabilities,
        target.

        Parameters
        ----------
        answer
            Kind of prediction and target: numbers, or classes.
        probabilities
            Class -> column of its probability; without it, those the YAML names.
        """
        number, category = ColumnKind.NUMERICAL, ColumnKind.CATEGORICAL
        of_classes = self.probabilities if probabilities is None else probabilities
        rows = [
            *((name, number, ColumnRole.FEATURE) for name in self.numerical),
            *((name, category, ColumnRole.FEATURE) for name in self.categorical),
            *((name, number, ColumnRole.MONITORED) for name in self.monitored.numerical),
            *((name, category, ColumnRole.MONITORED) for name in self.monitored.categorical),
            (self.prediction or DEFAULT_PREDICTION, answer, ColumnRole.PREDICTION),
            *((name, number, ColumnRole.PROBABILITY) for name in of_classes.values()),
        ]
        if self.target is not None:
            rows.append((self.target, answer, ColumnRole.TARGET))
        return tuple(
            ColumnEntry(column_name=name, number=i, kind=kind, role=role, unit=self.units.get(name))
            for i, (name, kind, role) in enumerate(rows, start=1)
        )


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class MinutesBetween:
    """Minutes from one time to another, taken between instants, not between clock faces."""

    kind: Annotated[Literal["minutes_between"], Field(description="Minutes between two times.")]
    start: Annotated[ColumnName, Field(description="Time at which it began.")]
    end: Annotated[ColumnName, Field(description="Time at which it ended.")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class HourOfDay:
    """Hour 0-23 of the event time in the windows' time zone."""

    kind: Annotated[Literal["hour_of_day"], Field(description="Hour of the event time, 0-23.")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class DayOfWeek:
    """Day of the event time in the windows' time zone: 1 is Monday, 7 is Sunday."""

    kind: Annotated[
        Literal["day_of_week"], Field(description="Day of the event time, 1 (Monday) to 7.")
    ]


DerivedSpec = Annotated[MinutesBetween | HourOfDay | DayOfWeek, Field(discriminator="kind")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class FilterSpec:
    """A condition a row must keep to be scored; rows that break it are counted under its name."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,60}$",
            examples=["out_of_range"],
            description="Name under which rows count.",
        ),
    ]
    column: Annotated[ColumnName, Field(description="Column the condition is about.")]
    minimum: Annotated[float | None, Field(description="Smallest value that passes."), NUMBER] = (
        None
    )
    maximum: Annotated[float | None, Field(description="Largest value that passes."), NUMBER] = None
    allowed: Annotated[
        tuple[str, ...] | None, Field(description="Categories that pass.", min_length=1)
    ] = None
    allow_missing: Annotated[bool, Field(description="Whether a row without a value passes.")] = (
        False
    )

    def __post_init__(self) -> None:
        """Refuse a filter that passes every row or none, or that says two things at once."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        low, high = self.minimum, self.maximum
        bounded = low is not None or high is not None
        if self.allowed is not None and bounded:
            yield Mistake((), "give allowed, or minimum and maximum, not both")
        if self.allowed is None and not bounded and self.allow_missing:
            yield Mistake((), "needs minimum, maximum or allowed, or it passes all rows")
        if low is not None and high is not None and low > high:
            yield Mistake(("minimum",), f"{low:g} is larger than maximum {high:g}; give less")
