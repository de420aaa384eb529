"""Since when something alarms: the uninterrupted run of alarms that a window ends.

Belongs here: the question to the stored verdicts. Stays out: what alarms in the window itself
(stored_results.py), episodes, which count windows by a rule of their own.

Only `ok` interrupts a run. A window that could not be judged (`insufficient_data`,
`labels_immature`, `undefined`) neither counts nor interrupts, and neither does one that is missing.
Where several model versions scored a window, one that alarms is enough. A verdict counts once it is
stored, whether the other layers of its window are or not: those of one run come layer by layer.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.records import REALISED, Layer, Since, Thing, Verdict, Window
from monitoring_assets.storage.conditions import of_model
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import data_quality, drift_score, model_quality
from monitoring_assets.storage.tables import window as ledger
from monitoring_assets.storage.views.conditions import has_newest_reference

FIRST_LOOK: Final = 100
"""Windows that are looked at first: most runs are shorter. In a year of hourly windows with 15
columns and 6 segments that takes 20 ms for ten columns at once, 4 ms for a metric; a run of alarms
that has gone on for the whole year takes 1.5 s for ten columns."""

FURTHER_LOOK: Final = 1000


def alarm_runs(
    database: Database, window: Window, things: Iterable[Thing], most: int | None = None
) -> dict[Thing, Since]:
    """Return since when each of these has alarmed, all of which alarm in this window.

    Parameters
    ----------
    most
        Look at so many windows before this one; without it, as far back as it takes.
    """
    first = Since(start=window.start, partition_key=window.partition_key, windows=1)
    runs = dict.fromkeys(things, first)
    going, looked = set(runs), 0
    with database.connect() as connection:
        for keys in _looks(connection, window, most) if going else ():
            looked += len(keys)
            for thing, start, alarms in _said(connection, window, going, keys):
                if not alarms:
                    going.discard(thing)
                elif thing in going:
                    runs[thing] = _longer(runs[thing], start, keys[start])
            if not going:
                break
    # What still goes on has been followed as far as was asked, or to the first window there is.
    return {
        thing: replace(run, at_least=looked == most and thing in going)
        for thing, run in runs.items()
    }


def _longer(run: Since, start: datetime, partition_key: str) -> Since:
    return replace(run, start=start, partition_key=partition_key, windows=run.windows + 1)


def _looks(
    connection: sa.Connection, window: Window, most: int | None
) -> Iterator[dict[datetime, str]]:
    """Yield earlier windows, start -> partition key, the newest first, in larger and larger parts.

    `most` of them at most, and one stretch after the other.
    """
    until, size, left = window.start, FIRST_LOOK, most
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        statement = (
            sa.select(ledger.c.window_start, ledger.c.partition_key)
            .where(*_earlier(ledger, window), ledger.c.window_start < until)
            .order_by(ledger.c.window_start.desc())
            .limit(wanted)
        )
        found = {row.window_start: row.partition_key for row in connection.execute(statement)}
        if found:
            yield found
        if len(found) < wanted:
            return
        until, size = min(found), FURTHER_LOOK
        left = None if left is None else left - wanted


def _said(
    connection: sa.Connection,
    window: Window,
    things: Collection[Thing],
    keys: Mapping[datetime, str],
) -> Iterator[tuple[Thing, datetime, bool]]:
    """Yield what was said of things in these windows, the newest first: alarm or not.

    Nothing about windows in which a thing was not judged.
    """
    for layer, table in _TABLE.items():
        asked = [thing for thing in things if thing.layer is layer]
        if asked:
            for row in connection.execute(_statement(table, window, asked, keys)):
                if row.window_start in keys:
                    yield Thing(layer, *row[:4]), row.window_start, row.alarms


_TABLE: Final[Mapping[Layer, sa.Table]] = {
    Layer.DATA_DRIFT: drift_score,
    Layer.DATA_QUALITY: data_quality,
    Layer.MODEL_QUALITY: model_quality,
}
_NAMES: Final = Thing._fields[1:]
"""What a thing goes by within its layer; a table has some of them."""


def _statement(
    table: sa.Table, window: Window, things: Collection[Thing], keys: Collection[datetime]
) -> "sa.Select[*tuple[Any, ...]]":
    alarms = sa.func.bool_or(table.c.verdict == Verdict.ALARM.value)
    own = [table.c[name] for name in _NAMES if name in table.c]
    named = [table.c[name] if name in table.c else sa.literal("") for name in _NAMES]
    among = [
        table.c[name].in_({getattr(thing, name) for thing in things})
        for name in _NAMES
        if name in table.c
    ]
    return (
        sa.select(*named, table.c.window_start, alarms.label("alarms"))
        .where(
            *_earlier(table, window),
            *among,
            *_that_counts(table),
            table.c.window_start.between(min(keys), max(keys)),
            table.c.verdict.in_([Verdict.ALARM.value, Verdict.OK.value]),
        )
        .group_by(*own, table.c.window_start)
        .order_by(table.c.window_start.desc())
    )


def _earlier(table: sa.Table, window: Window) -> tuple[sa.ColumnElement[bool], ...]:
    model = window.model_id, window.granularity
    return *of_model(table, model), table.c.window_start < window.start


def _that_counts(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    """Keep of drift the deciding method and the newest reference; of quality what has labels."""
    if table is model_quality:
        return (table.c.kind == REALISED,)
    if table is drift_score:
        return table.c.deciding, has_newest_reference(table)
    return ()
