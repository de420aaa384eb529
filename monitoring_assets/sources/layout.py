"""Which columns of a source a model needs, and what each one is for.

Belongs here: names, ours and the source's, derived from the YAML. Stays out: reading and casting.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from monitoring_assets.errors import SourceSchemaError
from monitoring_assets.records import ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.sources.base import INSTANT
from monitoring_assets.spec.columns import MinutesBetween
from monitoring_assets.spec.model import ModelSpec

_STORED_AS = {ColumnKind.NUMERICAL: pa.float64(), ColumnKind.CATEGORICAL: pa.string()}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Needed columns of one model.

    Parameters
    ----------
    spec
        The model.
    rename
        Our name of a column -> its name in the source, where they differ.
    zone
        Time zone of times that are stored without one.
    """

    spec: ModelSpec
    rename: Mapping[str, str]
    zone: str

    def name_in_source(self, column: str) -> str:
        """Return what the source calls one of our columns."""
        return self.rename.get(column, column)

    @cached_property
    def delivered(self) -> tuple[ColumnEntry, ...]:
        """Columns of the column dictionary that come from the source, in its order."""
        ours = self.spec.model is not None
        return tuple(
            entry
            for entry in self.spec.column_dictionary()
            if not (ours and entry.role is ColumnRole.PREDICTION)
        )

    @property
    def event_time_in_source(self) -> str:
        """The source's name of the event time."""
        return self.name_in_source(self.spec.columns.event_time)

    @cached_property
    def times(self) -> tuple[str, ...]:
        """Our names of all columns that hold times, the event time first."""
        names = [self.spec.columns.event_time]
        if self.spec.columns.knowledge_time is not None:
            names.append(self.spec.columns.knowledge_time)
        for derived in self.spec.derived.values():
            if isinstance(derived, MinutesBetween):
                names += [derived.start, derived.end]
        return tuple(dict.fromkeys(names))

    @cached_property
    def schema(self) -> pa.Schema:
        """Columns of the rows being prepared: those of `SourceRows` without `rejected_by`."""
        fields: list[tuple[str, pa.DataType]] = [
            ("row_id", pa.string()),
            ("event_time", INSTANT),
            ("knowledge_time", INSTANT),
        ]
        if self.spec.columns.model_version is not None:
            fields.append(("model_version", pa.string()))
        fields += [(entry.column_name, _STORED_AS[entry.kind]) for entry in self.delivered]
        return pa.schema(fields)

    @cached_property
    def in_source(self) -> tuple[str, ...]:
        """The source's names of all columns that have to be read."""
        columns = self.spec.columns
        values = (e.column_name for e in self.delivered if e.column_name not in self.spec.derived)
        names = (*self.times, *filter(None, (columns.id, columns.model_version)), *values)
        return tuple(dict.fromkeys(map(self.name_in_source, names)))

    def require(self, found: Sequence[str], origin: str) -> None:
        """Raise a `SourceSchemaError` that names every needed column which is not there."""
        missing = [name for name in self.in_source if name not in found]
        if missing:
            raise SourceSchemaError(
                f"model '{self.spec.model_id}': {origin} lacks {_with_guesses(missing, found)}."
                f" Found: {', '.join(found) or 'no column at all'}. Mend `columns` or"
                " `source.rename` in the model's defs.yaml, or the source itself"
            )

    def wrong_type(
        self, column: str, found: pa.DataType, origin: str, wanted: str
    ) -> SourceSchemaError:
        """Return the error for one of our columns whose stored type does not do."""
        return SourceSchemaError(
            f"model '{self.spec.model_id}': column '{self.name_in_source(column)}' of {origin} is"
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
