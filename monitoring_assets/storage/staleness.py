"""What tells that stored results are out of date, and what computing them has cost.

Belongs here: the newest line of the ledger of every layer of a model, seconds that past lines took.
Stays out: the rule when a layer is out of date (assets/planning), states of windows (ledger.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring_assets.records import Layer, Window
from monitoring_assets.storage.conditions import of_model, of_window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_tables import newest_since
from monitoring_assets.storage.tables import computation as table
from monitoring_assets.storage.tables import window as window_table

_FIELDS: Final = ("spec_hash", "reference_version", "source_fingerprint", "source_stamp")

_LINES_LOOKED_AT: Final = 2_000
"""Newest lines of windows that costs are taken from: those of 285 windows, enough for a middle."""

_LINES_WITHOUT_WINDOW: Final = 50
"""The same of layers without windows."""


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A line of the ledger: the newest one of a layer.

    Parameters
    ----------
    number
        Its number; the one of two layers that was computed later has the larger one.
    spec_hash, reference_version, source_fingerprint, source_stamp
        See `records.Computation`.
    """

    number: int
    spec_hash: str
    reference_version: int | None = None
    source_fingerprint: str | None = None
    source_stamp: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long a layer took in the past, in the middle of all times.

    Parameters
    ----------
    seconds
        For a window, or for the layer as a whole if it has none.
    seconds_per_row
        For a row of the window; None if no window with rows is known.
    """

    seconds: float
    seconds_per_row: float | None = None


def newest_by_window(
    database: Database, model_id: str, granularity: str
) -> dict[datetime, dict[Layer, Computed]]:
    """Return the newest line of every layer of every window: window start -> layer -> line.

    Of rows that lie in an older row table by now the line names no YAML: they are to be stored
    again, whatever they were stored under.
    """
    found_in = (table.c.id, table.c.window_start, table.c.layer, table.c.finished_at)
    statement = (
        sa.select(*found_in, *(table.c[f] for f in _FIELDS))
        .where(*of_model(table, (model_id, granularity)), table.c.window_start.is_not(None))
        .ext(distinct_on(table.c.window_start, table.c.layer))
        .order_by(table.c.window_start, table.c.layer, table.c.id.desc())
    )
    found: dict[datetime, dict[Layer, Computed]] = {}
    with database.connect() as connection:
        since = newest_since(connection, model_id)
        for row in connection.execute(statement):
            line = _computed(row)
            if row.layer in since and row.finished_at < since[row.layer]:
                line = replace(line, spec_hash="")
            found.setdefault(row.window_start, {})[Layer(row.layer)] = line
    return found


def newest_hash(database: Database, window: Window, layer: Layer) -> str | None:
    """Return the fingerprint under which a layer of a window was last computed; None if never."""
    statement = (
        sa.select(table.c.spec_hash)
        .where(*of_window(table, window), table.c.layer == layer.value)
        .order_by(table.c.id.desc())
        .limit(1)
    )
    with database.connect() as connection:
        return connection.execute(statement).scalar_one_or_none()


def newest_without_window(database: Database, model_id: str) -> dict[Layer, Computed]:
    """Return the newest line of the layers that have no windows."""
    statement = (
        sa.select(table.c.id, table.c.layer, *(table.c[f] for f in _FIELDS))
        .where(
            table.c.model_id == model_id,
            table.c.window_start.is_(None),
            # The rows of a reference have a line of their own, without a YAML.
            table.c.spec_hash != "",
        )
        .ext(distinct_on(table.c.layer))
        .order_by(table.c.layer, table.c.id.desc())
    )
    with database.connect() as connection:
        return {Layer(row.layer): _computed(row) for row in connection.execute(statement)}


def write_stamps(database: Database, stamps: Mapping[int, str]) -> None:
    """Note under which stamp the source was found to hold the rows that a computation read.

    Parameters
    ----------
    stamps
        Number of the computation -> stamp.
    """
    if not stamps:
        return
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("number", type_=sa.BigInteger))
        .values(source_stamp=sa.bindparam("stamp", type_=sa.Text))
    )
    rows = [{"number": number, "stamp": stamp} for number, stamp in stamps.items()]
    with database.begin() as connection:
        connection.execute(statement, rows)


def paces(database: Database, model_id: str) -> dict[Layer, Pace]:
    """Return how long the layers of a model took; a layer that never ran is left out.

    A window's time goes from what its run wrote before to what it wrote for this one, so that
    reading, computing and what Dagster notes count; a run's first line counts from its beginning.
    """
    lines = _timed_lines(model_id).cte("lines")
    rows = sa.func.nullif(window_table.c.rows_read, 0)
    of_window = sa.and_(
        window_table.c.model_id == model_id,
        window_table.c.granularity == lines.c.granularity,
        window_table.c.window_start == lines.c.window_start,
    )
    statement = (
        sa.select(
            lines.c.layer,
            _median(lines.c.seconds).label("seconds"),
            _median(lines.c.seconds / rows).label("seconds_per_row"),
        )
        .select_from(lines.outerjoin(window_table, of_window))
        .where(lines.c.seconds >= 0)
        .group_by(lines.c.layer)
    )
    with database.connect() as connection:
        return {
            Layer(row.layer): Pace(seconds=row.seconds, seconds_per_row=row.seconds_per_row)
            for row in connection.execute(statement)
        }


def _timed_lines(model_id: str) -> sa.Select[str, str, datetime, float]:
    newest = sa.union_all(
        _newest_lines(model_id, table.c.window_start.is_not(None), _LINES_LOOKED_AT),
        _newest_lines(model_id, table.c.window_start.is_(None), _LINES_WITHOUT_WINDOW),
    ).subquery("newest")
    before = sa.func.lag(newest.c.finished_at).over(
        partition_by=newest.c.run_id, order_by=newest.c.id
    )
    begun = sa.case(
        (newest.c.window_start.is_(None), newest.c.started_at),
        else_=sa.func.coalesce(before, newest.c.started_at),
    )
    seconds = sa.extract("epoch", newest.c.finished_at - begun)
    return sa.select(
        newest.c.layer,
        newest.c.granularity,
        newest.c.window_start,
        sa.cast(seconds, sa.Double).label("seconds"),
    )


def _newest_lines(
    model_id: str, which: sa.ColumnElement[bool], number: int
) -> sa.Select[*tuple[Any, ...]]:
    lines = sa.select(table).where(table.c.model_id == model_id, which)
    chosen = lines.order_by(table.c.id.desc()).limit(number).subquery()
    return sa.select(*chosen.c)


def _median(values: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.percentile_cont(0.5).within_group(values)


def _computed(row: Any) -> Computed:
    return Computed(number=row.id, **{name: getattr(row, name) for name in _FIELDS})
