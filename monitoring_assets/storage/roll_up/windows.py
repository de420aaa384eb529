"""Which windows the periods of a roll-up consist of, and which model versions scored them.

Belongs here: the complete windows, the segments that are asked for. Stays out: their profiles
(spans.py).
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.metrics.arrays import IntArray
from monitoring_assets.metrics.span import LeftOut
from monitoring_assets.records import ALL, WindowStatus
from monitoring_assets.spec.segments import VERSION_PREFIX
from monitoring_assets.storage.conditions import begins_in
from monitoring_assets.storage.statements import ArrowTransaction
from monitoring_assets.storage.tables import window

_UNKNOWN: Final = "which model version scored them is not stored: compute their predictions again"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of a span is read.

    Parameters
    ----------
    segments
        Names; None: all. The segment of a model version is read where it is asked for, and where
        several versions scored the spans. A window that one version scored is that segment as a
        whole: `all`.
    columns
        Names; None: all.
    quality
        Whether sums of quality are read.
    """

    segments: Collection[str] | None = None
    columns: Collection[str] | None = None
    quality: bool = True

    @property
    def stored_segments(self) -> list[str] | None:
        """Segments to ask the tables for."""
        if self.segments is None:
            return None
        return sorted({*self.segments, *([ALL] if self.versions_matter else [])})

    @property
    def versions_matter(self) -> bool:
        """Whether the segment of a model version may have to be read."""
        asked = self.segments
        return asked is None or any(one.startswith(VERSION_PREFIX) for one in asked)

    def has(self, segment: str) -> bool:
        """Whether a segment is asked for."""
        return self.segments is None or segment in self.segments


@dataclass(frozen=True, kw_only=True, eq=False)
class SpanWindows:
    """The complete windows of consecutive periods, in order of time.

    Parameters
    ----------
    starts
        int64: microseconds since 1970.
    period
        int64: number of the period of each.
    rows
        Rows that were scored.
    versions
        Model versions that scored them; empty where the ledger does not say.
    """

    starts: IntArray
    period: IntArray
    rows: tuple[int, ...]
    versions: tuple[tuple[str, ...], ...]

    def places(self, rows: pa.Table) -> IntArray:
        """Return of each row the place of its window, -1 where that is not complete."""
        starts = microseconds(rows)
        places = np.minimum(np.searchsorted(self.starts, starts), self.starts.size - 1)
        return np.where(self.starts[places] == starts, places, -1)

    def version_segments(self, wanted: Wanted) -> list[str]:
        """Return the segments of model versions that are to be read."""
        if wanted.segments is not None:
            return sorted(one for one in wanted.segments if one.startswith(VERSION_PREFIX))
        seen = sorted({version for versions in self.versions for version in versions})
        return [VERSION_PREFIX + one for one in seen] if len(seen) > 1 else []

    @cached_property
    def whole(self) -> list[str | None]:
        """The segment of the one version that scored a window; None if several did."""
        return [VERSION_PREFIX + one[0] if len(one) == 1 else None for one in self.versions]

    def without_version(self, wanted: Wanted) -> dict[int, list[LeftOut]]:
        """Return period -> rows of which it is not known which version scored them."""
        asked, lost = self.version_segments(wanted), Counter[int]()
        if not asked:
            return {}
        for rows, period, versions in zip(
            self.rows, self.period.tolist(), self.versions, strict=True
        ):
            if rows and not versions:
                lost[period] += rows
        return {
            period: [
                LeftOut(segment=segment, name="all columns", rows=rows, reason=_UNKNOWN)
                for segment in asked
            ]
            for period, rows in lost.items()
        }


def read_windows(
    transaction: ArrowTransaction,
    model: tuple[str, str],
    bounds: Sequence[datetime],
    wanted: Wanted,
) -> SpanWindows:
    """Return the complete windows that begin within these bounds.

    The versions that scored them are read only if they matter.
    """
    versions = window.c.rows_by_version if wanted.versions_matter else sa.literal("{}")
    statement = (
        sa.select(
            window.c.window_start,
            sa.func.coalesce(window.c.rows_scored, 0).label("rows"),
            sa.cast(versions, sa.Text).label("versions"),
        )
        .where(
            *begins_in(window, model, (bounds[0], bounds[-1])),
            window.c.status == WindowStatus.COMPLETE.value,
        )
        .order_by(window.c.window_start)
    )
    found = transaction.table(statement)
    starts = microseconds(found)
    edges = [(moment - _EPOCH) // _MICROSECOND for moment in bounds]
    return SpanWindows(
        starts=starts,
        period=np.searchsorted(np.array(edges, dtype=np.int64), starts, side="right") - 1,
        rows=tuple(found.column("rows").to_pylist()),
        versions=tuple(tuple(json.loads(one)) for one in found.column("versions").to_pylist()),
    )


def microseconds(rows: pa.Table) -> IntArray:
    """Return the starts of windows in microseconds since 1970."""
    return rows.column("window_start").cast(pa.int64()).to_numpy()


def moment(start: int) -> datetime:
    """Return the instant so many microseconds after 1970."""
    return _EPOCH + int(start) * _MICROSECOND
