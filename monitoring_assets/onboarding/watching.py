"""A raw source that remembers how the first rows it delivers are stored.

Belongs here: types as the source has them, and examples of texts that are no numbers. Stays out:
any one kind of source, judging (package troubles).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import Period, RawRows, RawSource
from monitoring_assets.sources.kinds import is_text, to_number

_LOOKED_AT: Final = 1000
"""Rows in which a first value is looked for."""


@dataclass(frozen=True, kw_only=True)
class WatchedRows:
    """A `RawSource` that passes on what another one delivers.

    Parameters
    ----------
    raw
        The other one.
    stored
        Source's name of a column -> its type there; filled by the first rows.
    first
        Source's name of a column -> its first value that is not missing, as text.
    """

    raw: RawSource
    stored: dict[str, pa.DataType] = field(default_factory=dict[str, pa.DataType])
    first: dict[str, str] = field(default_factory=dict[str, str])

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """See `RawSource.pieces`."""
        for piece in self.raw.pieces(start, end):
            if not self.stored:
                schema = piece.table.schema
                self.stored.update(zip(schema.names, schema.types, strict=True))
                self.first.update(_first_values(piece.table))
            yield piece

    def newest_event_time(self) -> datetime | None:
        """See `Source.newest_event_time`."""
        return self.raw.newest_event_time()

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """See `Source.rows_outside`."""
        return self.raw.rows_outside(periods)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """See `Source.planted_changes`."""
        return self.raw.planted_changes()

    def stamp(self, start: datetime | None, end: datetime | None) -> str | None:
        """See `Source.stamp`."""
        return self.raw.stamp(start, end)

    def describe(self) -> dict[str, str]:
        """See `Source.describe`."""
        return self.raw.describe()

    def no_numbers(self, names: Sequence[str], start: datetime, end: datetime) -> dict[str, str]:
        """Return a text that is no number for each of these columns that has one."""
        found: dict[str, str] = {}
        for piece in self.raw.pieces(start, end):
            for name in names:
                column = piece.table[name].combine_chunks()
                if name not in found and is_text(column.type):
                    wrong = column.filter(pa.array(to_number(column)[1]))
                    found.update((name, one) for one in wrong.slice(0, 1).to_pylist())
            if len(found) == len(names):
                break
        return found


def _first_values(table: pa.Table) -> dict[str, str]:
    first = {
        name: pc.drop_null(column.slice(0, _LOOKED_AT)).slice(0, 1).to_pylist()
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return {name: str(values[0]) for name, values in first.items() if values}
