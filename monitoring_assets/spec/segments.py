"""Section `segments`: named slices of the rows, each profiled, scored and judged for itself.

Belongs here: what the YAML says of a slice. Stays out: which values a column has, which rows belong
(evaluation/segments.py), the grammar of expressions (spec/expressions.py).
"""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import NUMBER, one_of
from monitoring_assets.spec.columns import ColumnName

SegmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]


@dataclass(frozen=True, kw_only=True, config=one_of("where", "column"))
class SegmentSpec:
    """One slice by an expression, or one slice for each value of a column."""

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
        int,
        Field(
            ge=1,
            le=100,
            description="So many values at most; the rows of all others make one slice together.",
        ),
        NUMBER,
    ] = 20
