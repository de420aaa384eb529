"""Section `source`: where a model's rows come from.

Belongs here: one closed class a kind of source. Stays out: reading (package `sources`).
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED
from monitoring_assets.spec.columns import ColumnName
from monitoring_assets.spec.windows import TimeZone

OnDuplicate = Literal["keep_last", "fail"]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ParquetSourceSpec:
    """Parquet files named by a pattern."""

    kind: Annotated[Literal["parquet"], Field(description="Parquet files.")]
    path: Annotated[
        str,
        Field(
            min_length=1,
            description="Pattern of the files, such as 'scores/*.parquet'; a relative one starts"
            " at the data folder.",
        ),
    ]
    event_time_zone: Annotated[
        TimeZone | None,
        Field(description="Zone of times stored without one; without it, the windows' zone."),
    ] = None
    rename: Annotated[
        dict[ColumnName, ColumnName],
        Field(description="Our name of a column -> its name in the files."),
    ] = Field(default_factory=dict[ColumnName, ColumnName])
    on_duplicate: Annotated[
        OnDuplicate,
        Field(description="An id twice in a window: keep the last row, or fail."),
    ] = "keep_last"


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class SimulatedTripsSpec:
    """Invented taxi trips, the same ones for the same seed, with changes planted on known days.

    Columns: `trip_id`, `pickup_time`, `passenger_count`, `trip_distance`, `pickup_zone`,
    `dropoff_zone`, `fare_amount`, `duration_minutes`.
    """

    kind: Annotated[Literal["simulated_trips"], Field(description="Invented taxi trips.")]
    rows_per_day: Annotated[
        int, Field(ge=1, le=1_000_000, description="Trips on an average day.")
    ] = 1000
    seed: Annotated[int, Field(ge=0, description="Same seed, same trips.")] = 1
    changes: Annotated[
        bool, Field(description="Whether the changes are planted; false gives quiet history.")
    ] = True
    on_duplicate: Annotated[
        OnDuplicate, Field(description="An id twice in a window: keep the last row, or fail.")
    ] = "keep_last"


SourceSpec = Annotated[ParquetSourceSpec | SimulatedTripsSpec, Field(discriminator="kind")]
