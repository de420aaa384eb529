"""What explanations are made of: cuts of the rows into segments, and what each segment adds.

Belongs here: values, and which segments make a cut. Stays out: how parts come about (change.py,
shares.py), words (the modules of text).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from monitoring_assets.evaluation.segments import partitions
from monitoring_assets.records import SegmentEntry
from monitoring_assets.spec.expressions import columns_of
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True, kw_only=True)
class MixAndRate:
    """What one slice of the rows adds to a change.

    Parameters
    ----------
    segment
        Name of the slice.
    weight_before, weight_now
        Its share of the rows that count, before and now.
    mix, rate
        What the change of its weight, and the change inside it, add.
    """

    segment: str
    weight_before: float
    weight_now: float
    mix: float
    rate: float

    @property
    def total(self) -> float:
        """All that the slice adds."""
        return self.mix + self.rate


SomePart = TypeVar("SomePart", bound=MixAndRate)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Slices of which no two share a row.

    Parameters
    ----------
    name
        A column, the name of an expression's segment, or `model_version`.
    segments
        Its segments.
    rest
        Name of the slice of all rows that are in none of them.
    columns
        The columns that tell which rows are in which slice.
    """

    name: str
    segments: tuple[str, ...]
    rest: str
    columns: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Split(Generic[SomePart]):
    """A change, split over the slices of a cut.

    Parameters
    ----------
    name
        Name of the cut.
    parts
        One for each slice; empty if `why_not` says why.
    """

    name: str
    parts: tuple[SomePart, ...] = ()
    why_not: str = ""

    @property
    def tells(self) -> bool:
        """Whether rows lie in more than one slice; else it says what is said of the whole."""
        return sum(bool(part.weight_before or part.weight_now) for part in self.parts) > 1

    @property
    def mix(self) -> float:
        """What changed weights add."""
        return sum(part.mix for part in self.parts)

    @property
    def rate(self) -> float:
        """What changes inside slices add."""
        return sum(part.rate for part in self.parts)


def cuts(spec: ModelSpec, entries: Sequence[SegmentEntry]) -> tuple[Cut, ...]:
    """Return the cuts that a model's segments make: one for each column, one for each expression.

    Parameters
    ----------
    entries
        Segments that have been chosen; those that the YAML does not declare any more are left out.
    """
    declared = {one.column for one in spec.segments}
    by_column = [
        Cut(name=column, segments=segments, rest=f"{column}: in no segment", columns={column})
        for column, segments in partitions(entries).items()
        if column in declared
    ]
    chosen = {entry.segment for entry in entries}
    by_expression = [
        Cut(
            name=one.name,
            segments=(one.name,),
            rest=f"not {one.name}",
            columns=frozenset(columns_of(one.condition)),
        )
        for one in spec.segments
        if one.name in chosen and one.condition is not None
    ]
    return (*by_column, *by_expression)
