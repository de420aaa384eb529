"""The table or query that is read, and statements over it.

Belongs here: SQL, composed of SQLAlchemy's constructs; what a YAML gives are names, which are
quoted, and one query, which stands as it is. Stays out: running statements, values of bounds.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.spec.sources import SqlSourceSpec

START, END = "window_start", "window_end"
"""Parameters a query may have: the bounds of what is read."""

Bounds = tuple[sa.BindParameter[Any], sa.BindParameter[Any]]


class Relation:
    """What stands behind FROM.

    Parameters
    ----------
    model_id, section
        For messages.
    spec
        The section of the YAML.
    """

    def __init__(self, model_id: str, section: str, spec: SqlSourceSpec) -> None:
        self._query = spec.query
        self._asked = spec.parameters
        self.table = spec.table
        self.asks_for_bounds = spec.asks_for_bounds
        if unknown := sorted(self._asked - {START, END}):
            raise ConfigurationError(
                f"model '{model_id}': `{section}.query` asks for :{', :'.join(unknown)}; there"
                f" is only :{START} and :{END}. Write \\: for a colon that names no parameter"
            )

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "the query" if self.table is None else f"table '{self.table}'"

    def schema_and_table(self) -> tuple[str | None, str]:
        """Return the two parts of a table's name."""
        schema, _, name = (self.table or "").rpartition(".")
        return schema or None, name

    def everything(self, bounds: Bounds) -> sa.Select[Any]:
        """Return the statement for all columns, to learn which there are."""
        star: sa.ColumnClause[Any] = sa.literal_column("*")
        return sa.select(star).select_from(self._rows(bounds))

    def select(
        self,
        columns: Sequence[sa.ColumnElement[Any]],
        bounds: Bounds,
        *conditions: sa.ColumnElement[bool],
    ) -> sa.Select[Any]:
        """Return the statement for these columns of the rows that keep all conditions."""
        return sa.select(*columns).select_from(self._rows(bounds)).where(*conditions)

    def counts(
        self, conditions: dict[str, sa.ColumnElement[bool]], bounds: Bounds
    ) -> sa.Select[Any]:
        """Return the statement that counts, for each name, the rows that keep its condition.

        One by one, since a database can use an index for each then.
        """
        return sa.select(
            *(
                self.select([sa.func.count()], bounds, condition).scalar_subquery().label(name)
                for name, condition in conditions.items()
            )
        )

    def _rows(self, bounds: Bounds) -> sa.FromClause:
        if self._query is None:
            schema, name = self.schema_and_table()
            return sa.table(name, schema=schema)
        start, end = bounds
        # The last line of a query may be a comment.
        query = sa.text(f"{self._query}\n")
        if self.asks_for_bounds:
            query = query.bindparams(*(one for one in (start, end) if one.key in self._asked))
        return query.columns().subquery("source")
