"""What is planted in the year of power outages: ground truth to compare verdicts with.

Belongs here: what changes from when to when, by how much. Stays out: making rows (simulation.py
applies these entries and knows no days of its own).
"""

from datetime import UTC, date, datetime, time
from typing import Final

from monitoring_assets.records import PlantedChange

FIRST_DAY: Final = date(2024, 12, 4)
"""First day of predictions: four weeks before the first window, which are the reference."""

END_DAY: Final = date(2026, 1, 1)
"""First day without predictions."""

WORSE_DISTRICT: Final = "harbour"


def _change(
    kind: str, column: str, days: tuple[date, date], magnitude: float, description: str
) -> PlantedChange:
    start, end = (datetime.combine(day, time(), UTC) for day in days)
    return PlantedChange(
        name=f"{kind}_of_{column}",
        kind=kind,
        column_name=column,
        start=start,
        end=end,
        magnitude=magnitude,
        description=description,
    )


WORSE_VERSION: Final = _change(
    "worse_predictions",
    "predicted_outages",
    (date(2025, 1, 20), date(2025, 2, 10)),
    0.55,
    "Version 4 predicts 0.55 of what it should, until version 3 is back; no input changes.",
)

STORMS: Final = _change(
    "covariate_shift",
    "wind_gust",
    (date(2025, 3, 3), date(2025, 3, 24)),
    1.35,
    "Gusts are 1.35 times as strong; outages follow, and the model foresees them.",
)

NEW_VERSION: Final = _change(
    "roll_out",
    "model_version",
    (date(2025, 5, 5), date(2025, 5, 12)),
    0.5,
    "Version 5 serves every other substation for a week, then all; it is as good as version 3.",
)

WORSE_SEGMENT: Final = _change(
    "concept_change",
    "outages",
    (date(2025, 9, 29), date(2025, 11, 24)),
    1.6,
    f"District {WORSE_DISTRICT} has 1.6 times the outages that its weather explains; the other"
    " districts stay as they were.",
)

PLANTED: Final = (WORSE_VERSION, STORMS, NEW_VERSION, WORSE_SEGMENT)


def is_on(change: PlantedChange, day: date) -> bool:
    """Return whether a change holds on a day."""
    begin = datetime.combine(day, time(), UTC)
    return change.start <= begin and (change.end is None or begin < change.end)
