"""What a trouble is, and what all themes look at.

Belongs here: the values. Stays out: any one trouble.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.onboarding.choosing import Chosen
from monitoring_assets.onboarding.facts import Facts, category_facts, number_facts
from monitoring_assets.records import ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.sources.base import SourceRows
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import StoredSourceSpec


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that looks wrong.

    Parameters
    ----------
    text
        What was found, and what to do.
    column
        The column it is about, '' if about none.
    stops
        Whether a run would stop with an error.
    """

    text: str
    column: str = ""
    stops: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was read.

    Parameters
    ----------
    spec
        The model.
    now
        The present.
    chosen
        The window that was read.
    newest
        Newest event time of the source.
    outside
        Rows of the source in no window, by where they lie; see `Source.rows_outside`.
    rows
        The window's rows.
    stored
        Source's name of a column -> its type there.
    first
        Source's name of a column -> one of its values as text.
    no_numbers
        Column -> a text in it that is no number.
    reference
        Rows of the reference, as far as they were read; None if they could not be.
    training
        Rows that a model is trained on here, as far as they were read.
    reference_is_whole, training_is_whole
        Whether these are all of them.
    """

    spec: ModelSpec
    now: datetime
    chosen: Chosen
    newest: datetime
    outside: Mapping[str, int]
    rows: SourceRows
    stored: Mapping[str, pa.DataType] = field(default_factory=dict[str, pa.DataType])
    first: Mapping[str, str] = field(default_factory=dict[str, str])
    no_numbers: Mapping[str, str] = field(default_factory=dict[str, str])
    reference: SourceRows | None = None
    training: SourceRows | None = None
    reference_is_whole: bool = True
    training_is_whole: bool = True

    @cached_property
    def columns(self) -> tuple[tuple[ColumnEntry, Facts], ...]:
        """The columns that were delivered, each with the facts of all rows of the window."""
        table = self.rows.table
        names = {*table.column_names}
        return tuple(
            (entry, facts_of(entry, table))
            for entry in self.spec.column_dictionary()
            if entry.column_name in names
        )

    @cached_property
    def passing(self) -> pa.Table:
        """The window's rows that pass the filters."""
        return passing(self.rows)

    def name_in_source(self, column: str) -> str:
        """Return what the source calls one of our columns."""
        source = self.spec.source
        return source.rename.get(column, column) if isinstance(source, StoredSourceSpec) else column

    @property
    def has_predictions(self) -> bool:
        """Whether the source brings predictions, or what they follow from."""
        return self.spec.model is None


def facts_of(entry: ColumnEntry, table: pa.Table) -> Facts:
    """Return the facts of one column of prepared rows."""
    values = table.column(entry.column_name)
    return number_facts(values) if entry.kind is ColumnKind.NUMERICAL else category_facts(values)


def passing(rows: SourceRows) -> pa.Table:
    """Return the rows that pass the filters."""
    return rows.table.filter(pc.is_null(rows.table["rejected_by"]))


def is_feature(entry: ColumnEntry) -> bool:
    """Return whether the model sees a column."""
    return entry.role is ColumnRole.FEATURE


def is_input(entry: ColumnEntry) -> bool:
    """Return whether a column is watched, but neither predicted nor the truth."""
    return entry.role in (ColumnRole.FEATURE, ColumnRole.MONITORED)
