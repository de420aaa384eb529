"""What a source promises, and the shape of the rows it delivers.

Belongs here: the protocols `Source` (for those who use sources) and `RawSource` (for those who
write a new kind), and their values. Stays out: any one kind of source, the steps that prepare rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.records import PlantedChange

INSTANT: Final = pa.timestamp("us", tz="UTC")
"""Type of every time that leaves this package."""

Period = tuple[datetime, datetime | None]
"""Half-open stretch of time; without an end it goes on for ever."""

Span = tuple[datetime | None, datetime | None]
"""Half-open stretch of time that is read; None for both: all rows."""


ServerUrl = Callable[[], str]
"""Says where the monitoring database is, and may have to start the embedded server for that."""


def no_server() -> str:
    """Refuse: where this stands nobody has said which database is the monitoring database.

    Raises
    ------
    ConfigurationError
        Always.
    """
    raise ConfigurationError(
        "a source names monitoring:///…, but no monitoring database is known here; name its"
        " database by a URL of its own"
    )


NEVER_CHANGES: Final = "fixed"
"""Stamp of sources that are made by the YAML alone."""

TRIP_DATA_URL: Final = "https://d37ci6vzurychx.cloudfront.net/trip-data"
"""Where the TLC publishes its monthly files of trips."""


@dataclass(frozen=True)
class Places:
    """Folders and addresses that a source may need and a YAML does not name.

    Parameters
    ----------
    data_folder
        Where relative paths start.
    trip_data_url
        Where monthly files of taxi trips are downloaded from.
    python_folders
        Folders in which a team's own source class is looked for, after the installed packages.
    server_url
        URL of the monitoring database, on whose server `monitoring:///NAME` lies; asked for only
        when such a source is read.
    """

    data_folder: Path
    trip_data_url: str = TRIP_DATA_URL
    python_folders: tuple[Path, ...] = ()
    server_url: ServerUrl = no_server


@dataclass(frozen=True, kw_only=True)
class SourceRows:
    """The rows of a stretch of time, ordered by event time and row id.

    Parameters
    ----------
    table
        Columns `row_id` (string), `event_time` and `knowledge_time` (instants; the latter null
        unless the YAML names its column), `model_version` (string, only if the YAML names its
        column), `rejected_by` (string: the first filter the row breaks, null if it passes all),
        then every column of the model's column dictionary, numerical as float64 and categorical as
        string. Predictions and probabilities are there only if they come from the source; a class
        that follows from probabilities counts as such.
    adjusted
        What was mended on reading -> rows it was mended in; see `records.WindowCounts`.
    """

    table: pa.Table
    adjusted: Mapping[str, int]

    @property
    def rejected(self) -> dict[str, int]:
        """Filter -> rows it was the first to reject; filters that reject no row are left out."""
        counts = pc.value_counts(pc.drop_null(self.table["rejected_by"]))
        return {count["values"]: count["counts"] for count in counts.to_pylist()}


class Source(Protocol):
    """Rows of one model, whatever they come from."""

    def read(self, start: datetime | None = None, end: datetime | None = None) -> SourceRows:
        """Return the rows whose event time lies in [start, end); without these two, all rows."""
        ...

    def newest_event_time(self) -> datetime | None:
        """Return the latest event time there is, None if there is no row, to judge readiness.

        A source that can answer for any time at all returns `datetime.max` in UTC: compare with
        it, do not calculate with it.
        """
        ...

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """Count the rows that lie in none of these periods.

        Returns
        -------
        dict
            Keys `before_every_period`, `between_periods`, `after_every_period` and
            `event_time_missing` (no event time, or none that can be read).
        """
        ...

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return the ground truth of an invented source; real sources know none."""
        ...

    def stamp(self, start: datetime | None = None, end: datetime | None = None) -> str | None:
        """Return what tells cheaply that the source still holds the same rows of [start, end).

        With the same YAML and the same stamp, `read` returns the same rows; with another stamp it
        may. None: only reading tells. To be taken before the rows are read: of rows that change in
        between it says too much otherwise.
        """
        ...

    def describe(self) -> dict[str, str]:
        """Return what may be shown of the source to anyone: no secrets."""
        ...


@dataclass(frozen=True, kw_only=True)
class RawRows:
    """Rows as they lie in one piece (file, result set) of a source.

    Parameters
    ----------
    table
        At least the needed columns, under the source's own names; rows in the source's order.
    row_ids
        Makes as many ids as the table has rows; used if the YAML names no id column. The same row
        has the same id, whatever stretch of time is read.
    origin
        What to call this piece in messages, such as the file's path.
    """

    table: pa.Table
    row_ids: Callable[[], pa.Array]
    origin: str


class RawSource(Protocol):
    """What a new kind of source has to bring; `PreparedSource` makes a `Source` of it."""

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """Yield at least the rows with an event time in [start, end), in a fixed order.

        Without these two, or if the layout has no event time, all rows.
        """
        ...

    def newest_event_time(self) -> datetime | None:
        """See `Source.newest_event_time`."""
        ...

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """See `Source.rows_outside`."""
        ...

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """See `Source.planted_changes`."""
        ...

    def stamp(self, start: datetime | None, end: datetime | None) -> str | None:
        """See `Source.stamp`."""
        ...

    def describe(self) -> dict[str, str]:
        """See `Source.describe`."""
        ...
