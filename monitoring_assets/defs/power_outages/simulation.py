"""The rows of an invented day: predictions made the evening before, and reports of what happened.

Belongs here: how one day is drawn. Stays out: what is planted and when (planted.py), tables and
filling them (filling.py).

Each day has a random generator of its own, seeded by (seed, day): a day is the same whichever days
were drawn before it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.defs.power_outages.planted import (
    NEW_VERSION,
    STORMS,
    WORSE_DISTRICT,
    WORSE_SEGMENT,
    WORSE_VERSION,
    is_on,
)

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Numbers = Floats | npt.NDArray[np.int32]

DISTRICTS: Final = {
    "centre": -0.25,
    "forest": 0.3,
    "harbour": 0.0,
    "heights": 0.15,
    "meadows": -0.05,
    "mills": -0.15,
}
"""District -> how prone its lines are to fail, as a logarithm."""

SUBSTATIONS: Final = 5
"""Of a district; each has a prediction for every hour."""

ROWS_PER_DAY: Final = len(DISTRICTS) * SUBSTATIONS * 24

LONGEST_DELAY: Final = timedelta(days=8)
"""Between the end of an hour and the report of it."""

LONGEST_CORRECTION: Final = timedelta(days=10)
"""Between a report and its correction."""

_INSTANT: Final = pa.timestamp("us", tz="UTC")
_SECOND: Final = 1_000_000
_HOUR: Final = 3600 * _SECOND
_DAY: Final = 24 * _HOUR

# fmt: off
_LOAD: Final = np.array(
    [0.42, 0.39, 0.37, 0.36, 0.37, 0.42, 0.51, 0.60, 0.64, 0.63, 0.62, 0.62,
     0.63, 0.61, 0.60, 0.60, 0.63, 0.70, 0.74, 0.72, 0.67, 0.60, 0.53, 0.47]
)
# fmt: on
"""Share of the lines' capacity that is in use, by hour of the clock."""

_SCORED_BEFORE: Final = 6 * _HOUR
"""How long before midnight the predictions of a day are made."""

_PLACES, _HOURS = np.divmod(np.arange(ROWS_PER_DAY), 24)
_NAMES: Final = np.repeat([*DISTRICTS], SUBSTATIONS * 24)
_STATIONS: Final = [f"{n}-{p % SUBSTATIONS + 1}" for n, p in zip(_NAMES, _PLACES, strict=True)]
_SUFFIXES: Final = [f"{hour:02}-{place:02}" for place, hour in zip(_PLACES, _HOURS, strict=True)]
_PRONE: Final = (
    0.55 + np.repeat([*DISTRICTS.values()], SUBSTATIONS * 24) + 0.05 * (_PLACES % SUBSTATIONS - 2)
)
"""Of each row of any day: place and hour, district, substation, end of its id, weakness."""

_NEVER_REPORTED: Final = 0.005
_CORRECTED: Final = 0.07


@dataclass(frozen=True, kw_only=True)
class Day:
    """What is ever said of a day; columns are those of the tables in filling.py.

    Parameters
    ----------
    predictions
        A row for each substation and hour.
    observations
        The first reports, then corrections of some.
    """

    predictions: pa.Table
    observations: pa.Table


def draw_day(seed: int, day: date) -> Day:
    """Return the rows of a day: the same ones for the same seed."""
    random = np.random.default_rng([seed, day.toordinal()])
    midnight = int(datetime.combine(day, time(), UTC).timestamp()) * _SECOND
    begins = midnight + _HOURS * _HOUR
    stem = f"{day:%Y%m%d}"
    ids = pa.array([stem + suffix for suffix in _SUFFIXES])
    version = _versions(day)
    weather = _weather(random, day)
    rate = _rate(weather)
    foreseen = rate * random.lognormal(0, 0.1, ROWS_PER_DAY)
    predicted = foreseen * np.where(version == "4", WORSE_VERSION.magnitude, 1)
    predictions = {
        "prediction_id": ids,
        "district": _NAMES,
        "substation": _STATIONS,
        "forecast_for": pa.array(begins, _INSTANT),
        **weather,
        "predicted_outages": predicted.round(1),
        "model_version": version,
        "scored_at": pa.array(np.full(ROWS_PER_DAY, midnight - _SCORED_BEFORE), _INSTANT),
    }
    worse = (_NAMES == WORSE_DISTRICT) & is_on(WORSE_SEGMENT, day)
    truly = rate * np.where(worse, WORSE_SEGMENT.magnitude, 1)
    return Day(
        predictions=pa.table(predictions),
        observations=_observations(random, ids, begins + _HOUR, truly),
    )


