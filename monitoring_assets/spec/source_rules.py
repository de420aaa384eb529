"""Rules about sources: what they rename, what ids and bounds they need.

Belongs here: rules between `source`, `joined`, `reference` and the columns. Stays out: rules of one
source (spec/sources.py), which columns may be joined (joined_rules.py), other rules (rules.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from monitoring_assets.records import ColumnEntry
from monitoring_assets.spec.base import Mistake
from monitoring_assets.spec.columns import ColumnsSpec, DerivedSpec, MinutesBetween
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.sources import (
    BundledSourceSpec,
    CustomSourceSpec,
    SimulatedTripsSpec,
    SourceSpec,
    SqlSourceSpec,
    StoredSourceSpec,
    TlcTripsSourceSpec,
)

_ENDLESS: Final = (BundledSourceSpec, SimulatedTripsSpec, TlcTripsSourceSpec)
"""Kinds that have rows for any day one asks for: all their rows cannot be read."""


def source_mistakes(
    sources: tuple[SourceSpec, Sequence[JoinedSpec], ReferenceSpec],
    columns: ColumnsSpec,
    delivered: Sequence[ColumnEntry],
    derived: Mapping[str, DerivedSpec],
) -> Iterator[Mistake]:
    """Yield names under `rename` that nothing asks for, tables without an id, endless reading.

    Parameters
    ----------
    sources
        `source`, `joined` and `reference`.
    delivered
        Columns that come from sources, or are computed from such.
    """
    source, joined, reference = sources
    elsewhere = {name for one in joined for name in one.columns}
    main = read_names(columns, delivered, derived) - elsewhere
    yield from _renamed(("source",), source, main)
    if reference.source is not None:
        yield from _renamed(("reference", "source"), reference.source, main | elsewhere)
        if reference.period is None:
            yield from _endless(("reference", "period"), reference.source)
    for path, one in ((("source",), source), (("reference", "source"), reference.source)):
        if isinstance(one, SqlSourceSpec | CustomSourceSpec) and columns.id is None:
            what = "a table" if isinstance(one, SqlSourceSpec) else "a class of your own"
            text = f"is needed: rows of {what} have no file and row number that could be their id"
            yield Mistake(("columns", "id"), f"{text} ({'.'.join(path)})")
            return


def joined_source_mistakes(i: int, one: JoinedSpec, columns: ColumnsSpec) -> Iterator[Mistake]:
    """Yield what a source that is joined by id cannot be asked for."""
    path, source = ("joined", i), one.source
    fields = {columns.id: "id", columns.event_time: "event_time"}
    for name in source.rename if isinstance(source, StoredSourceSpec) else ():
        where = (*path, "source", "rename", name)
        if name in fields:
            yield Mistake(where, f"give its name as `{fields[name]}` of this entry of `joined`")
        elif name not in one.columns:
            yield unread(where, name, one.columns)
    if source.on_duplicate == "fail":
        text = "leave it out: of the rows of an id the one that became known last is joined"
        yield Mistake((*path, "source", "on_duplicate"), text)
    if one.event_time is None:
        yield from _endless((*path, "event_time"), source)
        if one.within:
            yield Mistake((*path, "within"), "leave it out, or set event_time, to which it belongs")


def read_names(
    columns: ColumnsSpec, delivered: Sequence[ColumnEntry], derived: Mapping[str, DerivedSpec]
) -> set[str]:
    """Return our names of all columns that have to be read from somewhere."""
    roles = (columns.id, columns.event_time, columns.model_version, columns.knowledge_time)
    read = {name for name in roles if name is not None}
    read |= {e.column_name for e in delivered if e.column_name not in derived}
    return read | {name for one in derived.values() for name in inputs(one)}


def unread(path: tuple[str | int, ...], name: str, legal: Sequence[str]) -> Mistake:
    """Return the mistake of a column that a source is not asked for."""
    text = f"{name!r} is not a column that is read from there; legal: {', '.join(legal)}"
    return Mistake(path, text)


def inputs(derived: DerivedSpec) -> tuple[str, ...]:
    """Return the columns that a derived one is computed from, besides the event time."""
    return (derived.start, derived.end) if isinstance(derived, MinutesBetween) else ()


def _renamed(path: tuple[str | int, ...], source: SourceSpec, read: set[str]) -> Iterator[Mistake]:
    for name in source.rename if isinstance(source, StoredSourceSpec) else ():
        if name not in read:
            yield unread((*path, "rename", name), name, sorted(read))


def _endless(path: tuple[str | int, ...], source: SourceSpec) -> Iterator[Mistake]:
    if isinstance(source, _ENDLESS):
        yield Mistake(path, f"is needed: the rows of {source.kind} never end")
    elif isinstance(source, SqlSourceSpec) and source.asks_for_bounds:
        yield Mistake(path, "is needed: the query asks for :window_start or :window_end")
