"""The shape of a typed row table: our column names, their spelling in Postgres, their types.

Belongs here: which Arrow type becomes which column, physical names, turning Arrow rows into what a
table takes and back. Stays out: creating tables (row_tables.py), reading and writing them.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

from monitoring_assets.errors import StorageError
from monitoring_assets.storage.tables.models import RowKind

ROW_ID: Final = "row_id"
EVENT_TIME: Final = "event_time"
KNOWLEDGE_TIME: Final = "knowledge_time"
MODEL_VERSION: Final = "model_version"
REFERENCE_VERSION: Final = "reference_version"
TARGET: Final = "target"

KEYS: Final[Mapping[RowKind, tuple[str, ...]]] = {
    RowKind.PREDICTIONS: (EVENT_TIME, ROW_ID),
    RowKind.LABELS: (EVENT_TIME, ROW_ID, KNOWLEDGE_TIME),
    RowKind.REFERENCE: (REFERENCE_VERSION, ROW_ID),
}
"""Columns that every row of a kind has, and that no two rows share.

Their index also finds the rows of a window, as the time comes first. Writing 1,000,000 rows x 20
columns took 2.4 s of the server's processor; with a second index by time it took 3.4 s.
"""

_ARROW: Final[Mapping[str, pa.DataType]] = {
    "double precision": pa.float64(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "text": pa.string(),
    "timestamptz": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
}
_SQL: Final[Mapping[str, sa.types.TypeEngine[Any]]] = {
    "double precision": sa.Double(),
    "bigint": sa.BigInteger(),
    "boolean": sa.Boolean(),
    "text": sa.Text(),
    "timestamptz": sa.DateTime(timezone=True),
    "date": sa.Date(),
}
_FIXED: Final = {
    ROW_ID: "text",
    EVENT_TIME: "timestamptz",
    KNOWLEDGE_TIME: "timestamptz",
    REFERENCE_VERSION: "bigint",
}
"""Columns whose type does not depend on the source: an id of digits is text all the same."""

_PLAIN: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
_SYSTEM: Final = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid"})


@dataclass(frozen=True)
class RowColumn:
    """One column of a row table."""

    name: str
    physical: str
    type: str


@dataclass(frozen=True, kw_only=True)
class RowTable:
    """A typed row table of schema `rows`.

    Parameters
    ----------
    prediction
        Our name of the column that holds the prediction, whether these rows have it or not.
    """

    model_id: str
    kind: RowKind
    version: int
    columns: tuple[RowColumn, ...]
    prediction: str

    @property
    def table_name(self) -> str:
        """Name in schema `rows`; at most 62 bytes with a month behind it, Postgres takes 63."""
        return f"{self.model_id}_{self.kind}_{self.version}"

    @property
    def qualified_name(self) -> str:
        """Name with its schema, for people."""
        return f"rows.{self.table_name}"

    @property
    def shape(self) -> dict[str, str]:
        """Our column name -> column type."""
        return {one.name: one.type for one in self.columns}

    @cached_property
    def sql(self) -> sa.Table:
        """The table as SQLAlchemy knows it, by physical names."""
        key = KEYS[self.kind]
        items: list[sa.schema.SchemaItem] = [
            sa.Column(one.physical, _SQL[one.type], nullable=one.name not in key)
            for one in self.columns
        ]
        items.append(sa.PrimaryKeyConstraint(*key, name=f"{self.table_name}_key"))
        by_month = {"postgresql_partition_by": f"RANGE ({EVENT_TIME})"}
        options: dict[str, Any] = {} if self.kind is RowKind.REFERENCE else by_month
        table = sa.Table(self.table_name, sa.MetaData(schema="rows"), *items, **options)
        table.comment = (
            f"Rows of model {self.model_id}: {self.kind}, shape {self.version}; how our column"
            " names are spelt here says monitoring.row_table."
        )
        return table

    def column(self, name: str) -> sa.Column[Any]:
        """Return the column that holds our column of this name."""
        for one in self.columns:
            if one.name == name:
                return self.sql.c[one.physical]
        names = ", ".join(repr(one.name) for one in self.columns)
        raise StorageError(
            f"{self.kind} of model '{self.model_id}' have no column {name!r}: {names}"
        )

    def encode(self, rows: pa.Table) -> pa.Table:
        """Return Arrow rows with the table's own names, order and types."""
        _require_names(self, rows.schema.names)
        arrays = [rows.column(one.name).cast(_ARROW[one.type]) for one in self.columns]
        return pa.Table.from_arrays(arrays, names=[one.physical for one in self.columns])

    def decode(self, rows: pa.Table, columns: Sequence[str]) -> pa.Table:
        """Return rows that were read as these columns, under our names."""
        types = {one.name: _ARROW[one.type] for one in self.columns}
        arrays = [rows.column(i).cast(types[name]) for i, name in enumerate(columns)]
        return pa.Table.from_arrays(arrays, names=list(columns))


