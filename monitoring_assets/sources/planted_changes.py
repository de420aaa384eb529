"""The changes planted in simulated trips: ground truth to compare verdicts with.

Belongs here: what changes, on which days after the first window, by how much. Stays out: making
rows (simulated_trips.py applies these entries and knows no days of its own).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from monitoring_assets.records import PlantedChange
from monitoring_assets.spec.windows import WindowsSpec

WEEKLY_SWING: Final = "weekly_swing"
COVARIATE_SHIFT: Final = "covariate_shift"
BROKEN_COLUMN: Final = "broken_column"
CONCEPT_CHANGE: Final = "concept_change"

WEEKEND_LENGTH: Final = 1.08
"""How much longer trips are on Saturdays and Sundays, in windows and before them."""


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """A change on the days from `first_day` up to, not including, `end_day` after windows begin."""

    kind: str
    column_name: str
    first_day: int
    end_day: int | None
    magnitude: float
    description: str


_SWING = _Plan(
    kind=WEEKLY_SWING,
    column_name="trip_distance",
    first_day=0,
    end_day=None,
    magnitude=WEEKEND_LENGTH,
    description=f"Weekends have three quarters of the trips, {WEEKEND_LENGTH} times as long. The"
    " reference has the same weeks: an alarm about them would be wrong.",
)

_CHANGES = (
    _Plan(
        kind=COVARIATE_SHIFT,
        column_name="trip_distance",
        first_day=20,
        end_day=27,
        magnitude=1.5,
        description="Trips are 1.5 times as long; durations follow as they always did.",
    ),
    _Plan(
        kind=BROKEN_COLUMN,
        column_name="pickup_zone",
        first_day=32,
        end_day=35,
        magnitude=0.4,
        description="40 % of the rows lack the pick-up zone.",
    ),
    _Plan(
        kind=CONCEPT_CHANGE,
        column_name="duration_minutes",
        first_day=45,
        end_day=None,
        magnitude=1.3,
        description="The same trips take 1.3 times as long, for good; no feature changes.",
    ),
)


def planted_changes(windows: WindowsSpec, *, planted: bool) -> tuple[PlantedChange, ...]:
    """Return the changes as instants.

    Parameters
    ----------
    windows
        Days count from their first day, in their time zone.
    planted
        False: quiet history, only the weekly swing is left.
    """
    return tuple(_dated(plan, windows) for plan in ((_SWING, *_CHANGES) if planted else (_SWING,)))


def _dated(plan: _Plan, windows: WindowsSpec) -> PlantedChange:
    end = None if plan.end_day is None else windows.start + timedelta(days=plan.end_day)
    return PlantedChange(
        name=f"{plan.kind}_of_{plan.column_name}",
        kind=plan.kind,
        column_name=plan.column_name,
        start=windows.midnight(windows.start + timedelta(days=plan.first_day)),
        end=None if end is None else windows.midnight(end),
        magnitude=plan.magnitude,
        description=plan.description,
    )
