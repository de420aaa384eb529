"""Rows of a table or a query, as a `RawSource`.

Belongs here: which columns and which stretch of time are asked for, and in which order rows come.
Stays out: running statements (postgres.py, databases.py), composing them (relation.py), questions
about event times alone (event_times.py), types and exact selection (piece.py).
"""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.errors import ConfigurationError, SourceFailedError, SourceSchemaError
from monitoring_assets.records import ColumnKind, PlantedChange
from monitoring_assets.sources.base import Period, RawRows, ServerUrl, no_server
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.sql.address import Address, parse_address
from monitoring_assets.sources.sql.bounds import (
    FIRST,
    LAST,
    TimeKind,
    lower_bound,
    time_kind,
    upper_bound,
)
from monitoring_assets.sources.sql.databases import DatabaseReader
from monitoring_assets.sources.sql.event_times import EventTimes
from monitoring_assets.sources.sql.failures import Failures
from monitoring_assets.sources.sql.order import in_fixed_order
from monitoring_assets.sources.sql.postgres import PostgresReader
from monitoring_assets.sources.sql.reader import Reader
from monitoring_assets.sources.sql.relation import END, START, Bounds, Relation
from monitoring_assets.sources.sql.values import alike
from monitoring_assets.sources.times import A_TIME
from monitoring_assets.spec.sources import SqlSourceSpec

_MARGIN = timedelta(days=2)
"""Further than any time zone is from any other."""