def _weather(random: np.random.Generator, day: date) -> dict[str, Numbers]:
    """Draw the forecast of each substation and hour, a little different from day to day."""
    weekend = 0.015 if day.weekday() >= 5 else 0.0
    gust = 9 * random.weibull(2, ROWS_PER_DAY) * (1 + 0.1 * np.sin((_HOURS - 9) / 12 * np.pi))
    anomaly = random.normal(random.normal(0, 0.08), 4, ROWS_PER_DAY)
    thunder = random.random(ROWS_PER_DAY) < 0.08
    strokes = 1 + random.poisson(6, ROWS_PER_DAY)
    load = _LOAD[_HOURS] - weekend + random.normal(0, 0.06, ROWS_PER_DAY)
    stronger = STORMS.magnitude if is_on(STORMS, day) else 1
    return {
        "wind_gust": (gust * random.lognormal(0, 0.01) * stronger).round(1),
        "temperature_anomaly": anomaly.round(1),
        "lightning_count": np.where(thunder, strokes, 0).astype(np.int32),
        "load_share": load.round(3),
    }


def _rate(weather: dict[str, Numbers]) -> Floats:
    """Return how many outages are to be expected."""
    return np.exp(
        _PRONE
        + 0.085 * weather["wind_gust"]
        + 0.02 * np.abs(weather["temperature_anomaly"])
        + 0.5 * (weather["lightning_count"] > 0)
        + 0.9 * weather["load_share"]
    )


def _versions(day: date) -> npt.NDArray[np.str_]:
    """Return which version of the model has predicted for each row."""
    if is_on(WORSE_VERSION, day):
        return np.full(ROWS_PER_DAY, "4")
    if is_on(NEW_VERSION, day):
        return np.where(_PLACES % 2 == 1, "5", "3")
    return np.full(ROWS_PER_DAY, "5" if day >= NEW_VERSION.start.date() else "3")


def _observations(
    random: np.random.Generator, ids: pa.Array, ends: Counts, rate: Floats
) -> pa.Table:
    """Draw what happened, when it is reported, and which reports are corrected later."""
    late = _delay(random, 2.4, 0.4, LONGEST_DELAY)
    later = _delay(random, 3.0, 0.5, LONGEST_CORRECTION)
    is_reported = random.random(ROWS_PER_DAY) >= _NEVER_REPORTED
    is_wrong = (random.random(ROWS_PER_DAY) < _CORRECTED) & is_reported
    share = random.choice([0.4, 0.6, 1.5], ROWS_PER_DAY)
    happened = random.poisson(rate * random.lognormal(0, 0.15, ROWS_PER_DAY))
    mistaken = (happened * share).round().astype(np.int64)
    mistaken += mistaken == happened  # a report that is corrected says something else
    first, second = np.flatnonzero(is_reported), np.flatnonzero(is_wrong)
    reported_at = ends + late
    values = np.where(is_wrong, mistaken, happened)
    times = np.concatenate((reported_at[first], (reported_at + later)[second]))
    return pa.table(
        {
            "prediction_id": ids.take(np.concatenate((first, second))),
            "outages": np.concatenate((values[first], happened[second])).astype(np.int32),
            "reported_at": pa.array(times, _INSTANT),
        }
    )


def _delay(random: np.random.Generator, days: float, spread: float, longest: timedelta) -> Counts:
    """Draw delays in whole seconds, as microseconds: half of them are shorter than `days`."""
    drawn = np.clip(days * random.lognormal(0, spread, ROWS_PER_DAY), 0.5, longest.days)
    return (drawn * (_DAY // _SECOND)).astype(np.int64) * _SECOND
