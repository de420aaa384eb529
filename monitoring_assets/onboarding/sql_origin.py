"""A sample of a table of a database: some rows from several stretches of time.

Belongs here: which statements are run; the database counts. Stays out: running them, reading URLs
(sources.sql).
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from pydantic import SecretStr

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.looks import Look, look_at
from monitoring_assets.onboarding.origin import Sample, SourceEntry, Spread
from monitoring_assets.onboarding.roles import Wishes, find_event_time
from monitoring_assets.sources.sql.address import Address, parse_address
from monitoring_assets.sources.sql.bounds import FIRST, LAST, TimeKind, lower_bound, time_kind
from monitoring_assets.sources.sql.databases import DatabaseReader
from monitoring_assets.sources.sql.postgres import PostgresReader
from monitoring_assets.sources.sql.reader import Reader
from monitoring_assets.sources.sql.relation import Relation
from monitoring_assets.sources.sql.values import alike
from monitoring_assets.sources.times import read_times
from monitoring_assets.sources.zones import moment
from monitoring_assets.spec.sources import SqlSourceSpec

_SECTION: Final = "source"
_STRETCHES: Final = 8
_ROWS_OF_STRETCH: Final = 5_000

_SLICES: Final = 64
"""Equal parts of the time between first and last row, in which the database counts rows."""

_WHOLE: Final = 30_000
"""Rows up to which all of a table is the sample."""


@dataclass(frozen=True, kw_only=True)
class SqlTable:
    """A table, and what the YAML calls its database.

    Parameters
    ----------
    model_id
        For messages.
    url
        SQLAlchemy's URL of the database.
    variable
        Environment variable that the YAML names in its place.
    table
        Its name, or 'schema.table'.
    folder
        Where relative files of SQLite start.
    """

    model_id: str
    url: SecretStr
    variable: str
    table: str
    folder: Path

    @property
    def spec(self) -> SqlSourceSpec:
        """The section of the YAML, with the URL in it."""
        return SqlSourceSpec(kind="sql", url=self.url, table=self.table)

    @cached_property
    def address(self) -> Address:
        """Where the database is."""
        return parse_address(self.model_id, _SECTION, self.url, self.folder)

    @cached_property
    def reader(self) -> Reader:
        """What runs statements there."""
        kind = PostgresReader if self.address.is_postgres else DatabaseReader
        return kind(self.address)


class SqlOrigin:
    """A table of a database.

    Parameters
    ----------
    table
        The table.
    event_time
        Column that the user calls the event time, if any.
    """

    needs_id = True

    def __init__(self, table: SqlTable, event_time: str | None) -> None:
        self._table = table
        self._wishes = Wishes(event_time=event_time)

    def sample(self) -> Sample:
        """See `Origin.sample`."""
        parts = [*self._read(self._rows().limit(_WHOLE))]
        rows = sum(map(len, parts))
        if rows == _WHOLE:
            rows = self._counted()
            parts = [*self._stretches(pa.concat_tables(alike(parts)))] or parts
        table = pa.concat_tables(alike(parts)) if parts else self._schema.empty_table()
        return Sample(table=table, rows=rows, exact=True)

    def spread(self, event_time: Look, sample: Sample) -> Spread:
        """See `Origin.spread`."""
        name, instants = event_time.name, event_time.instants
        if sample.table.num_rows == sample.rows:
            return Spread(instants=instants, weights=np.ones(len(instants)), whole=True)
        edges = self._edges(name)
        if len(edges) < 2 or self._kind(name) is TimeKind.TEXT:
            weights = np.full(len(edges), sample.rows / max(1, len(edges)))
            return Spread(instants=edges, weights=weights, whole=False)
        counts = self._counts_between(name, edges)
        return Spread(instants=edges[:-1], weights=counts, whole=False)

    def source(self) -> tuple[SourceEntry, ...]:
        """See `Origin.source`."""
        name = f"{{{{ env('{self._table.variable}') }}}}"
        return (
            SourceEntry(name="kind", value="sql"),
            SourceEntry(name="url", value=name, comment="a secret: it stands in the environment"),
            SourceEntry(name="table", value=self._table.table),
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """See `Origin.environment`."""
        return {self._table.variable: self._table.url.get_secret_value()}

    def describe(self) -> str:
        """See `Origin.describe`."""
        return f"table {self._table.table} of {self._table.address.shown}"

    @cached_property
    def _relation(self) -> Relation:
        return Relation(self._table.model_id, _SECTION, self._table.spec)

    @cached_property
    def _schema(self) -> pa.Schema:
        schema, name = self._relation.schema_and_table()
        reader = self._table.reader
        if not reader.has_table(schema, name):
            names = reader.table_names(schema)
            close = difflib.get_close_matches(self._table.table, names, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else "."
            known = ", ".join(names[:20]) or "none"
            raise ConfigurationError(
                f"there is no table '{self._table.table}' in {self._table.address.shown}{hint}"
                f" Tables: {known}"
            )
        return reader.found(self._relation.everything(_unbounded(reader)), self._relation.name)

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        reader = self._table.reader
        columns = [reader.value(one, number=True).label(one.name) for one in self._schema]
        return self._relation.select(columns, _unbounded(reader), *conditions)

    def _read(self, statement: sa.Select[Any]) -> Iterator[pa.Table]:
        return self._table.reader.tables(statement, self._relation.name)

    def _counted(self) -> int:
        return int(self._values([sa.func.count().label("rows")])["rows"])

    def _values(self, columns: Sequence[sa.ColumnElement[Any]]) -> dict[str, Any]:
        bounds = _unbounded(self._table.reader)
        return next(self._read(self._relation.select(columns, bounds))).to_pylist()[0]

    def _stretches(self, first: pa.Table) -> Iterator[pa.Table]:
        """Yield rows of several stretches of time, if some column looks like the event time."""
        looks = {name: look_at(name, first[name]) for name in {*first.column_names}}
        try:
            name = find_event_time(looks, self._wishes).name
        except ConfigurationError:
            return  # whoever asked for the sample finds that out and says so
        kind = self._kind(name)
        column: sa.ColumnElement[Any] = sa.column(name)
        edges = self._edges(name)[:: _SLICES // _STRETCHES]
        bounds = [lower_bound(kind, moment(int(edge)), "UTC") for edge in edges]
        for start, end in pairwise(bounds):
            rows = self._rows(column >= start, column < end)
            yield from self._read(rows.limit(_ROWS_OF_STRETCH))

    def _edges(self, name: str) -> Any:
        """Return equally distant instants from the first event time to the last."""
        column: sa.ColumnElement[Any] = sa.column(name)
        columns = [sa.func.min(column).label("lowest"), sa.func.max(column).label("highest")]
        bounds = _unbounded(self._table.reader)
        found = next(self._read(self._relation.select(columns, bounds)))
        ends = [read_times(found[one].combine_chunks(), "UTC") for one in found.column_names]
        if not all(end.known.all() for end in ends):
            return np.empty(0, np.int64)
        low, high = (int(end.instants[0]) for end in ends)
        return np.linspace(low, high + 1, _SLICES + 1).astype(np.int64)

    def _counts_between(self, name: str, edges: Any) -> Any:
        """Return rows between neighbouring edges, by one statement that reads the table once."""
        kind = self._kind(name)
        column: sa.ColumnElement[Any] = sa.column(name)
        before = [
            sa.func.sum(
                sa.case((column < lower_bound(kind, moment(int(edge)), "UTC"), 1), else_=0)
            ).label(f"before_{place}")
            for place, edge in enumerate(edges)
        ]
        found = self._values(before)
        return np.diff([float(value) for value in found.values()])

    def _kind(self, name: str) -> TimeKind:
        stored = self._schema.types[self._schema.names.index(name)]
        return time_kind(stored) or TimeKind.TEXT


def _unbounded(reader: Reader) -> Any:
    """Return what stands for bounds that nothing asks for."""
    kind = reader.first_kind
    return lower_bound(kind, FIRST, "UTC"), lower_bound(kind, LAST, "UTC")