def shape_of(model_id: str, kind: RowKind, schema: pa.Schema) -> dict[str, str]:
    """Return our column name -> column type for an Arrow schema.

    Raises
    ------
    StorageError
        A key column is missing, a name occurs twice, or a type has no place in a row table.
    """
    doing = f"{kind} of model '{model_id}'"
    doubled = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if doubled:
        raise StorageError(f"{doing}: column names occur twice: {', '.join(map(repr, doubled))}")
    if kind is RowKind.REFERENCE and REFERENCE_VERSION not in schema.names:
        schema = schema.append(pa.field(REFERENCE_VERSION, pa.int64()))
    missing = [name for name in KEYS[kind] if name not in schema.names]
    if missing:
        raise StorageError(f"{doing}: the columns {', '.join(missing)} are needed as key")
    return {field.name: _FIXED.get(field.name) or _type_of(doing, field) for field in schema}


def spelt(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return our column name -> physical name, the same for plain names, else a generated one.

    A generated name keeps what is readable of ours, so that a person can guess it, and ends in its
    fingerprint; no two are the same.

    Examples
    --------
    >>> spelt(["trip_distance", "select", "Zone"])
    {'trip_distance': 'trip_distance', 'select': 'select_b1a36d25', 'Zone': 'zone_a8a06e4a'}
    """
    names = list(names)
    used = {*taken, *filter(_is_plain, names)}
    spelling: dict[str, str] = {}
    for name in names:
        physical = name
        if not _is_plain(name):
            readable = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
            physical = _generated(
                f"{readable}" if readable[:1].isalpha() else f"c_{readable}", name, used
            )
            used.add(physical)
        spelling[name] = physical
    return spelling


def fingerprint(shape: Mapping[str, str]) -> str:
    """Return a fingerprint of column names and types, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(shape.items())).encode()).hexdigest()[:16]


def _generated(readable: str, name: str, used: set[str]) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()
    length = 8
    while f"{readable}_{digest[:length]}" in used:
        length += 1
    return f"{readable}_{digest[:length]}"


def _is_plain(name: str) -> bool:
    return _PLAIN.fullmatch(name) is not None and name not in RESERVED_WORDS and name not in _SYSTEM


def _type_of(doing: str, field: pa.Field) -> str:
    kind = field.type
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "double precision"
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_boolean(kind):
        return "boolean"
    return _type_of_other(doing, field)


def _type_of_other(doing: str, field: pa.Field) -> str:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return "timestamptz"
    if pa.types.is_date32(kind):
        return "date"
    raise StorageError(
        f"{doing}: column {field.name!r} has type {field.type}; a row table holds numbers,"
        " booleans, text, dates and times with a time zone. Give the column such a type on reading"
    )


def _require_names(table: RowTable, names: Sequence[str]) -> None:
    expected = {one.name for one in table.columns}
    if expected != set(names) or len(names) != len(expected):
        missing, extra = sorted(expected - set(names)), sorted(set(names) - expected)
        raise StorageError(
            f"{table.kind} of model '{table.model_id}': the rows do not have the table's"
            f" columns (missing: {missing}, not in the table: {extra}); call ensure_row_table first"
        )
