"""Any other database: files of SQLite, and Postgres read as if it were such a one."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitoring_assets.errors import (
    ConfigurationError,
    SourceFailedError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets.sources.sql.address import Address
from monitoring_assets.sources.sql.databases import DatabaseReader
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.sources.sql.tables import (
    COLUMNS,
    GOOD,
    make_file,
    make_table,
    prepared,
    query_spec,
    raw,
    read,
    sql_spec,
    values,
)

DAY = (utc(2023, 2, 1), utc(2023, 2, 2))
LITE = "id, time, distance, zone, minutes"
ROWS = [
    ("a", "2023-02-01 01:00:00", 1, "x", 10.0),
    ("b", "2023-02-01T02:00:00+00:00", 2.5, "y", None),
    ("c", "2023-02-01 03:00:00.123456", "?", 7, 30),
    ("d", "2023-02-02", None, 7.0, 30),
]
BOUNDED = "SELECT * FROM trips WHERE time >= :window_start AND time < :window_end"


@pytest.fixture
def url(tmp_path: Path) -> str:
    make_file(tmp_path / "trips.db", LITE, ROWS)
    return f"sqlite:///{tmp_path / 'trips.db'}"


@pytest.fixture
def over_sqlalchemy(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Have Postgres read over SQLAlchemy and psycopg."""
    monkeypatch.setattr(Address, "is_postgres", False)
    return empty_database


def with_psycopg(database: Database) -> str:
    return database.url.replace("postgresql://", "postgresql+psycopg://")


def test_texts_of_sqlite_are_read_as_what_the_model_needs(url: str) -> None:
    rows = read(sql_spec(url))
    assert values(rows, "row_id") == ["a", "b", "c"]
    assert values(rows, "event_time")[2] == utc(2023, 2, 1, 3).replace(microsecond=123456)
    assert values(rows, "distance") == [1.0, 2.5, None]
    assert values(rows, "zone") == ["x", "y", "7"]
    assert rows.adjusted == {"invalid:distance": 1}


@pytest.mark.parametrize("rows_at_once", [1, 2])
def test_a_column_may_hold_several_kinds_in_different_parts(
    url: str, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    whole = read(sql_spec(url), days=2)
    monkeypatch.setattr("monitoring_assets.sources.sql.databases._ROWS_AT_ONCE", rows_at_once)
    parts = read(sql_spec(url), days=2)
    assert (parts.table, parts.adjusted) == (whole.table, whole.adjusted)


@pytest.mark.parametrize("rows_at_once", [1, 2])
def test_whole_numbers_that_no_float_holds_may_stand_beside_fractions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.sql.databases._ROWS_AT_ONCE", rows_at_once)
    large = [(2**60 + n, f"2023-02-01 0{n}:00", 2**60 + n, "x", 1) for n in range(3)]
    make_file(tmp_path / "trips.db", LITE, [*large, (1.5, "2023-02-01", 1.5, "x", 1)])
    rows = read(sql_spec(f"sqlite:///{tmp_path / 'trips.db'}"))
    assert sorted(values(rows, "row_id")) == ["1.5", *(str(2**60 + n) for n in range(3))]
    assert sorted(values(rows, "distance")) == [1.5, *[2.0**60] * 3]
    assert rows.adjusted == {}


@pytest.mark.parametrize("query", ["SELECT * FROM trips", BOUNDED])
def test_a_query_of_sqlite_is_read_as_if_it_were_a_table(url: str, query: str) -> None:
    spec = query_spec(url, query)
    found = [values(read(spec, date(2023, 2, day)), "row_id") for day in (1, 2, 3)]
    assert found == [["a", "b", "c"], ["d"], []]


def test_the_newest_of_sqlite_is_an_instant(url: str) -> None:
    assert raw(sql_spec(url)).newest_event_time() == utc(2023, 2, 2)


def test_what_no_comparison_with_a_day_finds_is_not_the_newest(tmp_path: Path) -> None:
    odd = ["1773100800000", 1773100800000, "20260310T020000", " 2026-03-10", None]
    rows = [(str(n), time, 1, "x", 1) for n, time in enumerate(odd)]
    make_file(tmp_path / "trips.db", LITE, rows)
    source = raw(sql_spec(f"sqlite:///{tmp_path / 'trips.db'}"))
    assert source.newest_event_time() is None
    assert source.rows_outside([DAY])["event_time_missing"] == 5


def test_rows_outside_of_sqlite_are_counted_one_by_one(url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "trips.db")) as connection, connection:
        connection.execute("INSERT INTO trips VALUES ('e', NULL, 1, 'x', 1), ('f', '?', 1, 'x', 1)")
    assert raw(sql_spec(url)).rows_outside([DAY]) == {
        "before_every_period": 0,
        "between_periods": 0,
        "after_every_period": 1,
        "event_time_missing": 2,
    }


