"""What all tables share: the metadata, columns that occur in many tables, rules for numbers.

Belongs here: functions that make a column or a check for one table. Stays out: any one table.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.records import Verdict

METADATA: Final = sa.MetaData(
    schema="monitoring",
    naming_convention={
        "pk": "%(table_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "ix": "%(table_name)s_by_%(column_0_N_name)s",
    },
)
"""All tables of schema `monitoring`."""

SCHEMAS: Final = ("monitoring", "rows", "grafana", "dagster", "mlflow")
"""Every schema of the database: ours, typed rows, views for dashboards, and our guests' own."""

_UNEXPLAINED: Final = (Verdict.OK, Verdict.ALARM)
"""Verdicts that speak of a number, so that the number has to be there."""


def text(name: str, comment: str, *, key: bool = False, optional: bool = False) -> sa.Column[str]:
    """Return a text column; not null unless optional."""
    return sa.Column(name, sa.Text, primary_key=key, nullable=optional, comment=comment)


def instant(
    name: str, comment: str, *, key: bool = False, optional: bool = False
) -> sa.Column[datetime]:
    """Return a column that holds a moment; `timestamptz`, given and read in UTC."""
    kind = sa.DateTime(timezone=True)
    return sa.Column(name, kind, primary_key=key, nullable=optional, comment=comment)


def count(name: str, comment: str, *, key: bool = False, optional: bool = False) -> sa.Column[int]:
    """Return a column that counts rows."""
    return sa.Column(
        name,
        sa.BigInteger,
        primary_key=key,
        nullable=optional,
        autoincrement=False,
        comment=comment,
    )


def version(
    name: str, comment: str, *, key: bool = False, optional: bool = False
) -> sa.Column[int]:
    """Return a column that numbers versions from 1."""
    return sa.Column(
        name, sa.Integer, primary_key=key, nullable=optional, autoincrement=False, comment=comment
    )


def number(name: str, comment: str, *, optional: bool = True) -> sa.Column[float]:
    """Return a column of double precision; `finite` keeps NaN and infinity out of it."""
    return sa.Column(name, sa.Double, nullable=optional, comment=comment)


def flag(name: str, comment: str) -> sa.Column[bool]:
    """Return a yes/no column."""
    return sa.Column(name, sa.Boolean, nullable=False, comment=comment)


def model_key() -> sa.Column[str]:
    """Return `model_id`, first part of nearly every key."""
    return text("model_id", "Folder name of the monitored model.", key=True)


def window_key() -> tuple[sa.Column[Any], ...]:
    """Return the columns that name a window."""
    return (
        model_key(),
        text("granularity", "Length of the window: hour, day, week or month.", key=True),
        instant("window_start", "First moment of the window, UTC.", key=True),
    )


def segment_key() -> sa.Column[str]:
    """Return `segment`."""
    return sa.Column(
        "segment",
        sa.Text,
        primary_key=True,
        server_default="all",
        comment="Named slice of the rows; 'all' is every row that passes the model's filters.",
    )


def column_key(comment: str = "Our name of the column.") -> sa.Column[str]:
    """Return `column_name`."""
    return text("column_name", comment, key=True)


def written_by() -> sa.Column[int]:
    """Return `computation_id`, which says where a row came from."""
    return count("computation_id", "The computation that wrote this row: computation.id.")


def verdict_columns() -> tuple[sa.Column[Any], ...]:
    """Return `verdict` and `reason`."""
    return (
        text("verdict", f"What the number means: {', '.join(Verdict)}."),
        text("reason", "Why the verdict is what it is, in a sentence."),
    )


def verdict_checks(value: str | None) -> tuple[sa.CheckConstraint, ...]:
    """Return the rules that a verdict is legal, has a reason, and explains a missing `value`."""
    verdict = sa.column("verdict", sa.Text)
    checks = [
        one_of("verdict", Verdict),
        sa.CheckConstraint(sa.column("reason", sa.Text) != sa.literal(""), name="reason_given"),
    ]
    if value is not None:
        explained = sa.or_(sa.column(value).is_not(None), verdict.not_in(list(_UNEXPLAINED)))
        checks.append(sa.CheckConstraint(explained, name=f"{value}_or_why_not"))
    return tuple(checks)


def one_of(column: str, legal: Iterable[str]) -> sa.CheckConstraint:
    """Return the rule that a text column holds one of these words."""
    return sa.CheckConstraint(sa.column(column, sa.Text).in_(list(legal)), name=f"{column}_legal")


def finite(*columns: str) -> tuple[sa.CheckConstraint, ...]:
    """Return one rule for each column: neither NaN nor infinite. NULL passes."""
    # Postgres sorts NaN above infinity, so one comparison refuses both.
    infinity = sa.literal("Infinity", sa.Text).cast(sa.Double)
    return tuple(
        sa.CheckConstraint(
            sa.func.abs(sa.column(name, sa.Double)) < infinity, name=f"{name}_finite"
        )
        for name in columns
    )
