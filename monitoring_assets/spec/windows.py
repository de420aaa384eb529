"""Section `windows`: how a model's time is cut.

Belongs here: granularity, bounds, time zone, delays and what they mean. Stays out: Dagster's
partitions (assets/partitions.py makes them from this), the clock.
"""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, Duration

Granularity = Literal["hour", "day", "week", "month"]


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone; write an IANA name such as 'Europe/Berlin'")
    return name


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class WindowsSpec:
    """How time is cut into windows, and when a window may be computed."""

    granularity: Annotated[
        Granularity,
        Field(description="Length of a window: hour, day, week (from Monday) or month."),
    ]
    start: Annotated[
        date, Field(description="First day that belongs to a window, in `time_zone`; YYYY-MM-DD.")
    ]
    end: Annotated[
        date | None,
        Field(description="First day that belongs to no window any more; without it, no end."),
    ] = None
    time_zone: Annotated[
        TimeZone, Field(description="IANA time zone in which windows are cut.")
    ] = "UTC"
    delay: Annotated[
        Duration,
        Field(
            description="How long after its end a window is computed; before that it has no row.",
            ge=timedelta(0),
            le=timedelta(days=366),
        ),
    ] = timedelta(0)
    late_after: Annotated[
        Duration | None,
        Field(description="How long after its end a window without result counts as late."),
    ] = None

    def __post_init__(self) -> None:
        """Check what no single field can: order of dates, boundaries."""
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"end {self.end} must lie after start {self.start}")
        if self.late_after is not None and self.late_after <= self.delay:
            raise ValueError("late_after must be longer than delay")
        for name, day in (("start", self.start), ("end", self.end)):
            if self.granularity == "week" and day is not None and day.weekday() != 0:
                raise ValueError(f"{name} {day} must be a Monday, because windows are weeks")
            if self.granularity == "month" and day is not None and day.day != 1:
                raise ValueError(f"{name} {day} must be the first of a month")

    def midnight(self, day: date) -> datetime:
        """Return the beginning of a day in the model's time zone, as an instant in UTC."""
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(ZoneInfo("UTC"))
