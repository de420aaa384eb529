"""Invented taxi trips: the same ones for the same seed, whatever stretch of time is read.

Belongs here: how one local day of trips is drawn, and how planted changes alter it. Stays out:
which changes there are and when (planted_changes.py).

Each local day has a random generator of its own, seeded by (seed, day), and draws the same numbers
in the same order whether or not a change is planted: a day alone equals that day inside a long
read, and quiet history equals changed history on every day without a change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import INSTANT, NEVER_CHANGES, Period, RawRows
from monitoring_assets.sources.periods import nothing_outside
from monitoring_assets.sources.planted_changes import (
    BROKEN_COLUMN,
    CONCEPT_CHANGE,
    COVARIATE_SHIFT,
    WEEKEND_LENGTH,
    WEEKLY_SWING,
    planted_changes,
)
from monitoring_assets.sources.zones import Micros, clock_face, microseconds
from monitoring_assets.spec.sources import SimulatedTripsSpec
from monitoring_assets.spec.windows import WindowsSpec

_HOUR = 3_600_000_000

_ZONES = {
    "airport": (0.06, 0.75),
    "bayside": (0.05, 0.95),
    "campus": (0.09, 1.10),
    "docks": (0.04, 0.85),
    "east_side": (0.14, 1.20),
    "garden": (0.06, 0.90),
    "harbour": (0.07, 1.00),
    "hill": (0.08, 1.05),
    "market": (0.12, 1.35),
    "north_end": (0.10, 0.95),
    "old_town": (0.08, 1.45),
    "station": (0.11, 1.25),
}
"""Zone -> share of the trips that begin there, and how slow its streets are."""

_HOURS = np.array(
    [2, 1, 1, 1, 1, 2, 4, 7, 9, 7, 6, 6, 6, 6, 7, 8, 9, 10, 9, 8, 6, 5, 4, 3], np.float64
)
"""How busy each hour of the clock is."""

# fmt: off
_MINUTES_PER_MILE = np.array(
    [2.6, 2.5, 2.4, 2.4, 2.4, 2.6, 3.0, 3.8, 4.2, 4.0, 3.7, 3.7,
     3.8, 3.8, 3.9, 4.2, 4.4, 4.5, 4.2, 3.7, 3.3, 3.1, 2.9, 2.7]
)
# fmt: on
"""How slow the whole town is, by hour of the clock."""

_BROKEN_OFF = 0.004
"""Share of trips that end after a few seconds: something for a filter to reject."""

_WEEKEND_TRIPS = 0.75
_WEEKDAY_TRIPS = (7 - 2 * _WEEKEND_TRIPS) / 5
"""So that a week has seven times `rows_per_day` trips."""


@dataclass(frozen=True, kw_only=True)
class SimulatedTrips:
    """A `RawSource` that invents its rows.

    Parameters
    ----------
    spec
        The YAML's section `source`.
    windows
        The YAML's section `windows`: days are cut in its zone, changes count from its start.
    """

    spec: SimulatedTripsSpec
    windows: WindowsSpec

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """Yield the trips of every local day that touches [start, end), one piece a day."""
        if start is None or end is None:
            raise ConfigurationError(
                "simulated trips never end: give the section of the YAML that reads them a period"
                " (`reference.period`), or an `event_time` (`joined`)"
            )
        zone = ZoneInfo(self.windows.time_zone)
        day = start.astimezone(zone).date()
        while self.windows.midnight(day) < end:
            table = self._day(day)
            yield RawRows(table=table, row_ids=partial(_trip_ids, table), origin="simulated_trips")
            day += timedelta(days=1)

    def newest_event_time(self) -> datetime | None:
        """Return the end of time: there are trips for any day anyone asks for."""
        return datetime.max.replace(tzinfo=UTC)

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:  # noqa: ARG002 - the protocol's signature
        """Return zeros: a trip exists only once its day is read, so none is left lying outside."""
        return dict(nothing_outside())

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return what changes when."""
        return planted_changes(self.windows, planted=self.spec.changes)

    def stamp(self, start: datetime | None, end: datetime | None) -> str:  # noqa: ARG002 - the protocol's signature
        """Return a constant: the YAML alone makes the rows."""
        return NEVER_CHANGES

    def describe(self) -> dict[str, str]:
        """Return seed, size and whether changes are planted."""
        return {
            "kind": self.spec.kind,
            "seed": str(self.spec.seed),
            "rows_per_day": str(self.spec.rows_per_day),
            "changes": str(self.spec.changes).lower(),
        }

    def _day(self, day: date) -> pa.Table:
        begin = self.windows.midnight(day)
        length = microseconds(self.windows.midnight(day + timedelta(days=1))) - microseconds(begin)
        weekend = day.weekday() >= 5
        share = (_WEEKEND_TRIPS if weekend else _WEEKDAY_TRIPS) * length / (24 * _HOUR)
        rows = max(1, round(self.spec.rows_per_day * share))
        random = np.random.default_rng([self.spec.seed, day.toordinal()])
        zone = self.windows.time_zone
        instants = _pickup_times(random, rows, microseconds(begin), length, zone)
        active = {
            change.kind: change.magnitude
            for change in self.planted_changes()
            if change.start <= begin and (change.end is None or begin < change.end)
        }
        # The swing belongs to every week, also before the first window.
        active[WEEKLY_SWING] = WEEKEND_LENGTH if weekend else 1.0
        stem = day.strftime("%Y%m%d")
        times: dict[str, pa.Array] = {
            "trip_id": pa.array([f"{stem}-{number:07d}" for number in range(rows)]),
            "pickup_time": pa.array(instants, INSTANT),
        }
        return pa.table(times | _trips(random, clock_face(instants, zone) // _HOUR % 24, active))


def _trip_ids(trips: pa.Table) -> pa.Array:
    return trips["trip_id"].combine_chunks()


def _pickup_times(
    random: np.random.Generator, rows: int, begin: int, length: int, zone: str
) -> Micros:
    """Draw instants of a day of 23, 24 or 25 hours, in order, busier by day than by night."""
    starts = np.arange(begin, begin + length, _HOUR)
    lengths = np.minimum(_HOUR, begin + length - starts)
    busy = _HOURS[clock_face(starts, zone) // _HOUR % 24] * lengths
    hours = random.choice(len(starts), rows, p=busy / busy.sum())
    drawn = starts[hours] + (random.random(rows) * lengths[hours]).astype(np.int64)
    return np.sort(drawn // 1_000_000 * 1_000_000)


def _trips(
    random: np.random.Generator, hours: Micros, active: Mapping[str, float]
) -> dict[str, pa.Array]:
    """Draw everything but the time, with these changes (kind -> magnitude) applied."""
    rows = len(hours)
    zones = np.array(list(_ZONES))
    shares, slowness = np.array(list(_ZONES.values())).T
    pickup = random.choice(len(zones), rows, p=shares / shares.sum())
    dropoff = random.choice(len(zones), rows)
    passengers = random.choice(6, rows, p=[0.72, 0.14, 0.05, 0.03, 0.04, 0.02]) + 1
    miles = np.clip(random.lognormal(np.log(2.2), 0.65, rows), 0.2, 30)
    noise = random.lognormal(0, 0.08, rows)
    waiting = random.gamma(2.0, 1.6, rows)
    broken_off = random.random(rows) < _BROKEN_OFF
    fare_noise = random.normal(0, 0.5, rows)
    lost = random.random(rows) < active.get(BROKEN_COLUMN, 0)

    miles = miles * active[WEEKLY_SWING] * active.get(COVARIATE_SHIFT, 1)
    streets = np.sqrt(slowness[pickup] * slowness[dropoff])
    minutes = miles * _MINUTES_PER_MILE[hours] * streets * noise + waiting
    minutes = minutes * active.get(CONCEPT_CHANGE, 1) * np.where(broken_off, 0.03, 1)
    return {
        "passenger_count": pa.array(passengers),
        "trip_distance": pa.array(np.round(miles, 2)),
        "pickup_zone": pa.array(zones[pickup], pa.string(), mask=lost),
        "dropoff_zone": pa.array(zones[dropoff], pa.string()),
        "fare_amount": pa.array(np.round(3 + 2.5 * miles + fare_noise, 2)),
        "duration_minutes": pa.array(np.round(minutes, 2)),
    }