class SqlRows:
    """A `RawSource` over a table or a query.

    Of several rows with one id, the one with the latest event time comes last; of those, the one
    with the latest other times, then the one with the larger value in the first column that tells
    them apart (times, id, model version, then the columns of the model; see `Layout.in_source`).

    Parameters
    ----------
    layout
        The model's columns.
    spec
        The section of the YAML.
    folder
        Where relative files of SQLite start.
    server_url
        Where the monitoring database is, for a database beside it; asked when rows are.
    """

    def __init__(
        self,
        layout: Layout,
        spec: SqlSourceSpec,
        folder: Path,
        server_url: ServerUrl = no_server,
    ) -> None:
        self._layout = layout
        self._spec = spec
        self._folder = folder
        self._server_url = server_url
        self._seen: tuple[pa.Schema, TimeKind | None] | None = None

    @cached_property
    def address(self) -> Address:
        """Where the database is."""
        layout, url = self._layout, self._spec.url
        folder, server_url = self._folder, self._server_url
        return parse_address(layout.model_id, layout.section, url, folder, server_url)

    @cached_property
    def reader(self) -> Reader:
        """What runs the statements."""
        kind = PostgresReader if self.address.is_postgres else DatabaseReader
        return kind(self.address)

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        """Yield the rows with an event time in [start, end); texts: of some days around it too."""
        select = self.select(start, end)
        if select is None:
            return
        parts = self._parts(select)
        while parts:  # each part can be forgotten while the next one is prepared
            yield RawRows(table=parts.popleft(), row_ids=self._no_ids, origin=self._origin)

    def select(self, start: datetime | None, end: datetime | None) -> sa.Select[Any] | None:
        """Return the statement for rows of [start, end), None if no row has an event time.

        Raises
        ------
        SourceSchemaError
            A table or column is missing.
        SourceFailedError
            The database refuses the login, the table or the query.
        SourceUnavailableError
            The database cannot be reached.
        """
        schema, kind = self._look(start, end)
        name, zone = self._layout.event_time_in_source, self._layout.zone
        if name is None or start is None or end is None:
            bounds = self._bounds(kind or self.reader.first_kind, start, end)
            return self._relation.select(self._columns(schema), bounds)
        if kind is None:
            return None
        column: sa.ColumnElement[Any] = sa.column(name)
        return self._relation.select(
            self._columns(schema),
            self._bounds(kind, start, end),
            column >= lower_bound(kind, start, zone),
            column < upper_bound(kind, end, zone),
        )

    def newest_event_time(self) -> datetime | None:
        """Return the latest event time, by the index if there is one; None without any."""
        return self._event_times().newest()

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        """Count rows in no period; the database does it, and by the index if there is one."""
        return self._event_times().outside(periods)

    def planted_changes(self) -> tuple[PlantedChange, ...]:
        """Return nothing: nobody knows the truth about real rows."""
        return ()

    def stamp(self, start: datetime | None, end: datetime | None) -> None:
        """Return nothing: a database does not tell whether rows have changed."""

    def describe(self) -> dict[str, str]:
        """Return dialect, host, database and what is read there; neither user nor password."""
        address = self.address
        what = {"table": self._spec.table, "query": self._spec.query}
        named = {name: address.hide(text) for name, text in what.items() if text is not None}
        return {"kind": "sql", "database": address.hide(address.shown), **named}

    @cached_property
    def _relation(self) -> Relation:
        return Relation(self._layout.model_id, self._layout.section, self._spec)

    @property
    def _origin(self) -> str:
        return f"{self._relation.name} of {self.address.hide(self.address.shown)}"

    def _look(
        self, start: datetime | None, end: datetime | None
    ) -> tuple[pa.Schema, TimeKind | None]:
        """Return what columns there are, and what the event time holds if that can be known."""
        if self._seen is not None:
            return self._seen
        around = (start and start - _MARGIN, end and end + _MARGIN)
        schema = self._found(self._bounds(self.reader.first_kind, *around))
        self._layout.require(schema.names, self._origin)
        kind = self._kind(schema, around)
        if kind is not None or self._layout.event_time is None:
            self._seen = schema, kind
        return schema, kind

    def _found(self, bounds: Bounds) -> pa.Schema:
        missing = None
        try:
            return self.reader.found(self._relation.everything(bounds), self._relation.name)
        except SourceFailedError:
            schema, name = self._relation.schema_and_table()
            if not name or self.reader.has_table(schema, name):
                raise
            missing = name, self.reader.table_names(schema)
        raise SourceSchemaError(self._no_table(*missing))

    def _no_table(self, name: str, names: Sequence[str]) -> str:
        last = {one.rpartition(".")[2].lower(): one for one in names}
        close = [last[match] for match in get_close_matches(name.lower(), last)]
        guess = f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""
        return (
            f"model '{self._layout.model_id}': there is no {self._origin}{guess}. Mend"
            f" `{self._layout.section}.table` in the model's defs.yaml, or let the user of its"
            " `url` see the table"
        )

    def _kind(self, schema: pa.Schema, around: Sequence[datetime | None]) -> TimeKind | None:
        """Return what the event time holds; None without one in the rows around."""
        name = self._layout.event_time_in_source
        if name is None:
            return None
        stored = schema.types[schema.names.index(name)]
        if pa.types.is_null(stored):
            column: sa.ColumnElement[Any] = sa.column(name)
            bounds = self._bounds(self.reader.first_kind, *around)
            some = self._relation.select([column], bounds, column.is_not(None)).limit(1)
            for part in self.reader.tables(some, self._relation.name):
                stored = part.schema.types[0]
        kind = time_kind(stored)
        if kind is None and not pa.types.is_null(stored):
            raise self._layout.wrong_type(
                str(self._layout.event_time), stored, self._origin, A_TIME
            )
        return kind

    def _bounds(self, kind: TimeKind, start: datetime | None, end: datetime | None) -> Bounds:
        """Return what stands for the parameters of a query, which are about event times."""
        asked, zone = self.reader.kind_in_query(kind), self._layout.zone
        if self._layout.by_knowledge_time:
            asked, start, end = self.reader.first_kind, None, None
        return (
            lower_bound(asked, start or FIRST, zone, START),
            upper_bound(asked, end or LAST, zone, END),
        )

    def _columns(self, schema: pa.Schema) -> list[sa.ColumnElement[Any]]:
        layout = self._layout
        others = {layout.id, layout.model_version}
        others |= {e.column_name for e in layout.values if e.kind is ColumnKind.CATEGORICAL}
        exact = {layout.name_in_source(name) for name in others if name is not None}
        fields = [schema.field(schema.names.index(name)) for name in layout.in_source]
        return [self.reader.value(f, number=f.name not in exact).label(f.name) for f in fields]

    def _event_times(self) -> EventTimes:
        _, kind = self._look(None, None)
        kind = kind or self.reader.first_kind
        return EventTimes(
            reader=self.reader,
            relation=self._relation,
            column=str(self._layout.event_time_in_source),
            kind=kind,
            zone=self._layout.zone,
            bounds=self._bounds(kind, None, None),
        )

    def _parts(self, select: sa.Select[Any]) -> deque[pa.Table]:
        """Return what a statement reads, with one type for each column and in a fixed order."""
        layout, name = self._layout, self._relation.name
        parts = [*self.reader.tables(select, name)]
        with Failures(self.address).of_values(name):
            parts = alike(parts)
            if layout.id is not None:
                parts = in_fixed_order(parts, layout.name_in_source(layout.id))
        return deque(parts)

    def _no_ids(self) -> pa.Array:
        raise ConfigurationError(
            f"model '{self._layout.model_id}': `columns.id` is needed for {self._origin}: rows of a"
            " database have no number that could be their id. Name a column that is unique"
        )
