"""What a way of reading databases offers.

Belongs here: the protocol. Stays out: the ways there are (postgres.py, databases.py).
"""

from collections.abc import Iterator
from typing import Any, Protocol

import pyarrow as pa
import sqlalchemy as sa

from monitoring_assets.sources.sql.bounds import TimeKind


class Reader(Protocol):
    """Runs statements on one database; `what` says in messages what is being read."""

    @property
    def first_kind(self) -> TimeKind:
        """Kind of the bounds in a query of which nothing is known yet."""
        ...

    def kind_in_query(self, kind: TimeKind) -> TimeKind:
        """Return the kind of the bounds in a query whose event time is of this kind."""
        ...

    def found(self, everything: sa.Select[Any], what: str) -> pa.Schema:
        """Return the columns of a statement; their types as far as they can be known, else null."""
        ...

    def value(self, field: pa.Field, *, number: bool) -> sa.ColumnElement[Any]:
        """Return what to select so that a column arrives as a number, a text or a time.

        Parameters
        ----------
        number
            Whether the column is wanted as a number. Ids are not: a float64 cannot hold each one.
        """
        ...

    def tables(self, statement: sa.Select[Any], what: str) -> Iterator[pa.Table]:
        """Yield the rows of a statement, in parts that have at least one row each."""
        ...

    def has_table(self, schema: str | None, name: str) -> bool:
        """Return whether there is a table or view of this name."""
        ...

    def table_names(self, schema: str | None) -> list[str]:
        """Return what the tables and views are called that a YAML may name."""
        ...
