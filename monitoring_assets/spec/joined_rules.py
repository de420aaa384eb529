"""Rules about `joined`: which columns may come from another source, found by id.

Belongs here: rules between `joined` and the columns. Stays out: what such a source may be asked for
(source_rules.py), reading (package `sources`).
"""

from collections.abc import Iterator, Mapping, Sequence

from monitoring_assets.records import ColumnEntry
from monitoring_assets.spec.base import Mistake
from monitoring_assets.spec.columns import ColumnsSpec, DerivedSpec
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.source_rules import inputs, joined_source_mistakes, unread


def joined_mistakes(
    joined: Sequence[JoinedSpec],
    columns: ColumnsSpec,
    delivered: Sequence[ColumnEntry],
    derived: Mapping[str, DerivedSpec],
) -> Iterator[Mistake]:
    """Yield joined columns that are not the model's, come twice, or have no id to be found by."""
    if joined and columns.id is None:
        yield Mistake(("columns", "id"), "is needed: the sources under `joined` are joined by it")
    optional = (columns.knowledge_time, columns.model_version)
    legal = [e.column_name for e in delivered if e.column_name not in derived]
    legal += [name for name in optional if name is not None]
    main = _of_the_source(columns, derived)
    names: set[str] = set()
    taken: dict[str, int] = {}
    for i, one in enumerate(joined):
        if one.name in names:
            yield Mistake(
                ("joined", i, "name"), f"{one.name!r} is the name of another one; choose one"
            )
        names.add(one.name)
        for j, name in enumerate(one.columns):
            path = ("joined", i, "columns", j)
            if name in main:
                yield Mistake(path, f"{name!r} {main[name]}")
            elif name not in legal:
                yield unread(path, name, [one for one in legal if one not in main])
            elif name in taken:
                again = "this" if taken[name] == i else "another"
                yield Mistake(
                    path, f"{name!r} comes from {again} joined source already; name it once"
                )
            taken.setdefault(name, i)
        yield from _knowledge_mistakes(i, one, columns)
        yield from joined_source_mistakes(i, one, columns)


def _of_the_source(columns: ColumnsSpec, derived: Mapping[str, DerivedSpec]) -> dict[str, str]:
    """Return the columns that cannot be joined, and why."""
    why = dict.fromkeys(derived, "is computed (`derived`) and comes from nowhere; leave it out")
    for name in (columns.event_time, *(name for one in derived.values() for name in inputs(one))):
        why[name] = "has to come from `source` itself; leave it out"
    if columns.id is not None:
        why[columns.id] = "is the id, which is in every source; leave it out"
    return why


def _knowledge_mistakes(i: int, one: JoinedSpec, columns: ColumnsSpec) -> Iterator[Mistake]:
    known, target = columns.knowledge_time, columns.target
    if None in (known, target) or (known in one.columns) == (target in one.columns):
        return
    text = f"{known!r} says when {target!r} became known: name both here, or neither"
    yield Mistake(("joined", i, "columns"), text)
