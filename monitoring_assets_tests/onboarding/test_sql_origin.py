"""Tables of real databases: counted there, some rows from all over, no URL in the YAML."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from monitoring_assets.errors import ConfigurationError, SourceFailedError, SourceUnavailableError
from monitoring_assets.onboarding import sql_origin
from monitoring_assets.onboarding.locating import Named, locate
from monitoring_assets.onboarding.proposal import Proposal, propose
from monitoring_assets.onboarding.roles import Wishes
from monitoring_assets.onboarding.written import defs_yaml
from monitoring_assets.spec.sources import ObjectStoreSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.onboarding.data import loaded, roles

ROWS = """\
CREATE TABLE {name} AS SELECT 'P' || n AS payment_id,
  timestamptz '2025-01-01' + n * interval '5 minutes' AS paid_at,
  (n % 977) * 1.5 AS amount, (ARRAY['shop', 'web'])[n % 2 + 1] AS channel,
  (n % 100) / 100.0 AS probability, n % 3 = 0 AS "is fraud: #1"
FROM generate_series(0, {last}) AS n"""


def made(database: Database, name: str = "payments", rows: int = 10_000) -> Database:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(ROWS.format(name=name, last=rows - 1).encode())
    return database


def proposed(
    text: str, folder: Path = Path("/nowhere"), table: str | None = None, **wishes: str
) -> Proposal:
    named = Named(
        text=text,
        table=table,
        url_variable="WAREHOUSE_URL",
        object_store=ObjectStoreSpec(),
        event_time=wishes.get("event_time"),
    )
    return propose(locate(named, "small", folder, {}), Wishes(**wishes))  # pyright: ignore[reportArgumentType] - columns


def test_a_table_of_postgres_is_what_its_columns_are(empty_database: Database) -> None:
    proposal = proposed(made(empty_database).url, table="payments", target="is fraud: #1")
    assert roles(proposal) == {
        "payment_id": "id",
        "paid_at": "event time",
        "amount": "numerical",
        "channel": "categorical",
        "probability": "probability",
        "is fraud: #1": "target",
    }
    assert (proposal.sample.rows, proposal.cut.windows, proposal.cut.rows) == (10_000, 35, 288)
    assert proposal.event_time.aware


def test_the_yaml_names_the_variable_and_nothing_of_the_url(
    empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = proposed(made(empty_database).url, table="payments", target="is fraud: #1")
    text = defs_yaml(proposal, "small", "x")
    assert "url: \"{{ env('WAREHOUSE_URL') }}\"" in text
    assert empty_database.url not in text
    monkeypatch.setenv("WAREHOUSE_URL", empty_database.url)
    spec = loaded(proposal, tmp_path)
    assert (spec.columns.id, spec.columns.target) == ("payment_id", "is fraud: #1")


def test_of_a_large_table_rows_from_all_over_are_read(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_origin, "_WHOLE", 1000)
    monkeypatch.setattr(sql_origin, "_ROWS_OF_STRETCH", 100)
    proposal = proposed(made(empty_database).url, table="payments", target="is fraud: #1")
    sample = proposal.sample
    assert (sample.rows, sample.exact) == (10_000, True)
    assert sample.table.num_rows == 800
    assert roles(proposal)["payment_id"] == "id"
    assert proposal.cut.last.isoformat() == "2025-02-04"
    assert proposal.cut.rows == pytest.approx(286, abs=3)


def test_a_file_of_sqlite_is_a_table_too(tmp_path: Path) -> None:
    rows = [(f"r{n}", f"2025-01-{n // 40 + 1:02} 10:00:00", n % 50, n % 2) for n in range(800)]
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("CREATE TABLE trips (id text, time text, amount int, label int)")
        connection.executemany("INSERT INTO trips VALUES (?, ?, ?, ?)", rows)
    proposal = proposed("sqlite:///a.db", tmp_path, "trips")
    assert roles(proposal)["amount"] == "numerical"
    assert (proposal.sample.rows, proposal.cut.windows) == (800, 4)
    assert proposal.answers.none_given


def test_a_table_without_an_id_is_refused(empty_database: Database) -> None:
    database = made(empty_database)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("ALTER TABLE payments DROP COLUMN payment_id")
    with pytest.raises(ConfigurationError, match=r"Name it by --id\. Columns: amount, channel"):
        proposed(database.url, table="payments", target="is fraud: #1")


def test_a_table_that_is_not_there_is_answered_with_the_likeliest_one(
    empty_database: Database,
) -> None:
    with pytest.raises(
        ConfigurationError, match=r"no table 'payment' in .*did you mean .*payments"
    ):
        proposed(made(empty_database).url, table="payment")


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/nothing"
    with pytest.raises((SourceUnavailableError, SourceFailedError)) as refused:
        proposed(url, table="payments")
    assert "secret" not in str(refused.value)
    assert "127.0.0.1:1" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "table", "environment", "message"),
    [
        ("table:payments", None, {}, "read from WAREHOUSE_URL, which is not set"),
        ("table:", None, {"WAREHOUSE_URL": "sqlite://"}, "name the table by --table"),
        ("sqlite://", None, {}, "name the table by --table"),
        ("sqlite://", "x", {"WAREHOUSE_URL": "sqlite:///b"}, "holds the URL of another database"),
        ("a.csv", "x", {}, "--table is for a database"),
    ],
)
def test_half_an_address_is_refused(
    tmp_path: Path, text: str, table: str | None, environment: dict[str, str], message: str
) -> None:
    named = Named(
        text=text,
        table=table,
        url_variable="WAREHOUSE_URL",
        object_store=ObjectStoreSpec(),
        event_time=None,
    )
    with pytest.raises(ConfigurationError, match=message):
        locate(named, "small", tmp_path, environment)


def test_the_url_of_a_variable_is_used(empty_database: Database) -> None:
    named = Named(
        text="table:payments",
        table=None,
        url_variable="OURS",
        object_store=ObjectStoreSpec(),
        event_time=None,
    )
    origin = locate(named, "small", Path(), {"OURS": made(empty_database).url})
    assert origin.sample().rows == 10_000
    assert origin.environment == {"OURS": empty_database.url}
    assert SecretStr(empty_database.url).get_secret_value() not in repr(origin)
