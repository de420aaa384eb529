"""Files as a source, and what sources of stored rows share.

Belongs here: one closed class a format, how an object store is reached. Stays out: sources that are
no files and the union of all kinds (sources.py), reading (package `sources`).
"""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, Mistake, refuse
from monitoring_assets.spec.columns import ColumnName
from monitoring_assets.spec.windows import TimeZone

OnDuplicate = Literal["keep_last", "fail"]

OBJECT_STORES: Final = ("s3", "gs", "abfs", "abfss")
"""Schemes of paths that lie in an object store."""

_ENDPOINT: Final = re.compile(r"https?://[^/\s]")
_LOGIN: Final = re.compile(r"://[^/]*:[^/]*@")
"""A user with a password before a host; abfs has a container before its host, without a colon."""


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class StoredSourceSpec:
    """What sources of stored rows share."""

    event_time_zone: Annotated[
        TimeZone | None,
        Field(description="Zone of times stored without one; without it, the windows' zone."),
    ] = None
    rename: Annotated[
        dict[ColumnName, ColumnName],
        Field(description="Our name of a column -> its name in the source."),
    ] = Field(default_factory=dict[ColumnName, ColumnName])
    on_duplicate: Annotated[
        OnDuplicate,
        Field(description="An id twice in a window: keep the last row, or fail."),
    ] = "keep_last"


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ObjectStoreSpec:
    """How an object store is reached; keys come from the environment, as the store's tools do."""

    endpoint: Annotated[
        str | None,
        Field(
            json_schema_extra={"pattern": f"^{_ENDPOINT.pattern}"},
            description="URL of a store that speaks S3, such as 'http://minio:9000'.",
        ),
    ] = None
    region: Annotated[str | None, Field(min_length=1, description="Region of an S3 bucket.")] = None
    anonymous: Annotated[bool, Field(description="Read a public bucket without any key.")] = False

    def __post_init__(self) -> None:
        """Refuse an endpoint that is no address, or that holds a key."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        if self.endpoint is None:
            return
        if not _ENDPOINT.match(self.endpoint):
            text = "must begin with http:// or https:// and name a host"
            yield Mistake(("endpoint",), text)
        elif "@" in self.endpoint.split("/")[2]:
            yield Mistake(("endpoint",), _NO_KEYS)


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class FileSourceSpec(StoredSourceSpec):
    """What sources of files share."""

    path: Annotated[
        str,
        Field(
            min_length=1,
            description="Pattern of the files, such as 'scores/*.parquet' or 's3://bucket/**/*.csv';"
            " a relative one starts at the data folder.",
        ),
    ]
    object_store: Annotated[
        ObjectStoreSpec | None,
        Field(description="How to reach the object store that `path` names (s3, gs, abfs)."),
    ] = None

    def __post_init__(self) -> None:
        """Refuse places that cannot be read, and an object store for files that lie on a disk."""
        refuse(self._path_mistakes())

    def _path_mistakes(self) -> Iterator[Mistake]:
        scheme = self.path.partition("://")[0] if "://" in self.path else ""
        if scheme and scheme not in OBJECT_STORES:
            legal = ", ".join(f"{one}://" for one in OBJECT_STORES)
            text = f"'{scheme}://' is no place we can read; legal: {legal}, or a path"
            yield Mistake(("path",), text)
        elif scheme and not re.match(r"[^/]+/.", self.path.partition("://")[2]):
            text = f"names no files; write {scheme}://bucket/folder/*.parquet"
            yield Mistake(("path",), text)
        elif _LOGIN.search(self.path):
            yield Mistake(("path",), _NO_KEYS)
        yield from self._store_mistakes(scheme)

    def _store_mistakes(self, scheme: str) -> Iterator[Mistake]:
        store = self.object_store
        if store is not None and not scheme:
            yield Mistake(("object_store",), "leave it out: path names files on a disk")
        elif store is not None and scheme in OBJECT_STORES[1:]:
            for name in ("endpoint", "region"):
                if getattr(store, name) is not None:
                    text = f"leave it out: it is for s3://, and path begins with {scheme}://"
                    yield Mistake(("object_store", name), text)


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ParquetSourceSpec(FileSourceSpec):
    """Parquet files named by a pattern."""

    kind: Annotated[Literal["parquet"], Field(description="Parquet files.")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class CsvSourceSpec(FileSourceSpec):
    """CSV files named by a pattern, each with a line of column names; .gz and the like are read."""

    kind: Annotated[Literal["csv"], Field(description="CSV files.")]
    delimiter: Annotated[
        str,
        Field(min_length=1, max_length=1, description='Character between values; "\\t" is a tab.'),
    ] = ","
    quote: Annotated[
        str, Field(min_length=1, max_length=1, description="Character around values.")
    ] = '"'
    decimal_point: Annotated[
        Literal[".", ","], Field(description="Character before the decimals of a number.")
    ] = "."
    encoding: Annotated[str, Field(description="Encoding of the text, as Python names it.")] = (
        "utf-8"
    )
    missing: Annotated[
        tuple[str, ...],
        Field(description="Texts that stand for a missing value, besides nothing at all."),
    ] = ()

    def __post_init__(self) -> None:
        """Refuse an encoding nobody knows, and one character for two things."""
        refuse([*self._path_mistakes(), *self._csv_mistakes()])

    def _csv_mistakes(self) -> Iterator[Mistake]:
        try:
            "".encode(self.encoding)
        except (LookupError, ValueError):
            yield Mistake(("encoding",), f"{self.encoding!r} is no encoding; try 'utf-8'")
        for name in ("delimiter", "quote"):
            one = getattr(self, name)
            if not (one == "\t" or (one.isascii() and one.isprintable())):
                yield Mistake((name,), f"{one!r} cannot be read; legal: a character of ASCII")
        taken = {self.decimal_point: "decimal_point", self.quote: "quote"}
        if self.delimiter in taken:
            text = f"{self.delimiter!r} is the {taken[self.delimiter]} already; try ';' or '|'"
            yield Mistake(("delimiter",), text)
        if self.quote == self.decimal_point:
            yield Mistake(("quote",), f"{self.quote!r} is the decimal_point already")


_NO_KEYS: Final = "must not hold a key or a password; these come from the environment"