@pytest.mark.parametrize("rows", [[], [("a", None, 1, "x", 1)]])
def test_without_any_event_time_there_is_nothing_to_read(
    tmp_path: Path, rows: list[tuple[Any, ...]]
) -> None:
    make_file(tmp_path / "trips.db", LITE, rows)
    source = raw(sql_spec(f"sqlite:///{tmp_path / 'trips.db'}"))
    assert list(source.pieces(*DAY)) == []
    assert source.newest_event_time() is None
    assert source.rows_outside([DAY])["event_time_missing"] == len(rows)


def test_the_first_row_need_not_have_an_event_time(tmp_path: Path) -> None:
    make_file(tmp_path / "trips.db", LITE, [("z", None, 1, "x", 1), *ROWS])
    assert values(read(sql_spec(f"sqlite:///{tmp_path / 'trips.db'}")), "row_id") == ["a", "b", "c"]


def test_a_table_that_fills_up_meanwhile_is_looked_at_again(tmp_path: Path) -> None:
    make_file(tmp_path / "trips.db", LITE, [])
    source = raw(sql_spec(f"sqlite:///{tmp_path / 'trips.db'}"))
    assert list(source.pieces(*DAY)) == []
    with closing(sqlite3.connect(tmp_path / "trips.db")) as connection, connection:
        connection.execute("INSERT INTO trips VALUES ('a', '2023-02-01 01:00', 1, 'x', 1)")
    assert [len(piece.table) for piece in source.pieces(*DAY)] == [1]


def test_a_relative_file_lies_in_the_data_folder(url: str, tmp_path: Path) -> None:
    del url
    spec = sql_spec("sqlite:///trips.db")
    assert len(read(spec, folder=tmp_path).table) == 3
    assert raw(spec, tmp_path).describe()["database"] == f"sqlite:///{tmp_path}/trips.db"


def test_a_file_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match=r"model 'small': there is no file .*/no\.db"):
        read(sql_spec(f"sqlite:///{tmp_path}/no.db"))
    assert not (tmp_path / "no.db").exists()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trips.db").write_bytes(b"PAR1" * 1000)
    with pytest.raises(SourceFailedError, match="file is not a database"):
        read(sql_spec(f"sqlite:///{tmp_path}/trips.db"))


def test_a_locked_file_may_be_free_later(tmp_path: Path, url: str) -> None:
    spec = sql_spec(f"{url}?timeout=0.01")
    with closing(sqlite3.connect(tmp_path / "trips.db")) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceUnavailableError, match="database is locked") as caught:
            read(spec)
    assert caught.value.retryable


def test_sqlite_is_read_without_the_right_to_write(url: str) -> None:
    query = (
        "SELECT id, time, zone, minutes, (SELECT query_only FROM pragma_query_only) AS distance"
        " FROM trips"
    )
    assert values(read(query_spec(url, query)), "distance") == [1.0] * 3


def test_a_missing_table_is_named_with_those_there_are(url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "trips.db")) as connection, connection:
        connection.execute("CREATE VIEW scored_trips AS SELECT * FROM trips")
    with pytest.raises(SourceSchemaError, match=r"there is no table 'trip' .*did you mean 'trips'"):
        read(sql_spec(url, table="trip"))
    with pytest.raises(SourceSchemaError, match=r"did you mean 'scored_trips'"):
        read(sql_spec(url, table="scored_trip"))


