"""Legal and illegal values of every field of `source`, one row a field.

Belongs here: all kinds of sources, and the smallest correct section of each. Stays out: rules
between fields (test_sources.py), assertions.
"""

from typing import Any

from monitoring_assets.spec.sources import (
    BundledSourceSpec,
    CsvSourceSpec,
    CustomSourceSpec,
    ObjectStoreSpec,
    ParquetSourceSpec,
    SimulatedTripsSpec,
    SqlSourceSpec,
    TlcTripsSourceSpec,
)
from monitoring_assets_tests.spec.field_rows import SEEDS, Row

RENAMES = [{}, {"age": "Age"}], [["age"], {"age": ""}, {"": "a"}, None]
DUPLICATES = ["keep_last", "fail"], ["keep_first", None]
ZONES = [None, "America/New_York"], ["EST5", ""]

SMALLEST_SOURCES: dict[type, dict[str, Any]] = {
    ObjectStoreSpec: {},
    ParquetSourceSpec: {"kind": "parquet", "path": "scores/*.parquet"},
    CsvSourceSpec: {"kind": "csv", "path": "scores/*.csv"},
    SqlSourceSpec: {"kind": "sql", "url": "postgresql://warehouse/sales", "table": "scores"},
    TlcTripsSourceSpec: {"kind": "tlc_trips", "trips": "green"},
    BundledSourceSpec: {"kind": "bundled", "dataset": "iris"},
    CustomSourceSpec: {"kind": "custom", "python_class": "orders.source:Orders"},
    SimulatedTripsSpec: {"kind": "simulated_trips"},
}

SOURCE_ROWS = [
    Row(ObjectStoreSpec, "endpoint", [None, "http://minio:9000"], [9000, ["http://minio"]]),
    Row(ObjectStoreSpec, "region", [None, "eu-central-1"], ["", 1]),
    Row(ObjectStoreSpec, "anonymous", [True, False], ["perhaps", None]),
    Row(ParquetSourceSpec, "kind", ["parquet"], ["csv", None]),
    Row(ParquetSourceSpec, "path", ["x.parquet", "s3://bucket/*.parquet"], ["", 5, None]),
    Row(ParquetSourceSpec, "object_store", [None], ["s3", {"bucket": "a"}, {"anonymous": 5}]),
    Row(ParquetSourceSpec, "event_time_zone", *ZONES),
    Row(ParquetSourceSpec, "rename", *RENAMES),
    Row(ParquetSourceSpec, "on_duplicate", *DUPLICATES),
    Row(CsvSourceSpec, "kind", ["csv"], ["tsv", None]),
    Row(CsvSourceSpec, "path", ["x.csv", "gs://bucket/*.csv.gz"], ["", 5, None]),
    Row(CsvSourceSpec, "object_store", [None], ["s3", {"bucket": "a"}]),
    Row(CsvSourceSpec, "event_time_zone", *ZONES),
    Row(CsvSourceSpec, "rename", *RENAMES),
    Row(CsvSourceSpec, "on_duplicate", *DUPLICATES),
    Row(CsvSourceSpec, "delimiter", [";", "\t", "|"], ["", "\\t", ", ", None]),
    Row(CsvSourceSpec, "quote", ["'", '"'], ["", "''", None]),
    Row(CsvSourceSpec, "decimal_point", ["."], [";", "", None]),
    Row(CsvSourceSpec, "encoding", ["latin-1", "utf-8"], [8, None]),
    Row(CsvSourceSpec, "missing", [[], ["NA", "-999"]], ["NA", [-999], None]),
    Row(SqlSourceSpec, "kind", ["sql"], ["postgres", None]),
    Row(
        SqlSourceSpec,
        "url",
        ["sqlite:///a.db", "mysql+pymysql://h/d", "monitoring:///scores"],
        ["", "warehouse", 5, None],
    ),
    Row(SqlSourceSpec, "table", ["sales.orders"], ["", 5]),
    Row(SqlSourceSpec, "query", [None], ["", 5, ["SELECT 1"]]),
    Row(SqlSourceSpec, "event_time_zone", *ZONES),
    Row(SqlSourceSpec, "rename", *RENAMES),
    Row(SqlSourceSpec, "on_duplicate", *DUPLICATES),
    Row(TlcTripsSourceSpec, "kind", ["tlc_trips"], ["tlc", None]),
    Row(TlcTripsSourceSpec, "trips", ["green", "fhvhv"], ["blue", "", None]),
    Row(TlcTripsSourceSpec, "folder", ["tlc_trips", "trips/green"], ["", 5, None]),
    Row(TlcTripsSourceSpec, "event_time_zone", *ZONES),
    Row(TlcTripsSourceSpec, "rename", *RENAMES),
    Row(TlcTripsSourceSpec, "on_duplicate", *DUPLICATES),
    Row(BundledSourceSpec, "kind", ["bundled"], ["sklearn", None]),
    Row(BundledSourceSpec, "dataset", ["iris", "wine"], ["titanic", "", None]),
    Row(BundledSourceSpec, "rows_per_day", [1, 1_000_000], [0, 1_000_001, 1.5, True, None]),
    Row(BundledSourceSpec, "seed", *SEEDS),
    Row(BundledSourceSpec, "on_duplicate", *DUPLICATES),
    Row(CustomSourceSpec, "kind", ["custom"], ["python", None]),
    Row(
        CustomSourceSpec,
        "python_class",
        ["orders:Orders", "a.b_c:_D1"],
        ["orders.Orders", "orders:", ":Orders", "or ders:O", "1:O", "", None],
    ),
    Row(CustomSourceSpec, "options", [{}, {"shop": 3, "x": [1]}], [["shop"], {5: 1}, None]),
    Row(CustomSourceSpec, "event_time_zone", *ZONES),
    Row(CustomSourceSpec, "rename", *RENAMES),
    Row(CustomSourceSpec, "on_duplicate", *DUPLICATES),
    Row(SimulatedTripsSpec, "kind", ["simulated_trips"], ["trips", None]),
    Row(SimulatedTripsSpec, "rows_per_day", [1, 1_000_000], [0, 1_000_001, 1.5, True, None]),
    Row(SimulatedTripsSpec, "seed", *SEEDS),
    Row(SimulatedTripsSpec, "changes", [True, False], ["some", None]),
    Row(SimulatedTripsSpec, "on_duplicate", *DUPLICATES),
]
