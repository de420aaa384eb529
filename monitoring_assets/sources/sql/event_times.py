"""Questions about the event times of a table or query, answered without reading its rows.

Belongs here: the newest event time, counts of rows outside of all periods. Stays out: reading rows
(rows.py). Every condition compares the column itself with a value, so that an index serves it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from monitoring_assets.sources.base import Period
from monitoring_assets.sources.periods import (
    AFTER,
    BEFORE,
    BETWEEN,
    MISSING,
    Periods,
    nothing_outside,
)
from monitoring_assets.sources.sql.bounds import LAST, TimeKind, lower_bound, upper_bound
from monitoring_assets.sources.sql.reader import Reader
from monitoring_assets.sources.sql.relation import Bounds, Relation
from monitoring_assets.sources.times import DAY_FIRST, Times, read_times
from monitoring_assets.sources.zones import moment

_NAME = "event_time"
_WHAT = "event times"


@dataclass(frozen=True, kw_only=True)
class EventTimes:
    """The column of event times.

    Parameters
    ----------
    reader, relation
        Where it is.
    column
        Its name there.
    kind
        What it holds.
    zone
        Time zone of times that are stored without one.
    bounds
        For a query that asks for bounds: so wide that they leave nothing out.
    """

    reader: Reader
    relation: Relation
    column: str
    kind: TimeKind
    zone: str
    bounds: Bounds

    def newest(self) -> datetime | None:
        """Return the latest event time; None without one. "For ever" (the year 9999) is none."""
        column: sa.ColumnElement[Any] = sa.column(self.column)
        largest = next(self._read(sa.func.max(column), self._finite))[_NAME].combine_chunks()
        if self.kind is TimeKind.TEXT:
            return self._newest_text(largest[0].as_py())
        return _latest([read_times(largest, self.zone)])

    def outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """Count the rows in no period; texts are read, all others the database counts."""
        if self.kind is TimeKind.TEXT:
            return self._texts_outside(Periods(periods))
        stretches = Periods(periods).merged
        column: sa.ColumnElement[Any] = sa.column(self.column)
        (first, _), (_, last) = stretches[0], stretches[-1]
        gaps = [
            sa.and_(column >= self._bound(end), column < self._bound(start))
            for (_, end), (start, _) in pairwise(stretches)
            if end is not None
        ]
        conditions = {BEFORE: column < self._bound(first), MISSING: column.is_(None)}
        if gaps:
            conditions[BETWEEN] = sa.or_(*gaps)
        if last is not None:
            conditions[AFTER] = column >= self._bound(last)
        counted = next(self.reader.tables(self.relation.counts(conditions, self.bounds), _WHAT))
        return dict(nothing_outside()) | counted.to_pylist()[0]

    def _newest_text(self, largest: str | None) -> datetime | None:
        """Return the latest time of texts, of which the largest need not be the latest."""
        column: sa.ColumnElement[Any] = sa.column(self.column)
        day = _day(largest)
        if day is not None:  # whatever offsets texts name, the latest is among the last ones
            near = column >= (day - timedelta(days=2)).isoformat()
            latest = _latest(self._texts(near))
            if latest is not None:
                return latest
        return _latest(self._texts())

    def _texts_outside(self, periods: Periods) -> dict[str, int]:
        counts = nothing_outside()
        for part in self._read(sa.column(self.column)):
            times = _read_texts(part, self.zone)
            counts[MISSING] += int(np.count_nonzero(~times.known))
            counts.update(periods.count_outside(times.instants[times.known]))
        return dict(counts)

    def _texts(self, *conditions: sa.ColumnElement[bool]) -> Iterator[Times]:
        for part in self._read(sa.column(self.column), self._finite, *conditions):
            yield _read_texts(part, self.zone)

    @property
    def _finite(self) -> sa.ColumnElement[bool]:
        column: sa.ColumnElement[Any] = sa.column(self.column)
        return column < upper_bound(self.kind, LAST, self.zone)

    def _read(
        self, what: sa.ColumnElement[Any], *conditions: sa.ColumnElement[bool]
    ) -> Iterator[pa.Table]:
        statement = self.relation.select([what.label(_NAME)], self.bounds, *conditions)
        return self.reader.tables(statement, _WHAT)

    def _bound(self, instant: datetime) -> sa.BindParameter[Any]:
        return lower_bound(self.kind, instant, self.zone)


def _read_texts(part: pa.Table, zone: str) -> Times:
    """Read the texts that comparing with a day finds: a blank before it hides the day."""
    texts = part[_NAME].combine_chunks().cast(pa.string())
    dated = pc.match_substring_regex(texts, DAY_FIRST)
    return read_times(pc.if_else(dated, texts, None), zone)


def _latest(columns: Iterable[Times]) -> datetime | None:
    found = [int(times.instants[times.known].max()) for times in columns if times.known.any()]
    return moment(max(found)) if found else None


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text[:10])
    except ValueError:
        return None