def test_bytes_are_refused(tmp_path: Path) -> None:
    make_file(tmp_path / "trips.db", LITE, [("a", "2023-02-01", 1, b"x", 1)])
    with pytest.raises(SourceSchemaError, match=r"'zone' of table 'trips' .* of type binary"):
        read(sql_spec(f"sqlite:///{tmp_path}/trips.db"))


def test_a_number_is_no_time(tmp_path: Path) -> None:
    make_file(tmp_path / "trips.db", LITE, [("a", 1675209600, 1, "x", 1)])
    with pytest.raises(SourceSchemaError, match=r"'time' of table 'trips' .* of type int64"):
        read(sql_spec(f"sqlite:///{tmp_path}/trips.db"))


@pytest.mark.parametrize("stored", ["timestamptz", "timestamp", "date", "text"])
@pytest.mark.parametrize("query", [None, "SELECT * FROM trips", BOUNDED])
def test_both_ways_of_reading_postgres_give_the_same(
    empty_database: Database, stored: str, query: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_odd_table(empty_database, stored)
    if query is not None and stored == "text":
        query = "SELECT * FROM trips WHERE time >= '2023'"
    url = with_psycopg(empty_database)
    spec = sql_spec(url) if query is None else query_spec(url, query)
    ours = everything_of(spec)
    monkeypatch.setattr(Address, "is_postgres", False)
    assert isinstance(raw(spec).reader, DatabaseReader)
    assert everything_of(spec) == ours
    assert len(ours[0]) == 3


def make_odd_table(database: Database, stored: str) -> None:
    columns = f"id numeric(30, 2), time {stored}, distance numeric, zone uuid, minutes float8"
    uuid = "3a1dae5c-b103-47f3-9717-f931c0c5e9c4"
    ids = ["12345678901234567890.50", "74.00", "-1"]
    rows = [(one, row[1], "1.25", uuid, row[4]) for one, row in zip(ids, GOOD, strict=True)]
    make_table(database, columns, [*rows, ("5", None, "NaN", None, None)])


def everything_of(spec: ModelSpec) -> tuple[Any, ...]:
    source = raw(spec)
    rows = prepared(spec, source).read(*DAY)
    return (
        rows.table.to_pylist(),
        rows.adjusted,
        source.newest_event_time(),
        source.rows_outside([DAY]),
    )


def test_streams_of_any_database_are_read_in_parts(
    over_sqlalchemy: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.sql.databases._ROWS_AT_ONCE", 2)
    make_table(over_sqlalchemy)
    pieces = raw(sql_spec(with_psycopg(over_sqlalchemy))).pieces(*DAY)
    assert [len(piece.table) for piece in pieces] == [2, 1]


@pytest.mark.parametrize(
    ("url", "package"),
    [
        ("mysql+pymysql://ann:hunter2@db.example/warehouse", "pymysql"),
        ("mysql://ann:hunter2@db.example/warehouse", "mysqlclient"),
        ("snowflake://ann:hunter2@account/warehouse", "snowflake-sqlalchemy"),
        ("exotic://ann:hunter2@db.example/warehouse", "exotic"),
    ],
)
def test_a_driver_that_is_not_installed_is_named(url: str, package: str) -> None:
    with pytest.raises(ConfigurationError, match=f"needs the Python package '{package}'") as caught:
        read(sql_spec(url))
    assert "hunter2" not in str(caught.value)


def test_values_that_do_not_belong_together_are_named(over_sqlalchemy: Database) -> None:
    rows = [(*GOOD[0][:3], "{}", 1), (*GOOD[1][:3], "[1]", 1)]
    make_table(over_sqlalchemy, COLUMNS.replace("zone text", "zone jsonb"), rows)
    problem = r"model 'small': table 'trips' of .* values do not belong together: .* Cast it"
    with pytest.raises(SourceSchemaError, match=problem) as caught:
        read(sql_spec(with_psycopg(over_sqlalchemy)))
    assert caught.value.__context__ is None
