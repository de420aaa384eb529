"""Rules about `segments`: which columns slices may look at, and how.

Belongs here: rules between `segments` and the columns. Stays out: rules inside one slice
(segments.py), which rows belong to it (evaluation/segments.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from monitoring_assets.records import ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.spec.base import LIST_IT, Mistake
from monitoring_assets.spec.expressions import OneOf, Ordered, Simple, simple_parts
from monitoring_assets.spec.segments import SegmentSpec

Path = tuple[str | int, ...]

_NOT_KNOWN_WITH_THE_ROW: Final[Mapping[ColumnRole, str]] = {
    ColumnRole.TARGET: "the target, which is known later than the row",
    ColumnRole.PROBABILITY: "a probability, of which no slice is made",
}


def segment_mistakes(
    segments: Sequence[SegmentSpec], dictionary: Sequence[ColumnEntry]
) -> Iterator[Mistake]:
    """Yield slices of one name, columns cut twice, and columns that no slice can look at."""
    entries = {entry.column_name: entry for entry in dictionary}
    names: set[str] = set()
    columns: set[str] = set()
    for i, segment in enumerate(segments):
        if segment.name is not None and segment.name in names:
            text = f"{segment.name!r} is the name of another slice; choose one"
            yield Mistake(("segments", i, "name"), text)
        if segment.column is not None and segment.column in columns:
            text = f"{segment.column!r} is cut into slices already; name it once"
            yield Mistake(("segments", i, "column"), text)
        names |= {segment.name or ""}
        columns |= {segment.column or ""}
        yield from _column_mistakes(i, segment, entries)


def _column_mistakes(
    i: int, segment: SegmentSpec, entries: Mapping[str, ColumnEntry]
) -> Iterator[Mistake]:
    if segment.column is not None:
        yield from _unfit_column(("segments", i, "column"), segment.column, entries)
    if segment.condition is None:
        return
    # A column may be named many times: what is wrong with it is said once.
    mistakes = [
        mistake
        for part in simple_parts(segment.condition)
        for mistake in _mistakes_of(("segments", i, "where"), part, entries)
    ]
    yield from dict.fromkeys(mistakes)


def _mistakes_of(path: Path, part: Simple, entries: Mapping[str, ColumnEntry]) -> Iterator[Mistake]:
    unfit = [*_unfit_column(path, part.column, entries)]
    yield from unfit
    if unfit:
        return
    kind = entries[part.column].kind
    if isinstance(part, Ordered) and kind is ColumnKind.CATEGORICAL:
        text = f"{part.column!r} is a category, which has no order; legal: =, <>, in, is null"
        yield Mistake(path, text)
    if isinstance(part, OneOf) and kind is ColumnKind.NUMERICAL:
        texts = [value for value in part.values if isinstance(value, str)]
        if texts:
            text = f"{part.column!r} is a number and {texts[0]!r} is text; write a number"
            yield Mistake(path, text)


def _unfit_column(path: Path, name: str, entries: Mapping[str, ColumnEntry]) -> Iterator[Mistake]:
    entry = entries.get(name)
    if entry is not None and entry.role not in _NOT_KNOWN_WITH_THE_ROW:
        return
    if entry is None:
        text = f"{name!r} is not a column of this model"
    else:
        text = f"{name!r} is {_NOT_KNOWN_WITH_THE_ROW[entry.role]}"
    legal = [one for one, at in entries.items() if at.role not in _NOT_KNOWN_WITH_THE_ROW]
    hint = f"; {LIST_IT}" if entry is None else ""
    yield Mistake(path, f"{text}; legal: {', '.join(legal)}{hint}")
