"""A declared view, and the statements that create it.

Belongs here: how a query becomes a view with comments. Stays out: any one view.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateView

SCHEMA: Final = "grafana"


@dataclass(frozen=True, kw_only=True)
class View:
    """One view of schema `grafana`.

    Parameters
    ----------
    comments
        Comment of each column that is not a column of a table under the same name.
    """

    name: str
    query: sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[Any]
    comment: str
    comments: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def create(self) -> CreateView:
        """The statement that creates the view."""
        return CreateView(self.query, self.name, schema=SCHEMA, metadata=sa.MetaData())

    @property
    def table(self) -> sa.Table:
        """The view, for queries."""
        return self.create.table

    def column_comments(self) -> dict[str, str]:
        """Return the comment of every column; a table's column brings its own."""
        return {
            name: self.comments.get(name) or str(getattr(column, "comment", ""))
            for name, column in self.query.selected_columns.items()
        }

    def create_statements(self) -> Iterator[str]:
        """Return the statements that create the view and its comments."""
        created = self.create.compile(dialect=postgresql.dialect())
        yield "\n".join(line.rstrip() for line in str(created).strip().splitlines())
        view = sql.Identifier(SCHEMA, self.name)
        yield sql.SQL("COMMENT ON VIEW {} IS {}").format(view, self.comment).as_string()
        for name, comment in self.column_comments().items():
            column = sql.Identifier(SCHEMA, self.name, name)
            yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, comment).as_string()
