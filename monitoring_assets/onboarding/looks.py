"""What a sample shows of each column, before anybody has said what the column is.

Belongs here: from a column as it is stored to numbers, categories or times, by the rules by which
sources read them later. Stays out: roles (roles.py), reading samples.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.onboarding.facts import Facts, category_facts, number_facts
from monitoring_assets.records import ColumnKind
from monitoring_assets.sources.kinds import can_be, is_text, to_category, to_number
from monitoring_assets.sources.times import Times, holds_times, read_times
from monitoring_assets.sources.zones import Micros

Shape = Literal["number", "category", "time", "empty", "other"]

_READABLE: Final = 0.95
"""Share of a column's texts that have to be numbers, or times, for all of it to count as such."""

_FIRST: Final = 50
"""Texts that are tried as times, one by one, before all of them are."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One column of a sample.

    Parameters
    ----------
    name
        Its name in the source.
    column
        Its values as they are stored.
    shape
        What its values are; `empty` if there is none, `other` if no source can read them.
    facts
        Counts of its values; those of a time count different times.
    wrong
        Texts in a column of numbers or times that are neither.
    times
        Of a time: one entry a row, by the clock face if it has no zone; else None.
    aware
        Of a time: whether it says its zone.
    """

    name: str
    column: pa.ChunkedArray
    shape: Shape
    facts: Facts
    wrong: int = 0
    times: Times | None = None
    aware: bool = False

    @cached_property
    def as_categories(self) -> pa.ChunkedArray:
        """Its values read as categories."""
        return _categories(self.column)

    @cached_property
    def categories(self) -> Facts:
        """The facts of its values read as categories."""
        return category_facts(self.as_categories)

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        facts = self.facts if self.shape == "time" else self.categories
        return facts.rows > 1 and facts.missing == 0 and facts.distinct == facts.rows

    @property
    def instants(self) -> Micros:
        """Of a time: microseconds since 1970 where they are known; of anything else none."""
        if self.times is None:
            return np.empty(0, np.int64)
        return self.times.instants[self.times.known]

    @property
    def is_truth(self) -> bool:
        """Whether it is stored as true and false."""
        return pa.types.is_boolean(self.column.type)

    @property
    def is_whole(self) -> bool:
        """Whether all its values are whole numbers."""
        return self.facts.numbers is not None and self.facts.numbers.whole

    @property
    def is_share(self) -> bool:
        """Whether all its values are numbers from 0 to 1."""
        found = self.facts.numbers
        return found is not None and found.smallest >= 0 and found.largest <= 1


def look_at(name: str, column: pa.ChunkedArray) -> Look:
    """Return what a column shows."""
    if column.null_count == len(column):
        return Look(name=name, column=column, shape="empty", facts=_nothing(len(column)))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    ways = (
        (is_text, _look_at_texts),
        (holds_times, _time),
        (pa.types.is_boolean, _category),
        (_can_be_number, _number),
    )
    for fits, look in ways:
        if fits(column.type):
            return look(name, column)
    return Look(name=name, column=column, shape="other", facts=_nothing(len(column)))


def _can_be_number(stored: pa.DataType) -> bool:
    return can_be(ColumnKind.NUMERICAL, stored)


def _look_at_texts(name: str, column: pa.ChunkedArray) -> Look:
    # An empty text can be a feature's category, but is no class and no id.
    column = pc.if_else(pc.equal(column, ""), None, column)
    trimmed = pc.utf8_trim_whitespace(column)
    filled = pc.drop_null(pc.if_else(pc.equal(trimmed, ""), None, trimmed))
    if not len(filled):
        return Look(name=name, column=column, shape="empty", facts=_nothing(len(column)))
    first = filled.slice(0, _FIRST).combine_chunks()
    enough = _READABLE * len(first)
    if np.count_nonzero(read_times(first, "UTC").known) >= enough:
        look = _time(name, column)
        if look.wrong <= (1 - _READABLE) * len(filled):
            return look
    if np.count_nonzero(~to_number(first)[1]) >= enough:
        look = _number(name, column)
        if look.wrong <= (1 - _READABLE) * len(filled):
            return look
    return _category(name, column)


def _number(name: str, column: pa.ChunkedArray) -> Look:
    numbers, wrong = to_number(_joined(column))
    facts = number_facts(pa.chunked_array([numbers]))
    shape: Shape = "number" if facts.filled else "empty"
    return Look(
        name=name, column=column, shape=shape, facts=facts, wrong=int(np.count_nonzero(wrong))
    )


def _category(name: str, column: pa.ChunkedArray) -> Look:
    return Look(
        name=name, column=column, shape="category", facts=category_facts(_categories(column))
    )


def _time(name: str, column: pa.ChunkedArray) -> Look:
    times = read_times(_joined(column), "UTC")
    facts = Facts(
        rows=len(column),
        missing=int(np.count_nonzero(~times.known)),
        distinct=len(np.unique(times.instants[times.known])),
    )
    return Look(
        name=name,
        column=column,
        shape="time",
        facts=facts,
        wrong=int(np.count_nonzero(times.unreadable)),
        times=times,
        aware=says_zone(column.type, str(pc.drop_null(column).slice(0, 1)[0])),
    )


def says_zone(stored: pa.DataType, example: str) -> bool:
    """Return whether times of a type say their zone; of texts, an example tells.

    >>> says_zone(pa.string(), "2025-01-31 08:00"), says_zone(pa.timestamp("us", "UTC"), "")
    (False, True)
    """
    if not is_text(stored):
        return pa.types.is_timestamp(stored) and stored.tz is not None
    clock = example.strip()[10:]
    return clock.endswith(("Z", "z")) or "+" in clock or "-" in clock


def _categories(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([to_category(_joined(column))])


def _joined(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _nothing(rows: int) -> Facts:
    return Facts(rows=rows, missing=rows, distinct=0)
