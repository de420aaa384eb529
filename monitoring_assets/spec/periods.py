"""A stretch of days, as several sections of the YAML name one.

Belongs here: `PeriodSpec`. Stays out: windows (spec/windows.py).
"""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, Day, Mistake, refuse


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class PeriodSpec:
    """Days from `start` up to, not including, `end`, in the windows' time zone."""

    start: Annotated[Day, Field(description="First day, YYYY-MM-DD.")]
    end: Annotated[Day, Field(description="First day after the period, YYYY-MM-DD.")]

    def __post_init__(self) -> None:
        """Refuse a period without a day."""
        if self.end <= self.start:
            refuse([Mistake(("end",), f"{self.end} must lie after start {self.start}")])
