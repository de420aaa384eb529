"""Section `segments`: named slices of the rows, each profiled, scored and judged for itself.

Belongs here: what the YAML says of a slice, how slices are called. Stays out: what it has to do
with columns (segment_rules.py), the grammar of conditions (expressions.py), which values a column
has and which rows belong (evaluation/segments.py).
"""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.records import ALL, UNFILTERED
from monitoring_assets.spec.base import NUMBER, Mistake, one_of, refuse
from monitoring_assets.spec.columns import ColumnName
from monitoring_assets.spec.expressions import Condition, parse_condition

MOST_VALUES: Final = 20
"""Slices a column is cut into if the YAML says nothing, besides `(other)` and `(missing)`."""

MODEL_VERSION: Final = "model_version"
"""What the built-in slices are called after: `model_version=2`."""

UNKNOWN_VERSION: Final = "unknown"
"""Model version of predictions whose source leaves it empty."""

OTHER: Final = "(other)"
MISSING: Final = "(missing)"
"""In place of a value: the rows with any other one, and those without."""

TAKEN_NAMES: Final = (ALL, UNFILTERED, MODEL_VERSION)

SegmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$", examples=["paid_by_card"])]


@dataclass(frozen=True, kw_only=True, config=one_of("where", "column"))
class SegmentSpec:
    """One slice by a condition, or one slice for each value of a column."""

    where: Annotated[
        str | None,
        Field(
            description="Condition on columns, such as 'payment_type = 2' or"
            " 'hour between 6 and 9'; needs `name`."
        ),
    ] = None
    name: Annotated[
        SegmentName | None, Field(description="Name of the slice that `where` makes.")
    ] = None
    column: Annotated[
        ColumnName | None,
        Field(description="Column each of whose most frequent values makes a slice."),
    ] = None
    most: Annotated[
        int | None,
        Field(
            ge=1,
            le=100,
            description="`column`: so many values at most; the rows of all others make one slice"
            f" together. Without it, {MOST_VALUES}.",
        ),
        NUMBER,
    ] = None

    def __post_init__(self) -> None:
        """Refuse a slice that is none or two, and a condition that cannot be read."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        if (self.where is None) == (self.column is None):
            yield Mistake((), "give either where or column")
        elif self.column is not None:
            if self.name is not None:
                text = f"leave it out: the slices of a column are called {self.column}=<value>"
                yield Mistake(("name",), text)
            if "=" in self.column:
                text = f"{self.column!r} has = in its name, as all names of such slices have; give"
                yield Mistake(("column",), f"{text} the column another one with `source.rename`")
        else:
            yield from self._mistakes_of_where()

    def _mistakes_of_where(self) -> Iterator[Mistake]:
        if self.name is None:
            yield Mistake((), "needs name: what the slice that `where` makes is called")
        elif self.name in TAKEN_NAMES:
            text = f"{self.name!r} is what a slice of ours is called; choose another name"
            yield Mistake(("name",), text)
        if self.most is not None:
            yield Mistake(("most",), "leave it out: it is for `column`")
        try:
            parse_condition(str(self.where))
        except ValueError as error:
            yield Mistake(("where",), str(error))

    @property
    def condition(self) -> Condition | None:
        """What a row has to fulfil; None for the slices of a column."""
        return None if self.where is None else parse_condition(self.where)

    @property
    def most_values(self) -> int:
        """Number of values of the column that make a slice of their own, at most."""
        return MOST_VALUES if self.most is None else self.most


def value_segment(column: str, value: str) -> str:
    """Return what the slice of a column's value is called; `OTHER` and `MISSING` stand for values.

    Examples
    --------
    >>> value_segment("zone", "74"), value_segment(MODEL_VERSION, "unknown")
    ('zone=74', 'model_version=unknown')
    """
    return f"{column}={value}"


VERSION_PREFIX: Final = value_segment(MODEL_VERSION, "")
"""How the slice of a model version begins; its rows are those that the version scored."""
