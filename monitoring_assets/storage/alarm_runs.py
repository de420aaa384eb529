"""Since when something alarms: the uninterrupted run of alarms that a window ends.

Belongs here: the question to the stored verdicts. Stays out: what alarms in the window itself
(stored_results.py), episodes, which count windows by a rule of their own.

Only `ok` interrupts a run. A window that could not be judged (`insufficient_data`,
`labels_immature`, `undefined`) neither counts nor interrupts, and neither does one that is missing.
Where several model versions scored a window, one that alarms is enough. A verdict counts once it is
stored, whether the other layers of its window are or not: those of one run come layer by layer.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.records import Layer, Verdict, Window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import (
    data_quality,
    dataset_drift,
    drift_score,
    model_quality,
)
from monitoring_assets.storage.tables import window as ledger

FIRST_LOOK: Final = 100
"""Windows that are looked at first: most runs are shorter. In a year of hourly windows with 15
columns and 6 segments that takes 20 ms for ten columns at once, 4 ms for a metric; a run of alarms
that has gone on for the whole year takes 1.5 s for ten columns."""

FURTHER_LOOK: Final = 1000

Thing = tuple[Layer, str, str, str, str]
"""Something that alarms or does not, window after window: layer, segment, column, metric, class.

The layer is `data_drift`, `data_quality` or `model_quality`. Column, metric and class are '' for
what has none; drift has no metric here, for the deciding method speaks, whichever it is.
"""


@dataclass(frozen=True, kw_only=True)
class AlarmRun:
    """Windows that alarm in a row.

    Parameters
    ----------
    start, partition_key
        The first of them.
    windows
        How many alarm.
    at_least
        Whether it may have begun earlier, since no further was looked.
    """

    start: datetime
    partition_key: str
    windows: int
    at_least: bool = False


def alarm_runs(
    database: Database, window: Window, things: Iterable[Thing], most: int | None = None
) -> dict[Thing, AlarmRun]:
    """Return since when each of these has alarmed, all of which alarm in this window.

    Parameters
    ----------
    most
        Look at so many windows before this one; without it, as far back as it takes.
    """
    first = AlarmRun(start=window.start, partition_key=window.partition_key, windows=1)
    runs = dict.fromkeys(things, first)
    going, looked = set(runs), 0
    with database.connect() as connection:
        for keys in _looks(connection, window, most) if going else ():
            looked += len(keys)
            for thing, start, alarms in _said(connection, window, going, keys):
                if thing in going and alarms:
                    runs[thing] = _longer(runs[thing], start, keys[start])
                going -= set() if alarms else {thing}
            if not going:
                break
    # What still goes on has been followed as far as was asked, or to the first window there is.
    return {
        thing: replace(run, at_least=looked == most and thing in going)
        for thing, run in runs.items()
    }


def _longer(run: AlarmRun, start: datetime, partition_key: str) -> AlarmRun:
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
        asked = [thing for thing in things if thing[0] is layer]
        if asked:
            for row in connection.execute(_statement(table, window, asked, keys)):
                if row.window_start in keys:
                    yield (layer, *row[:4]), row.window_start, row.alarms


_TABLE: Final[Mapping[Layer, sa.Table]] = {
    Layer.DATA_DRIFT: drift_score,
    Layer.DATA_QUALITY: data_quality,
    Layer.MODEL_QUALITY: model_quality,
}
_NAMES: Final = ("segment", "column_name", "metric", "class_name")
"""What a thing goes by, in its order; a table has some of them."""


def _statement(
    table: sa.Table, window: Window, things: Collection[Thing], keys: Collection[datetime]
) -> "sa.Select[*tuple[Any, ...]]":
    alarms = sa.func.bool_or(table.c.verdict == Verdict.ALARM.value)
    own = [table.c[name] for name in _NAMES if name in table.c]
    named = [table.c[name] if name in table.c else sa.literal("") for name in _NAMES]
    among = [
        table.c[name].in_({thing[place] for thing in things})
        for place, name in enumerate(_NAMES, start=1)
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
    return (
        table.c.model_id == window.model_id,
        table.c.granularity == window.granularity,
        table.c.window_start < window.start,
    )


def _that_counts(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    """Keep of drift the deciding method and the newest reference; of quality what has labels."""
    if table is model_quality:
        return (table.c.kind == "realised",)
    if table is not drift_score:
        return ()
    newer = dataset_drift.alias("newer")
    names = ("model_id", "granularity", "window_start", "segment")
    later = sa.and_(
        *(newer.c[name] == table.c[name] for name in names),
        newer.c.reference_version > table.c.reference_version,
    )
    return table.c.deciding, ~sa.exists().where(later)
