"""Section `joined`: columns that come from other sources, found by id.

Belongs here: one entry a source. Stays out: kinds of sources (spec/sources.py), joining (sources).
"""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, Duration
from monitoring_assets.spec.columns import ColumnName, Columns
from monitoring_assets.spec.sources import SourceSpec


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class JoinedSpec:
    """Columns of a second source; a row of `source` without a match has none of them."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,60}$",
            examples=["labels"],
            description="Name in messages and counts.",
        ),
    ]
    source: Annotated[SourceSpec, Field(description="Where these columns come from.")]
    columns: Annotated[
        Columns,
        Field(min_length=1, description="Our names of the columns that come from here."),
    ]
    id: Annotated[
        ColumnName | None,
        Field(description="Column that holds the row's id; without it, called as `columns.id`."),
    ] = None
    event_time: Annotated[
        ColumnName | None,
        Field(
            description="Column of a time by which the rows of a window are found; without it, the"
            " whole source is read for every window."
        ),
    ] = None
    within: Annotated[
        Duration,
        Field(
            description="How far that time may lie from the row's event time: '2 days'.",
        ),
    ] = timedelta(0)
