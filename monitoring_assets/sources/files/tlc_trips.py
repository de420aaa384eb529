"""Taxi trips from the monthly files of New York's Taxi and Limousine Commission (TLC).

Belongs here: which months a model needs, and reading them once they are there. Stays out: fetching
(monthly.py, download.py), reading Parquet (rows.py).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import Period, Places, RawRows
from monitoring_assets.sources.files.monthly import MonthlyFiles, month_of
from monitoring_assets.sources.files.parquet_reader import ParquetReader
from monitoring_assets.sources.files.rows import FileRows
from monitoring_assets.sources.files.store import DiskFiles
from monitoring_assets.sources.layout import Layout
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import TlcTripsSourceSpec


class TlcTrips:
    """A `RawSource` over monthly files, which fetches those that are missing before it reads.

    Wanted are all months from the earliest the model speaks of (windows, training, reference) to
    the end of its windows, or without an end to the newest that is published; all files of the
    folder are read, wanted or not, exactly as `kind: parquet` reads them.

    Without a server, or without a folder that can be written to, the files that are there have to
    do, with one warning a process. A month that came cut short or as something else than Parquet is
    not kept: trips of that month, of the day before and of the day after cannot be read until it is
    there, all others can.

    Parameters
    ----------
    layout
        The model's columns.
    files
        The files.
    """

    def __init__(self, layout: Layout, files: MonthlyFiles) -> None:
        self._files = files
        store = DiskFiles(layout.model_id, files.folder, files.pattern)
        self._rows = FileRows("tlc_trips", layout, store, ParquetReader(layout, store))

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """See `FileRows.pieces`."""
        self._files.complete()
        self._files.require(start, end)
        yield from self._rows.pieces(start, end)

    def newest_event_time(self) -> datetime | None:
        """Return the latest event time, but none after the newest month: such trips are stray.

        The file of March 2023 holds one of 1 April; a window of that day is not ready by it.
        """
        self._files.complete()
        if self._files.nothing_published():
            return None
        self._files.require_any()
        newest, ends = self._rows.newest_event_time(), self._files.ends()
        return newest if newest is None or ends is None else min(newest, ends - _MICROSECOND)

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """See `FileRows.rows_outside`."""
        self._files.complete()
        self._files.require_any()
        return self._rows.rows_outside(periods)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return nothing: nobody knows the truth about real rows."""
        return ()

    def stamp(self, start: datetime | None, end: datetime | None) -> str:
        """See `FileRows.stamp`; nothing is fetched for it."""
        return self._rows.stamp(start, end)

    def describe(self) -> dict[str, str]:
        """Return which trips, where they are kept and where they come from."""
        return {
            "kind": "tlc_trips",
            "trips": self._files.trips,
            "folder": str(self._files.folder),
            "url": self._files.shown_url,
        }


_MICROSECOND = timedelta(microseconds=1)


def tlc_trips(
    spec: ModelSpec, source: TlcTripsSourceSpec, layout: Layout, places: Places
) -> TlcTrips:
    """Return the trips that a model needs."""
    first, last = _months(spec, layout.zone)
    files = MonthlyFiles(
        model_id=spec.model_id,
        trips=source.trips,
        folder=places.data_folder / source.folder,
        url=places.trip_data_url.rstrip("/"),
        first=first,
        last=last,
        zone=layout.zone,
    )
    return TlcTrips(layout, files)


def _months(spec: ModelSpec, zone: str) -> tuple[date, date | None]:
    """Return the first and the last month a model speaks of, as the trips' clock shows them."""
    windows, info = spec.windows, ZoneInfo(zone)
    periods = [spec.model.training] if spec.model else []
    periods += [spec.reference.period] if spec.reference.period else []
    start = min([windows.start, *(period.start for period in periods)])
    first = month_of(windows.midnight(start).astimezone(info).date())
    if windows.end is None:
        return first, None
    end = windows.midnight(max([windows.end, *(period.end for period in periods)]))
    return first, month_of((end - _MICROSECOND).astimezone(info).date())
