"""Section `source`: where a model's rows come from.

Belongs here: one closed class a kind of source. Stays out: reading (package `sources`), sources
joined by id (spec/joined.py).
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, Mistake, refuse
from monitoring_assets.spec.columns import ColumnName
from monitoring_assets.spec.windows import TimeZone

OnDuplicate = Literal["keep_last", "fail"]

OBJECT_STORES: Final = ("s3", "gs", "abfs", "abfss")
"""Schemes of paths that lie in an object store."""


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
        Field(description="URL of a store that speaks S3, such as 'http://minio:9000'."),
    ] = None
    region: Annotated[str | None, Field(description="Region of an S3 bucket.")] = None
    anonymous: Annotated[bool, Field(description="Read a public bucket without any key.")] = False

    def __post_init__(self) -> None:
        """Refuse an endpoint that is no address."""
        if self.endpoint is not None and urlsplit(self.endpoint).scheme not in ("http", "https"):
            refuse([Mistake(("endpoint",), "must begin with http:// or https://")])


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
        """Refuse an object store for files that lie on a disk, and unknown schemes."""
        refuse(self._path_mistakes())

    def _path_mistakes(self) -> Iterator[Mistake]:
        scheme = self.path.partition("://")[0] if "://" in self.path else ""
        if scheme and scheme not in OBJECT_STORES:
            legal = ", ".join(f"{one}://" for one in OBJECT_STORES)
            text = f"'{scheme}://' is no place we can read; legal: {legal}, or a path"
            yield Mistake(("path",), text)
        if not scheme and self.object_store is not None:
            yield Mistake(("object_store",), "leave it out: path names files on a disk")


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ParquetSourceSpec(FileSourceSpec):
    """Parquet files named by a pattern."""

    kind: Annotated[Literal["parquet"], Field(description="Parquet files.")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class CsvSourceSpec(FileSourceSpec):
    """CSV files named by a pattern, each with a line of column names; .gz and the like are read."""

    kind: Annotated[Literal["csv"], Field(description="CSV files.")]
    delimiter: Annotated[
        str, Field(min_length=1, max_length=1, description="Character between values.")
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
        except LookupError:
            yield Mistake(("encoding",), f"{self.encoding!r} is no encoding; try 'utf-8'")
        if self.delimiter in (self.decimal_point, self.quote):
            yield Mistake(("delimiter",), f"{self.delimiter!r} stands for something else already")


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class SqlSourceSpec(StoredSourceSpec):
    """A table or a query of any database that SQLAlchemy reaches."""

    kind: Annotated[Literal["sql"], Field(description="A table or a query of a database.")]
    url: Annotated[
        SecretStr,
        Field(
            min_length=1,
            description="SQLAlchemy URL, best as \"{{ env('WAREHOUSE_URL') }}\": it is a secret.",
        ),
    ]
    table: Annotated[
        str | None, Field(min_length=1, description="Name of a table, or 'schema.table'.")
    ] = None
    query: Annotated[
        str | None,
        Field(
            min_length=1,
            description="A SELECT, read as if it were a table; :window_start and :window_end in it"
            " are bound to the bounds of what is read.",
        ),
    ] = None

    def __post_init__(self) -> None:
        """Refuse two places to read from, and none."""
        if (self.table is None) == (self.query is None):
            refuse([Mistake((), "give either table or query")])


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class TlcTripsSourceSpec(StoredSourceSpec):
    """Monthly files of New York taxi trips; missing ones are downloaded and kept."""

    kind: Annotated[Literal["tlc_trips"], Field(description="New York taxi trips, public files.")]
    trips: Annotated[
        Literal["green", "yellow", "fhv", "fhvhv"],
        Field(description="Which trips: files are called <trips>_tripdata_YYYY-MM.parquet."),
    ]
    folder: Annotated[
        str,
        Field(
            min_length=1,
            description="Folder in which files are kept; a relative one starts at the data folder.",
        ),
    ] = "tlc_trips"


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class BundledSourceSpec:
    """A data set that comes with scikit-learn, drawn from anew each day: for first tries.

    Columns: `row_id`, `event_time`, the set's features under scikit-learn's names with `_` for
    blanks and without brackets, and `target`, for classifiers the class's name.
    """

    kind: Annotated[Literal["bundled"], Field(description="A data set of scikit-learn's.")]
    dataset: Annotated[
        Literal["breast_cancer", "diabetes", "digits", "iris", "wine"],
        Field(description="Name of the set."),
    ]
    rows_per_day: Annotated[
        int, Field(ge=1, le=1_000_000, description="Rows drawn for a day, with replacement.")
    ] = 200
    seed: Annotated[int, Field(ge=0, description="Same seed, same rows.")] = 1
    on_duplicate: Annotated[
        OnDuplicate, Field(description="An id twice in a window: keep the last row, or fail.")
    ] = "keep_last"


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class CustomSourceSpec(StoredSourceSpec):
    """A class of the team's own that reads rows."""

    kind: Annotated[Literal["custom"], Field(description="A class of your own.")]
    python_class: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
            description="'package.module:Class', importable, or found in a folder of models.",
        ),
    ]
    options: Annotated[
        dict[str, Any], Field(description="Given to the class by name when it is made.")
    ] = Field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class SimulatedTripsSpec:
    """Invented taxi trips, the same ones for the same seed, with changes planted on known days.

    Columns: `trip_id`, `pickup_time`, `passenger_count`, `trip_distance`, `pickup_zone`,
    `dropoff_zone`, `fare_amount`, `duration_minutes`.
    """

    kind: Annotated[Literal["simulated_trips"], Field(description="Invented taxi trips.")]
    rows_per_day: Annotated[
        int, Field(ge=1, le=1_000_000, description="Trips on an average day.")
    ] = 1000
    seed: Annotated[int, Field(ge=0, description="Same seed, same trips.")] = 1
    changes: Annotated[
        bool, Field(description="Whether the changes are planted; false gives quiet history.")
    ] = True
    on_duplicate: Annotated[
        OnDuplicate, Field(description="An id twice in a window: keep the last row, or fail.")
    ] = "keep_last"


SourceSpec = Annotated[
    ParquetSourceSpec
    | CsvSourceSpec
    | SqlSourceSpec
    | TlcTripsSourceSpec
    | BundledSourceSpec
    | CustomSourceSpec
    | SimulatedTripsSpec,
    Field(discriminator="kind"),
]
