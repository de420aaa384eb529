"""Data sets that come with scikit-learn, drawn from anew each day: for first tries.

Belongs here: how one local day of rows is drawn from a set. Stays out: the sets themselves.

Each local day has a random generator of its own, seeded by (seed, day): a day alone equals that day
inside a long read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import INSTANT, NEVER_CHANGES, Period, RawRows
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.periods import nothing_outside
from monitoring_assets.sources.zones import microseconds
from monitoring_assets.spec.sources import BundledSourceSpec
from monitoring_assets.spec.windows import WindowsSpec


@dataclass(frozen=True, kw_only=True)
class BundledRows:
    """A `RawSource` that draws rows of a data set, with replacement.

    Parameters
    ----------
    spec
        The section of the YAML.
    windows
        The YAML's section `windows`: days are cut in its zone.
    layout
        For messages: the model, and where its YAML speaks of this source.
    """

    spec: BundledSourceSpec
    windows: WindowsSpec
    layout: Layout

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """Yield the rows of every local day that touches [start, end), one piece a day."""
        if start is None or end is None:
            raise ConfigurationError(
                f"model '{self.layout.model_id}': `{self.layout.section}` draws rows of"
                f" '{self.spec.dataset}' for any day and never ends: give the section of the YAML"
                " that reads them a period (`reference.period`), or an `event_time` (`joined`)"
            )
        day = start.astimezone(ZoneInfo(self.windows.time_zone)).date()
        while self.windows.midnight(day) < end:
            table = self._day(day)
            yield RawRows(table=table, row_ids=partial(_row_ids, table), origin=self._origin)
            day += timedelta(days=1)

    def newest_event_time(self) -> datetime | None:
        """Return the end of time: there are rows for any day anyone asks for."""
        return datetime.max.replace(tzinfo=UTC)

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:  # noqa: ARG002 - the protocol's signature
        """Return zeros: a row exists only once its day is read, so none is left lying outside."""
        return dict(nothing_outside())

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return nothing: every day is drawn from the same rows."""
        return ()

    def stamp(self, start: datetime | None, end: datetime | None) -> str:  # noqa: ARG002 - the protocol's signature
        """Return a constant: the YAML alone makes the rows."""
        return NEVER_CHANGES

    def describe(self) -> dict[str, str]:
        """Return which set, how many rows a day and the seed."""
        return {
            "kind": self.spec.kind,
            "dataset": self.spec.dataset,
            "rows_per_day": str(self.spec.rows_per_day),
            "seed": str(self.spec.seed),
        }

    @property
    def _origin(self) -> str:
        return f"scikit-learn's data set '{self.spec.dataset}'"

    def _day(self, day: date) -> pa.Table:
        rows, whole = self.spec.rows_per_day, _data_set(self.spec.dataset)
        begin, end = (
            microseconds(self.windows.midnight(one)) for one in (day, day + timedelta(days=1))
        )
        random = np.random.default_rng([self.spec.seed, day.toordinal()])
        drawn = whole.take(pa.array(random.integers(0, len(whole), rows)))
        times = np.sort(random.integers(begin, end, rows))
        return pa.table(
            {
                "row_id": pa.array([f"{day}-{number}" for number in range(rows)]),
                "event_time": pa.array(times, INSTANT),
                **dict(zip(drawn.column_names, drawn.columns, strict=True)),
            }
        )


def _row_ids(rows: pa.Table) -> pa.Array:
    return rows["row_id"].combine_chunks()


@lru_cache
def _data_set(name: str) -> pa.Table:
    """Return a whole data set: its features, and `target`, of classifiers the class's name."""
    bunch: Any = getattr(import_module("sklearn.datasets"), f"load_{name}")()
    columns = {
        feature.replace(" ", "_").replace("(", "").replace(")", ""): pa.array(values)
        for feature, values in zip(bunch.feature_names, bunch.data.T, strict=True)
    }
    target = bunch.target
    if "target_names" in bunch:
        target = np.asarray(bunch.target_names).astype(str)[target]
    return pa.table({**columns, "target": pa.array(target)})
