"""Which columns of a source a model needs, and what each one is for.

Belongs here: names, ours and the source's. Stays out: making a layout of a YAML (layouts.py),
reading and casting.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from monitoring_assets.errors import SourceSchemaError
from monitoring_assets.records import ColumnEntry, ColumnKind
from monitoring_assets.sources.base import INSTANT
from monitoring_assets.spec.columns import DerivedSpec, MinutesBetween

STORED_AS = {ColumnKind.NUMERICAL: pa.float64(), ColumnKind.CATEGORICAL: pa.string()}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Needed columns of one source of one model.

    Parameters
    ----------
    model_id
        For messages.
    section
        Where the YAML speaks of this source: `source`, `joined.labels.source`, `reference.source`.
    rename
        Our name of a column -> its name in the source, where they differ.
    zone
        Time zone of times that are stored without one.
    windows_zone
        Time zone in which hours and days are taken.
    event_time
        Our name of the column by which rows are found; None: rows have no time, all are wanted.
    id, knowledge_time, model_version
        Our names of these columns; None where this source has none.
    values
        Columns of the column dictionary that come from this source, in its order.
    derived
        Those of them that are computed from other columns.
    by_knowledge_time
        Rows are found by when they became known: `event_time` names the knowledge time, and
        `knowledge_time` the event time. What can be asked for a stretch of event time only (a query
        with bounds, a team's class) is asked for everything.
    """

    model_id: str
    section: str
    rename: Mapping[str, str]
    zone: str
    windows_zone: str
    event_time: str | None
    id: str | None
    knowledge_time: str | None
    model_version: str | None
    values: tuple[ColumnEntry, ...]
    derived: Mapping[str, DerivedSpec]
    by_knowledge_time: bool = False

    def name_in_source(self, column: str) -> str:
        """Return what the source calls one of our columns."""
        return self.rename.get(column, column)

    @property
    def event_time_in_source(self) -> str | None:
        """The source's name of the event time."""
        return None if self.event_time is None else self.name_in_source(self.event_time)

    @property
    def delivers_anything(self) -> bool:
        """Whether there is a column beside id and event time."""
        return bool(self.values or self.knowledge_time or self.model_version)

    @cached_property
    def times(self) -> tuple[str, ...]:
        """Our names of all columns that hold times, the event time first."""
        names = [*filter(None, (self.event_time, self.knowledge_time))]
        for derived in self.derived.values():
            if isinstance(derived, MinutesBetween):
                names += [derived.start, derived.end]
        return tuple(dict.fromkeys(names))

    @cached_property
    def schema(self) -> pa.Schema:
        """Columns of the rows being prepared: those of `SourceRows` without `rejected_by`.

        Times that this source does not have are null.
        """
        fields: list[tuple[str, pa.DataType]] = [
            ("row_id", pa.string()),
            ("event_time", INSTANT),
            ("knowledge_time", INSTANT),
        ]
        if self.model_version is not None:
            fields.append(("model_version", pa.string()))
        fields += [(entry.column_name, STORED_AS[entry.kind]) for entry in self.values]
        return pa.schema(fields)

    @cached_property
    def in_source(self) -> tuple[str, ...]:
        """The source's names of all columns that have to be read."""
        values = (e.column_name for e in self.values if e.column_name not in self.derived)
        names = (*self.times, *filter(None, (self.id, self.model_version)), *values)
        return tuple(dict.fromkeys(map(self.name_in_source, names)))

    def require(self, found: Sequence[str], origin: str) -> None:
        """Raise a `SourceSchemaError` that names every needed column which is not there."""
        missing = [name for name in self.in_source if name not in found]
        if missing:
            raise SourceSchemaError(
                f"model '{self.model_id}': {origin} lacks {_with_guesses(missing, found)}."
                f" Found: {', '.join(found) or 'no column at all'}. Mend {self._where_to_mend()} in"
                " the model's defs.yaml, or the source itself"
            )

    def _where_to_mend(self) -> str:
        if self.section.startswith("joined."):
            entry = self.section.removesuffix(".source")
            return (
                f"`{entry}.id`, `{entry}.event_time`, `{entry}.columns` or `{self.section}.rename`"
            )
        return f"`columns` or `{self.section}.rename`"

    @property
    def id_setting(self) -> str:
        """Where the YAML names the id."""
        if not self.section.startswith("joined."):
            return "columns.id"
        return f"{self.section.removesuffix('.source')}.id"

    def wrong_type(
        self, column: str, found: pa.DataType, origin: str, wanted: str
    ) -> SourceSchemaError:
        """Return the error for one of our columns whose stored type does not do."""
        return SourceSchemaError(
            f"model '{self.model_id}': column '{self.name_in_source(column)}' of {origin} is"
            f" of type {found}, which cannot be read as {wanted}. Give '{column}' another role in"
            " `columns`, or mend the source"
        )


def _with_guesses(missing: Sequence[str], found: Sequence[str]) -> str:
    lowered = {name.lower(): name for name in found}
    texts: list[str] = []
    for name in missing:
        close = difflib.get_close_matches(name.lower(), lowered, n=3)
        guess = " or ".join(f"'{lowered[match]}'" for match in close)
        texts.append(f"column '{name}'" + (f" (did you mean {guess}?)" if guess else ""))
    return ", ".join(texts)
