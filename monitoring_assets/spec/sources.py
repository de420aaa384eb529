"""Section `source`: where a model's rows come from.

Belongs here: one closed class a kind of source, and the union of them. Stays out: files
(file_sources.py), reading (package `sources`), sources joined by id (joined.py).
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, LARGEST_SEED, NUMBER, Mistake, one_of, refuse
from monitoring_assets.spec.file_sources import (
    OBJECT_STORES,
    CsvSourceSpec,
    FileSourceSpec,
    ObjectStoreSpec,
    OnDuplicate,
    ParquetSourceSpec,
    StoredSourceSpec,
)

__all__ = [
    "OBJECT_STORES",
    "BundledSourceSpec",
    "CsvSourceSpec",
    "CustomSourceSpec",
    "FileSourceSpec",
    "ObjectStoreSpec",
    "OnDuplicate",
    "ParquetSourceSpec",
    "SimulatedTripsSpec",
    "SourceSpec",
    "SqlSourceSpec",
    "StoredSourceSpec",
    "TlcTripsSourceSpec",
]

BESIDE_US: Final = re.compile(r"monitoring:///(?P<name>[a-z_][a-z0-9_]{0,62})")
"""Address of a database on the server of the monitoring database, wherever that is."""

_DIALECT: Final = re.compile(r"[a-z][a-z0-9_]*(\+[a-z0-9_]+)?://")
_QUERY: Final = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(?:select|with)\b", re.DOTALL | re.IGNORECASE
)
_PARAMETER: Final = re.compile(r"(?<![:\w\\]):(\w+)(?![:\w])")
"""What SQLAlchemy takes for a parameter of a query; `:a::date` is none to it."""

_CAST: Final = re.compile(r"(?<![:\w\\]):(window_start|window_end)::\s*(\w+)?")
_NO_CODE: Final = re.compile(r"--[^\n]*|/\*.*?\*/|'[^']*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$", re.DOTALL)
"""Comments and what stands in quotation marks."""


def _is_database(url: SecretStr) -> SecretStr:
    text = url.get_secret_value().strip()
    if text.startswith("monitoring:") and not BESIDE_US.fullmatch(text):
        raise ValueError(
            "names no database beside the monitoring database; write monitoring:///name, the name"
            " in small letters, digits and underscores"
        )
    if not _DIALECT.match(url.get_secret_value()):
        raise ValueError("is no SQLAlchemy URL; write dialect://user:password@host/database")
    return url


@dataclass(frozen=True, kw_only=True, config=one_of("table", "query"))
class SqlSourceSpec(StoredSourceSpec):
    """A table or a query of any database that SQLAlchemy reaches."""

    kind: Annotated[Literal["sql"], Field(description="A table or a query of a database.")]
    url: Annotated[
        SecretStr,
        AfterValidator(_is_database),
        Field(
            min_length=1,
            json_schema_extra={"pattern": f"^{_DIALECT.pattern}"},
            description="SQLAlchemy URL, best as \"{{ env('WAREHOUSE_URL') }}\": it is a secret; or"
            " monitoring:///name, a database on the server of the monitoring database.",
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
        """Refuse two places to read from, none, and a query that is no SELECT."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        if (self.table is None) == (self.query is None):
            yield Mistake((), "give either table or query")
        if self.query is None:
            return
        if not _QUERY.match(self.query):
            yield Mistake(("query",), "must be a SELECT, or a WITH that ends in one")
        code = _NO_CODE.sub(" ", self.query)
        if code.rstrip().endswith(";"):
            yield Mistake(
                ("query",), "leave out the ; at its end: it is read as if it were a table"
            )
        for name, kind in dict.fromkeys(_CAST.findall(code)):
            right = f"CAST(:{name} AS {kind or 'timestamptz'})"
            yield Mistake(("query",), f"write {right}: right before :: nothing is bound")

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the parameters that the query asks for."""
        return frozenset(_PARAMETER.findall(self.query or ""))

    @property
    def asks_for_bounds(self) -> bool:
        """Whether the query can be read for a stretch of time only."""
        return not self.parameters.isdisjoint(("window_start", "window_end"))


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
        int,
        Field(ge=1, le=1_000_000, description="Rows drawn for a day, with replacement."),
        NUMBER,
    ] = 200
    seed: Annotated[
        int, Field(ge=0, le=LARGEST_SEED, description="Same seed, same rows."), NUMBER
    ] = 1
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
            examples=["my_package.orders:OrderSource"],
            description="'package.module:Class', importable, or found in a folder of models.",
        ),
    ]
    options: Annotated[
        dict[str, Any],
        Field(description="Given to the class by name when it is made; no place for secrets."),
    ] = Field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class SimulatedTripsSpec:
    """Invented taxi trips, the same ones for the same seed, with changes planted on known days.

    Columns: `trip_id`, `pickup_time`, `passenger_count`, `trip_distance`, `pickup_zone`,
    `dropoff_zone`, `fare_amount`, `duration_minutes`.
    """

    kind: Annotated[Literal["simulated_trips"], Field(description="Invented taxi trips.")]
    rows_per_day: Annotated[
        int, Field(ge=1, le=1_000_000, description="Trips on an average day."), NUMBER
    ] = 1000
    seed: Annotated[
        int, Field(ge=0, le=LARGEST_SEED, description="Same seed, same trips."), NUMBER
    ] = 1
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
