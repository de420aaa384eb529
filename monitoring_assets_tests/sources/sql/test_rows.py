"""Rows of tables and queries in a real Postgres, beside the same rows in a file."""

from datetime import date
from pathlib import Path

import pytest

from monitoring_assets.errors import ConfigurationError, SourceSchemaError
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_reference_source, build_source
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import read_rows, utc
from monitoring_assets_tests.sources.sql.tables import (
    COLUMNS,
    GOOD,
    make_table,
    query_spec,
    raw,
    read,
    run,
    sql_spec,
    values,
)
from monitoring_assets_tests.specs import small_columns

DAY = (utc(2023, 2, 1), utc(2023, 2, 2))


@pytest.fixture
def trips(empty_database: Database) -> Database:
    make_table(empty_database)
    return empty_database


def test_a_table_is_read_as_a_file_with_the_same_rows_is(trips: Database, tmp_path: Path) -> None:
    ours, theirs = read(sql_spec(trips.url)), read_rows(tmp_path)
    assert (ours.table, ours.adjusted) == (theirs.table, theirs.adjusted)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_whichever_driver_the_url_names_the_rows_are_the_same(trips: Database, scheme: str) -> None:
    url = trips.url.replace("postgresql://", f"{scheme}://")
    assert values(read(sql_spec(url)), "row_id") == ["a", "b", "c"]


def test_a_day_has_its_own_rows_only(empty_database: Database) -> None:
    late = ("d", "2023-02-02 00:00+00", 4.0, "y", 40.0)
    never = ("e", None, 5.0, "y", 50.0)
    make_table(empty_database, rows=[*GOOD, late, never])
    spec = sql_spec(empty_database.url)
    found = [values(read(spec, date(2023, 2, day)), "row_id") for day in (1, 2, 3)]
    assert found == [["a", "b", "c"], ["d"], []]


def test_a_day_without_rows_has_every_column(trips: Database) -> None:
    spec = sql_spec(trips.url)
    assert read(spec, date(2023, 3, 1)).table.schema == read(spec).table.schema


