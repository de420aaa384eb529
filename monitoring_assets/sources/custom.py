"""Rows that a team's own class reads.

Belongs here: what such a class must offer (`TeamSource`), and its rows as a `RawSource`. Stays out:
finding the class (python_classes.py), everything that is done to rows of any source.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import pyarrow as pa

from monitoring_assets.errors import (
    ConfigurationError,
    MonitoringError,
    SourceFailedError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets.records import PlantedChange
from monitoring_assets.sources.base import Period, RawRows
from monitoring_assets.sources.hiding import shareable, without_secrets
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.periods import MISSING, Periods, nothing_outside
from monitoring_assets.sources.python_classes import find_class
from monitoring_assets.sources.times import A_TIME, Times, holds_times, read_times
from monitoring_assets.sources.zones import Micros, microseconds, moment
from monitoring_assets.spec.sources import CustomSourceSpec

if TYPE_CHECKING:
    import pandas as pd


class TeamSource(Protocol):
    """What a class named by `python_class` must offer; it need not inherit from this one.

    It is made with the YAML's `options` as keyword arguments, once for each run of an asset.
    Besides `read` it may offer `newest_event_time() -> datetime | None`, the latest event time
    there is, with a time zone; without it, the source is taken to have come as far as the clock.
    And `describe() -> dict[str, str]`, what may be shown of the source to anyone: no secrets.

    A class that brings labels which come late may offer `read_known(start, end)`, at least the rows
    whose *knowledge* time lies in [start, end), and `newest_knowledge_time() -> datetime | None`.
    Without these two everything is read to find such labels, by `read(None, None)`: without the
    first in every run that reads labels, without the second at every tick of their schedule.

    Whatever it raises ends the run, with the class and the model in the message. An exception of
    `monitoring_assets.errors` is passed on as it is: `SourceUnavailableError` says that trying
    again can help. What looks like a secret (`://user:password@`, `api_key=…`) becomes stars in
    any message; an exception that holds one is not passed on, nor kept as a cause.
    """

    def read(self, start: datetime | None, end: datetime | None) -> "pa.Table | pd.DataFrame":
        """Return at least the rows with an event time in [start, end), in a fixed order.

        Columns have the source's names; further columns and further rows do no harm. Both ends are
        instants in UTC. `start` is None: from the beginning, with the rows that have no event time;
        `end` is None: to the end. The same row comes with the same id whatever is read.
        """
        ...


class CustomRows:
    """A `RawSource` over a team's class.

    Parameters
    ----------
    layout
        The model's columns.
    spec
        The section of the YAML.
    folders
        Where the class is looked for if it is not installed.
    """

    def __init__(self, layout: Layout, spec: CustomSourceSpec, folders: Sequence[Path]) -> None:
        self._layout = layout
        self._spec = spec
        self._folders = folders

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """Yield what the class reads, as one piece."""
        table = self._read(start, end)
        yield RawRows(table=table, row_ids=self._no_ids, origin=self._origin)

    def newest_event_time(self) -> datetime | None:
        """Return what the class says; the end of time if it cannot say.

        By knowledge time, the latest of the rows it reads if it cannot say.
        """
        name = "newest_knowledge_time" if self._layout.by_knowledge_time else "newest_event_time"
        ask = getattr(self._source, name, None)
        if ask is None and self._layout.by_knowledge_time:
            times = self._event_times(None, None)
            return moment(int(times.instants[times.known].max())) if times.known.any() else None
        if ask is None:
            return datetime.max.replace(tzinfo=UTC)
        newest = self._called(ask)
        if newest is not None and not (isinstance(newest, datetime) and newest.tzinfo is not None):
            raise SourceSchemaError(
                f"{self._who}: {name}() returned {newest!r}; it must return a datetime with a time"
                " zone, or None if there is no row"
            )
        return newest

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """Count rows in no period; the class is asked for what lies between the periods only."""
        merged, counts = Periods(periods), nothing_outside()
        stretches = merged.merged
        edges = [None, *(edge for stretch in stretches for edge in stretch)]
        gaps = [*zip(edges[::2], edges[1::2], strict=False)]
        if stretches[-1][1] is not None:
            gaps.append((stretches[-1][1], None))
        for start, end in gaps:
            times = self._event_times(start, end)
            if start is None:
                counts[MISSING] = int(np.count_nonzero(~times.known))
            counts.update(merged.count_outside(_between(times, start, end)))
        return dict(counts)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return nothing: nobody knows the truth about real rows."""
        return ()

    def stamp(self, start: datetime | None, end: datetime | None) -> None:
        """Return nothing: nobody knows what the class reads."""

    def describe(self) -> dict[str, str]:
        """Return the class, and what it says of itself."""
        about = {"kind": self._spec.kind, "python_class": self._spec.python_class}
        ask = getattr(self._source, "describe", None)
        if ask is None:
            return about
        told: Any = self._called(ask)
        if not isinstance(told, dict):
            raise SourceSchemaError(
                f"{self._who}: describe() returned {_type_name(told)}; it must return a dict"
            )
        texts = cast("dict[object, object]", told)
        return {str(name): without_secrets(str(value)) for name, value in texts.items()} | about

    @cached_property
    def _source(self) -> Any:
        """The team's object."""
        made = self._called(self._class, **self._spec.options)
        if not callable(getattr(made, "read", None)):
            raise ConfigurationError(
                f"{self._who}: has no method `read(start, end)`; see TeamSource in"
                " monitoring_assets/sources/custom.py"
            )
        return made

    @cached_property
    def _class(self) -> Callable[..., Any]:
        """The team's class, which takes the YAML's options."""
        found = self._found()
        if not callable(found):
            raise ConfigurationError(f"{self._who}: is {_type_name(found)}, no class")
        try:
            signature = inspect.signature(found)
        except (TypeError, ValueError):  # written in C: making it tells
            return found
        try:
            signature.bind(**self._spec.options)
        except TypeError as error:
            legal = ", ".join(signature.parameters) or "none"
            raise ConfigurationError(
                f"{self._who}: cannot be made with the YAML's `options`: {error}. Legal: {legal}"
            ) from error
        return found

    def _found(self) -> object:
        try:
            return find_class(self._spec.python_class, self._folders)
        except Exception as error:  # noqa: BLE001 - modules raise anything; raised again below
            cause = error
        reason = without_secrets(self._not_found(cause))
        raise ConfigurationError(f"{self._who}: {reason}") from shareable(cause)

    def _not_found(self, error: Exception) -> str:
        if isinstance(error, ModuleNotFoundError):
            folders = ", ".join(map(str, self._folders)) or "no folder of models"
            return f"{error}. Looked for it in the installed packages, then in {folders}"
        if isinstance(error, AttributeError):
            return f"{error}. Mend the name"
        return f"importing it failed: {_told(error)}"

    def _called(self, what: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        try:
            return what(*args, **options)
        except MonitoringError as error:
            if shareable(error) is error:
                raise  # the class knows what it is talking about
            kind = SourceUnavailableError if error.retryable else SourceFailedError
            cause, failure = error, kind(f"{self._who}: {without_secrets(str(error))}")
        except Exception as error:  # noqa: BLE001 - classes raise anything; raised again below
            name = getattr(what, "__name__", _type_name(what))
            told = without_secrets(_told(error)).rstrip(". ")
            cause = error
            failure = SourceFailedError(f"{self._who}: failed in {name}: {told}. Mend the class")
        raise failure from shareable(cause)

    def _read(self, start: datetime | None, end: datetime | None) -> pa.Table:
        """Return the needed columns of what the class reads."""
        read, name = self._source.read, "read"
        if self._layout.by_knowledge_time:
            known = getattr(self._source, "read_known", None)
            if known is None or start is None:
                start = end = None  # `read` takes event times, of which nothing is known here
            else:
                read, name = known, "read_known"
        rows = self._called(read, start, end)
        pandas = sys.modules.get("pandas")  # whoever returns a frame has imported it
        if pandas is not None and isinstance(rows, pandas.DataFrame):
            return self._of_frame(rows)
        if not isinstance(rows, pa.Table):
            raise SourceSchemaError(
                f"{self._who}: {name}() returned {_type_name(rows)}; it must return a pyarrow.Table"
                " or a pandas.DataFrame"
            )
        self._require(rows.column_names)
        return rows.select(list(self._layout.in_source))

    def _of_frame(self, frame: "pd.DataFrame") -> pa.Table:
        unnamed = frame.index.names == [None]
        named = frame if unnamed else frame.reset_index(allow_duplicates=True)
        named = named.set_axis([str(name) for name in named.columns], axis=1)
        self._require(list(named.columns))
        try:
            needed = named[list(self._layout.in_source)]
            return pa.Table.from_pandas(needed, preserve_index=False)
        except (pa.ArrowException, OverflowError) as error:
            raise SourceSchemaError(
                f"{self._who}: read() returned a column of values that do not belong together:"
                f" {error}"
            ) from error

    def _require(self, names: Sequence[str]) -> None:
        self._layout.require(names, self._origin)
        twice = [name for name in self._layout.in_source if list(names).count(name) > 1]
        if twice:
            raise SourceSchemaError(
                f"{self._who}: read() returned column '{twice[0]}' more than once"
            )

    def _event_times(self, start: datetime | None, end: datetime | None) -> Times:
        layout, table = self._layout, self._read(start, end)
        name = str(layout.event_time)
        column = table[layout.name_in_source(name)].combine_chunks()
        if not holds_times(column.type):
            raise layout.wrong_type(name, column.type, self._origin, A_TIME)
        return read_times(column, layout.zone)

    @property
    def _origin(self) -> str:
        return f"what {self._spec.python_class} reads"

    @property
    def _who(self) -> str:
        layout = self._layout
        return f"model '{layout.model_id}': `{layout.section}` {self._spec.python_class}"

    def _no_ids(self) -> pa.Array:
        raise ConfigurationError(
            f"model '{self._layout.model_id}': `columns.id` is needed for {self._origin}: its rows"
            " have no number that could be their id. Name a column that is unique"
        )


def _between(times: Times, start: datetime | None, end: datetime | None) -> Micros:
    instants = times.instants[times.known]
    if start is not None:
        instants = instants[instants >= microseconds(start)]
    return instants if end is None else instants[instants < microseconds(end)]


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _type_name(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__name__}"
