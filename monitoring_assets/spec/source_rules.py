"""Rules about sources: what they rename, what ids they need, what may be joined to them.

Belongs here: rules between `source`, `joined`, `reference.source` and the columns. Stays out: rules
of one source (spec/sources.py), other rules between sections (rules.py).
"""

from collections.abc import Iterator, Mapping, Sequence

from monitoring_assets.records import ColumnEntry
from monitoring_assets.spec.base import Mistake
from monitoring_assets.spec.columns import ColumnsSpec, DerivedSpec, MinutesBetween
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.rules import unknown
from monitoring_assets.spec.sources import (
    BundledSourceSpec,
    SimulatedTripsSpec,
    SourceSpec,
    SqlSourceSpec,
)


def source_mistakes(
    sources: tuple[SourceSpec, Sequence[JoinedSpec], SourceSpec | None],
    columns: ColumnsSpec,
    entries: Sequence[ColumnEntry],
    derived: Mapping[str, DerivedSpec],
) -> Iterator[Mistake]:
    """Yield names under `rename` that nothing asks for, and tables without an id.

    Parameters
    ----------
    sources
        `source`, `joined` and `reference.source`.
    """
    source, joined, reference = sources
    elsewhere = {name for one in joined for name in one.columns}
    main = read_names(columns, entries, derived) - elsewhere
    yield from _of_one(("source",), source, main)
    if reference is not None:
        yield from _of_one(("reference", "source"), reference, main | elsewhere)
    for i, one in enumerate(joined):
        yield from _of_one(("joined", i, "source"), one.source, {*one.columns})
    for path, one in ((("source",), source), (("reference", "source"), reference)):
        if isinstance(one, SqlSourceSpec) and columns.id is None:
            text = "is needed: rows of a table have no file and row number that could be their id"
            yield Mistake(("columns", "id"), f"{text} ({'.'.join(path)})")
            return


def joined_mistakes(
    joined: Sequence[JoinedSpec],
    columns: ColumnsSpec,
    entries: Sequence[ColumnEntry],
    derived: Mapping[str, DerivedSpec],
) -> Iterator[Mistake]:
    """Yield joined columns that are not the model's, come twice, or have no id to be found by."""
    if joined and columns.id is None:
        yield Mistake(("columns", "id"), "is needed: the sources under `joined` are joined by it")
    needed = {name for one in derived.values() for name in _inputs(one)}
    optional = (columns.knowledge_time, columns.model_version)
    legal = [e.column_name for e in entries if e.column_name not in derived]
    legal += [name for name in optional if name is not None]
    names: set[str] = set()
    taken: set[str] = set()
    for i, one in enumerate(joined):
        if one.name in names:
            yield Mistake(("joined", i, "name"), f"{one.name!r} is the name of another one")
        names.add(one.name)
        for j, name in enumerate(one.columns):
            path = ("joined", i, "columns", j)
            if name in needed or name == columns.event_time:
                yield Mistake(path, f"{name!r} has to come from `source` itself")
            elif name not in legal:
                yield unknown(path, name, legal)
            elif name in taken:
                yield Mistake(path, f"{name!r} comes from another joined source already")
            taken.add(name)
        yield from _knowledge_mistakes(i, one, columns)


def read_names(
    columns: ColumnsSpec, entries: Sequence[ColumnEntry], derived: Mapping[str, DerivedSpec]
) -> set[str]:
    """Return our names of all columns that have to be read from somewhere."""
    roles = (columns.id, columns.event_time, columns.model_version, columns.knowledge_time)
    read = {name for name in roles if name is not None}
    read |= {e.column_name for e in entries if e.column_name not in derived}
    return read | {name for one in derived.values() for name in _inputs(one)}


def _inputs(derived: DerivedSpec) -> tuple[str, ...]:
    return (derived.start, derived.end) if isinstance(derived, MinutesBetween) else ()


def _of_one(path: tuple[str | int, ...], source: SourceSpec, read: set[str]) -> Iterator[Mistake]:
    if isinstance(source, SimulatedTripsSpec | BundledSourceSpec):
        return
    for name in source.rename:
        if name not in read:
            yield unknown((*path, "rename", name), name, sorted(read))


def _knowledge_mistakes(i: int, one: JoinedSpec, columns: ColumnsSpec) -> Iterator[Mistake]:
    known, target = columns.knowledge_time, columns.target
    if known is not None and (known in one.columns) != (target in one.columns):
        text = f"{known!r} says when {target!r} became known: both come from one source"
        yield Mistake(("joined", i, "columns"), text)