def test_rows_are_fetched_in_parts(trips: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitoring_assets.sources.sql.postgres._ROWS_AT_ONCE", 1)
    monkeypatch.setattr("monitoring_assets.sources.sql.postgres._FETCHES_JOINED", 2)
    pieces = list(raw(sql_spec(trips.url)).pieces(*DAY))
    assert [len(piece.table) for piece in pieces] == [2, 1]


def test_columns_are_found_under_their_name_in_the_database(empty_database: Database) -> None:
    columns = 'id text, "When" timestamptz, "Dist %s" float8, "select" text, minutes float8'
    make_table(empty_database, columns)
    rename = {"time": "When", "distance": "Dist %s", "zone": "select"}
    rows = read(sql_spec(empty_database.url, source={"rename": rename}))
    assert values(rows, "distance") == [1.0, 2.0, 3.0]
    assert values(rows, "zone") == ["x", "y", "x"]


@pytest.mark.parametrize("name", ["warehouse.trips", "warehouse.Trips_2", "seen"])
def test_a_table_may_lie_in_a_schema_or_be_a_view(trips: Database, name: str) -> None:
    run(
        trips,
        "CREATE SCHEMA warehouse",
        'CREATE VIEW warehouse."Trips_2" AS SELECT * FROM trips',
        "CREATE MATERIALIZED VIEW seen AS SELECT * FROM trips",
        "CREATE TABLE warehouse.trips AS SELECT * FROM trips",
    )
    assert values(read(sql_spec(trips.url, table=name)), "row_id") == ["a", "b", "c"]


def test_columns_nobody_asked_for_are_not_read(trips: Database) -> None:
    run(trips, "CREATE VIEW odd AS SELECT *, 1 / (minutes - minutes) AS boom FROM trips")
    assert len(read(sql_spec(trips.url, table="odd")).table) == 3


def test_a_query_is_read_as_if_it_were_a_table(trips: Database) -> None:
    query = "SELECT id, time, 2 * distance AS distance, zone, minutes FROM trips -- doubled"
    assert values(read(query_spec(trips.url, query)), "distance") == [2.0, 4.0, 6.0]


@pytest.mark.parametrize("stored", ["timestamptz", "timestamp", "date", "text"])
def test_a_query_may_ask_for_the_bounds_of_what_is_read(
    empty_database: Database, stored: str
) -> None:
    make_table(empty_database, COLUMNS.replace("timestamptz", stored))
    asked = "CAST(time AS timestamptz)" if stored == "text" else "time"
    query = "SELECT * FROM trips WHERE stamp >= :window_start AND stamp < :window_end"
    query = query.replace("stamp", asked)
    spec = query_spec(empty_database.url, query)
    found = [values(read(spec, date(2023, 2, day)), "row_id") for day in (1, 2)]
    assert found == [["a", "b", "c"], []]
    assert build_source(spec, Places(Path())).newest_event_time() == utc(
        2023, 2, 1, *(() if stored == "date" else (3,))
    )


def test_a_query_may_ask_for_one_bound_and_hold_colons(trips: Database) -> None:
    query = (
        r"SELECT *, ' \:x' AS note, '12:30'::time AS noon FROM trips WHERE time <"
        " :window_end - interval '22 hours'"
    )
    assert values(read(query_spec(trips.url, query)), "row_id") == ["a"]


def test_a_bound_may_be_cast(trips: Database) -> None:
    query = "SELECT * FROM trips WHERE CAST(time AS date) < CAST(:window_end AS date)"
    found = [values(read(query_spec(trips.url, query), date(2023, 2, d)), "row_id") for d in (1, 2)]
    assert found == [["a", "b", "c"], []]


def test_a_query_that_asks_for_anything_else_is_a_mistake(trips: Database) -> None:
    spec = query_spec(trips.url, "SELECT * FROM trips WHERE id = :who")
    with pytest.raises(ConfigurationError, match=r"model 'small': `source\.query` asks for :who"):
        read(spec)


def test_the_database_lets_nothing_be_written(trips: Database) -> None:
    query = (
        "SELECT *, current_setting('transaction_read_only') AS read_only,"
        " current_setting('TimeZone') AS clock FROM trips"
    )
    spec = query_spec(trips.url, query, source={"rename": {"zone": "read_only"}})
    assert set(values(read(spec), "zone")) == {"on"}
    spec = query_spec(trips.url, query, source={"rename": {"zone": "clock"}})
    assert set(values(read(spec), "zone")) == {"UTC"}


def test_a_reference_without_a_period_is_read_whole(trips: Database) -> None:
    source = {"kind": "sql", "url": trips.url, "query": "SELECT * FROM trips"}
    columns = small_columns(prediction="minutes", target=None)
    spec = sql_spec(trips.url, model=None, reference={"source": source}, columns=columns)
    rows = build_reference_source(spec, Places(Path())).read()
    assert values(rows, "row_id") == ["a", "b", "c"]
    assert values(rows, "event_time") == [None] * 3


@pytest.mark.parametrize("upside_down", [False, True])
def test_of_rows_with_one_id_the_last_is_defined_whatever_the_database_gives_first(
    empty_database: Database, upside_down: bool
) -> None:
    rows = [
        *GOOD,
        ("a", "2023-02-01 00:30+00", 9.0, "z", 90.0),  # earlier: the good one stays
        ("b", "2023-02-01 02:00+00", 7.0, "a", 1.0),  # same time, larger distance: wins
        ("c", "2023-02-01 03:00+00", 3.0, None, 99.0),  # same up to the zone, which is missing
    ]
    make_table(empty_database, rows=rows[::-1] if upside_down else rows)
    found = read(sql_spec(empty_database.url))
    assert values(found, "distance") == [1.0, 7.0, 3.0]
    assert values(found, "zone") == ["x", "a", "x"]
    assert found.adjusted == {"duplicate_id": 3}


def test_without_an_id_column_a_row_has_no_id(trips: Database) -> None:
    # The YAML is refused already; a source built by hand says so as well.
    spec = sql_spec(trips.url)
    rows = raw(spec)
    piece = next(rows.pieces(*DAY))
    with pytest.raises(ConfigurationError, match=r"model 'small': `columns\.id` is needed"):
        piece.row_ids()


@pytest.mark.parametrize(
    ("stored", "given", "number", "category"),
    [
        ("numeric(10, 2)", "74.00", 74.0, "74"),
        ("numeric", "1.50", 1.5, "1.5"),
        ("numeric", "12345678901234567890", 12345678901234567890.0, "12345678901234567890"),
        ("money", "1.5", 1.5, "1.5"),
        ("smallint", "7", 7.0, "7"),
        ("real", "0.5", 0.5, "0.5"),
        ("varchar(9)", "7", 7.0, "7"),
        ("char(9)", "7", 7.0, "7"),
        ("boolean", "true", 1.0, "true"),
    ],
)
def test_numbers_of_every_type_are_numbers_or_categories(
    empty_database: Database, stored: str, given: str, number: float, category: str
) -> None:
    columns = f"id text, time timestamptz, distance {stored}, zone {stored}, minutes float8"
    make_table(empty_database, columns, [("a", GOOD[0][1], given, given, None)])
    rows = read(sql_spec(empty_database.url))
    assert (values(rows, "distance"), values(rows, "zone")) == ([number], [category])


@pytest.mark.parametrize(
    ("stored", "given", "text"),
    [
        ("uuid", "3A1DAE5C-b103-47f3-9717-f931c0c5e9c4", "3a1dae5c-b103-47f3-9717-f931c0c5e9c4"),
        ("macaddr", "08002b010203", "08:00:2b:01:02:03"),
        ("date", "2023-02-01", "2023-02-01"),
        ("numeric(20)", "12345678901234567890", "12345678901234567890"),
        ("bigint", "9007199254740993", "9007199254740993"),
    ],
)
def test_ids_of_every_type_are_texts_and_keep_every_digit(
    empty_database: Database, stored: str, given: str, text: str
) -> None:
    make_table(
        empty_database,
        COLUMNS.replace("id text", f"id {stored}"),
        [(given, GOOD[0][1], 1.0, "x", 1.0)],
    )
    assert values(read(sql_spec(empty_database.url)), "row_id") == [text]


def test_a_type_of_the_databases_own_is_a_category(empty_database: Database) -> None:
    run(empty_database, "CREATE TYPE place AS ENUM ('x', 'y')")
    make_table(empty_database, COLUMNS.replace("zone text", "zone place"))
    assert values(read(sql_spec(empty_database.url)), "zone") == ["x", "y", "x"]


@pytest.mark.parametrize(
    ("stored", "given", "found"),
    [("bytea", "\\x01", "binary"), ("int[]", "{1}", "list"), ("interval", "1 day", "interval")],
)
def test_what_is_neither_number_nor_text_is_refused(
    empty_database: Database, stored: str, given: str, found: str
) -> None:
    row = ("a", GOOD[0][1], 1.0, given, 1.0)
    make_table(empty_database, COLUMNS.replace("zone text", f"zone {stored}"), [row])
    with pytest.raises(SourceSchemaError, match=rf"'zone' of table 'trips' .* of type .*{found}"):
        read(sql_spec(empty_database.url))


def test_a_description_shows_neither_user_nor_password() -> None:
    url = "postgresql+psycopg://ann:hunter2@db.example:6543/warehouse?password=hunter2"
    assert raw(sql_spec(url)).describe() == {
        "kind": "sql",
        "database": "postgresql://db.example:6543/warehouse",
        "table": "trips",
    }
    assert raw(query_spec(url, "SELECT *\nFROM trips")).describe()["query"] == "SELECT * FROM trips"


def test_nobody_knows_the_truth_about_real_rows() -> None:
    assert raw(sql_spec("postgresql://db.example/warehouse")).planted_changes() == ()
