"""Section `windows`: how a model's time is cut.

Belongs here: granularity, bounds, time zone, delays and what they mean. Stays out: Dagster's
partitions (assets/partitions.py makes them from this), the clock.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, Day, Duration, Mistake, refuse

Granularity = Literal["hour", "day", "week", "month"]


@cache
def _time_zones() -> frozenset[str]:
    # Listing them walks a folder of files (5 ms), so only once a process.
    return frozenset(available_timezones())


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
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
        Day, Field(description="First day that belongs to a window, in `time_zone`; YYYY-MM-DD.")
    ]
    end: Annotated[
        Day | None,
        Field(description="First day that belongs to no window any more; without it, no end."),
    ] = None
    time_zone: Annotated[
        TimeZone, Field(description="IANA time zone in which windows are cut.")
    ] = "UTC"
    delay: Annotated[
        Duration,
        Field(
            description="How long after its end a window is computed, such as '6 hours'; before"
            " that it has no row.",
        ),
    ] = timedelta(0)
    late_after: Annotated[
        Duration | None,
        Field(
            description="How long after its end a window without result counts as late.",
        ),
    ] = None

    def __post_init__(self) -> None:
        """Check what no single field can: order of dates, boundaries."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        if self.end is not None and self.end <= self.start:
            yield Mistake(("end",), f"{self.end} must lie after start {self.start}")
        if self.late_after is not None and self.late_after <= self.delay:
            yield Mistake(("late_after",), "must be longer than delay; or leave it out")
        for name, day in (("start", self.start), ("end", self.end)):
            if day is not None and self.granularity == "week" and day.weekday() != 0:
                yield Mistake((name,), f"{day} must be a Monday, because windows are weeks")
            if day is not None and self.granularity == "month" and day.day != 1:
                yield Mistake((name,), f"{day} must be the first of a month, as windows are months")

    def midnight(self, day: date) -> datetime:
        """Return the beginning of a day in the model's time zone, as an instant in UTC."""
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(ZoneInfo("UTC"))
